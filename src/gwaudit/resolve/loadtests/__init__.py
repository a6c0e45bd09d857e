"""Load tests of the tree and the services they were run against.

A result belongs to a service by the host or the port of its URL, or when the target has only one server process; else to
none. Its figures become facts of the service (``app.measured_p99``), and a ``loadtest`` subject below it. A command that
starts a test is a ``loadtest`` subject too where its URL tells the service, and tells the time limit of its tool.
"""

from __future__ import annotations

from gwaudit.resolve.declared import latency_of
from gwaudit.resolve.loadtests.measured import describe, put_clipped, put_measured
from gwaudit.resolve.loadtests.owner import servers_of, service_at, service_of
from gwaudit.resolve.loadtests.planned import limit_of, put_planned
from gwaudit.resolve.loadtests.results import results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.loadtest.result import LoadTest
    from gwaudit.resolve.model import Subject
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.targets import Target
    from gwaudit.resolve.workspace import Workspace

    Described = tuple[LoadTest, Service, Subject]


def assign(workspace: Workspace, target: Target) -> list[Described]:
    """Give each server process of the target its results, and the facts they measure; what ``finish`` needs of them."""
    described: list[Described] = []
    servers = servers_of(target)
    if not servers:
        return described
    of: dict[int, list[LoadTest]] = {}
    for test in results(workspace):
        service = service_of(test, target, servers)
        if service is not None:
            of.setdefault(id(service), []).append(test)
    for service in servers:
        tests = of.get(id(service), [])
        for test in tests:
            described.append((test, service, describe(test, service, limit_of(workspace, test))))
        put_measured(service, tests)
        declared = latency_of(workspace, service.subject.name, len(servers) == 1)
        if declared is not None and "app.measured_p99" not in service.subject.facts:
            service.subject.put(declared)
    return described


def finish(workspace: Workspace, target: Target, described: list[Described]) -> None:
    """What the joined ways to a service tell: which results end at a limit, and which commands test the service."""
    for test, service, subject in described:
        put_clipped(test, service, subject)
    servers = servers_of(target)
    if not servers:
        return
    from gwaudit.resolve.loadruns import runs

    for run in runs(workspace):
        tested = service_at(run.url, target, servers, near=True)
        if tested is not None:
            put_planned(run, tested)
