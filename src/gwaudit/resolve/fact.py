"""Values that remember where they came from.

A ``Fact`` is a named value with its source and everything it overrode. Its value is a plain Python value (int, float,
str, bool, None, tuple), ``Unknown`` (exists at run time, not in the text) or ``ABSENT`` (surely not set, in something
that was read). Units are fixed by the fact's name: seconds (float), bytes (int), CPUs (float).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gwaudit.source import Location


class Unknown:
    """A value that exists at run time and is not in the text.

    ``reason`` says why in a reader's words; ``depends_on`` names what would decide it (``cpus``, ``env.X``); ``low`` and
    ``high`` are inclusive bounds where they are known; ``choices`` are all the values it may have, where they are few.
    """

    __slots__ = ("choices", "depends_on", "high", "low", "reason")

    def __init__(
        self,
        reason: str,
        depends_on: Iterable[str] = (),
        low: float | None = None,
        high: float | None = None,
        choices: Iterable[Any] = (),
    ) -> None:
        self.reason = reason
        self.depends_on = tuple(depends_on)
        self.low = low
        self.high = high
        self.choices = tuple(choices)

    def __repr__(self) -> str:
        bounds = f", {self.low}..{self.high}" if self.low is not None or self.high is not None else ""
        return f"Unknown({self.reason!r}{bounds})"


class Pairs(tuple):  # type: ignore[type-arg]
    """A mapping as a fact holds it: pairs of key and value, in order."""

    __slots__ = ()


class Absent:
    """The type of ``ABSENT``: surely not set, in something that was read."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


class Step:
    """One step of the way from where a person edits to where the value takes effect."""

    __slots__ = ("label", "location")

    def __init__(self, location: Location, label: str = "") -> None:
        self.location = location
        self.label = label


class Source:
    """Where a value was set.

    ``layer`` is the layer of precedence it stands in: for ``gunicorn.*`` default, config-file, cmd-args-env or
    command-line; for ``env.*`` default, image, dotenv, env-file, manifest or interpolation; besides platform, profile,
    derived and assumed. ``raw`` is the text as written (None for a secret: see ``Fact.secret``). ``location`` is where a
    person edits, ``via`` the way from there to here.
    """

    __slots__ = ("layer", "location", "raw", "via")

    def __init__(
        self, layer: str, raw: str | None = None, location: Location | None = None, via: Iterable[Step] = ()
    ) -> None:
        self.layer = layer
        self.raw = raw
        self.location = location
        self.via = tuple(via)

    def through(self, location: Location, label: str = "") -> Source:
        """The same source, one step further on its way."""
        return Source(self.layer, self.raw, self.location, (*self.via, Step(location, label)))

    def __repr__(self) -> str:
        return f"Source({self.layer}, {self.location})"


DEFAULT = Source("default")


class Fact:
    """A named value, its source, what it overrode (nearest first) and the facts it was made from.

    ``derivation`` is the arithmetic as text (``10 pods x 2 workers x (15 + 30)``). ``assumed`` marks a value that rests on
    an assumption (an option of the command line, a variable taken as unset). ``secret`` keeps the value out of every
    output. Equality of facts is equality of values; where they came from is ignored.
    """

    __slots__ = ("assumed", "derivation", "inputs", "name", "secret", "shadowed", "source", "value")

    def __init__(
        self,
        name: str,
        value: Any,
        source: Source = DEFAULT,
        shadowed: Iterable[Fact] = (),
        inputs: Iterable[Fact] = (),
        derivation: str | None = None,
        assumed: bool = False,
        secret: bool = False,
    ) -> None:
        self.name = name
        self.value = value
        self.source = source
        self.shadowed = tuple(shadowed)
        self.inputs = tuple(inputs)
        self.derivation = derivation
        self.assumed = assumed
        self.secret = secret

    @property
    def known(self) -> bool:
        """Whether there is a plain value: neither Unknown nor ABSENT."""
        return not isinstance(self.value, (Unknown, Absent))

    @property
    def location(self) -> Location | None:
        return self.source.location

    def renamed(self, name: str) -> Fact:
        return Fact(
            name, self.value, self.source, self.shadowed, self.inputs, self.derivation, self.assumed, self.secret
        )

    def with_value(self, value: Any) -> Fact:
        """The same place with a value read another way (a cast, a validator)."""
        return Fact(
            self.name, value, self.source, self.shadowed, self.inputs, self.derivation, self.assumed, self.secret
        )

    def over(self, lower: Fact | None) -> Fact:
        """This fact, overriding ``lower``."""
        if lower is None:
            return self
        shadowed = (*self.shadowed, lower, *lower.shadowed)
        return Fact(
            self.name, self.value, self.source, shadowed, self.inputs, self.derivation, self.assumed, self.secret
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fact) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"Fact({self.name}={'<secret>' if self.secret else repr(self.value)} from {self.source.layer})"
