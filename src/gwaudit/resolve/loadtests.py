"""Load tests of the tree and the services they were run against.

A result belongs to a service by the host or the port of its URL, or when the target has only one server process; else to
none. Its figures become facts of the service (``app.measured_p99``), and a ``loadtest`` subject below it. A command that
starts a test is a ``loadtest`` subject too where its URL tells the service, and tells the time limit of its tool.
"""

from __future__ import annotations

import os

from gwaudit.resolve.declared import latency_of
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.model import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.loadtest.result import LoadTest
    from gwaudit.resolve.loadruns import LoadRun
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.targets import Target
    from gwaudit.resolve.workspace import Workspace

    Described = tuple[LoadTest, Service, Subject]

_ENDINGS = (".txt", ".log", ".out", ".json", ".csv", ".prom", ".result", ".hey", ".wrk")
_HEAD = 4096
_LOCAL = ("localhost", "127.0.0.1", "0.0.0.0", "::1", "host.docker.internal")
_HEALTH = ("health", "ready", "live", "ping", "metrics", "favicon")


def results(workspace: Workspace) -> list[LoadTest]:
    """Every result in the walk's files and in the files given with ``--latency``, read once."""
    if workspace.loadtests is not None:
        return workspace.loadtests
    found: list[LoadTest] = []
    given = {file.path: file for file in workspace.latency}
    if given:
        from gwaudit.parse.loadtest import results as read

        found.extend(test for file in given.values() for test in read(file))
    for path in [*workspace.paths("text", "json"), *workspace.paths("loadtest")]:
        if path in given or not path.lower().endswith(_ENDINGS):
            continue
        if workspace.role_of(path) not in ("documentation", "vendored", "template") and _marked(workspace, path):
            found.extend(_parsed(workspace, path))
    _pair(found)
    workspace.loadtests = found
    return found


def _parsed(workspace: Workspace, path: str) -> list[LoadTest]:
    document = workspace.document(path, "loadtest")
    return list(document.root) if document is not None else []


def _marked(workspace: Workspace, path: str) -> bool:
    from gwaudit.parse.loadtest import looks_like_result

    try:
        with open(os.path.join(workspace.tree.root, path), "rb") as stream:
            return looks_like_result(stream.read(_HEAD).decode("utf-8", "replace"))
    except OSError:
        return False


def _pair(tests: list[LoadTest]) -> None:
    """Before and after: two results of one tool and URL or endpoint whose file names say so."""
    for test in tests:
        name = os.path.basename(test.file.path).lower()
        if "after" not in name:
            continue
        wanted = os.path.join(
            os.path.dirname(test.file.path), os.path.basename(test.file.path).lower().replace("after", "before")
        )
        for other in tests:
            same = (other.tool, other.endpoint, other.url, other.concurrency)
            if other.file.path.lower() == wanted.lower() and same == (
                test.tool,
                test.endpoint,
                test.url,
                test.concurrency,
            ):
                test.before = other


def assign(workspace: Workspace, target: Target) -> list[Described]:
    """Give each server process of the target its results, and the facts they measure; what ``clip`` needs of them."""
    described: list[Described] = []
    servers = _servers(target)
    if not servers:
        return described
    of: dict[int, list[LoadTest]] = {}
    for test in results(workspace):
        service = _service_of(test, target, servers)
        if service is not None:
            of.setdefault(id(service), []).append(test)
    for service in servers:
        tests = of.get(id(service), [])
        for test in tests:
            described.append((test, service, _describe(test, service, _limit(workspace, test))))
        _measured(service, tests)
        declared = latency_of(workspace, service.subject.name, len(servers) == 1)
        if declared is not None and "app.measured_p99" not in service.subject.facts:
            service.subject.put(declared)
    return described


def _servers(target: Target) -> list[Service]:
    """The services whose process answers requests."""
    others = (None, "other", "celery")
    return [service for service in target.services if service.subject.known("process.server") not in others]


def finish(workspace: Workspace, target: Target, described: list[Described]) -> None:
    """What the joined ways to a service tell: which results end at a limit, and which commands test the service."""
    for test, service, subject in described:
        _clipped(test, service, subject)
    servers = _servers(target)
    if not servers:
        return
    from gwaudit.resolve.loadruns import runs

    for run in runs(workspace):
        tested = _service_at(run.url, target, servers, near=True)
        if tested is not None:
            _planned(run, tested)


def _limit(workspace: Workspace, test: LoadTest) -> Fact | None:
    """The time limit of the tool: by the command of the same URL, else by all of the tool's commands when they agree."""
    from gwaudit.resolve.loadruns import runs

    same = [run for run in runs(workspace) if run.tool == test.tool and "timeout" in run.facts]
    url = (test.url or "").split("?")[0]
    chosen = [run for run in same if url and run.url == url] or same
    facts = [run.facts["timeout"] for run in chosen]
    agree = facts and all(fact.known and fact.value == facts[0].value for fact in facts)
    return facts[0] if agree and facts[0].source.layer != "default" else None


def _is_work(url: str | None) -> bool:
    """Whether an address is no health check, which nobody waits for."""
    return not any(word in (url or "").lower().rsplit("/", 1)[-1] for word in _HEALTH)


def _planned(run: LoadRun, service: Service) -> None:
    subject = Subject("loadtest", run.name, service.subject, run.place)
    source = Source("loadtest", None, run.place)
    subject.set("loadtest.tool", run.tool, source)
    subject.set("loadtest.planned", True, Source("loadtest"))
    from urllib.parse import urlsplit

    port = urlsplit(run.url or "").port
    ways = [route for route in service.subject.walk("route") if route.known("route.port") == port and _is_work(run.url)]
    limited = [route for route in ways if route.known("route.limit") is not None]
    if ways and len(limited) == len(ways):  # every way through that port has a limit: the most patient one counts
        way = max(limited, key=lambda route: float(route.known("route.limit")))
        subject.put(way.fact("route.limit").renamed("loadtest.way_limit"))
        subject.put(way.fact("route.limit_name").renamed("loadtest.way_limit_name"))
    for name in ("requests", "duration", "concurrency", "timeout", "url"):
        if name in run.facts:
            subject.put(run.facts[name])
    for name in (
        "rps",
        "mean",
        "p50",
        "p95",
        "p99",
        "slowest",
        "errors",
        "error_rate",
        "error_kinds",
        "clipped_by",
        "clipped_at",
    ):
        subject.set(f"loadtest.{name}", ABSENT, source)


def _service_of(test: LoadTest, target: Target, servers: list[Service]) -> Service | None:
    if len(servers) == 1:
        return servers[0]
    return _service_at(test.url, target, servers)


def _service_at(url: str | None, target: Target, servers: list[Service], near: bool = False) -> Service | None:
    """The server behind an address of the target, None where it leads to none or to several.

    ``near``: a port tells the service only where the host is the machine itself.
    """
    if not url:
        return None
    from urllib.parse import urlsplit

    from gwaudit.resolve.link.names import Directory

    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    named = [service for service in Directory(target).of(host or "") if service in servers]
    if len(named) == 1:
        return named[0]
    if port is None or (near and host not in _LOCAL):
        return None
    behind = {e.workload for e in target.draft.endpoints if e.outer_port == port}
    found = [s for s in servers if s.subject.known("bind.port") == port]
    found = found or [s for s in servers if s.subject.parent is not None and s.subject.parent.name in behind]
    # Behind a proxy that publishes the port, as far as the ways were joined.
    found = found or [s for s in servers if any(r.known("route.port") == port for r in s.subject.walk("route"))]
    return found[0] if len(found) == 1 else None


def _measured(service: Service, tests: list[LoadTest]) -> None:
    """``app.measured_p99`` of the slowest endpoint (health checks left out) and ``app.measured_rps``."""
    worst: LoadTest | None = None
    for test in tests:
        p99 = test.percentiles.get(99)
        health = any(word in (test.endpoint or test.url or "").lower().rsplit("/", 1)[-1] for word in _HEALTH)
        if p99 is None or (health and len(tests) > 1):
            continue
        if worst is None or p99 > worst.percentiles[99]:
            worst = test
    if worst is not None:
        source = Source("loadtest", None, worst.place("p99"))
        service.subject.set("app.measured_p99", worst.percentiles[99], source)
        if worst.rps:
            service.subject.set("app.measured_rps", worst.rps, Source("loadtest", None, worst.place("rps")))


def _describe(test: LoadTest, service: Service, limit: Fact | None) -> Subject:
    subject = Subject("loadtest", os.path.basename(test.file.path), service.subject, test.place("start"))

    def put(name: str, value: object, figure: str = "start") -> None:
        subject.set(
            f"loadtest.{name}", ABSENT if value is None else value, Source("loadtest", None, test.place(figure))
        )

    put("tool", test.tool)
    put("url", (test.url or "").split("?")[0] or None)
    put("requests", test.requests, "requests")
    put("duration", test.duration, "duration")
    put("concurrency", test.concurrency, "concurrency")
    put("rps", test.rps, "rps")
    put("mean", test.mean, "mean")
    for percentile in (50, 95, 99):
        put(f"p{percentile}", test.percentiles.get(percentile), f"p{percentile}")
    put("slowest", test.slowest, "slowest")
    put("errors", test.errors, "errors")
    put("error_rate", test.errors / test.requests if test.requests else None, "errors")
    put("error_kinds", test.error_kinds or None, "errors")
    subject.set("loadtest.planned", False, Source("loadtest"))
    put("client_timeout", test.client_timeout)
    if limit is not None:
        subject.put(limit)
    before = test.before
    put("before_p99", before.percentiles.get(99) if before else None)
    put("before_rps", before.rps if before else None)
    if test.rps and test.mean:
        put("busy_slots", test.rps * test.mean, "rps")
    slots, replicas = service.subject.fact("gunicorn.slots"), service.subject.fact("workload.replicas_max")
    if slots.known and replicas.known:
        inputs = (slots, replicas)
        text = f"{replicas.value} x {slots.value}"
        subject.put(
            Fact("loadtest.capacity", slots.value * replicas.value, slots.source, inputs=inputs, derivation=text)
        )
    else:
        subject.set(
            "loadtest.capacity", Unknown("the server works on requests without blocking, or its slots are not known")
        )
    return subject


def _clipped(test: LoadTest, service: Service, subject: Subject) -> None:
    """The limit within 3 % of which the latencies end, if any: the tool's own, the server's, a proxy's."""
    source = Source("loadtest", None, test.place("slowest"))
    top = test.slowest or test.percentiles.get(99)
    limits: list[tuple[str, object]] = [(f"{test.tool}'s own time limit", subject.known("loadtest.client_timeout"))]
    if service.subject.known("gunicorn.worker_kind") == "sync":
        limits.append(("gunicorn timeout", service.subject.known("gunicorn.timeout")))
    limits.append(
        (str(service.subject.known("http.smallest_timeout_name")), service.subject.known("http.smallest_timeout"))
    )
    for name, limit in limits:
        if top and isinstance(limit, (int, float)) and limit > 0 and abs(top - limit) <= 0.03 * limit:
            subject.set("loadtest.clipped_by", f"{name} of {limit:g} s", source)
            subject.set("loadtest.clipped_at", float(limit), source)
            return
    subject.set("loadtest.clipped_by", ABSENT, source)
    subject.set("loadtest.clipped_at", ABSENT, source)
