"""Probes and the preStop hook: what asks a container how it is, and what it does before it stops."""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.pattern import regex
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.kubernetes.platform import kubernetes
from gwaudit.resolve.kubernetes.reading import at, fact_of, hidden, integer, items, seconds, source_of, state, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.kubernetes.reading import Convert
    from gwaudit.resolve.model import Container
    from gwaudit.source import Location

_PROBES = (("liveness", "livenessProbe"), ("readiness", "readinessProbe"), ("startup", "startupProbe"))
_HANDLERS = (("http", "httpGet"), ("tcp", "tcpSocket"), ("exec", "exec"), ("grpc", "grpc"))
_NUMBERS: tuple[tuple[str, str, Convert], ...] = (
    ("initial_delay", "initialDelaySeconds", seconds),
    ("period", "periodSeconds", seconds),
    ("timeout", "timeoutSeconds", seconds),
    ("failure_threshold", "failureThreshold", integer),
    ("success_threshold", "successThreshold", integer),
)
_ENDINGS = ("kind", "path", "port", "command", *(ending for ending, _, _ in _NUMBERS))
_SLEEP = regex(r"(?:^|[;&|\s/])sleep\s+([0-9]{1,9}(?:\.[0-9]{1,9})?)([smhd]?)(?=$|[\s;&|])")
_SLEEP_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def put_probes(container: Container, spec: Node, ports: dict[str, int]) -> None:
    """Facts ``liveness.*``, ``readiness.*``, ``startup.*``; ABSENT where the manifest has no such probe."""
    for name, field in _PROBES:
        probe = at(spec, field)
        reason = hidden(probe)
        if reason and probe is not None:
            for ending in _ENDINGS:
                container.put(Fact(f"{name}.{ending}", Unknown(reason, (f"{name}.{ending}",)), source_of(probe)))
            continue
        if not isinstance(probe, Mapping):
            container.absent(*(f"{name}.{ending}" for ending in _ENDINGS), location=container.place)
            continue
        _put_probe(container, name, probe, ports)


def _put_probe(container: Container, name: str, probe: Mapping, ports: dict[str, int]) -> None:
    place = probe.location
    defaults = kubernetes()["probe"]
    for ending, field, convert in _NUMBERS:
        state(container, f"{name}.{ending}", at(probe, field), convert, defaults[ending], place)
    for kind, field in _HANDLERS:
        handler = at(probe, field)
        if handler is None:
            continue
        container.put(Fact(f"{name}.kind", kind, source_of(handler)))
        port = at(handler, "port")
        if port is not None:
            container.put(port_fact(f"{name}.port", port, ports))
        if kind == "http":
            state(container, f"{name}.path", at(handler, "path"), text, "/", handler.location)
        if kind == "exec":
            container.put(words_fact(f"{name}.command", at(handler, "command") or handler))
        break
    else:
        container.put(Fact(f"{name}.kind", Unknown("the probe states no handler", (f"{name}.kind",)), source_of(probe)))
    container.absent(*(f"{name}.{ending}" for ending in _ENDINGS), location=place)


def port_fact(name: str, node: Node, ports: dict[str, int]) -> Fact:
    """A port given as a number or as the name of a port of the container."""

    def convert(value: str) -> int | None:
        number = integer(value)
        return number if number is not None else ports.get(value)

    return fact_of(node, name, convert)


def words_fact(name: str, node: Node) -> Fact:
    """A list of words as a tuple of str and Unknown."""
    reason = hidden(node)
    if reason or not isinstance(node, Sequence):
        return Fact(name, Unknown(reason or "not a list of words", (name,)), source_of(node))
    words: list[Any] = []
    for item in node.items:
        fact = fact_of(item, name, text)
        words.append(fact.value)
    shadowed = [words_fact(name, lower) for lower in node.shadowed]
    return Fact(name, tuple(words), source_of(node), shadowed)


def pre_stop(spec: Node, place: Location | None) -> Fact:
    """``workload.pre_stop``: seconds the hook sleeps; other work beside a sleep makes it Unknown with the sleep as bound."""
    name = "workload.pre_stop"
    hook = at(spec, "lifecycle", "preStop")
    if hook is None:
        return Fact(name, ABSENT, Source("manifest", None, place))
    if hidden(hook):
        return Fact(name, Unknown(hidden(hook) or "", (name,)), source_of(hook))
    native = at(hook, "sleep", "seconds")
    if native is not None:
        return fact_of(native, name, seconds)
    command = at(hook, "exec", "command")
    if command is None:
        return Fact(name, Unknown("the preStop hook calls the application", (name,), low=0), source_of(hook))
    scalars = [item for item in items(command) if isinstance(item, Scalar)]
    if any(item.origin.unknown for item in scalars):
        return Fact(name, Unknown("the preStop command is unknown", (name,), low=0), source_of(command))
    line = " ".join(item.text for item in scalars)
    total = sum(float(number) * _SLEEP_UNITS[unit] for number, unit in _SLEEP.findall(line))
    rest = _SLEEP.sub(" ", line).replace("-c", " ").split()
    source = source_of(command)
    source = Source(source.layer, line, source.location, source.via)
    if total and all(word.rsplit("/", 1)[-1] in ("sh", "bash", "ash", "exit", "0", ";", "&&", "") for word in rest):
        return Fact(name, total, source)
    return Fact(name, Unknown("how long the preStop command takes is unknown", (name,), low=total), source)
