"""An application resource as a target: which attribute states what is the data of its platform."""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.parse.document import Scalar, Sequence
from gwaudit.parse.hcl.syntax import Reference
from gwaudit.resolve.commands.convert import convert
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.kubernetes.variables import expanded
from gwaudit.resolve.managed import begin, listen, route
from gwaudit.resolve.model import Container, Mount
from gwaudit.resolve.platform_limits import complete
from gwaudit.resolve.terraform.blocks import below, blocks
from gwaudit.resolve.terraform.environment import put_environment
from gwaudit.resolve.terraform.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.parse.hcl.syntax import Block
    from gwaudit.resolve.model import TargetDraft, Workload
    from gwaudit.resolve.terraform.scope import Scope
    from gwaudit.source import Location

# Fact, name in the data and in the platform's defaults, kind of its value.
_WORKLOAD = (
    ("workload.request_timeout", "request_timeout", "seconds"),
    ("workload.replicas_min", "min", "integer"),
    ("workload.replicas_max", "max", "integer"),
    ("workload.grace_period", "grace", "seconds"),
)
_CONTAINER = (("container.cpu_limit", "cpu", "cpu"), ("container.memory_limit", "memory", "memory"))
_PROBE = (("period", "seconds"), ("timeout", "seconds"), ("initial_delay", "seconds"), ("failure_threshold", "integer"))


def application(
    platform: str, block: Block, scope: Scope, suffix: str, way: tuple[str, ...], variables: str | None
) -> TargetDraft:
    """The draft of one instance; ``way`` are the files of the calling modules, ``variables`` a file named for it."""
    data = section(f"platforms/{platform}")
    row = data["terraform"][block.labels[0].text]
    whole = Value(block.body, scope)
    place = block.head.location
    named = below(whole, row["name"])
    text = named.scope.text(named)[0] if named is not None else None
    name = text if isinstance(text, str) else block.head.text + suffix
    path = block.file.path
    label = f"{path}: {name}" + (f" ({variables})" if variables is not None else "")
    others = (path, *((variables,) if variables is not None else ()), *scope.module.paths)
    paths = tuple(dict.fromkeys((*way, *others)))
    draft, workload, first = begin(label, name, platform, data, place, paths)
    for over in scope.module.overridden:
        draft.notes.append((block.location, f"{over} overrides parts of it and is not merged"))
    for fact, option, kind in _WORKLOAD:
        _state(workload, fact, _first(whole, row, option), kind, data["defaults"].get(option), place, row)
    target = _first(whole, row, "target")
    if target is not None:
        workload.put(_fact("workload.scale_target", target, "integer"))
    containers = _containers(whole, row, first)
    requested = next((c for c, value in containers if below(value, row["port"]) is not None), containers[0][0])
    concurrency = _first(whole, row, "concurrency")
    default = data["defaults"].get("concurrency")
    _state(requested, "container.concurrency", concurrency, "integer", default, place, row)
    port: int | None = None
    for container, value in containers:
        _container(container, value, row, data, place)
        put_environment(container, value, row, scope)
        container.entrypoint = _words("container.entrypoint", below(value, row["command"]), container)
        container.arguments = _words("container.arguments", below(value, row["argument"]), container)
        stated = below(value, row["port"])
        if container is requested:
            listens = _fact("container.ports", stated, "port") if stated is not None else None
            port = listen(container, listens, data, True)
        for mount in _mounts(value, whole, row):
            container.mounts.append(mount)
        workload.containers.append(container)
    complete(workload, requested, data, True)
    public, at = _public(whole, block, row, data, name)
    draft.endpoints.append(route(workload, data, port, public, at or place))
    draft.workloads.append(workload)
    return draft


def _containers(whole: Value, row: dict[str, Any], first: Container) -> list[tuple[Container, Value]]:
    """The containers with their bodies; the application itself where the resource has no blocks for them."""
    if not row["containers"]:
        return [(first, whole)]
    *way, last = row["containers"]
    holder = below(whole, way) if way else whole
    found, _ = blocks(holder, last) if holder is not None else ([], None)
    if not found:
        missing = Unknown("the containers are not written in this file", ("container.image",))
        first.image = Fact("container.image", missing, Source("manifest", None, first.place))
        return [(first, Value(missing, whole.scope))]
    made: list[tuple[Container, Value]] = []
    for index, value in enumerate(found):
        named = below(value, ["name"])
        text = named.scope.text(named)[0] if named is not None else None
        place = value.node.location if not isinstance(value.node, Unknown) else first.place
        made.append(
            (
                first if index == 0 else Container(text if isinstance(text, str) else f"{first.name}-{index}", place),
                value,
            )
        )
    return made


def _container(container: Container, value: Value, row: dict[str, Any], data: dict[str, Any], place: Location) -> None:
    for name, option, kind in _CONTAINER:
        _state(container, name, below(value, row[option]), kind, data["defaults"].get(option), place, row)
    image = below(value, row["image"])
    if image is not None:
        container.image = image.scope.fact("container.image", image)
    folder = below(value, row["working_dir"]) if "working_dir" in row else None
    if folder is not None:
        container.working_dir = folder.scope.fact("container.working_dir", folder)
    for probe, way in row["probes"].items():
        _probe(container, probe, below(value, way), row, place)


def _probe(container: Container, probe: str, value: Value | None, row: dict[str, Any], place: Location) -> None:
    if value is None:
        container.absent(f"{probe}.kind", location=place)
        return
    if isinstance(value.node, Unknown):
        return
    fields = row["probe"]
    source = Source("manifest", None, value.node.location)
    kind = below(value, fields["type"]) if "type" in fields else None
    if kind is not None:
        container.put(kind.scope.fact(f"{probe}.kind", kind, lambda text: text if text in ("http", "tcp") else None))
    else:
        inner = next(
            (kind for kind, way in fields["kinds"].items() if below(value, way) is not None), fields["otherwise"]
        )
        container.state(f"{probe}.kind", inner, source)
    for name, kind_of in (("path", None), ("port", "integer"), *_PROBE):
        for way in fields[name]:
            found = below(value, way)
            if found is not None:
                container.put(
                    _fact(f"{probe}.{name}", found, kind_of) if kind_of else found.scope.fact(f"{probe}.{name}", found)
                )
                break


def _words(name: str, value: Value | None, container: Container) -> Fact | None:
    """A list of words, ``$(NAME)`` filled in from the environment; an empty one leaves the image's own.

    Its inputs are the words as facts, each with its own place and the variables that it was made from.
    """
    if value is None:
        return None
    end = value.scope.follow(value)
    place = value.node if isinstance(end.node, Unknown) else end.node
    source = Source("manifest", None, place.location if not isinstance(place, Unknown) else None)
    items = value.scope.entries(value)
    if isinstance(items, Unknown):
        return Fact(name, Unknown(items.reason, (name,)), source, assumed=end.assumed)
    facts = [expanded(item.scope.fact(name, item), container.environment) for _, item in items]
    words = [
        Fact("word", Unknown("it contains a secret", (name,)), Source("manifest", None, fact.location), (), fact.inputs)
        if fact.secret and fact.known
        else Fact("word", fact.value, fact.source, (), fact.inputs, assumed=fact.assumed)
        for fact in facts
    ]
    if words and isinstance(end.node, Sequence) and isinstance(end.node.items[0], Scalar):
        source = Source("manifest", None, end.node.items[0].location)
    assumed = end.assumed or any(fact.assumed for fact in facts)
    value_of_all = tuple(word.value for word in words)
    return Fact(name, value_of_all, source, inputs=words, assumed=assumed) if words else None


def _first(whole: Value, row: dict[str, Any], option: str) -> Value | None:
    """The first of the places where an attribute may stand that is written."""
    return next((found for way in row.get(option, ()) if (found := below(whole, way)) is not None), None)


def _fact(name: str, value: Value, kind: str) -> Fact:
    return value.scope.fact(name, value, lambda text: convert(kind, text))


def _state(
    subject: Workload | Container, name: str, value: Value | None, kind: str, default: Any, place: Location, row: Any
) -> None:
    """The fact as written, above the platform's default; a zero may stand for the default."""
    if isinstance(default, str):
        default = convert(kind, default)
    lower = Fact(name, default, Source("platform", None, place)) if default is not None else None
    fact = _fact(name, value, kind).over(lower) if value is not None else lower
    if fact is not None and fact.value == 0 and name in row["unset"]:
        fact = lower
    if fact is not None:
        subject.put(fact)


def _mounts(value: Value, whole: Value, row: dict[str, Any]) -> list[Mount]:
    """What is mounted, its kind told by the mount itself (Code Engine) or by the volume that it names (Cloud Run)."""
    spec = row["mounts"]
    volumes: dict[str, str] = {}
    if "volumes" in spec:
        *way, last = spec["volumes"]
        holder = below(whole, way)
        for volume in blocks(holder, last)[0] if holder is not None else ():
            named = below(volume, ["name"])
            text = named.scope.text(named)[0] if named is not None else None
            kind = next(
                (kind for block, kind in spec["kinds"].items() if below(volume, [block]) is not None), "unknown"
            )
            if isinstance(text, str):
                volumes[text] = kind
    found: list[Mount] = []
    for mount in blocks(value, spec["block"])[0]:
        at, named, told = (below(mount, [key]) for key in (spec["path"], spec["name"], spec["type"]))
        path = at.scope.text(at)[0] if at is not None else None
        if at is None or isinstance(at.node, Unknown) or not isinstance(path, str):
            continue
        name = named.scope.text(named)[0] if named is not None else None
        kind_text = told.scope.text(told)[0] if told is not None else None
        kind = spec["kinds"].get(kind_text, "unknown") if "volumes" not in spec else volumes.get(str(name), "unknown")
        found.append(Mount(path, kind, name if isinstance(name, str) else None, False, (), at.node.location))
    return found


def _public(
    whole: Value, block: Block, row: dict[str, Any], data: dict[str, Any], name: str
) -> tuple[bool | None, Location | None]:
    """Whether everybody may call it: by its visibility, and by what lets all users call it."""
    public: bool | None = data["public"]
    place = None
    value = below(whole, row["visibility"])
    if value is not None:
        text = value.scope.text(value)[0]
        place = value.node.location if not isinstance(value.node, Unknown) else None
        if not isinstance(text, str):
            return None, place
        if text in row["visible"]:
            return row["visible"][text], place
    free = below(whole, row["open"]) if "open" in row else None
    if free is not None and not isinstance(free.node, Unknown) and free.scope.text(free)[0] == "true":
        return True, free.node.location
    if public is not None or "grants" not in row:
        return public, place
    for type in row["grants"]["types"]:
        for grant in whole.scope.module.of(type):
            node = next((found for key in row["grants"]["service"] if (found := grant.body.get(key)) is not None), None)
            mine = isinstance(node, Reference) and node.steps[:2] == (block.labels[0].text, block.head.text)
            if not mine and not (isinstance(node, Scalar) and node.text == name):
                continue
            members = [below(Value(grant.body, whole.scope), [key]) for key in ("member", "members")]
            for member in (found for found in members if found is not None):
                items = member.scope.entries(member)
                texts = [member] if isinstance(items, Unknown) else [item for _, item in items]
                if any(item.scope.text(item)[0] == "allUsers" for item in texts):
                    return True, grant.head.location
    return public, place
