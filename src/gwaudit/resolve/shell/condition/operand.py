"""A word of a test, and what its outcome says of the variable that the word is."""

from __future__ import annotations

from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.parse.shell.syntax import Raw
    from gwaudit.resolve.shell.text import Text

_VARIABLE = regex(r'"?\$(?:\{([A-Za-z_]\w*)(?::-|-)?\}|([A-Za-z_]\w*))"?$')


class Operand:
    """A word of a test: its text, its pattern where it may be one, and the variable it is, if it is just that."""

    __slots__ = ("raw", "text", "variable")

    def __init__(self, text: Text, raw: Raw | None) -> None:
        self.text = text
        self.raw = raw
        match = _VARIABLE.match(raw.text) if raw is not None else None
        self.variable = (match.group(1) or match.group(2)) if match is not None else None


def split(operand: Operand, test: Callable[[str], object]) -> tuple[dict[str, Text], dict[str, Text]]:
    """What the variable may be where ``test`` holds and where it does not, from its known choices."""
    choices = operand.text.choices()
    if operand.variable is None or choices is None:
        return {}, {}
    found: list[dict[str, Text]] = []
    for wanted in (True, False):
        kept = [choice for choice in choices if bool(test(choice)) is wanted]
        if kept:
            keep = set(kept)
            text = operand.text.mapped(lambda c, keep=keep, first=kept[0]: c if c in keep else first, "")  # type: ignore[misc]
            found.append({operand.variable: text})
        else:
            found.append({})
    return found[0], found[1]
