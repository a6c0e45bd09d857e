"""Secrets that the name they are assigned to gives away, in configuration, manifests and scripts, line by line.

``name: value``, ``name = value``, ``export NAME=value``, ``ENV NAME value``, ``"name": "value"``, ``- name: X`` above
``value: Y``, and the base64 values of a Kubernetes Secret. In Python only what is assigned at the beginning of a line. The
value is read as the format quotes it; a block scalar, a call and a reference are no values.
"""

from __future__ import annotations

import re

from gwaudit.bundle import section
from gwaudit.pattern import regex
from gwaudit.resolve.secrets.commandlines import nears, on_line, whole_line, within
from gwaudit.resolve.secrets.found import Found
from gwaudit.resolve.secrets.literals import Literals
from gwaudit.resolve.secrets.names import holds_secret
from gwaudit.resolve.secrets.values import is_generated, judge, kind_of_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LINE = 20_000  # characters
MAX_VALUE = 1_000  # characters: what is longer is data or a certificate, and known by its form
_WORDS_OF_NAMES = (
    b"secret", b"passw", b"passphrase", b"pwd", b"token", b"apikey", b"api_key", b"api-key", b"access_key", b"accesskey",
    b"access-key", b"private_key", b"privatekey", b"private-key", b"signing", b"encryption", b"credential", b"salt",
    b"_auth", b"fernet", b"_pass", b"\"pass\"", b"'pass'", b"pass:", b"app_key", b"master_key", b"hmac", b"cookie_key",
    b"account_key", b"accountkey", b"shared_key",
)  # fmt: skip
_NAME = r"[A-Za-z_][A-Za-z0-9_.-]{1,100}"
_LINE = regex(
    rf"(?P<indent>[ \t]*)(?:-[ \t]+)?(?:(?:export|ENV|ARG|set|local|readonly|declare(?: -\w{{1,4}})?|Environment=)[ \t]*)?"
    rf"[\"']?(?://[^\s:]{{1,200}}/?:)?(?P<name>{_NAME})[\"']?"
    rf"(?:[ \t]{{0,40}}(?::{{1,3}}=|\?=|=>|[:=])[ \t]{{0,40}}|[ \t]+)(?P<rest>\S[^\r\n]{{0,1200}})"
)
_JSON = regex(r'"(?P<name>[A-Za-z_][A-Za-z0-9_.-]{1,100})"[ \t]{0,20}:[ \t\r\n]{0,200}"(?P<rest>[^"\\\r\n]{1,1000})"')
_PAIR = regex(
    rf"\bname:[ \t]{{0,8}}[\"']?(?P<name>{_NAME})[\"']?[ \t]*(?:\r?\n[ \t]{{0,60}}|,[ \t]{{0,8}})"
    rf"value:[ \t]{{0,8}}(?P<rest>\S.{{0,1200}})"
)
_KIND = regex(r"^kind:[ \t]*[\"']?Secret[\"']?[ \t]*(?:#.*)?$", re.MULTILINE)
_DATA = regex(r"^data:[ \t]*\r?\n((?:[ \t]+\S.*\r?\n?|[ \t]*\r?\n){1,2000})", re.MULTILINE)
_ENCODED = regex(
    r"^[ \t]+[\"']?([A-Za-z0-9_.-]{1,120})[\"']?:[ \t]{0,8}[\"']?([A-Za-z0-9+/]{4,16000}={0,2})[\"']?[ \t]*$",
    re.MULTILINE,
)
_XML = regex(
    rf"<(?P<name>{_NAME})(?:[ \t][^<>]{{0,200}})?>\s{{0,80}}(?P<rest>[^<>\s]{{4,400}})\s{{0,80}}</"
    rf"|\b(?:key|name)=\"(?P<name2>{_NAME})\"[ \t]{{1,8}}value=\"(?P<rest2>[^\"<>\n]{{4,400}})\""
    rf"|[ \t](?P<name3>{_NAME})=\"(?P<rest3>[^\"<>\n]{{4,400}})\""
)
_SETTING = regex(
    r"[ \t]*(?:<\?php[ \t]{1,4})?"
    r"(?:(?:const|let|var|export|default|public|private|protected|static|final|define|self|config|env|app)\b"
    rf"[ \t.(]{{0,4}}){{0,4}}[\"'$\[]{{0,3}}(?P<name>{_NAME})[\"']?\]?[ \t]*(?:=>|[:=,])[ \t]*"
    r"(?:'(?P<rest>[^'\n]{4,400})'|\"(?P<rest2>[^\"\n]{4,400})\")"
)
_VARIABLE = regex(
    rf"variable[ \t]+\"(?P<name>{_NAME})\"[ \t]*\{{[^{{}}]{{0,600}}?\bdefault[ \t]*=[ \t]*\"(?P<rest>[^\"\n]{{4,400}})\""
)
_QUOTED = regex(r"([\"'])(.*)\1[ \t]*(?:[,;})\]\\]{0,4})?[ \t]*(?:#.*|//.*)?$")
_BY_FORM = ("connection-string", "jwt", "private-key")  # found and judged by their form wherever they stand
_CODE = frozenset(("python", "gunicorn"))
_WORDS = frozenset(("shell", "makefile", "dockerfile", "procfile", "systemd"))
_YAML = frozenset(("yaml", "compose", "kustomization", "helm-chart", "helm-template"))
_WITHIN = _WORDS | _YAML | {"json", "text", "terraform", "nomad", "toml"}
_memory: list[tuple[Literals, list[int]]] = []
_CALL = regex(r"[A-Za-z_][A-Za-z0-9_.]{0,80}\(")


def named(data: bytes, format: str) -> tuple[str, list[Found]]:
    """The decoded text (empty where no line matters) and what it assigns to names of secrets or gives to programs."""
    lines = _lines(data)
    if not lines:
        return "", []
    text = data.decode("utf-8", "replace")
    found: dict[int, Found] = {}
    last = start = joined = 0
    for begin, marks in lines:
        start += begin - last if len(text) == len(data) else len(data[last:begin].decode("utf-8", "replace"))
        last = begin
        stop = text.find("\n", start)
        stop = stop if stop >= 0 else len(text)
        before = len(found)
        if marks & 1:
            _line(found, text, start, stop, format)
        if marks > 1 and start >= joined and format not in ("xml", "settings"):
            joined = whole_line(text, start, stop)
            numbers = [n for n in range(marks.bit_length() - 1) if marks >> (n + 1) & 1]
            _take(found, on_line(text, start, joined, numbers))
        if marks & 1 and len(found) == before and format in _WITHIN:
            _take(found, within(text, start, stop))
    if format in _YAML and b"Secret" in data:
        encoded, decoded = _objects(text)
        found = {at: one for at, one in found.items() if at not in encoded}
        found.update(decoded)
    return text, list(found.values())


def _take(found: dict[int, Found], more: Iterator[Found]) -> None:
    for one in more:
        last = (other for other, _ in zip(reversed(found.values()), range(8), strict=False))
        if not any(other.start < one.end and one.start < other.end for other in last):
            found.setdefault(one.start, one)


def _lines(data: bytes) -> list[tuple[int, int]]:
    """Begin and marks of the lines that hold a word of a secret's name (bit 0) or of a command (the bit of its entry above).

    In order. Lines of generated data are left out.
    """
    if not _memory:
        commands = nears()
        marks = [1] * len(_WORDS_OF_NAMES) + [2 << number for _, number in commands]
        _memory.append((Literals([*_WORDS_OF_NAMES, *(near for near, _ in commands)]), marks))
    literals, marks = _memory[0]
    found: dict[int, int] = {}
    begin = last = -1
    for index, at in literals.hits(data.lower()):
        if not begin <= at < last:
            begin = data.rfind(b"\n", 0, at) + 1
            last = data.find(b"\n", at)
            last = last if last >= 0 else len(data)
        if last - begin <= MAX_LINE:
            found[begin] = found.get(begin, 0) | marks[index]
    return sorted(found.items())


def _line(found: dict[int, Found], text: str, begin: int, end: int, format: str) -> None:
    if format == "json":
        for match in _JSON.finditer(text, begin, end):
            _add(found, match, match.group("rest"), match.start("rest"))
        return
    if format in ("xml", "settings"):
        for match in (
            _XML.finditer(text, begin, end + 400) if format == "xml" else _first(_SETTING.match(text, begin, end))
        ):
            _named(found, match)
        return
    if format == "terraform":
        for match in _first(_VARIABLE.match(text, begin)):
            _named(found, match)
    line = _LINE.match(text, begin, end)
    if line is not None and holds_secret(line.group("name")) and _assigns(line, text, format):
        value = _value(line.group("rest"), format)
        if value is not None:
            _add(found, line, value, text.find(value, line.start("rest"), end))
    if format not in _YAML or text.find("name:", begin, end) < 0:
        return
    pair = _PAIR.search(text, begin, end + 1_300)
    if pair is not None and pair.start() < end and holds_secret(pair.group("name")):
        value = _value(pair.group("rest").split("}")[0], format)
        if value is not None:
            _add(found, pair, value, text.find(value, pair.start("rest")))


def _first(match: re.Match[str] | None) -> tuple[re.Match[str], ...]:
    return (match,) if match is not None else ()


def _named(found: dict[int, Found], match: re.Match[str]) -> None:
    """Take a match whose name and value are in the groups of one alternative."""
    groups = match.groupdict()
    suffix = next((end for end in ("", "2", "3") if groups.get(f"rest{end}")), "")
    name = groups.get(f"name{suffix}") or groups["name"]
    value, at = match.group(f"rest{suffix}"), match.start(f"rest{suffix}")
    if at not in found and " " not in value and (is_generated(value) or not any(char in value for char in "<>()")):
        one = _judged(name, value, at, at + len(value))
        if one is not None:
            found[at] = one


def _assigns(match: re.Match[str], text: str, format: str) -> bool:
    """Whether the line is an assignment in its format: code at its own margin, words only where a blank separates them."""
    between = text[match.end("name") : match.start("rest")]
    sign = between.strip(" \t\"'")
    if format in _CODE:
        return not match.group("indent") and sign in ("=", ":")
    if sign:
        return format not in _WORDS or sign in ("=", ":=", "::=", ":::=", "?=", ":")
    head = text[match.start() : match.start("name")].split()
    return (format == "dockerfile" and head[-1:] == ["ENV"]) or format == "redis"


def _value(rest: str, format: str) -> str | None:
    """The value as the format reads it; None where the line holds none (a block, a call, a list)."""
    rest = rest.rstrip()
    if rest[:1] in "\"'":
        match = _QUOTED.match(rest)
        if match is None:
            return None
        inner = match.group(2)
        return inner.split(match.group(1))[0] if match.group(1) in inner else inner
    if format in _CODE or format in ("toml", "pyproject", "fly", "terraform", "nomad"):
        return None
    if format in _YAML and rest[:1] in "|>&*!{[":
        return None
    for mark in (" #", "\t#", " ;"):
        rest = rest.split(mark)[0].rstrip()
    if format in _WORDS:
        rest = rest.split()[0].rstrip(";") if rest.split() else ""
    rest = rest.rstrip(",")
    return None if not rest or _CALL.match(rest) else rest


def _add(found: dict[int, Found], match: re.Match[str], value: str, at: int) -> None:
    name = match.group("name")
    if at < 0 or at in found or not 4 <= len(value) <= MAX_VALUE or not holds_secret(name):
        return
    if " " in value.strip() or (any(char in value for char in "<>()") and not is_generated(value)):
        return  # a sentence, a placeholder or code
    one = _judged(name, value, at, at + len(value))
    if one is not None:
        found[at] = one


def _judged(name: str, value: str, start: int, end: int) -> Found | None:
    """The value under that name where it is a real secret: no sample, no reference, nothing that its form tells better."""
    if not holds_secret(name) or not 4 <= len(value) <= MAX_VALUE or "\n" in value:
        return None
    lower = value.lower()
    if any(sample in lower for sample in section("platforms/providers")["samples"]):
        return None
    judgement = judge(value, kind_of_name(name))
    if judgement.what != "real" or judgement.kind in _BY_FORM:
        return None
    return Found(value, judgement.kind, start, end, key=name, generated=is_generated(value))


def _objects(text: str) -> tuple[set[int], dict[int, Found]]:
    """Where the base64 values of Kubernetes Secrets stand, and which of them are secrets, decoded, by their offset.

    Under a secret's name any real value counts, under another name key material only.
    """
    start = 0
    encoded: set[int] = set()
    found: dict[int, Found] = {}
    for part in re.split(r"(?m)^(?=---)", text):
        begin, start = start, start + len(part)
        block = _DATA.search(part) if _KIND.search(part) else None
        if block is None:
            continue
        for match in _ENCODED.finditer(block.group(1)):
            at = begin + block.start(1) + match.start(2)
            encoded.add(at)
            one = _decoded(match.group(1), match.group(2), at)
            if one is not None:
                found[at] = one
    return encoded, found


def _decoded(name: str, text: str, at: int) -> Found | None:
    from base64 import b64decode

    from gwaudit.resolve.secrets.forms import forms
    from gwaudit.resolve.secrets.kept import kept

    try:
        data = b64decode(text, validate=True)
        value = data.decode("utf-8").strip()
    except ValueError:
        return None
    end = at + len(text)
    inner = forms(data)[1] or kept(data, name.lstrip("."))[1]
    if inner:
        first = inner[0]
        return Found(first.value, first.kind, at, end, name, first.provider, first.detail, first.verified)
    return _judged(name, value, at, end)
