"""Memory that the workers need, by the measured and the documented model of the application's profile.

The measured bound is idle memory (proportional set size): a lower bound, ``master + per_worker x workers`` MiB, with and
without preload. The documented formula is the application's own advice. Without a profile, only a declared figure counts.
"""

from __future__ import annotations

from gwaudit.resolve.derive.arithmetic import combine, number
from gwaudit.resolve.fact import Fact, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.service import Service

MIB = 1024 * 1024


def memory(service: Service) -> None:
    """``memory.needed_idle``, ``memory.needed``, ``memory.per_worker``, ``memory.fitting_workers`` (bytes, count)."""
    subject = service.subject
    count = subject.fact("gunicorn.workers")
    declared = service_declared(service)
    if service.gunicorn is None or (service.profile is None and declared is None):
        return
    if declared is not None:
        base, each, label = 0, declared, "declared"
        documented = None
    else:
        assert service.profile is not None
        model = service.profile.memory
        if model is None:
            return
        preload = subject.known("gunicorn.preload_app") is True
        measured = model["measured_preload" if preload else "measured"]
        base, each, label = int(measured["base_mib"] * MIB), int(measured["worker_mib"] * MIB), "measured idle"
        documented = model.get("documented")
        saved = model["measured"]["worker_mib"] - model["measured_preload"]["worker_mib"]
        subject.set("memory.saved_by_preload", int(saved * MIB), Source("profile"))
    inputs = [count]
    start_text = f"{base // MIB} + " if base else ""
    text = f"{start_text}{each // MIB} x {number(count)} MiB {label}"
    subject.put(combine("memory.needed_idle", inputs, lambda w: base + each * w, text))
    subject.set("memory.per_worker", each, Source("profile"))
    limit = subject.fact("container.memory_limit")
    if limit.known and each:
        subject.put(
            Fact("memory.fitting_workers", max(0, (int(limit.value) - base) // each), limit.source, inputs=(limit,))
        )
    if documented:
        start, step = documented["base_mb"] * 1_000_000, documented["worker_mb"] * 1_000_000
        formula = f"{documented['base_mb']} + {documented['worker_mb']} x {number(count)} MB"
        subject.put(combine("memory.needed", inputs, lambda w: start + step * w, formula))


def service_declared(service: Service) -> int | None:
    """Bytes of one worker as the user declared them (``--assume memory_per_worker=``)."""
    fact = service.subject.fact("assume.memory_per_worker")
    return int(fact.value) if fact.known else None
