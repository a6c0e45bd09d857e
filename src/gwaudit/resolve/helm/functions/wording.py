"""Functions that change the letters or the shape of a text: case, names, wrapping, repetition."""

from __future__ import annotations

import re

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.helm.errors import EvaluationError
from gwaudit.resolve.helm.functions.signature import MAX_TEXT, expect, plain, text
from gwaudit.resolve.helm.functions.strings import uniform
from gwaudit.resolve.helm.provenance import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.resolve.helm.machine import Machine, Native


def _same_length(change: Callable[[str], str]) -> Native:
    """A function that changes characters one by one."""

    def call(machine: Machine, args: list[Value]) -> Value:
        expect(args, 1, 1)
        if isinstance(args[0].data, Unknown):
            return args[0]
        body = text(args[0])
        changed = change(body)
        return Value(changed, args[0].trace if len(changed) == len(body) else uniform(args[0]))

    return call


def _repeat(count: int, body: str) -> str:
    if count < 0 or count * len(body) > MAX_TEXT:
        raise EvaluationError("a repetition out of range")
    return body * count


def _title(body: str) -> str:
    return re.sub(r"(^|[^\w'])(\w)", lambda m: m[1] + m[2].upper(), body)


def _words(body: str) -> list[str]:
    """The words of a name in snake, kebab or camel case."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", re.sub(r"([A-Z])([A-Z][a-z])", r"\1 \2", body[:2000]))
    return [word for word in re.split(r"[\s_-]+", spaced) if word]


def _wrap(width: int, body: str, separator: str = "\n", breaks: bool = False) -> str:
    width = max(width, 1)
    out: list[str] = []
    at = 0
    while len(body) - at > width:
        if body[at] == " ":
            at += 1
            continue
        space = body.rfind(" ", at, at + width + 1)
        if space > at:
            out.append(body[at:space])
            at = space + 1
        elif breaks:
            out.append(body[at : at + width])
            at += width
        else:
            space = body.find(" ", at + width)
            if space < 0:
                break
            out.append(body[at:space])
            at = space + 1
    return separator.join([*out, body[at:]])


def _abbrev(width: int, body: str) -> str:
    return body if width < 4 or len(body) <= width else body[: width - 3] + "..."


FUNCTIONS: dict[str, Native] = {
    "upper": _same_length(str.upper),
    "lower": _same_length(str.lower),
    "title": _same_length(_title),
    "untitle": _same_length(lambda body: re.sub(r"(^|\s)(\w)", lambda m: m[1] + m[2].lower(), body)),
    "swapcase": _same_length(str.swapcase),
    "nospace": plain(lambda body: "".join(body.split()), "s"),
    "initials": plain(lambda body: "".join(word[0] for word in body.split()), "s"),
    "repeat": plain(_repeat, "is"),
    "abbrev": plain(_abbrev, "is"),
    "abbrevboth": plain(
        lambda left, right, body: (
            body if right < 4 or len(body) <= right else "..." + body[left : left + right - 6] + "..."
        ),
        "iis",
    ),
    "wrap": plain(_wrap, "is"),
    "wrapWith": plain(lambda width, separator, body: _wrap(width, body, separator, True), "iss"),
    "plural": plain(lambda one, many, count: one if count == 1 else many, "ssi"),
    "snakecase": plain(lambda body: "_".join(_words(body)).lower(), "s"),
    "kebabcase": plain(lambda body: "-".join(_words(body)).lower(), "s"),
    "camelcase": plain(lambda body: "".join(word[:1].upper() + word[1:] for word in _words(body)), "s"),
    "hello": plain(lambda: "Hello!", ""),
}
