"""Plain YAML scalars as Helm reads and writes them: the YAML 1.1 rules of its Go library, not those of YAML 1.2.

``yes``, ``on`` and ``y`` are booleans, ``0777`` is octal, ``1_000`` a number, ``2020-01-02`` needs quotes when written;
numbers become 64-bit floats on their way through JSON, as in Helm.
"""

from __future__ import annotations

from math import isfinite

from gwaudit.pattern import regex
from gwaudit.resolve.helm.provenance import Long

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_WORDS: dict[str, Any] = {"": None, "~": None}
for _word in ("null", "Null", "NULL"):
    _WORDS[_word] = None
for _word in ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"):
    _WORDS[_word] = True
for _word in ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"):
    _WORDS[_word] = False
for _word in (".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"):
    _WORDS[_word] = float("inf")
for _word in ("-.inf", "-.Inf", "-.INF"):
    _WORDS[_word] = float("-inf")
for _word in (".nan", ".NaN", ".NAN"):
    _WORDS[_word] = float("nan")

_FLOAT = regex(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SEXAGESIMAL = regex(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_DATE = regex(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].{0,40})?")
_FIRST = frozenset("0123456789+-.")


def resolve(text: str) -> Any:
    """None, bool, int, float, or the text itself for a plain scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _FIRST or len(text) > 64:
        return text
    body = text.replace("_", "")
    try:
        return _integer(body)
    except ValueError:
        pass
    if _FLOAT.fullmatch(body):
        return float(body)
    return text


def _integer(text: str) -> int:
    sign = -1 if text[:1] == "-" else 1
    body = text[1:] if text[:1] in ("-", "+") else text
    if not body or not body.isascii() or not body.isalnum():
        raise ValueError
    prefix = body[:2].lower()
    if prefix == "0x":
        return sign * int(body[2:], 16)
    if prefix == "0b":
        return sign * int(body[2:], 2)
    if prefix == "0o":
        return sign * int(body[2:], 8)
    if len(body) > 1 and body[0] == "0":
        return sign * int(body, 8)
    return sign * int(body, 10)


def value_of(text: str) -> Any:
    """The value of a plain scalar in a values file: numbers are floats there, as they went through JSON."""
    found = resolve(text)
    if found.__class__ is int:
        return float(found) if abs(found) < 2**1000 else text
    if found.__class__ is float and not isfinite(found):
        return text
    return found


def is_plain(text: str) -> bool:
    """Whether a text written without quotes is read back as the same text."""
    return resolve(text).__class__ is str and not _DATE.fullmatch(text) and not _SEXAGESIMAL.fullmatch(text)


def shortest(value: float) -> tuple[str, int]:
    """The fewest digits that read back as ``value``, and the decimal exponent of the first of them."""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = whole + (fraction if fraction != "0" or exponent else "")
    lead = len(digits) - len(digits.lstrip("0"))
    return digits.strip("0") or "0", len(whole) - 1 - lead + int(exponent or 0) if digits.strip("0") else 0


def number_text(value: int | float) -> str:
    """A number as Go's JSON encoder writes it."""
    if not isinstance(value, float):
        return str(int(value))
    digits, exponent = shortest(value)
    sign = "-" if repr(value)[0] == "-" else ""
    if exponent < -6 or exponent >= 21:
        mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        return f"{sign}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):{'' if exponent < 0 else '02'}d}"
    if exponent >= len(digits) - 1:
        return sign + digits + "0" * (exponent + 1 - len(digits))
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    return f"{sign}{digits[: exponent + 1]}.{digits[exponent + 1 :]}"


def long(value: Any) -> Long:
    """A Go ``int64`` (it wraps around)."""
    return Long((int(value) + 2**63) % 2**64 - 2**63)
