"""One Compose service as plain data, for comparison: from a draft and from compose-go's project.

A value that is not known before run time is ``UNKNOWN``; it equals anything in ``same``.
"""

from __future__ import annotations

import os
from typing import Any

from gwaudit.resolve.compose.units import bytes_of, seconds_of
from gwaudit.resolve.fact import ABSENT, Fact, Unknown
from gwaudit.resolve.model import TargetDraft

UNKNOWN = "<unknown>"
HEALTH = ("interval", "timeout", "retries", "start_period")


def of_draft(draft: TargetDraft) -> dict[str, dict[str, Any]]:
    return {workload.name: _of_workload(draft, workload) for workload in draft.workloads}


def _of_workload(draft: TargetDraft, workload: Any) -> dict[str, Any]:
    container = workload.containers[0]
    facts = container.facts
    ports = [
        [end.host or "", str(end.outer_port or ""), end.port]
        for end in draft.endpoints
        if end.workload == workload.name and end.kind == "published-port"
    ]
    return {
        "environment": {fact.name[4:]: _value(fact) for fact in container.environment},
        "command": _words(container.arguments),
        "entrypoint": _words(container.entrypoint),
        "image": _value(container.image),
        "ports": sorted(ports),
        "cpu_limit": _value(facts["container.cpu_limit"]),
        "cpu_request": _value(facts["container.cpu_request"]),
        "memory_limit": _value(facts["container.memory_limit"]),
        "memory_request": _value(facts["container.memory_request"]),
        "grace": _value(workload.facts["workload.grace_period"]),
        "replicas": _value(workload.facts["workload.replicas"]),
        "health": _health(facts),
        "user": _value(facts.get("container.user")),
        "working_dir": _value(container.working_dir),
        "depends_on": sorted(workload.depends_on),
        "mounts": sorted(m.path for m in container.mounts if m.kind not in ("config-map", "secret")),
        "build": container.build.context if container.build else None,
        "nofile": _value(facts["container.nofile"]),
        "labels": workload.labels,
        "flags": [_value(facts[f"container.{name}"]) for name in ("init", "read_only_root", "privileged")],
        "profiles": list(workload.facts["workload.profiles"].value),
    }


def _health(facts: dict[str, Fact]) -> Any:
    command = facts.get("healthcheck.command")
    if command is None:
        return None
    if command.value is ABSENT:
        return "disabled"
    stated = [facts.get(f"healthcheck.{name}") for name in HEALTH]
    return [_words(command), *(_value(f) if f and f.source.layer != "platform" else None for f in stated)]


def _value(fact: Fact | None) -> Any:
    if fact is None or fact.value is ABSENT:
        return None
    return UNKNOWN if isinstance(fact.value, Unknown) else fact.value


def _words(fact: Fact | None) -> Any:
    if fact is None or isinstance(fact.value, Unknown):
        return None if fact is None else UNKNOWN
    return [UNKNOWN if isinstance(word, Unknown) else word for word in fact.value]


def of_compose_go(project: dict[str, Any], root: str) -> dict[str, dict[str, Any]]:
    services = {**project["services"], **(project.get("disabledServices") or {})}
    return {name: _of_service(service, root) for name, service in services.items()}


def _of_service(service: dict[str, Any], root: str) -> dict[str, Any]:
    deploy = service.get("deploy") or {}
    resources = deploy.get("resources") or {}
    limits, reserved = resources.get("limits") or {}, resources.get("reservations") or {}
    quota = service["cpu_quota"] / service.get("cpu_period", 100000) if service.get("cpu_quota") else None
    replicas = deploy.get("replicas", service.get("scale", 1))
    nofile = (service.get("ulimits") or {}).get("nofile")
    if isinstance(nofile, dict):
        nofile = nofile.get("soft", nofile.get("single"))
    build = service.get("build")
    context = (build.get("context") or root) if build else None
    if context is not None:
        context = None if "://" in context else os.path.relpath(context, root)
    targets = [volume["target"] for volume in service.get("volumes") or ()]
    targets += [path.partition(":")[0] for path in service.get("tmpfs") or ()]
    environment = service.get("environment") or {}
    labels = {**(deploy.get("labels") or {}), **(service.get("labels") or {})}
    return {
        "environment": {name: UNKNOWN if value is None else value for name, value in environment.items()},
        "command": service.get("command"),
        "entrypoint": service.get("entrypoint"),
        "image": service.get("image"),
        "ports": sorted(
            [port.get("host_ip", ""), "" if port.get("published") in ("0", None) else port["published"], port["target"]]
            for port in service.get("ports") or ()
        ),
        "cpu_limit": _number(limits.get("cpus") or service.get("cpus")) or quota,
        "cpu_request": _number(reserved.get("cpus")),
        "memory_limit": _bytes(limits.get("memory") or service.get("mem_limit")),
        "memory_request": _bytes(reserved.get("memory") or service.get("mem_reservation")),
        "grace": seconds_of(service["stop_grace_period"]) if service.get("stop_grace_period") else 10.0,
        "replicas": UNKNOWN if str(deploy.get("mode", "")).startswith("global") else replicas,
        "health": _check(service.get("healthcheck")),
        "user": service.get("user"),
        "working_dir": service.get("working_dir"),
        "depends_on": sorted(service.get("depends_on") or ()),
        "mounts": sorted(targets),
        "build": context,
        "nofile": nofile,
        "labels": {name: str(value) for name, value in labels.items()},
        "flags": [service.get("init", False), service.get("read_only", False), service.get("privileged", False)],
        "profiles": service.get("profiles") or [],
    }


def _number(value: Any) -> float | None:
    return float(value) if value not in (None, "", "0", 0) else None


def _bytes(value: Any) -> int | None:
    return bytes_of(str(value)) or None if value not in (None, "") else None


def _check(check: dict[str, Any] | None) -> Any:
    if not check or (not check.get("test") and not check.get("disable")):
        return None
    test = check.get("test") or []
    if check.get("disable") or test[0] == "NONE":
        return "disabled"
    test = test[1:] if test[0] in ("CMD", "CMD-SHELL") else test
    times = {name: seconds_of(check[name]) for name in ("interval", "timeout", "start_period") if check.get(name)}
    return [test, times.get("interval"), times.get("timeout"), check.get("retries"), times.get("start_period")]


def same(ours: Any, theirs: Any) -> bool:
    """Equality in which UNKNOWN on our side equals anything."""
    if isinstance(ours, str) and ours == UNKNOWN:
        return True
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, (list, tuple)) and isinstance(theirs, (list, tuple)):
        return len(ours) == len(theirs) and all(same(a, b) for a, b in zip(ours, theirs, strict=True))
    return bool(ours == theirs)
