"""Message templates: text with ``{expression}`` or ``{expression|format}``, checked when the rule is compiled.

Formats: ``seconds bytes mib cpu number percent list`` (plain formatting by unit; without one the type decides),
``count NOUN`` (``1 worker``, ``24 workers``; an irregular plural as a second word), and for a fact itself ``raw`` (as
written), ``derivation`` (its arithmetic) and ``layer``. ``{{`` and ``}}`` are braces.
"""

from __future__ import annotations

from gwaudit.rules import types
from gwaudit.rules.expr import ExpressionError, Scope, check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FORMATS = ("seconds", "bytes", "mib", "cpu", "number", "percent", "list", "count", "raw", "derivation", "layer")
OF_FACT = ("raw", "derivation", "layer")


def parse(text: str, scope: Scope) -> list[Any]:
    """The parts of a template: str, or (form, type, format, arguments); offsets of errors count in ``text``."""
    parts: list[Any] = []
    plain = ""
    at = 0
    while at < len(text):
        char = text[at]
        if text[at : at + 2] in ("{{", "}}"):
            plain += char
            at += 2
        elif char == "{":
            end = text.find("}", at)
            if end < 0:
                raise ExpressionError("the brace is not closed", at, at + 1)
            if plain:
                parts.append(plain)
                plain = ""
            parts.append(_part(text[at + 1 : end], at + 1, scope))
            at = end + 1
        elif char == "}":
            raise ExpressionError("a brace that opens nothing; }} is a brace", at, at + 1)
        else:
            plain += char
            at += 1
    if plain:
        parts.append(plain)
    return parts


def _part(body: str, at: int, scope: Scope) -> tuple[Any, ...]:
    written, bar, format = body.partition("|")
    words = format.split()
    try:
        form, kind = check(written, scope)
    except ExpressionError as error:
        raise ExpressionError(error.message, error.start + at, error.end + at, error.hint) from None
    start = at + len(written) + 1
    if bar and (not words or words[0] not in FORMATS):
        near = types.nearest(words[0], FORMATS) if words else None
        hint = f"did you mean {near}?" if near else f"formats are {', '.join(FORMATS)}"
        raise ExpressionError("there is no such format", start, start + max(1, len(format)), hint)
    chosen, arguments = (words[0], tuple(words[1:])) if words else ("", ())
    if chosen in OF_FACT and form[0] != "fact":
        raise ExpressionError(f"{chosen} is for the name of a fact", start, start + len(format))
    if (chosen == "count") != bool(arguments):
        raise ExpressionError("count takes a noun, the others take nothing", start, start + len(format))
    if chosen in ("seconds", "bytes", "mib", "cpu", "percent", "count", "number") and not types.is_number(kind):
        raise ExpressionError(f"this is {types.spoken(kind)}, not a number", at, at + len(written))
    unit = {"seconds": "seconds", "bytes": "bytes", "mib": "bytes", "cpu": "cpu"}.get(chosen)
    if unit and kind in ("seconds", "bytes") and kind != unit:
        raise ExpressionError(f"this is {kind}, not {unit}", at, at + len(written))
    return form, kind, chosen, arguments
