"""What a tree's own Python reads from the environment: names, prefixes, and what nobody can tell from the text."""

from __future__ import annotations

from gwaudit.source import Location, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Reads:
    """``names`` with the places that read them; ``folded`` those that are read whatever their case (upper case here).

    ``prefixes`` begin names that are read as a group. ``opaque`` is the reason why more may be read (a name that is put
    together at run time), None where there is none. ``dotenv`` are the places that load a ``.env`` file. Tests,
    documentation and other people's code do not count: what they read says nothing of the service.
    """

    __slots__ = ("dotenv", "folded", "names", "opaque", "prefixes")

    def __init__(self) -> None:
        self.names: dict[str, tuple[Location, ...]] = {}
        self.folded: dict[str, tuple[Location, ...]] = {}
        self.prefixes: tuple[str, ...] = ()
        self.opaque: str | None = None
        self.dotenv: tuple[Location, ...] = ()

    def places(self, name: str) -> tuple[Location, ...]:
        """Where the variable is read by its name; empty where no code of the tree itself does."""
        return self.names.get(name) or self.folded.get(name.upper(), ())

    def by_prefix(self, name: str) -> str | None:
        """The prefix under which a variable of that name is read, None where none fits."""
        upper = name.upper()
        return next((prefix for prefix in self.prefixes if prefix and upper.startswith(prefix.upper())), None)


class Collector:
    """Gathers what one file after another reads; at most ``MAX_PLACES`` places a name."""

    MAX_PLACES = 5

    def __init__(self) -> None:
        self.names: dict[str, list[Location]] = {}
        self.folded: dict[str, list[Location]] = {}
        self.prefixes: dict[str, Location] = {}
        self.opaque: list[tuple[str, Location]] = []
        self.dotenv: list[Location] = []

    def name(self, name: str, place: Location, folded: bool = False) -> None:
        if not is_name(name):
            return
        places = (self.folded if folded else self.names).setdefault(name, [])
        if len(places) < self.MAX_PLACES and place not in places:
            places.append(place)

    def prefix(self, prefix: str, place: Location) -> None:
        if len(prefix) > 1:
            self.prefixes.setdefault(prefix, place)

    def result(self) -> Reads:
        found = Reads()
        found.names = {name: tuple(places) for name, places in self.names.items()}
        found.folded = {name: tuple(places) for name, places in self.folded.items()}
        found.prefixes = tuple(sorted(self.prefixes))
        if self.opaque:
            reason, place = self.opaque[0]
            found.opaque = f"{place} {reason}"
        found.dotenv = tuple(self.dotenv)
        return found


def is_name(text: str) -> bool:
    """Whether a text can be the name of a variable."""
    return 0 < len(text) < 200 and text.replace("_", "").replace(".", "").isalnum() and not text[0].isdigit()


def places(path: str, data: bytes, offsets: Iterable[int]) -> list[Location]:
    """Locations of ascending byte offsets; columns count characters."""
    found = []
    line, start = 1, 0
    for offset in offsets:
        line += data.count(b"\n", start, offset)
        start = offset
        begin = data.rfind(b"\n", 0, offset) + 1
        column = len(data[begin:offset].decode("utf-8", "replace")) + 1
        found.append(Location(path, Span(line, column, line, column)))
    return found
