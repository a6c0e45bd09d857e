"""Results of load tests as subjects (``loadtest``), and what they measure of the service (``app.measured_p99``)."""

from __future__ import annotations

import os

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.loadtests.owner import is_work
from gwaudit.resolve.model import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.loadtest.result import LoadTest
    from gwaudit.resolve.service import Service


def put_measured(service: Service, tests: list[LoadTest]) -> None:
    """``app.measured_p99`` of the slowest endpoint (health checks left out) and ``app.measured_rps``."""
    worst: LoadTest | None = None
    for test in tests:
        p99 = test.percentiles.get(99)
        if p99 is None or (len(tests) > 1 and not is_work(test.endpoint or test.url)):
            continue
        if worst is None or p99 > worst.percentiles[99]:
            worst = test
    if worst is not None:
        source = Source("loadtest", None, worst.place("p99"))
        service.subject.set("app.measured_p99", worst.percentiles[99], source)
        if worst.rps:
            service.subject.set("app.measured_rps", worst.rps, Source("loadtest", None, worst.place("rps")))


def describe(test: LoadTest, service: Service, limit: Fact | None) -> Subject:
    """The ``loadtest`` below the service; ``limit`` is the time limit of the tool, where a command tells it."""
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


def put_clipped(test: LoadTest, service: Service, subject: Subject) -> None:
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
