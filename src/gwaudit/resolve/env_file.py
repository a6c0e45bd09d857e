"""One env file, three readers: they differ in quotes, comments, escapes and interpolation.

``python-dotenv`` is what an application does that loads its own ``.env`` (pydantic-settings too), ``compose`` what Compose
does with ``env_file`` and with the ``.env`` beside it (compose-go's dotenv package), ``docker`` what ``docker run
--env-file`` and ``format: raw`` do (kvfile of the Docker CLI).
"""

from __future__ import annotations

from gwaudit.parse.document import ParseFailure
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from gwaudit.parse.dotenv import Assignment
    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.fact import Step
    from gwaudit.resolve.interpolate import Lookup
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location, SourceFile

READERS = ("python-dotenv", "compose", "docker")


class Entry:
    """One variable as a reader takes it: a text, Unknown, or ABSENT where the reader leaves it unset.

    ``raw`` is the value as written; ``location`` spans the assignment; ``inputs`` are the variables it was made from.
    """

    __slots__ = ("inputs", "location", "name", "raw", "value")

    def __init__(self, name: str, value: Any, location: Location, raw: str | None, inputs: Iterable[Fact] = ()) -> None:
        self.name = name
        self.value = value
        self.location = location
        self.raw = raw
        self.inputs = tuple(inputs)

    def __repr__(self) -> str:
        return f"Entry({self.name} at {self.location})"


class Reading:
    """What a reader makes of a file; ``failure`` says why it refuses the whole file (then there are no entries)."""

    __slots__ = ("entries", "failure", "reader")

    def __init__(self, reader: str, entries: Sequence[Entry], failure: ParseFailure | None = None) -> None:
        self.reader = reader
        self.entries = tuple(entries)
        self.failure = failure

    def last(self) -> dict[str, Entry]:
        """The entries in effect: a later assignment of the same name wins."""
        return {entry.name: entry for entry in self.entries}


class Difference:
    """A variable that the readers of a file do not read alike; ``values`` by reader (ABSENT: unset, None: file refused)."""

    __slots__ = ("location", "name", "raw", "values")

    def __init__(self, name: str, location: Location, raw: str | None, values: dict[str, Any]) -> None:
        self.name = name
        self.location = location
        self.raw = raw
        self.values = values


def read(
    file: SourceFile, reader: str, lookup: Lookup | None = None, assignments: list[Assignment] | None = None
) -> Reading:
    """The variables of ``file`` in order as ``reader`` takes them.

    ``lookup`` answers the variables of the reader's own environment, which a value may refer to and which a name without
    value is taken from; without it nothing is known of that environment. ``assignments`` is the root of the file's parsed
    document, where the caller has it.
    """
    ask = lookup or _nothing
    if reader == "python-dotenv":
        return _python_dotenv(file, ask, assignments)
    from gwaudit.resolve import env_file_go

    if reader == "compose":
        return env_file_go.compose(file, ask)
    return env_file_go.docker(file, ask)


def note_reader(workspace: Workspace, path: str, reader: str) -> None:
    """Remember who reads an env file, for what its lines mean to that reader (``resolve.traps``)."""
    workspace.cache.setdefault("env file readers", {}).setdefault(path, {})[reader] = None


def note_refusal(workspace: Workspace, failure: ParseFailure) -> None:
    """Remember that Compose refuses an env file: the stack does not start, whatever another reader makes of the file."""
    told = ParseFailure(failure.location, f"Compose refuses this file and starts nothing: {failure.message}")
    workspace.cache.setdefault("env files refused", {}).setdefault(failure.location.path, told)


def as_read(workspace: Workspace, failures: Iterable[ParseFailure]) -> Iterator[ParseFailure]:
    """The failures, where Compose refuses an env file in Compose's words, once, in place of python-dotenv's."""
    refused: dict[str, ParseFailure] = dict(workspace.cache.get("env files refused", {}))
    told: set[str] = set()
    for failure in failures:
        path = failure.location.path
        if path not in refused:
            yield failure
        elif path not in told:
            told.add(path)
            yield refused[path]


def apply(reading: Reading, environment: Environment, layer: str, via: Iterable[Step] = ()) -> None:
    """Put a reading into ``environment`` as a layer (``env-file`` or ``dotenv``); a refused file makes it opaque."""
    steps = tuple(via)
    if reading.failure is not None:
        environment.opaque(f"{reading.failure.location.path} cannot be read: {reading.failure.message}")
        return
    for entry in reading.entries:
        if entry.value is not ABSENT:
            source = Source(layer, entry.raw, entry.location, steps)
            environment.put(Fact(f"env.{entry.name}", entry.value, source, inputs=entry.inputs))


def differences(file: SourceFile, readers: Sequence[str] = READERS, lookup: Lookup | None = None) -> list[Difference]:
    """The variables that ``readers`` read differently from one another, in the order written."""
    readings = {reader: read(file, reader, lookup) for reader in readers}
    effective = {reader: reading.last() for reader, reading in readings.items()}
    places: dict[str, Entry] = {}
    for found in effective.values():
        for name, entry in found.items():
            places.setdefault(name, entry)
    result = []
    for name, place in places.items():
        values = {
            reader: None if readings[reader].failure else found[name].value if name in found else ABSENT
            for reader, found in effective.items()
        }
        if len({_comparable(value) for value in values.values()}) > 1:
            result.append(Difference(name, place.location, place.raw, values))
    result.sort(key=lambda d: d.location.key())
    return result


def _comparable(value: Any) -> tuple[str, Any]:
    return ("unknown", value.reason) if isinstance(value, Unknown) else (type(value).__name__, str(value))


def _nothing(name: str) -> Fact | None:
    return None


def _python_dotenv(file: SourceFile, lookup: Lookup, assignments: list[Assignment] | None) -> Reading:
    """``dotenv_values``: interpolates single-quoted values too, and earlier lines win over the environment."""
    if assignments is None:
        from gwaudit.parse.dotenv import parse_documents

        document = parse_documents(file)[0]
        assignments = [] if isinstance(document, ParseFailure) else document.root
    known: dict[str, Fact] = {}
    entries: list[Entry] = []
    for assignment in assignments:
        if assignment.lost:
            continue
        name, raw = assignment.key, assignment.raw
        value: Any = ABSENT
        inputs: list[Fact] = []
        if assignment.value is not None:
            value = assignment.value
            if "${" in value:
                value = _interpolated(value, known, lookup, inputs)
        location = assignment.location
        entries.append(Entry(name, value, location, raw, inputs))
        known[name] = Fact(f"env.{name}", value, Source("dotenv", raw, location))
    return Reading("python-dotenv", entries)


def _interpolated(text: str, known: dict[str, Fact], lookup: Lookup, inputs: list[Fact]) -> str | Unknown:
    """python-dotenv's ``${NAME}`` and ``${NAME:-default}``: no nesting, no other operator, any name without ``:}``."""
    pieces: list[str] = []
    unknown: Unknown | None = None
    done = 0
    at = text.find("${")
    close = text.find("}", at)
    while at >= 0 and close >= 0:
        if close < at:
            close = text.find("}", at)
            continue
        colon = text.find(":", at, close)
        if colon >= 0 and text[colon + 1 : colon + 2] != "-":
            at = text.find("${", colon)  # not an expression, nor any that opens before this colon
            continue
        name = text[at + 2 : colon if colon >= 0 else close]
        fact = known.get(name) or lookup(name)
        pieces.append(text[done:at])
        if fact is None:
            pieces.append(text[colon + 2 : close] if colon >= 0 else "")
            inputs.append(Fact(f"env.{name}", ABSENT, Source("dotenv"), assumed=True))
        else:
            inputs.append(fact)
            if isinstance(fact.value, Unknown):
                unknown = unknown or fact.value
            elif fact.known:
                pieces.append(str(fact.value))
        done = close + 1
        at = text.find("${", done)
    pieces.append(text[done:])
    return unknown if unknown is not None else "".join(pieces)
