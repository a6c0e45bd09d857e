"""Data files: YAML as plain data, and places in them for errors."""

from __future__ import annotations

from gwaudit.errors import ConfigurationError
from gwaudit.parse.document import Document, Mapping, Node, Scalar, Sequence
from gwaudit.parse.yaml import merged, parse_documents, value
from gwaudit.source import Location, SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_BYTES = 4_000_000
MAX_NODES = 300_000
MAX_DEPTH = 100


def read(path: str, shown: str | None = None) -> Mapping:
    """The root mapping of a YAML file of ours or of the user's; ``shown`` is its path in errors."""
    try:
        with open(path, encoding="utf-8") as stream:
            file = SourceFile(shown or path, stream.read(MAX_BYTES))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot be read: {error}", Location(shown or path)) from None
    found = parse_documents(file)
    if not found or not isinstance(found[0], Document):
        failure = found[0] if found else None
        place = failure.location if failure is not None and not isinstance(failure, Document) else Location(file.path)
        raise error_at(file, place, failure.message if failure and not isinstance(failure, Document) else "is empty")
    root = found[0].root
    if not isinstance(root, Mapping):
        raise ConfigurationError("a mapping is expected", root.location)
    return root


def plain(path: str) -> Any:
    """A YAML file as plain data by the YAML 1.2 core schema (``on`` and dates are text)."""
    return plain_of(read(path))


def is_rule(path: str) -> bool:
    """Whether a file of a group is a rule and no data: it has an ``id`` of its own."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return any(line.startswith("id:") for line in stream)
    except OSError:
        return True  # reading it again says what is wrong


def error_at(file: SourceFile, location: Location, message: str, hint: str | None = None) -> ConfigurationError:
    """An error at a place of a file, with the line it stands in."""
    return ConfigurationError(message, location, file.line_text(location.line), hint)


def places_of(node: Scalar, text: str) -> list[int]:
    """The offset in the file of each character of a scalar's text, and of its end; stretches of white space are equal."""
    raw, at = node.file.text, node.start
    if node.style in ("literal", "folded"):
        at = raw.find("\n", at) + 1
    places = []
    for char in text:
        if char.isspace():
            places.append(at)
            while at < node.end and raw[at].isspace():
                at += 1
            continue
        while at < node.end and raw[at] != char:
            at += 1
        places.append(at)
        at += 1
    return [*places, min(at, node.end)]


def plain_of(node: Node | None, budget: list[int] | None = None, depth: int = 0) -> Any:
    """A tree as plain data; a repeated key is an error, because one of the two is lost without a word.

    ``budget`` and ``depth`` bound what aliases of aliases can unfold to.
    """
    budget = budget if budget is not None else [MAX_NODES]
    budget[0] -= 1
    if node is not None and (budget[0] < 0 or depth > MAX_DEPTH):
        raise ConfigurationError("too large or nested too deeply", node.location)
    if isinstance(node, Sequence):
        return [plain_of(item, budget, depth + 1) for item in node.items]
    if isinstance(node, Mapping):
        table: dict[Any, Any] = {}
        whole = merged(node)
        for key, child in whole.entries if isinstance(whole, Mapping) else ():
            name = value(key)
            if name in table:
                raise error_at(key.file, key.location, f"{name} is named twice")
            table[name] = plain_of(child, budget, depth + 1)
        return table
    return value(node)
