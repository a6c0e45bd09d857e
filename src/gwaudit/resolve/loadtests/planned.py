"""Commands that start a load test: as subjects (``loadtest.planned``), and for the time limit of their tool."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Source
from gwaudit.resolve.loadtests.owner import is_work
from gwaudit.resolve.model import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.loadtest.result import LoadTest
    from gwaudit.resolve.fact import Fact
    from gwaudit.resolve.loadruns import LoadRun
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace

_MEASURED = (
    "rps", "mean", "p50", "p95", "p99", "slowest", "errors", "error_rate", "error_kinds", "clipped_by", "clipped_at",
)  # fmt: skip


def limit_of(workspace: Workspace, test: LoadTest) -> Fact | None:
    """The time limit of the tool: by the command of the same URL, else by all of the tool's commands when they agree."""
    from gwaudit.resolve.loadruns import runs

    same = [run for run in runs(workspace) if run.tool == test.tool and "timeout" in run.facts]
    url = (test.url or "").split("?")[0]
    chosen = [run for run in same if url and run.url == url] or same
    facts = [run.facts["timeout"] for run in chosen]
    agree = facts and all(fact.known and fact.value == facts[0].value for fact in facts)
    return facts[0] if agree and facts[0].source.layer != "default" else None


def put_planned(run: LoadRun, service: Service) -> None:
    """The ``loadtest`` of a command, with the most patient limit on its own way to the service."""
    subject = Subject("loadtest", run.name, service.subject, run.place)
    source = Source("loadtest", None, run.place)
    subject.set("loadtest.tool", run.tool, source)
    subject.set("loadtest.planned", True, Source("loadtest"))
    from urllib.parse import urlsplit

    port = urlsplit(run.url or "").port
    ways = [route for route in service.subject.walk("route") if route.known("route.port") == port and is_work(run.url)]
    limited = [route for route in ways if route.known("route.limit") is not None]
    if ways and len(limited) == len(ways):  # every way through that port has a limit: the most patient one counts
        way = max(limited, key=lambda route: float(route.known("route.limit")))
        subject.put(way.fact("route.limit").renamed("loadtest.way_limit"))
        subject.put(way.fact("route.limit_name").renamed("loadtest.way_limit_name"))
    for name in ("requests", "duration", "concurrency", "timeout", "url"):
        if name in run.facts:
            subject.put(run.facts[name])
    for name in _MEASURED:
        subject.set(f"loadtest.{name}", ABSENT, source)
