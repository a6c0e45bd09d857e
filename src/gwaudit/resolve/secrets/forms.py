"""Secrets that their own form gives away, in any text: keys of known issuers, private keys, tokens, URLs with a password.

The bytes of a file are searched for fixed beginnings (one automaton for all of them), and only where one stands is a bounded
regular expression asked. A file without any of them is never decoded.
"""

from __future__ import annotations

import re

from gwaudit.bundle import section
from gwaudit.pattern import regex
from gwaudit.resolve.secrets.checksums import fits
from gwaudit.resolve.secrets.found import Found
from gwaudit.resolve.secrets.literals import Literals
from gwaudit.resolve.secrets.values import judge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

MAX_HITS = 1_000  # of one beginning in one file: where it stands more often, it is data and no secret
_ENTROPY = 3.0  # bits a character: below that a text repeats itself too much to be drawn at random
_NEAR = 400  # characters on either side in which the second half of a pair stands
_PEM = regex(
    r"-----BEGIN (?P<kind>(?:(?:RSA|DSA|EC|OPENSSH|PGP) )?)PRIVATE KEY(?: BLOCK)?-----"
    r"(?P<body>(?:[A-Za-z0-9+/=:., \t\r\n\"'|]|\\[nrt]){64,12000})"
)
_JWT = regex(r"eyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{2,6000}\.[A-Za-z0-9_-]{20,1200}")
_URL = regex(r"://[^\s/@:\"'<>`${}()\\]{0,200}:([^\s/@\"'<>`\\]{3,300})@(?P<host>[A-Za-z0-9_.${}\[-]{2,200})")
_SAMPLE_HOST = regex(
    r"(?:.*\.)?(?:example(?:\.(?:com|org|net))?|invalid|test)"
)  # names that RFC 2606 keeps for documentation
_SCHEME = regex(r"[A-Za-z][A-Za-z0-9+.-]{1,30}$")
_LITERALS = (b"PRIVATE KEY", b"eyJ", b"://")
_BOUNDARY = "[0-9A-Za-z]"
_compiled: dict[str, re.Pattern[str]] = {}
_memory: list[Any] = []


class _Table:
    """The literals with the token entries that each of them announces."""

    __slots__ = ("entries", "literals")

    def __init__(self) -> None:
        by_literal: dict[bytes, list[dict[str, Any]]] = {literal: [] for literal in _LITERALS}
        for entry in section("platforms/providers")["tokens"]:
            for literal in entry.get("starts") or entry["contains"]:
                by_literal.setdefault(literal.encode(), []).append(entry)
        self.literals = Literals(by_literal)
        self.entries = list(by_literal.values())


def _table() -> _Table:
    if not _memory:
        _memory.append(_Table())
    table: _Table = _memory[0]
    return table


def forms(data: bytes, today: str | None = None) -> tuple[str, list[Found]]:
    """The decoded text (empty where nothing was found in the bytes) and what stands in it, in order.

    ``today`` (ISO date) decides whether a token has expired: an expired one opens nothing.
    """
    table = _table()
    hits = sorted((at, index) for index, at in table.literals.hits(data) if _may(data, table, index, at))
    if not hits:
        return "", []
    text = data.decode("utf-8", "replace")
    found: list[Found] = []
    done: set[tuple[int, int]] = set()
    last = start = 0
    asked: dict[int, int] = {}
    for at, index in hits:  # in order of their offsets, so that bytes are counted as characters once
        start += at - last if len(text) == len(data) else len(data[last:at].decode("utf-8", "replace"))
        last = at
        asked[index] = asked.get(index, 0) + 1
        if asked[index] > MAX_HITS and index > 2:
            continue
        for one in _at(table, index, text, start, today):
            if (one.start, one.end) not in done:
                done.add((one.start, one.end))
                found.append(one)
    return text, _outermost(found)


def _may(data: bytes, table: _Table, index: int, at: int) -> bool:
    """The cheap question before the text is decoded: a beginning stands at the beginning of a word, a URL has an ``@``."""
    if index == 2:
        end = data.find(b"@", at + 5, at + 520)
        return end > 0 and data.find(b":", at + 3, end) > 0 and data.find(b"/", at + 3, end) < 0
    if index == 0:
        return data.find(b"-----BEGIN", max(0, at - 20), at) >= 0
    entries = table.entries[index]
    if entries and "starts" not in entries[0]:
        return True
    if len(entries) == 1 and "dot" in entries[0] and data[at + entries[0]["dot"] : at + entries[0]["dot"] + 1] != b".":
        return False
    before = data[at - 1 : at] if at else b""
    if before.isalnum() or before in (b"_", b"-"):  # within a word, unless it is the end of an escape (``\\n``)
        return before in (b"n", b"r", b"t") and data[at - 2 : at - 1] == b"\\"
    after = data[at + table.literals.lengths[index] : at + table.literals.lengths[index] + 8]
    return len(after) == 8 and (b" " not in after or not entries[:1] or not entries[0].get("whole", True))


def _at(table: _Table, index: int, text: str, at: int, today: str | None) -> Iterator[Found]:
    if index == 0:
        yield from _private_key(text, at)
    elif index == 1:
        yield from _web_token(text, at, today)
        yield from _issued(table.entries[index], text, at)
    elif index == 2:
        yield from _url(text, at)
    else:
        yield from _issued(table.entries[index], text, at)


def _issued(entries: list[dict[str, Any]], text: str, at: int) -> Iterator[Found]:
    for entry in entries:
        if "starts" in entry:
            match = _pattern(entry).match(text, at)
        else:
            match = _pattern(entry).search(text, max(0, at - entry["back"]), at + 500)
        if match is None:
            continue
        group = 1 if match.re.groups else 0
        value = match.group(group)
        if not _looks_issued(entry, value, text, match):
            continue
        if "pair" in entry:
            yield from _pair(entry, text, match)
            continue
        verified = "checksum" in entry and not entry.get("own", False)
        kind = entry.get("kind", "provider-token")
        yield Found(value, kind, *match.span(group), provider=entry["title"], verified=verified)


def _looks_issued(entry: dict[str, Any], value: str, text: str, match: re.Match[str]) -> bool:
    data = section("platforms/providers")
    if value in data["published"] or value in entry.get("public", ()):
        return False
    if "checksum" in entry:
        return fits(entry["checksum"], value)
    lower = value[entry.get("varied", 0) :].lower()
    if any(sample in lower for sample in data["samples"]):
        return False
    if "placeholder" in text[max(0, match.start() - 20) : match.start()].lower():  # the hint of an empty field
        return False
    if entropy(value) < entry.get("entropy", _ENTROPY) and entry.get("whole", True):
        return False
    keyword = entry.get("keyword")
    if keyword is None:
        return True
    line_start = text.rfind("\n", 0, match.start()) + 1
    return keyword in text[max(line_start, match.start() - 300) : match.start()].lower()


def _pair(entry: dict[str, Any], text: str, match: re.Match[str]) -> Iterator[Found]:
    """The secret half beside a key that only names an account."""
    pair = section("platforms/providers")["pairs"][entry["pair"]]
    pattern = _compile(entry["pair"], pair["pattern"])
    begin = max(0, match.start() - _NEAR)
    for other in pattern.finditer(text, begin, match.end() + _NEAR):
        value = other.group()
        inside = match.start() <= other.start() < match.end()
        if inside or entropy(value) < pair["entropy"] or _is_digest(value):
            continue
        if not _looks_issued({}, value, text, other):
            continue
        yield Found(value, "provider-token", *other.span(), provider=pair["title"])
        return


def _is_digest(value: str) -> bool:
    return all(char in "0123456789abcdef" for char in value) and "-" not in value


def _pattern(entry: dict[str, Any]) -> re.Pattern[str]:
    found = _compiled.get(entry["id"])
    if found is None:
        edge = entry.get("boundary", _BOUNDARY)
        before = f"(?<!{edge})" if "starts" not in entry else ""
        after = f"(?!{edge})" if entry.get("whole", True) else ""
        found = _compile(entry["id"], f"{before}(?:{entry['pattern']}){after}")
    return found


def _compile(id: str, pattern: str) -> re.Pattern[str]:
    found = _compiled.get(id)
    if found is None:
        found = _compiled[id] = re.compile(pattern)
    return found


def _private_key(text: str, at: int) -> Iterator[Found]:
    begin = text.rfind("-----BEGIN", max(0, at - 40), at)
    match = _PEM.match(text, begin) if begin >= 0 else None
    if match is None:
        return
    body = re.sub(r"\\[nrt]|[^A-Za-z0-9+/=]", "", match.group("body"))
    if "ENCRYPTED" in match.group("body")[:200] or len(body) < 64 or entropy(body) < 4.0:
        return
    kind = match.group("kind").strip() or "PKCS #8"
    if kind == "OPENSSH" and _is_encrypted_openssh(body):
        return
    end = match.start() + len("-----BEGIN ")
    yield Found(body, "private-key", match.start(), text.find("-----", end) + 5, detail=f"{kind} private key")


def _is_encrypted_openssh(body: str) -> bool:
    """An OpenSSH key names its cipher at byte 15 (``openssh-key-v1``, a length, the name): ``none`` is not encrypted."""
    from base64 import b64decode

    try:
        head = b64decode(body[:64], validate=False)
    except ValueError:
        return False
    return head.startswith(b"openssh-key-v1\0") and head[15:23] != b"\0\0\0\4none"


def _web_token(text: str, at: int, today: str | None) -> Iterator[Found]:
    match = _JWT.match(text, at)
    if match is None:
        return
    from gwaudit.resolve.secrets.webtoken import described

    detail = described(match.group(), today)
    if detail is not None:
        yield Found(match.group(), "jwt", match.start(), match.end(), detail=detail)


def _url(text: str, at: int) -> Iterator[Found]:
    match = _URL.match(text, at)
    if match is None or _SCHEME.search(text, max(0, at - 31), at) is None:
        return
    from urllib.parse import unquote

    value = match.group(1)
    if _SAMPLE_HOST.fullmatch(match.group("host").lower().rstrip(".")):
        return
    judgement = judge(unquote(value), "password")
    if judgement.what == "real" and "://" not in value:
        from gwaudit.resolve.secrets.values import is_generated

        generated = is_generated(value) or entropy(value) >= 3.6
        yield Found(value, "connection-string", match.start(1), match.end(1), generated=generated)


def entropy(text: str) -> float:
    """Shannon entropy in bits a character."""
    from math import log2

    size = len(text)
    return -sum(n / size * log2(n / size) for n in (text.count(char) for char in set(text))) if size else 0.0


def _outermost(found: list[Found]) -> list[Found]:
    """Without what lies inside another one: a token that is the password of a URL is reported as what it is."""
    found.sort(key=lambda one: (one.start, -one.end))
    kept: list[Found] = []
    for one in found:
        if kept and one.start < kept[-1].end:
            if kept[-1].kind == "connection-string" and one.kind != "connection-string":
                kept[-1] = one
            continue
        kept.append(one)
    return kept
