"""The static configuration of Traefik as one table, wherever it stands: keys in small letters, parted by dots."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.proxy.files import Files
from gwaudit.resolve.proxy.product import image_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gwaudit.parse.document import Node
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location

MAX_KEYS = 5_000
MAX_DEPTH = 12


class Static:
    """The settings by key; ``root`` is the file where they come from one."""

    __slots__ = ("_facts", "root")

    def __init__(self, facts: dict[str, Fact], root: Mapping | None = None) -> None:
        self._facts = facts
        self.root = root

    def get(self, key: str) -> Fact | None:
        return self._facts.get(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def text(self, key: str) -> str | None:
        fact = self._facts.get(key)
        return fact.value if fact is not None and isinstance(fact.value, str) else None

    def place(self, prefix: str) -> Location | None:
        """Where the first setting below a key stands."""
        return next((fact.location for key, fact in self._facts.items() if key.startswith(prefix + ".")), None)

    def entry_points(self) -> list[str]:
        names = [key.split(".")[1] for key in self._facts if key.startswith("entrypoints.") and key.count(".") > 1]
        return list(dict.fromkeys(names))


def image_version(service: Service, data: dict[str, Any]) -> Fact:
    """``hop.version``, by the tag of the image."""
    name, fact = "hop.version", image_of(service, data["images"])
    if fact is not None:
        tag = str(fact.value).partition("@")[0].rpartition(":")[2].lstrip("v").partition("-")[0]
        if tag[:1].isdigit() and tag.replace(".", "").isdigit():
            return Fact(name, tag, fact.source, inputs=(fact,))
    return Fact(name, Unknown("the version of Traefik is not known", (name,)), Source("manifest"))


def words(service: Service) -> list[tuple[str, Source]]:
    """The known words of the command, each with its place where the platform tells it."""
    found: list[tuple[str, Source]] = []
    for given in (service.container.entrypoint, service.container.arguments):
        if given is None or not given.known:
            continue
        found.extend((word, given.source) for word in given.value or () if isinstance(word, str))
    places = {}
    if service.command is not None:
        places = {word.text: word.source for word in service.command.words if isinstance(word.text, str)}
    return [(text, places.get(text, source)) for text, source in found]


def static_of(workspace: Workspace, service: Service, data: dict[str, Any]) -> Static:
    """From the file that the command names or that lies where Traefik looks, else the command line, else variables."""
    options = dict(_options(service))
    named = options.get("configfile")
    paths = [str(named.value)] if named is not None else list(data["main"])
    for path in paths:
        format = "toml" if path.endswith(".toml") else "yaml"
        files = Files(workspace, service, service.filesystem, format)
        root = files.root(path) if files.exists(path) else None
        if isinstance(root, Mapping):
            return Static(dict(_flat(root, "", 0)), root)
    if options:
        return Static(options)
    found = {
        fact.name[12:].lower().replace("_", "."): fact
        for fact in service.environment
        if fact.name.startswith("env.TRAEFIK_") and fact.value is not None
    }
    return Static(found)


def _options(service: Service) -> Iterator[tuple[str, Fact]]:
    given = words(service)
    for index, (text, source) in enumerate(given[:MAX_KEYS]):
        if not text.startswith("--"):
            continue
        key, equals, value = text.lstrip("-").partition("=")
        if not equals:
            following = given[index + 1][0] if index + 1 < len(given) else "--"
            value = "true" if following.startswith("-") else following
        yield (
            key.lower(),
            Fact(f"traefik.{key.lower()}", value, Source("command-line", text, source.location, source.via)),
        )


def _flat(node: Node, prefix: str, depth: int) -> Iterator[tuple[str, Fact]]:
    if depth > MAX_DEPTH:
        return
    if isinstance(node, Mapping):
        for key, value in node.entries:
            yield from _flat(value, f"{prefix}.{key.text.lower()}" if prefix else key.text.lower(), depth + 1)
        if not node.entries and prefix:
            yield prefix, Fact(f"traefik.{prefix}", "", Source("config-file", None, node.location))
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield from _flat(item, f"{prefix}[{index}]", depth + 1)
    elif isinstance(node, Scalar):
        text = Unknown("a template fills it in") if "{{" in node.text else node.text
        yield prefix, Fact(f"traefik.{prefix}", text, Source("config-file", node.text, node.location))
