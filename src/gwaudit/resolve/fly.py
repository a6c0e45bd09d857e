"""Fly.io: a fly.toml as a target, a workload for each process group."""

from __future__ import annotations

import posixpath

from gwaudit.bundle import section
from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.resolve.compose.units import bytes_of, integer_of, seconds_of
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.model import Build, Container, Endpoint, Mount, TargetDraft, Workload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.parse.document import Node
    from gwaudit.resolve.workspace import Workspace

_PROBE_TIMES = (("period", "interval"), ("timeout", "timeout"), ("initial_delay", "grace_period"))


def targets(workspace: Workspace) -> list[TargetDraft]:
    """One draft per fly.toml that says anything of an application."""
    found = []
    for path in workspace.paths("fly"):
        document = workspace.document(path, "fly")
        if document is not None and isinstance(document.root, Mapping) and document.root.entries:
            found.append(_draft(workspace, path, document.root))
    return found


def _draft(workspace: Workspace, path: str, root: Mapping) -> TargetDraft:
    data = section("platforms/fly")
    app = root.get("app")
    name = app.text if isinstance(app, Scalar) and app.text else posixpath.dirname(path) or path
    place = app.location if app is not None else root.entries[0][0].location
    draft = TargetDraft(path, "fly", place, (path,))
    platform = Source("platform", None, place)
    draft.state("target.micro_vm", True, platform)
    processes = root.get("processes")
    groups = processes.entries if isinstance(processes, Mapping) and processes.entries else [(None, None)]
    for key, command in groups:
        group = key.text if key is not None else "app"
        workload = Workload(group if key is not None else name, "process", key.location if key is not None else place)
        workload.aliases |= {name, f"{name}.internal", f"{group}.process.{name}.internal"}
        container = Container(workload.name, workload.place)
        _instead(container, root)
        if isinstance(command, Scalar):
            _command(container, command)
        _stop(workload, root, data)
        _image(workspace, container, root, path)
        _environment(container, root)
        _machine(container, root, group, data)
        _mounts(container, root, group)
        _services(draft, workload, container, root, group, data)
        workload.state("workload.is_job", False, platform)
        container.absent("liveness.kind", "readiness.kind", location=workload.place)
        workload.containers.append(container)
        draft.workloads.append(workload)
    return draft


def _source(node: Node) -> Source:
    return Source("manifest", node.text if isinstance(node, Scalar) else None, node.location)


def _fact(name: str, node: Node, convert: Callable[[str], Any]) -> Fact:
    value = convert(node.text) if isinstance(node, Scalar) else None
    return Fact(name, value if value is not None else Unknown("not a valid value", (name,)), _source(node))


def _command(container: Container, command: Scalar) -> None:
    """A process group's command is split into words, as a shell would, and takes the place of the image's CMD."""
    import shlex

    name = "container.arguments"
    try:
        words: Any = tuple(shlex.split(command.text))
    except ValueError:
        words = Unknown("its quotes do not match", (name,))
    if words:
        container.arguments = Fact(name, words, _source(command))


def _instead(container: Container, root: Mapping) -> None:
    """``experimental.cmd`` and ``entrypoint`` take the place of the image's, ``exec`` that of both."""
    for field in ("cmd", "entrypoint", "exec"):
        node = root.get("experimental", field)
        if not isinstance(node, Sequence):
            continue
        words = tuple(item.text for item in node.items if isinstance(item, Scalar))
        if field == "cmd":
            container.arguments = Fact("container.arguments", words, _source(node))
        else:
            container.entrypoint = Fact("container.entrypoint", words, _source(node))
        if field == "exec":
            container.arguments = Fact("container.arguments", (), _source(node))


def _stop(workload: Workload, root: Mapping, data: dict[str, Any]) -> None:
    signal, timeout = root.get("kill_signal"), root.get("kill_timeout")
    platform = Source("platform", None, workload.place)
    if signal is not None:
        workload.put(_fact("workload.stop_signal", signal, str))
    else:
        workload.state("workload.stop_signal", data["kill_signal"], platform)
    if timeout is None:
        workload.state("workload.grace_period", float(data["kill_timeout"]), platform)
        return
    fact = _fact("workload.grace_period", timeout, seconds_of)
    cap = float(data["kill_timeout_cap"])
    workload.put(fact.with_value(min(fact.value, cap)) if fact.known else fact)


def _image(workspace: Workspace, container: Container, root: Mapping, path: str) -> None:
    """``build.image``, else a build of the folder that the file stands in."""
    image = root.get("build", "image")
    if isinstance(image, Scalar):
        container.image = Fact("container.image", image.text, _source(image))
        return
    folder = posixpath.dirname(path)
    named, stage = root.get("build", "dockerfile"), root.get("build", "build-target")
    if isinstance(named, Scalar):
        file: str | None = posixpath.normpath(posixpath.join(folder, named.text))
        place = named.location
    else:
        choices = [posixpath.join(folder, name) for name in section("platforms/fly")["dockerfiles"]]
        file = next((choice for choice in choices if workspace.tree.is_file(choice)), None)
        place = container.place or root.location
    if file is None or file.startswith(("/", "..")):
        unknown = Unknown("a buildpack or a Dockerfile outside of the tree makes the image", ("container.image",))
        container.image = Fact("container.image", unknown, Source("manifest", None, place))
        return
    arguments = root.get("build", "args")
    given = {
        key.text: Fact(key.text, value.text, _source(value))
        for key, value in (arguments.entries if isinstance(arguments, Mapping) else ())
        if isinstance(value, Scalar)
    }
    container.build = Build(folder or ".", file, stage.text if isinstance(stage, Scalar) else None, given, place)


def _environment(container: Container, root: Mapping) -> None:
    """``[env]``; any other variable may be one of the secrets that Fly keeps outside of the tree."""
    container.environment.opaque("a secret kept by Fly may set it")
    env = root.get("env")
    if isinstance(env, Mapping):
        container.env_place = env.location
        for key, value in env.entries:
            if isinstance(value, Scalar):
                container.environment.set(key.text, value.text, _source(value))


def _for(node: Node, group: str) -> bool:
    """Whether a section is for a process group: it lists it, or lists none."""
    listed = node.get("processes") if isinstance(node, Mapping) else None
    names = [item.text for item in listed.items if isinstance(item, Scalar)] if isinstance(listed, Sequence) else []
    return not names or group in names


def _tables(root: Mapping, name: str, group: str) -> list[Mapping]:
    """The tables of a name for a process group, whether written once or as an array."""
    found = root.get(name)
    items = found.items if isinstance(found, Sequence) else [found]
    return [item for item in items if isinstance(item, Mapping) and _for(item, group)]


def _machine(container: Container, root: Mapping, group: str, data: dict[str, Any]) -> None:
    """CPUs and memory of the machine: the preset by ``size``, overridden by ``cpus``, ``cpu_kind`` and ``memory``."""
    machines = _tables(root, "vm", group)
    machine = next((m for m in machines if m.get("processes") is not None), machines[0] if machines else None)
    if machine is None:
        # Without the section the machine may have been scaled by hand (`fly scale`).
        return
    size, kind, cpus = machine.get("size"), machine.get("cpu_kind"), machine.get("cpus")
    preset = data["sizes"].get(size.text if isinstance(size, Scalar) else data["default_size"])
    place = size if size is not None else machine
    if cpus is not None:
        container.put(_fact("container.cpu_limit", cpus, lambda text: float(integer_of(text) or 0) or None))
    elif preset is not None:
        container.state("container.cpu_limit", float(preset["cpus"]), Source("platform", None, place.location))
    memory = machine.get("memory") or machine.get("memory_mb")
    if memory is not None:
        container.put(_fact("container.memory_limit", memory, _memory))
    elif cpus is not None:
        each = data["kinds"].get(kind.text if isinstance(kind, Scalar) else "shared")
        count = container.facts["container.cpu_limit"].value
        if each and isinstance(count, float):
            container.state("container.memory_limit", int(count) * each << 20, Source("platform", None, cpus.location))
    elif preset is not None:
        container.state("container.memory_limit", preset["memory"] << 20, Source("platform", None, place.location))


def _memory(text: str) -> int | None:
    """``1gb``, ``512mb``, or a bare number of MiB."""
    number = integer_of(text)
    return number << 20 if number is not None else bytes_of(text)


def _mounts(container: Container, root: Mapping, group: str) -> None:
    for name in ("mounts", "mount"):
        for mount in _tables(root, name, group):
            source, destination = mount.get("source"), mount.get("destination")
            if isinstance(destination, Scalar):
                volume = source.text if isinstance(source, Scalar) else None
                container.mounts.append(Mount(destination.text, "persistent", volume, location=destination.location))


def _services(
    draft: TargetDraft, workload: Workload, container: Container, root: Mapping, group: str, data: dict[str, Any]
) -> None:
    """``http_service`` and ``services``: ports, concurrency, instances and checks; TLS ends at Fly's proxy."""
    http = _tables(root, "http_service", group)
    least: Fact | None = None
    for service in [*http, *_tables(root, "services", group)]:
        port = service.get("internal_port")
        number = integer_of(port.text) if isinstance(port, Scalar) else data["internal_port"]
        if number is not None and "container.ports" not in container.facts:
            source = _source(port) if port is not None else Source("platform", None, service.location)
            container.put(Fact("container.ports", (number,), source))
        hard = service.get("concurrency", "hard_limit")
        if hard is not None and "container.concurrency" not in container.facts:
            container.put(_fact("container.concurrency", hard, integer_of))
        soft = service.get("concurrency", "soft_limit")
        if "workload.scale_target" not in workload.facts:
            default = Fact("workload.scale_target", data["soft_limit"], Source("platform", None, service.location))
            workload.put(_fact("workload.scale_target", soft, integer_of) if soft is not None else default)
        running = service.get("min_machines_running")
        if running is not None and least is None:
            least = _fact("workload.replicas_min", running, integer_of)
        tls = service in http or any("tls" in _handlers(entry) for entry in _tables(service, "ports", group))
        _endpoint(draft, workload, service, number, tls, data)
        for name in ("checks", "http_checks", "tcp_checks"):
            for check in _tables(service, name, group):
                _check(container, check, {"http_checks": "http", "tcp_checks": "tcp"}.get(name, "http"), number)
    if least is not None:
        workload.put(least)
    checks = root.get("checks")
    for _, named in checks.entries if isinstance(checks, Mapping) else ():
        if isinstance(named, Mapping) and _for(named, group):
            kind = named.get("type")
            _check(container, named, kind.text if isinstance(kind, Scalar) else "http", None)


def _handlers(entry: Mapping) -> tuple[str, ...]:
    handlers = entry.get("handlers")
    return tuple(h.text for h in handlers.items if isinstance(h, Scalar)) if isinstance(handlers, Sequence) else ()


def _endpoint(
    draft: TargetDraft, workload: Workload, service: Mapping, port: int | None, tls: bool, data: dict[str, Any]
) -> None:
    place = service.location
    endpoint = Endpoint("route", workload.name, port, 443 if tls else None, True, None, place)
    source = Source("platform", None, place)
    for name, value in (("kind", "platform"), ("product", "fly-proxy"), ("name", "Fly Proxy"), ("tls", tls)):
        endpoint.facts[f"hop.{name}"] = Fact(f"hop.{name}", value, source)
    # Unless it is stated, the proxy closes no idle connection. It stands at the service, or at one of its ports.
    ports = service.get("ports")
    stated = [service, *(ports.items if isinstance(ports, Sequence) else ())]
    for table in stated:
        idle = table.get("http_options", "idle_timeout") if isinstance(table, Mapping) else None
        if idle is not None:
            endpoint.facts["hop.idle_timeout"] = _fact("hop.idle_timeout", idle, seconds_of)
    draft.endpoints.append(endpoint)
    if tls:
        draft.state("target.terminates_tls", True, source)


def _check(container: Container, check: Mapping, kind: str, port: int | None) -> None:
    """A check decides whether the proxy sends requests to a machine: the first one is the readiness."""
    if "readiness.kind" in container.facts:
        return
    place = check.location
    container.state("readiness.kind", kind if kind in ("http", "tcp") else ABSENT, Source("manifest", None, place))
    own, path = check.get("port"), check.get("path")
    if own is not None:
        container.put(_fact("readiness.port", own, integer_of))
    elif port is not None:
        container.state("readiness.port", port, Source("manifest", None, place))
    if path is not None:
        container.put(_fact("readiness.path", path, str))
    for name, key in _PROBE_TIMES:
        node = check.get(key)
        if node is not None:
            container.put(_fact(f"readiness.{name}", node, _milliseconds))


def _milliseconds(text: str) -> float | None:
    """A duration (``15s``); a bare number counts milliseconds."""
    number = integer_of(text)
    return number / 1000 if number is not None else seconds_of(text)
