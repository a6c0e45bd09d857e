"""What a setting of a profile accepts: the text of a variable as the application reads it, or why it refuses the text.

The rules are those of pydantic 2 in its default (lax) mode, as pydantic-settings applies them to environment variables:
https://docs.pydantic.dev/latest/concepts/conversion_table/.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TRUE = frozenset(("1", "true", "t", "yes", "y", "on"))
FALSE = frozenset(("0", "false", "f", "no", "n", "off"))


class Refused:
    """The text is not one that the application accepts: ``expected`` says in words what it would accept."""

    __slots__ = ("expected", "problem")

    def __init__(self, problem: str, expected: str) -> None:
        self.problem = problem
        self.expected = expected


def read(row: dict[str, Any], text: str) -> Any:
    """The value of ``text`` for the setting ``row``, or ``Refused``."""
    choices = row.get("choices")
    if choices:
        wanted = text.strip().upper() if row.get("fold") else text
        names = [str(choice).upper() for choice in choices] if row.get("fold") else list(choices)
        if wanted in names:
            return choices[names.index(wanted)]
        return Refused("is not one of " + ", ".join(str(c) for c in choices), "one of " + ", ".join(map(str, choices)))
    kind = row.get("type", "str")
    if text in row.get("words", ()):
        return text
    reader = _READERS.get(kind)
    value = reader(text) if reader is not None else text
    if isinstance(value, Refused):
        return value
    return _bounded(row, value)


def _integer(text: str) -> Any:
    body = text.strip()
    digits = body[1:] if body[:1] in "+-" and body else body
    whole, dot, rest = digits.partition(".")
    if dot and (not rest or rest.strip("0")):
        return Refused("is not a whole number", "a whole number")
    groups = whole.split("_")
    if len(whole) > 4000 or not all(group.isascii() and group.isdigit() for group in groups):
        return Refused("is not a whole number", "a whole number")
    return int("".join(groups)) * (-1 if body[0] == "-" else 1)


def _number(text: str) -> Any:
    try:
        return float(text.strip())
    except ValueError:
        return Refused("is not a number", "a number")


def _flag(text: str) -> Any:
    word = text.lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    return Refused("is neither true nor false", "true or false")


def _json(text: str) -> Any:
    from json import loads

    try:
        return loads(text)
    except (ValueError, RecursionError):
        return Refused("is not JSON", "a JSON value")


def _list(text: str) -> Any:
    """Lists without a reader of their own are JSON for pydantic-settings: ``a,b`` is an error."""
    found = _json(text)
    if not isinstance(found, list) or any(not isinstance(item, (str, dict)) for item in found):
        return Refused("is not a JSON list of texts", 'a JSON list (["a", "b"])')
    return tuple(item if isinstance(item, str) else str(item) for item in found)


def _csv(text: str) -> Any:
    body = text.strip()
    if body.startswith("["):
        found = _json(body)
        if isinstance(found, list):
            return tuple(str(item) for item in found)
    return tuple(item.strip() for item in body.split(",") if item.strip())


def _dict(text: str) -> Any:
    found = _json(text)
    return found if isinstance(found, dict) else Refused("is not a JSON object", 'a JSON object ({"a": "b"})')


def _url(text: str) -> Any:
    scheme, separator, rest = text.strip().partition("://")
    if not separator or scheme.lower() not in ("http", "https") or not rest.strip("/"):
        return Refused("is not an http or https URL", "an http or https URL")
    return text.strip()


def _bounded(row: dict[str, Any], value: Any) -> Any:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return value
    low, high = row.get("minimum"), row.get("maximum")
    above, below = row.get("above"), row.get("below")
    if (low is not None and value < low) or (high is not None and value > high):
        return Refused(f"is outside of {span(row)}", f"a value in {span(row)}")
    if (above is not None and value <= above) or (below is not None and value >= below):
        return Refused(f"is outside of {span(row)}", f"a value in {span(row)}")
    return value


def span(row: dict[str, Any]) -> str:
    """The bounds of a setting as text (``5..1440``, ``above 0``); empty where it has none."""
    if row.get("minimum") is not None or row.get("maximum") is not None:
        low = "" if row.get("minimum") is None else row["minimum"]
        high = "" if row.get("maximum") is None else row["maximum"]
        return f"{low}..{high}"
    if row.get("above") is not None:
        return f"above {row['above']}"
    return f"below {row['below']}" if row.get("below") is not None else ""


_READERS = {
    "int": _integer,
    "float": _number,
    "bool": _flag,
    "list": _list,
    "csv": _csv,
    "dict": _dict,
    "url": _url,
}
