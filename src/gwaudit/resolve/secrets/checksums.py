"""Checksums that issuers build into their tokens: one that does not fit proves that a text was made up.

GitHub and npm: CRC-32 of the random part, base 62 with leading zeros, in the last six characters (GitHub describes its
tokens so). Grafana: CRC-32 of everything before the last underscore, little-endian, in hexadecimal digits. Cloudflare:
CRC-32 of what stands between the prefix and the last eight characters, in hexadecimal digits; Atlassian: of everything up to
and with the equals sign before them. age: the code of Bech32 (BIP 173) over the whole key.
"""

from __future__ import annotations

_BASE_62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


_BECH_32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


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


def _crc32_body(token: str) -> bool:
    from zlib import crc32

    _, _, rest = token.partition("_")
    return f"{crc32(rest[:-8].encode()):08x}" == rest[-8:]


def _crc32_tail(token: str) -> bool:
    from zlib import crc32

    return f"{crc32(token[:-8].encode()):08X}" == token[-8:]


def _bech32(token: str) -> bool:
    prefix, _, rest = token.lower().rpartition("1")
    if not set(rest) <= set(_BECH_32):
        return False
    codes = [ord(char) for char in prefix]
    values = [
        *(code >> 5 for code in codes),
        0,
        *(code & 31 for code in codes),
        *(_BECH_32.index(char) for char in rest),
    ]
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            check ^= generator if top >> bit & 1 else 0
    return check == 1


_CHECKSUMS = {
    "crc32-base62": _crc32_base62,
    "crc32-hex-body": _crc32_body,
    "crc32-hex-tail": _crc32_tail,
    "grafana": _grafana,
    "bech32": _bech32,
}
