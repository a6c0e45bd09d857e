"""Workers, threads and what a container can work on at a time."""

from __future__ import annotations

from gwaudit.resolve.derive.arithmetic import combine, counted, number
from gwaudit.resolve.fact import Fact, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.service import Service

BLOCKING = ("sync", "gthread")


def workers(service: Service) -> None:
    """``gunicorn.worker_kind``, ``gunicorn.slots``, ``process.workers``, ``process.count``, ``gunicorn.cpu_derived``."""
    run, subject = service.gunicorn, service.subject
    if run is None:
        _processes(service, subject.fact("uvicorn.workers"))
        return
    subject.put(run.worker_kind)
    kind = subject.known("gunicorn.worker_kind")
    count, threads = subject.fact("gunicorn.workers"), subject.fact("gunicorn.threads")
    if kind in BLOCKING:
        subject.put(
            combine("gunicorn.slots", [count, threads], lambda w, t: w * t, f"{number(count)} x {number(threads)}")
        )
    _processes(service, count)
    subject.set("gunicorn.cpu_derived", run.cpu_derived, count.source)
    hooks = tuple(run.hooks)
    subject.put(Fact("gunicorn.config_runs_hooks", hooks, Source("config-file", None, run.config_file.location)))


def _processes(service: Service, count: Fact) -> None:
    """Worker processes of one instance and at full scale; nothing for a server whose workers nobody states."""
    if count.location is None and count.source.layer == "default" and not count.known and service.gunicorn is None:
        return
    subject = service.subject
    subject.put(count.renamed("process.workers"))
    replicas = subject.fact("workload.replicas_max")
    text = f"{counted(replicas, 'replica')} x {counted(count, 'worker')}"
    subject.put(combine("process.count", [count, replicas], lambda w, r: w * r, text))
