"""Credentials that a line gives to a program: ``curl -u``, ``sshpass -p``, ``--api-key VALUE``, ``-e NAME=VALUE``, a header.

What stands for a name must look drawn at random; where an option of a known program takes a password, any real value does.
"""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.pattern import regex
from gwaudit.resolve.secrets.found import Found
from gwaudit.resolve.secrets.kept import compiled, credential
from gwaudit.resolve.secrets.names import holds_secret
from gwaudit.resolve.secrets.values import is_generated, judge, kind_of_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

MAX_WITHIN = 40  # assignments within one line
_WITHIN = regex(
    r"(?<![\w.$-])(?P<option>--?)?(?P<name>[A-Za-z_][A-Za-z0-9_.-]{1,100})(?(option)[= ]|=)"
    r"\\?[\"']?(?P<value>[^\s\"'`;,&|<>(){}$\\=]{12,400}={0,2})"
)


def nears() -> list[tuple[bytes, int]]:
    """The texts that announce a command, each with the number of its entry."""
    return [
        (near.encode(), number)
        for number, entry in enumerate(section("platforms/secrets")["commands"])
        for near in entry["near"]
    ]


def on_line(text: str, start: int, end: int, numbers: list[int]) -> Iterator[Found]:
    """What the entries of those numbers find on the line, whose end ``whole_line`` told."""
    entries = section("platforms/secrets")["commands"]
    line = text[start:end].replace("\\\n", "  ")
    for number in numbers:
        for match in compiled(entries[number]["pattern"]).finditer(line):
            one = _judged(entries[number], match)
            if one is not None:
                one.start += start
                one.end += start
                yield one
                break


def within(text: str, start: int, end: int) -> Iterator[Found]:
    """Assignments and options within a line, to names of secrets, of values that were drawn."""
    if text.find("=", start, end) < 0 and text.find(" -", start, end) < 0:
        return
    for count, match in enumerate(_WITHIN.finditer(text, start, end)):
        if count >= MAX_WITHIN:
            return
        name, value = match.group("name"), match.group("value")
        if not holds_secret(name) or text[match.end() : match.end() + 1] in ("$", "{", "(", "`"):
            continue
        entry = {"key": name, "kind": kind_of_name(name)}
        one = credential(entry, match) if is_generated(value) else None
        if one is not None:
            yield one


def _judged(entry: dict[str, Any], match: Any) -> Found | None:
    one = credential(entry, match)
    if one is None:
        return None
    one.generated = is_generated(one.value)
    if not one.generated and (entry.get("drawn", False) or judge(one.value).what != "real"):
        return None
    return one


def whole_line(text: str, start: int, end: int) -> int:
    """The end of a line that a backslash continues, a little."""
    for _ in range(20):
        if text[end - 1 : end] != "\\" or end >= len(text) or end - start > 2_000:
            break
        following = text.find("\n", end + 1)
        end = following if following >= 0 else len(text)
    return end
