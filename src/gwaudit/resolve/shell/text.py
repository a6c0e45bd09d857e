"""Text as a shell evaluator knows it: known stretches and unknown ones side by side, with the source of the whole."""

from __future__ import annotations

from gwaudit.resolve.fact import Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gwaudit.resolve.fact import Fact
    from gwaudit.source import Location

MAX_CHOICES = 12
MAX_LENGTH = 100_000
MAX_PIECES = 500
MAX_STEPS = 12
MAX_INPUTS = 40


class Filled(Unknown):
    """An unknown value that is surely neither empty nor made of several words (a number, a path the platform sets)."""

    __slots__ = ()


Piece = "str | Unknown"


def _merged(pieces: Iterable[str | Unknown]) -> tuple[str | Unknown, ...]:
    """Pieces without empty ones, neighbouring texts as one."""
    if type(pieces) is tuple and len(pieces) == 1:  # most texts are one known stretch
        (only,) = pieces
        if type(only) is str and 0 < len(only) <= MAX_LENGTH:
            return pieces
    merged: list[str | Unknown] = []
    for piece in pieces:
        if isinstance(piece, str):
            if not piece:
                continue
            if merged and isinstance(merged[-1], str):
                merged[-1] += piece
                continue
        merged.append(piece)
    if sum(len(piece) for piece in merged if isinstance(piece, str)) > MAX_LENGTH or len(merged) > MAX_PIECES:
        merged = [Unknown("a text that grows too long to be followed")]
    return tuple(merged)


class Text:
    """Pieces (str or Unknown), the source of the whole, the facts (environment variables) it was made from."""

    __slots__ = ("inputs", "pieces", "source")

    def __init__(self, pieces: Iterable[str | Unknown], source: Source, inputs: Iterable[Fact] = ()) -> None:
        self.source = source
        self.inputs = tuple(inputs)[:MAX_INPUTS]
        self.pieces = _merged(pieces)

    @property
    def known(self) -> str | None:
        """The text where every piece is known."""
        pieces = self.pieces
        if not pieces:
            return ""
        first = pieces[0]
        return first if len(pieces) == 1 and isinstance(first, str) else None

    def choices(self) -> tuple[str, ...] | None:
        """Every text this may be, where they are few; None where they are not known."""
        found = [""]
        if not any(isinstance(piece, Unknown) for piece in self.pieces):
            return ("".join(piece for piece in self.pieces if isinstance(piece, str)),)
        for piece in self.pieces:
            if isinstance(piece, str):
                found = [text + piece for text in found]
            elif piece.choices and len(found) * len(piece.choices) <= MAX_CHOICES:
                found = [text + str(choice) for text in found for choice in piece.choices]
            else:
                return None
        return tuple(dict.fromkeys(found))

    def value(self) -> str | Unknown:
        """The text, or one Unknown that stands for the whole."""
        known = self.known
        if known is not None:
            return known
        if len(self.pieces) == 1 and isinstance(self.pieces[0], Unknown):
            return self.pieces[0]
        unknown = [piece for piece in self.pieces if isinstance(piece, Unknown)]
        depends = tuple(dict.fromkeys(name for piece in unknown for name in piece.depends_on))
        choices = self.choices() or ()
        low, high = bounds_of(choices)
        return Unknown(unknown[0].reason, depends, low, high, choices)

    def filled(self) -> bool | None:
        """Whether the text has at least one character; None where nobody can tell."""
        if not self.pieces:
            return False
        for piece in self.pieces:
            if isinstance(piece, (str, Filled)) or piece.low is not None or (piece.choices and all(piece.choices)):
                return True
        choices = self.choices()
        if choices is not None and not any(choices):
            return False
        return None

    def at(self, source: Source) -> Text:
        return Text(self.pieces, source, self.inputs)

    def step(self, location: Location, label: str) -> Text:
        """The same text, one step further on its way; the way stays short."""
        source = self.source
        last = source.via[-1].location if source.via else source.location
        if last is not None and last.path == location.path and last.line == location.line:
            return self
        if len(source.via) >= MAX_STEPS:
            return self
        return Text(self.pieces, source.through(location, label), self.inputs)

    def mapped(self, change: Callable[[str], str | None], reason: str) -> Text:
        """``change`` applied to what the text may be; Unknown for ``reason`` where that is not known or not possible."""
        choices = self.choices()
        if choices is not None:
            results = [change(choice) for choice in choices]
            if all(result is not None for result in results):
                return Text(
                    [choice_piece([r for r in results if r is not None], self.value())], self.source, self.inputs
                )
        unknown = self.value()
        depends = unknown.depends_on if isinstance(unknown, Unknown) else ()
        why = unknown.reason if isinstance(unknown, Unknown) else reason
        return Text([Unknown(why, depends)], self.source, self.inputs)

    def __repr__(self) -> str:
        return "Text(" + "".join(p if isinstance(p, str) else "<?>" for p in self.pieces) + ")"


def choice_piece(choices: Sequence[str], why: str | Unknown) -> str | Unknown:
    """One piece for several possible texts."""
    distinct = tuple(dict.fromkeys(choices))
    if len(distinct) == 1:
        return distinct[0]
    reason = why.reason if isinstance(why, Unknown) else "several values are possible"
    depends = why.depends_on if isinstance(why, Unknown) else ()
    low, high = bounds_of(distinct)
    return Unknown(reason, depends, low, high, distinct)


def number_of(text: str) -> int | None:
    """A decimal integer of sane length."""
    stripped = text.strip()
    body = stripped[1:] if stripped[:1] in ("-", "+") else stripped
    return int(stripped) if body.isdigit() and body.isascii() and len(body) <= 18 else None


def bounds_of(choices: Sequence[str]) -> tuple[float | None, float | None]:
    numbers = [number_of(choice) for choice in choices]
    if not numbers or any(number is None for number in numbers):
        return None, None
    known = [number for number in numbers if number is not None]
    return min(known), max(known)


def range_of(text: Text) -> tuple[float | None, float | None] | None:
    """The bounds of a text that is a number; None where it may be none at all."""
    known = text.known
    if known is not None:
        number = number_of(known)
        return None if number is None else (number, number)
    value = text.value()
    if isinstance(value, Unknown) and (value.low is not None or value.high is not None):
        return value.low, value.high
    return None


def join_texts(first: Text, second: Text, reason: str, depends: Sequence[str]) -> Text:
    """What holds after two branches of which nobody knows which runs."""
    if first.pieces == second.pieces:
        return first if first.source.location is not None else second
    inputs = tuple(dict.fromkeys((*first.inputs, *second.inputs)))
    source = first.source if first.source.location is not None else second.source
    left, right = list(first.pieces), list(second.pieces)
    head: list[str | Unknown] = []
    while left and right and _same(left[0], right[0]):
        head.append(left.pop(0))
        right.pop(0)
    tail: list[str | Unknown] = []
    while left and right and _same(left[-1], right[-1]):
        tail.insert(0, left.pop())
        right.pop()
    one, two = Text(left, source), Text(right, source)
    choices = (*(one.choices() or ("",)), *(two.choices() or ("",)))
    enumerable = one.choices() is not None and two.choices() is not None and len(choices) <= MAX_CHOICES
    a, b = one.value(), two.value()
    why = [value for value in (a, b) if isinstance(value, Unknown)]
    names = tuple(dict.fromkeys((*depends, *(name for value in why for name in value.depends_on))))
    if enumerable:
        middle: str | Unknown = choice_piece(choices, Unknown(reason, names))
    else:
        ranges = range_of(one), range_of(two)
        low = high = None
        if ranges[0] is not None and ranges[1] is not None:
            lows, highs = [r[0] for r in ranges if r], [r[1] for r in ranges if r]
            low = None if None in lows else min(x for x in lows if x is not None)
            high = None if None in highs else max(x for x in highs if x is not None)
        kind = Filled if one.filled() and two.filled() and all(_word(t) for t in (one, two)) else Unknown
        middle = kind(why[0].reason if why else reason, names, low, high)
    return Text([*head, middle, *tail], source, inputs)


def _word(text: Text) -> bool:
    return all(isinstance(p, Filled) or (isinstance(p, str) and not any(c.isspace() for c in p)) for p in text.pieces)


def _same(first: str | Unknown, second: str | Unknown) -> bool:
    return first == second if isinstance(first, str) and isinstance(second, str) else first is second
