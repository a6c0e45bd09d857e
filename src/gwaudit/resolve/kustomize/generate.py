"""ConfigMaps and Secrets that a kustomization generates from literals, files and env files.

The name's hash is left out: every reference to the generated object follows its name, so a stable one means the same.
"""

from __future__ import annotations

import posixpath

from gwaudit.parse.document import Mapping, Node, Scalar
from gwaudit.resolve.kubernetes.reading import items, text_at
from gwaudit.resolve.kubernetes.rewrite import scalar_from
from gwaudit.resolve.kustomize.resource import Resource
from gwaudit.source import Location, Origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.source import SourceFile

    Read = Callable[[str], SourceFile | None]
    Note = Callable[[Location, str], None]


class Generator:
    """Makes the objects of ``configMapGenerator`` and ``secretGenerator``; ``read`` answers files of the kustomization."""

    def __init__(self, read: Read, note: Note) -> None:
        self.read = read
        self.note = note
        self.files: dict[str, str] = {}  # paths of generated keys' files by the identity "NAME/KEY"

    def generate(self, root: Mapping) -> list[Resource]:
        shared = root.get("generatorOptions")
        found = []
        for field, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
            for entry in items(root, field):
                made = self._one(entry, kind, shared)
                if made is not None:
                    found.append(made)
        return found

    def _one(self, entry: Node, kind: str, shared: Node | None) -> Resource | None:
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if not isinstance(name, Scalar) or not isinstance(entry, Mapping):
            return None
        data = self._data(entry, kind == "Secret")
        origin = Origin(entry.location)

        def word(text: str) -> Scalar:
            return scalar_from(text, origin)

        metadata = _mapping(entry, [("name", _same(name))])
        namespace = entry.get("namespace")
        if isinstance(namespace, Scalar):
            metadata.entries.append((word("namespace"), _same(namespace)))
        local = entry.get("options")
        for part in ("labels", "annotations"):
            pairs = {**_pairs(shared, part), **_pairs(local, part)}
            if pairs:
                values = [(word(key), _same(value)) for key, value in sorted(pairs.items())]
                metadata.entries.append((word(part), Mapping(entry.file, entry.start, entry.end, list(values))))
        node = _mapping(entry, [("apiVersion", word("v1")), ("kind", word(kind))])
        node.entries.append((word("metadata"), metadata))
        if kind == "Secret":
            given = entry.get("type")
            node.entries.append((word("type"), _same(given) if isinstance(given, Scalar) else word("Opaque")))
        if data:
            # Generated values are kept as text: `stringData` is what a Secret's base64 `data` decodes to.
            field = "stringData" if kind == "Secret" else "data"
            listed: list[tuple[Scalar, Node]] = [(word(key), value) for key, value in data.items()]
            node.entries.append((word(field), Mapping(entry.file, entry.start, entry.end, listed)))
        if _option(shared, local, "immutable"):
            node.entries.append((word("immutable"), scalar_from("true", origin, "plain")))
        made = Resource(node)
        made.behavior = text_at(entry, "behavior") or "create"
        made.hashed = not _option(shared, local, "disableNameSuffixHash")
        return made

    def _data(self, entry: Mapping, secret: bool) -> dict[str, Scalar]:
        found: dict[str, Scalar] = {}
        sources = [node for node in items(entry, "envs") if isinstance(node, Scalar)]
        single = entry.get("env")
        if isinstance(single, Scalar):
            sources.append(single)
        for node in sources:
            file = self.read(node.text)
            if file is None:
                self.note(node.location, f"{node.text} is not read: no such file inside the audited tree")
                continue
            found.update(env_pairs(file, node.location))
        for literal in items(entry, "literals"):
            if not isinstance(literal, Scalar):
                continue
            key, separator, value = literal.text.partition("=")
            if separator and key:
                found[key] = scalar_from(unquoted(value), literal.origin)
        for source in items(entry, "files"):
            if not isinstance(source, Scalar):
                continue
            key, separator, path = source.text.partition("=")
            if not separator:
                key, path = posixpath.basename(source.text), source.text
            file = self.read(path)
            if file is None:
                self.note(source.location, f"{path} is not read: no such file inside the audited tree")
                found[key] = scalar_from("", Origin(source.location, (), f"{path} is not in the tree"))
                continue
            # The file itself is where a person edits the value.
            found[key] = Scalar(file, 0, len(file.text), file.text, "double")
            self.files[f"{text_at(entry, 'name')}/{key}"] = file.path
        return found


def env_pairs(file: SourceFile, via: Location) -> dict[str, Scalar]:
    """An env file as kustomize reads it: KEY=VALUE lines taken as they are; no quotes, no escapes, no comments at the end.

    A line without ``=`` sets an empty value; leading blanks and lines that start with ``#`` are dropped.
    """
    found: dict[str, Scalar] = {}
    offset = 0
    for line in file.text.split("\n"):
        start = offset
        offset += len(line) + 1
        bare = line.removesuffix("\r").lstrip()
        if not bare or bare.startswith("#"):
            continue
        key, _, value = bare.partition("=")
        begin = start + line.index(bare[0])
        found[key] = scalar_from(value, Origin(file.location(begin, begin + len(bare)), (via,)))
    return found


def unquoted(value: str) -> str:
    """A literal without one pair of quotes around it."""
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def _same(node: Scalar) -> Scalar:
    return Scalar(node.file, node.start, node.end, node.text, "double" if node.style == "plain" else node.style)


def _mapping(like: Node, pairs: list[tuple[str, Scalar]]) -> Mapping:
    listed: list[tuple[Scalar, Node]] = [(scalar_from(key, Origin(like.location)), value) for key, value in pairs]
    return Mapping(like.file, like.start, like.end, listed)


def _pairs(options: Node | None, part: str) -> dict[str, Scalar]:
    found = options.get(part) if isinstance(options, Mapping) else None
    if not isinstance(found, Mapping):
        return {}
    return {key.text: value for key, value in found.entries if isinstance(value, Scalar)}


def _option(shared: Node | None, local: Node | None, name: str) -> bool:
    """An option that either place switches on (kustomize joins them with "or")."""
    return any(text_at(each, name) == "true" for each in (shared, local))


def absorb(resources: list[Resource], made: Resource) -> str | None:
    """Add a generated object: created, merged into or put in place of the one of its name; why not, where it cannot be."""
    key = made.identity().key()
    matches = [each for each in resources if any(identity.key() == key for identity in each.identities())]
    if not matches:
        if made.behavior in ("merge", "replace"):
            return f"there is no {made.kind} {made.name} to {made.behavior}"
        resources.append(made)
        return None
    if made.behavior not in ("merge", "replace") or len(matches) > 1:
        return f"there is a {made.kind} {made.name} already"
    old = matches[0]
    for part in ("labels", "annotations"):
        _below(made.node, old.node, ("metadata", part))
    if made.behavior == "merge":
        if made.kind == "Secret":
            _decode_data(old.node)
        for field in ("data", "stringData", "binaryData"):
            _below(made.node, old.node, (field,))
    metadata, old_metadata = made.node.get("metadata"), old.node.get("metadata")
    if isinstance(metadata, Mapping) and isinstance(old_metadata, Mapping):
        from gwaudit.resolve.kustomize.editing import clear_field, set_field

        for field in ("name", "namespace"):
            value = old_metadata.get(field)
            clear_field(metadata, field)
            if value is not None:
                set_field(metadata, field, value)
    made.previous, made.prefixes, made.suffixes = list(old.previous), list(old.prefixes), list(old.suffixes)
    made.variables = list(old.variables)
    made.hashed = made.hashed and old.hashed
    resources[resources.index(old)] = made
    return None


def _decode_data(node: Mapping) -> None:
    """A written Secret's base64 data as text, so that both sides of a merge have one form."""
    data = node.get("data")
    if not isinstance(data, Mapping):
        return
    from gwaudit.resolve.kubernetes.store import decoded

    pairs: list[tuple[Scalar, Node]] = []
    for key, value in data.entries:
        plain = decoded(value.text) if isinstance(value, Scalar) else None
        pairs.append((key, scalar_from(plain, value.origin) if plain is not None else value))
    node.entries[:] = [(key, value) for key, value in node.entries if key.text != "data"]
    existing = node.get("stringData")
    if isinstance(existing, Mapping):
        existing.entries[:0] = pairs
    else:
        node.entries.append((scalar_from("stringData", data.origin), Mapping(data.file, data.start, data.end, pairs)))


def _below(node: Mapping, old: Mapping, path: tuple[str, ...]) -> None:
    """The old mapping's fields below the new one's at ``path``; a new field shadows the old one."""
    from gwaudit.resolve.kustomize.editing import copy, set_field, shadowing

    below = old.get(*path)
    if not isinstance(below, Mapping):
        return
    parent = node.get(*path[:-1]) if len(path) > 1 else node
    if not isinstance(parent, Mapping):
        return
    own = parent.get(path[-1])
    base = copy(below)
    assert isinstance(base, Mapping)
    if isinstance(own, Mapping):
        for key, value in own.entries:
            known = base.get(key.text)
            if known is not None:
                shadowing(value, known)
            set_field(base, key.text, value)
        parent.entries[:] = [(key, value) for key, value in parent.entries if key.text != path[-1]]
    parent.entries.append((scalar_from(path[-1], below.origin), base))
