"""A task as a container: image, command, environment, resources, mounts and how it is stopped."""

from __future__ import annotations

import posixpath

from gwaudit.bundle import section
from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.model import Container, Mount
from gwaudit.resolve.nomad.template import put_template
from gwaudit.resolve.nomad.units import cores, flag, mebibytes, seconds
from gwaudit.resolve.nomad.values import blocks, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node
    from gwaudit.parse.hcl.syntax import Block
    from gwaudit.resolve.nomad.values import Scope


_FLAGS = (
    ("container.privileged", "privileged"),
    ("container.read_only_root", "readonly_rootfs"),
    ("container.init", "init"),
)


def task_container(task: Block, scope: Scope, ports: dict[str, int | None]) -> Container:
    """The container of a task; ``ports`` are the ports of its group by label, None where Nomad chooses one."""
    place = task.head.location
    container = Container(task.label or "task", place)
    body = task.body
    config = scope.mapping(field(body, "config")) or Mapping(task.file, task.start, task.start, [])
    driver = body.get("driver")
    _lifecycle(container, task, scope)
    _command(container, config, scope, str(scope.text(driver)[0]) if driver is not None else "", task)
    _environment(container, task, scope)
    _resources(container, task, scope)
    _stop(container, task, scope)
    _mounts(container, task, config, scope)
    _ports(container, config, scope, ports, place)
    user = body.get("user")
    if user is not None:
        from gwaudit.resolve.image.known import is_root

        fact = scope.fact("container.user", user)
        container.put(fact)
        if isinstance(fact.value, str):
            container.put(fact.with_value(is_root(fact.value)).renamed("container.runs_as_root"))
    for name, key in _FLAGS:
        node = config.get(key)
        if node is not None:
            container.put(scope.fact(name, node, flag))
    return container


def _lifecycle(container: Container, task: Block, scope: Scope) -> None:
    for block in blocks(task.body, "lifecycle"):
        hook, sidecar = block.body.get("hook"), block.body.get("sidecar")
        stays = sidecar is not None and scope.text(sidecar)[0] == "true"
        if hook is not None and scope.text(hook)[0] in section("platforms/nomad")["init_hooks"] and not stays:
            container.is_init = True


def _command(container: Container, config: Mapping, scope: Scope, driver: str, task: Block) -> None:
    """``command`` stands before ``args`` and in the place of the image's CMD; ``entrypoint`` in that of its ENTRYPOINT."""
    place = task.head.location
    image = config.get("image")
    if image is not None:
        container.image = scope.fact("container.image", image)
    elif driver in section("platforms/nomad")["image_drivers"]:
        unknown = Unknown("the task names no image", ("container.image",))
        container.image = Fact("container.image", unknown, Source("manifest", None, place))
    entrypoint = config.get("entrypoint")
    if entrypoint is not None:
        container.entrypoint = _words(scope, "container.entrypoint", entrypoint, list(scope.items(entrypoint)))
    command, arguments = config.get("command"), config.get("args")
    first = command if command is not None else arguments
    if first is None:
        return
    listed = list(scope.items(arguments))
    words = [command, *listed] if command is not None else listed
    name = "container.arguments" if image is not None else "container.entrypoint"
    fact = _words(scope, name, first, words)
    if arguments is not None and not isinstance(scope.follow(arguments)[0], Sequence):
        fact = fact.with_value(Unknown("the arguments are not a plain list", (name,)))
    if image is not None:
        container.arguments = fact
    else:
        container.entrypoint = fact
    work_dir = config.get("work_dir")
    if work_dir is not None:
        container.working_dir = scope.fact("container.working_dir", work_dir)


def _words(scope: Scope, name: str, at: Node, words: list[Node]) -> Fact:
    facts = [scope.fact(name, word) for word in words]
    place = next((fact.location for fact in facts), at.location)
    return Fact(name, tuple(fact.value for fact in facts), Source("manifest", None, place or at.location))


def _environment(container: Container, task: Block, scope: Scope) -> None:
    """Templates with ``env = true`` in order, above the ``env`` block (Nomad's taskenv builder: template over env)."""
    node = field(task.body, "env")
    env = scope.mapping(node)
    if env is not None:
        container.env_place = env.location if not isinstance(node, Scalar) else container.place
        for key, value in env.entries:
            container.environment.put(scope.fact(f"env.{key.text}", value))
    elif node is not None:
        container.environment.opaque("the environment of the task is made by an expression of HCL")
    for block in blocks(task.body, "env"):
        container.env_place = block.type.location
        for key, value in block.body.entries if block.body is not env else ():
            container.environment.put(scope.fact(f"env.{key.text}", value))
    for template in blocks(task.body, "template"):
        put_template(container, template, scope)


def _resources(container: Container, task: Block, scope: Scope) -> None:
    """``cpu`` is a share in MHz and no limit; ``cores`` are CPUs of its own; ``memory_max`` lifts the limit."""
    data = section("platforms/nomad")
    place = task.head.location
    resources = next(iter(blocks(task.body, "resources")), None)
    memory = most = reserved = None
    if resources is not None:
        place = resources.type.location
        memory, most, reserved = (resources.body.get(key) for key in ("memory", "memory_max", "cores"))
    default = data["memory"] << 20
    fact = scope.state(container.put, "container.memory_request", memory, mebibytes, default, place)
    if most is not None:
        container.put(
            scope.fact("container.memory_limit", most, mebibytes).over(fact.renamed("container.memory_limit"))
        )
    else:
        container.put(fact.renamed("container.memory_limit"))
    if reserved is not None:
        container.put(scope.fact("container.cpu_limit", reserved, cores))


def _stop(container: Container, task: Block, scope: Scope) -> None:
    """``kill_timeout``; one above the client's default maximum may be cut to that."""
    data = section("platforms/nomad")
    name = "workload.grace_period"
    node = task.body.get("kill_timeout")
    fact = scope.state(container.put, name, node, seconds, float(data["kill_timeout"]), container.place)
    cap = float(data["max_kill_timeout"])
    if fact.known and fact.value > cap:
        reason = f"the client's max_kill_timeout ({cap:g} s unless it says otherwise) may cut it"
        container.put(fact.with_value(Unknown(reason, ("max_kill_timeout",), low=cap, high=fact.value)))
    signal = task.body.get("kill_signal")
    if signal is not None:
        container.put(
            scope.fact("workload.stop_signal", signal, lambda text: text if text.startswith("SIG") else f"SIG{text}")
        )


def _mounts(container: Container, task: Block, config: Mapping, scope: Scope) -> None:
    for block in blocks(task.body, "volume_mount"):
        destination, volume = block.body.get("destination"), block.body.get("volume")
        path = scope.text(destination)[0] if destination is not None else None
        if isinstance(path, str):
            name = scope.text(volume)[0] if volume is not None else None
            read_only = block.body.get("read_only")
            fixed = read_only is not None and scope.text(read_only)[0] == "true"
            container.mounts.append(
                Mount(path, "persistent", name if isinstance(name, str) else None, fixed, (), block.type.location)
            )
    for item in scope.items(config.get("volumes")):
        text = scope.text(item)[0]
        source, colon, rest = text.partition(":") if isinstance(text, str) else ("", "", "")
        if not colon:
            continue
        path, _, mode = rest.partition(":")
        inside = posixpath.normpath(posixpath.join("/", source))
        container.mounts.append(Mount(path, "unknown", source, "ro" in mode.split(","), (), item.location))
        held = container.texts.get(inside)
        if held is not None and not source.startswith("/"):
            container.texts[path] = held
    for block in blocks(config, "mount"):
        target, kind = block.body.get("target"), block.body.get("type")
        path_text = scope.text(target)[0] if target is not None else None
        if isinstance(path_text, str):
            said = scope.text(kind)[0] if kind is not None else "volume"
            named = said if said in ("bind", "volume", "tmpfs") else "unknown"
            container.mounts.append(Mount(path_text, str(named), None, False, (), block.type.location))


def _ports(container: Container, config: Mapping, scope: Scope, ports: dict[str, int | None], place: object) -> None:
    """The ports that the task takes of its group's: the labels in ``config.ports``, else (older jobs) ``port_map``."""
    node = config.get("ports")
    labels = [(scope.text(item)[0], item) for item in scope.items(node)]
    numbers = [ports.get(str(label)) for label, _ in labels]
    if labels and node is not None:
        known = tuple(number for number in numbers if number is not None)
        value = known if len(known) == len(numbers) else Unknown("Nomad chooses the port", ("container.ports",))
        container.put(Fact("container.ports", value, Source("manifest", None, node.location)))
        return
    mapped = scope.mapping(field(config, "port_map"))
    found = []
    for _, value_node in mapped.entries if mapped is not None else ():
        text = scope.text(value_node)[0]
        if isinstance(text, str) and text.isdigit() and len(text) < 6:
            found.append(int(text))
    if found and mapped is not None:
        container.put(Fact("container.ports", tuple(found), Source("manifest", None, mapped.location)))
