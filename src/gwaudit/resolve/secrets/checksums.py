"""Checksums that issuers build into their tokens: one that does not fit proves that a text was made up.

GitHub and npm: CRC-32 of the random part, base 62 with leading zeros, in the last six characters (GitHub's description of
its token formats). Grafana: CRC-32 of everything before the last underscore, little-endian, in hexadecimal digits.
"""

from __future__ import annotations

_BASE_62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def fits(checksum: str, token: str) -> bool:
    """Whether the token's own checksum is right; KeyError for a checksum that is not known."""
    return _CHECKSUMS[checksum](token)


def _crc32_base62(token: str) -> bool:
    from zlib import crc32

    _, _, rest = token.partition("_")
    number = crc32(rest[:-6].encode())
    digits = ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _BASE_62[digit] + digits
    return digits == rest[-6:]


def _grafana(token: str) -> bool:
    from zlib import crc32

    head, _, tail = token.rpartition("_")
    return crc32(head.encode()).to_bytes(4, "little").hex() == tail.lower()


_CHECKSUMS = {"crc32-base62": _crc32_base62, "grafana": _grafana}
