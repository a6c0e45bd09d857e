"""HEALTHCHECK as ``healthcheck.*`` facts, with Docker's defaults."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.dockerfile.syntax import Instruction

# Docker's reference, "HEALTHCHECK": 30 s, 30 s, 0 s, 3.
_DEFAULTS = {"interval": 30.0, "timeout": 30.0, "start_period": 0.0, "retries": 3}
_UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def duration(text: str) -> float | None:
    """Go's duration text in seconds (``1m30s``); None where it is none."""
    total, index, size = 0.0, 0, len(text)
    if not text:
        return None
    while index < size:
        start = index
        while index < size and (text[index].isdigit() or text[index] == "."):
            index += 1
        number = text[start:index]
        start = index
        while index < size and text[index].isalpha():
            index += 1
        unit = _UNITS.get(text[start:index].replace("µ", "u"))
        if not number or number.count(".") > 1 or number == "." or unit is None or len(number) > 18:
            return None
        total += float(number) * unit
    return total


def healthcheck(instruction: Instruction) -> dict[str, Fact]:
    """The facts of one HEALTHCHECK; ``NONE`` switches it off (ABSENT)."""
    source = Source("image", None, instruction.location)
    value = instruction.value
    if value.upper() == "NONE":
        return {"healthcheck.command": Fact("healthcheck.command", ABSENT, source)}
    found: dict[str, Fact] = {}
    if instruction.words is not None:
        words: tuple[str, ...] = tuple(token.text for token in instruction.words)
    else:
        words = (value[3:].strip() if value[:3].upper() == "CMD" else value,)
    found["healthcheck.command"] = Fact("healthcheck.command", words, source)
    for name, default in _DEFAULTS.items():
        flag = name.replace("_", "-")
        text, place = next(((v, p) for n, v, p in instruction.flags if n == flag), (None, None))
        number: float | int | None
        if text is None:
            number, where = default, Source("default")
        else:
            number = (int(text) if text.isdigit() and len(text) < 9 else None) if name == "retries" else duration(text)
            where = Source("image", text, place)
        if number is not None:
            found[f"healthcheck.{name}"] = Fact(f"healthcheck.{name}", number, where)
    return found
