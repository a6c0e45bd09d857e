"""Values in words: the arithmetic of a message and the labels of places. Secrets show their length and nothing else."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Unknown
from gwaudit.rules.bounded import bounds
from gwaudit.rules.closure import Context, compiled, reader, truth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from gwaudit.resolve.fact import Fact

    Renderer = Callable[[Context], str]

LONGEST = 120
MOST_ITEMS = 6


def renderer(alternatives: Sequence[Any]) -> Renderer:
    """A function that renders the first alternative whose condition holds, in a context."""
    choices = [
        (
            None if condition is None else compiled(condition),
            [part if isinstance(part, str) else _piece(*part) for part in parts],
        )
        for condition, parts in alternatives
    ]

    def render(context: Context) -> str:
        for condition, pieces in choices:
            if condition is None or truth(condition(context)) is True:
                return "".join(piece if isinstance(piece, str) else piece(context) for piece in pieces)
        return ""

    return render


def _piece(form: tuple[Any, ...], kind: str, format: str, arguments: tuple[str, ...]) -> Renderer:
    if form[0] == "fact":
        look_up = reader(form)
        return lambda context: _of_fact(look_up(context), kind, format, arguments)
    if form[0] == "if":  # in a message what is not surely so is not said
        condition = compiled(form[1])
        then, otherwise = (_piece(part, kind, format, arguments) for part in form[2:])
        return lambda context: (then if truth(condition(context)) is True else otherwise)(context)
    closure = compiled(form)

    def run(context: Context) -> str:
        outer, context.trace = context.trace, []
        value = closure(context)
        read, context.trace = context.trace, outer
        if any(fact.secret for fact in read) and isinstance(value, (str, tuple, list)):
            return hidden(value)
        return spoken(value, kind, format, arguments)

    return run


def _of_fact(fact: Fact, kind: str, format: str, arguments: tuple[str, ...]) -> str:
    if fact.secret and fact.known:
        return hidden(fact.value)
    if format == "derivation":
        return clean(fact.derivation) if fact.derivation else spoken(fact.value, kind)
    if format == "layer":
        return fact.source.layer
    if format == "raw":
        return clean(fact.source.raw) if fact.source.raw is not None else spoken(fact.value, kind)
    return spoken(fact.value, kind, format, arguments)


def hidden(value: Any) -> str:
    """A secret in a message."""
    return f"a secret of {len(value)} characters" if isinstance(value, str) else "a secret"


def spoken(value: Any, kind: str = "any", format: str = "", arguments: tuple[str, ...] = ()) -> str:
    """A value in words; an Unknown one as its bounds or choices (``1 to 16``, ``up to 30 s``, ``a or b``)."""
    if value is ABSENT or value is None:
        return "not set"
    if isinstance(value, Unknown):
        if value.choices and len(value.choices) <= MOST_ITEMS:
            words = [_number(one, kind, format) if _is_number(one) else spoken(one) for one in value.choices]
            return _noun(" or ".join(words), None, arguments)
        low, high = bounds(value)
        if high is None:
            return "unknown" if low is None else _noun(f"at least {_number(low, kind, format)}", None, arguments)
        if low is None or low <= 0:
            return _noun(f"up to {_number(high, kind, format)}", None, arguments)
        return _noun(f"{_number(low, 'any', 'number')} to {_number(high, kind, format)}", None, arguments)
    if isinstance(value, bool):
        return "true" if value else "false"
    if _is_number(value):
        return _noun(_number(value, kind, format), value, arguments)
    if isinstance(value, (tuple, list)):
        words = [spoken(one) for one in value[:MOST_ITEMS]]
        more = len(value) - MOST_ITEMS
        return ", ".join(words) + (f" and {more} more" if more > 0 else "")
    return clean(str(value))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _noun(text: str, number: float | None, arguments: tuple[str, ...]) -> str:
    if not arguments:
        return text
    noun = arguments[0]
    plural = arguments[1] if len(arguments) > 1 else f"{noun}{'es' if noun.endswith(('s', 'x', 'ch')) else 's'}"
    return f"{text} {noun if number == 1 else plural}"


def _number(value: float, kind: str, format: str) -> str:
    unit = format or kind
    if unit == "seconds":
        return f"{_plain(value)} s"
    if unit == "bytes":
        return _bytes(value)
    if unit == "mib":
        return f"{_plain(round(value / 1024**2))} MiB"
    if unit == "cpu":
        return f"{_plain(value)} CPU{'' if value <= 1 else 's'}"
    if unit == "percent":
        return f"{_plain(round(value * 100, 1))} %"
    return _plain(value)


def _plain(value: float) -> str:
    if isinstance(value, int) or value == int(value):
        return str(int(value))
    text = f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.4f}"
    return text.rstrip("0").rstrip(".")


def _bytes(value: float) -> str:
    for unit, size in (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024)):
        if value >= size:
            return f"{_plain(round(value / size, 1))} {unit}"
    return f"{_plain(value)} bytes"


def clean(text: str) -> str:
    """Text from an audited file on one line, without control characters, not too long."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def label(fact: Fact, name: str, kind: str = "any", secret: bool = False) -> str:
    """``name = value`` for a place; of a secret only the name."""
    if secret or fact.secret:
        return name
    if isinstance(fact.value, Unknown) and bounds(fact.value) == (None, None) and not fact.value.choices:
        raw = fact.source.raw
        return f"{name} = {clean(raw)}" if raw else name
    return f"{name} = {spoken(fact.value, kind)}"


def title(name: str) -> str:
    """A fact's name for a reader: settings and variables as they are written, others in words."""
    head, _, tail = name.partition(".")
    if head in ("gunicorn", "env"):
        return tail
    return f"{head} {tail}".replace("_", " ").strip()
