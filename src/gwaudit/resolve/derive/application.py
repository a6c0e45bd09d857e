"""How long a request of the application may take, and how often a worker is replaced at the measured rate."""

from __future__ import annotations

from gwaudit.resolve.derive.arithmetic import combine, number
from gwaudit.resolve.fact import Fact, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.service import Service

MARGIN = 1.2  # a measured p99 grows a little before it is called normal


def application(service: Service) -> None:
    """``app.longest_request`` (seconds): the longest upstream limit, or 1.2 x measured p99, whichever is longer."""
    subject = service.subject
    _recycled(service)
    candidates: list[Fact] = []
    upstream = subject.fact("app.longest_upstream")
    if upstream.known:
        candidates.append(upstream)
    measured = subject.fact("app.measured_p99")
    if measured.known:
        text = f"1.2 x p99 {measured.value:g} s"
        candidates.append(Fact("app.measured_p99", measured.value * MARGIN, measured.source, (), (measured,), text))
    if candidates:
        longest = max(candidates, key=lambda fact: float(fact.value))
        source = Source("derived", longest.source.raw, longest.source.location, longest.source.via)
        text = longest.derivation or longest.name
        subject.put(Fact("app.longest_request", longest.value, source, (), (longest,), text))


def _recycled(service: Service) -> None:
    """``gunicorn.recycle_period`` (seconds): max_requests x processes / requests per second."""
    subject = service.subject
    most, processes = subject.fact("gunicorn.max_requests"), subject.fact("process.count")
    rate = subject.fact("app.measured_rps")
    if not most.known or not most.value or not processes.known or not rate.known or not rate.value:
        return
    text = f"{number(most)} requests x {number(processes)} processes / {number(rate)} requests/s"
    subject.put(combine("gunicorn.recycle_period", [most, processes, rate], lambda m, p, r: m * p / r, text))
