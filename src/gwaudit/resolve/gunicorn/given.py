"""What a command line gives: flags in their order, positional words, problems; and numbers as argparse reads them."""

from __future__ import annotations

import re

from gwaudit.resolve.fact import Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.command import Word
    from gwaudit.resolve.gunicorn.problem import Problem
    from gwaudit.resolve.gunicorn.settings import Setting


class Occurrence:
    """One flag as given: its setting, the value (str, Unknown, or the constant of a flag without one), and its words.

    ``optional`` is the reason why nobody knows whether it is given at all.
    """

    __slots__ = ("flag", "optional", "setting", "value", "word")

    def __init__(self, setting: Setting, flag: str, value: Any, word: Word, optional: str | None) -> None:
        self.setting = setting
        self.flag = flag
        self.value = value
        self.word = word
        self.optional = optional


class Arguments:
    """A parsed command line: occurrences in order, positional words, problems.

    ``unread`` are words of unknown content that may hold any flags: the index of the occurrence before which each stands.
    ``leaves`` says that gunicorn only prints help or its version.
    """

    __slots__ = ("leaves", "occurrences", "positional", "problems", "unread")

    def __init__(self) -> None:
        self.occurrences: list[Occurrence] = []
        self.positional: list[Word] = []
        self.problems: list[Problem] = []
        self.unread: list[tuple[int, Word]] = []
        self.leaves = False


def auto_int(text: str) -> int:
    if re.match(r"0(\d)", text):
        text = text.replace("0", "0o", 1)
    return int(text[:5000], 0)


def unknown_int(value: Unknown) -> Unknown:
    choices = []
    for choice in value.choices:
        try:
            choices.append(int(choice))
        except (TypeError, ValueError):
            choices = []
            break
    low, high = (min(choices), max(choices)) if choices else (value.low, value.high)
    return Unknown(value.reason, value.depends_on, low, high, choices)
