"""Workers, threads and what a container can work on at a time."""

from __future__ import annotations

from gwaudit.resolve.derive.arithmetic import combine, number
from gwaudit.resolve.fact import Fact, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.service import Service

BLOCKING = ("sync", "gthread")


def workers(service: Service) -> None:
    """``gunicorn.worker_kind``, ``gunicorn.slots``, ``process.count``, ``gunicorn.cpu_derived``."""
    run, subject = service.gunicorn, service.subject
    if run is None:
        return
    subject.put(run.worker_kind)
    kind = subject.known("gunicorn.worker_kind")
    count, threads = subject.fact("gunicorn.workers"), subject.fact("gunicorn.threads")
    if kind in BLOCKING:
        subject.put(
            combine("gunicorn.slots", [count, threads], lambda w, t: w * t, f"{number(count)} x {number(threads)}")
        )
    replicas = subject.fact("workload.replicas_max")
    pods = f"{number(replicas)} replicas x {number(count)} workers"
    subject.put(combine("process.count", [count, replicas], lambda w, r: w * r, pods))
    subject.set("gunicorn.cpu_derived", run.cpu_derived, count.source)
    hooks = tuple(run.hooks)
    subject.put(Fact("gunicorn.config_runs_hooks", hooks, Source("config-file", None, run.config_file.location)))
