"""Whether the words that an evaluation answers allow the words that a real shell ran."""

from __future__ import annotations

from gwaudit.resolve.command import Command, Word
from gwaudit.resolve.fact import Unknown


def word_fits(word: Word, text: str) -> bool:
    """Whether one word may be that text."""
    value = word.value
    if isinstance(value, str):
        return value == text
    if value.choices:
        return text in value.choices
    if value.low is not None or value.high is not None:
        if not text.lstrip("-").isdigit():
            return False
        return (value.low is None or value.low <= int(text)) and (value.high is None or int(text) <= value.high)
    if word.pieces:
        first, last = word.pieces[0], word.pieces[-1]
        starts = not isinstance(first, str) or text.startswith(first)
        return starts and (not isinstance(last, str) or text.endswith(last))
    return True


def fits(command: Command, argv: list[str]) -> bool:
    """Whether the command may have run with these words."""
    reached = {0}
    for word in command.words:
        following: set[int] = set()
        for at in reached:
            if word.optional is not None:
                following.add(at)
                if isinstance(word.value, Unknown):
                    following.update(range(at, len(argv) + 1))
            if at < len(argv) and word_fits(word, argv[at]):
                following.add(at + 1)
        reached = following
    return len(argv) in reached


def exact(command: Command) -> bool:
    """Whether nothing of the command is unknown."""
    return all(isinstance(word.value, str) and word.optional is None for word in command.words)
