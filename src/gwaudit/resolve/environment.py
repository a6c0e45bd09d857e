"""The process environment of a container: layers of variables, later ones on top, and what may set any of them unseen."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, DEFAULT, Fact, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from gwaudit.resolve.fact import Source


class Environment:
    """Variables by name, filled from the lowest layer upwards.

    A variable that no layer sets is taken as unset (``assumed``), unless something opaque may set it: an env_file that
    cannot be read, a secretRef whose object is not in the tree, an unknown image. ``starter`` tells why what is asked for
    without a default is not taken for empty: an image that no deployment in the tree runs gets it from whoever starts it.
    """

    __slots__ = ("_facts", "_folded", "_indexed", "_opaque", "sealed", "starter")

    def __init__(self) -> None:
        self._facts: dict[str, Fact] = {}
        self._folded: dict[str, list[tuple[int, str]]] = {}  # names by their capitals, made when it is asked for
        self._indexed = 0  # the number of variables when it was made
        self._opaque: list[str] = []
        self.sealed = False  # True where nothing can be added from outside (``env -i``)
        self.starter: str | None = None

    def copy(self) -> Environment:
        other = Environment()
        other._facts = dict(self._facts)
        other._opaque = list(self._opaque)
        other.sealed = self.sealed
        other.starter = self.starter
        return other

    def set(self, name: str, value: Any, source: Source, secret: bool = False) -> None:
        """Set ``name`` in the layer of ``source``, above everything set so far; ``value`` is a str or Unknown."""
        self.put(Fact(f"env.{name}", value, source, secret=secret))

    def put(self, fact: Fact) -> None:
        """Set a variable from a fact named ``env.NAME``."""
        name = fact.name[4:]
        self._facts[name] = fact.over(self._facts.get(name))

    def unset(self, name: str, source: Source) -> None:
        """Remove ``name`` in the layer of ``source``; what it had been stays as shadowed."""
        self.put(Fact(f"env.{name}", ABSENT, source))

    def opaque(self, reason: str) -> None:
        """From here down everything may be overridden by something that cannot be read."""
        self._opaque.append(reason)
        for name, fact in self._facts.items():
            if fact.known:
                hidden = Unknown(reason, (fact.name,))
                self._facts[name] = Fact(fact.name, hidden, fact.source, fact.shadowed, (fact,), secret=fact.secret)

    def on(self, base: Environment) -> Environment:
        """These variables above those of ``base`` (a container's above its image's)."""
        below = base.copy()
        for reason in self._opaque:
            below.opaque(reason)
        for fact in self._facts.values():
            below.put(fact)
        below.sealed = self.sealed
        below.starter = self.starter
        return below

    def replace(self, change: Callable[[Fact], Fact]) -> None:
        """Every variable's fact as ``change`` makes it; names and order stay."""
        self._facts = {name: change(fact) for name, fact in self._facts.items()}

    def get(self, name: str) -> Fact:
        """The effective variable: its fact, ABSENT (assumed) where nothing sets it, Unknown where something opaque may."""
        fact = self._facts.get(name)
        if fact is not None:
            return fact
        if self._opaque:
            return Fact(f"env.{name}", Unknown(self._opaque[0], (f"env.{name}",)), DEFAULT)
        return Fact(f"env.{name}", ABSENT, DEFAULT, assumed=not self.sealed)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why a variable that is not listed may still be set; empty when nothing opaque was met."""
        return tuple(self._opaque)

    def spellings(self, folded: Iterable[str]) -> list[str]:
        """The names, in their order here, that are one of ``folded`` in capitals."""
        if self._indexed != len(self._facts):  # names are added and never taken away
            self._indexed, self._folded = len(self._facts), {}
            for number, name in enumerate(self._facts):
                self._folded.setdefault(name.upper(), []).append((number, name))
        return [name for _, name in sorted({one for name in folded for one in self._folded.get(name, ())})]

    def __contains__(self, name: str) -> bool:
        return name in self._facts

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._facts.values())

    def __len__(self) -> int:
        return len(self._facts)
