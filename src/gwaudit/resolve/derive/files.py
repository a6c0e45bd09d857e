"""Open files that one worker process needs at full load."""

from __future__ import annotations

from gwaudit.resolve.fact import Fact, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.service import Service

RESERVE = 50  # the interpreter's own: standard streams, the listening socket, logs, the heartbeat file
_CLIENTS = ("gthread", "gevent", "eventlet")  # kinds whose clients ``worker_connections`` bounds


def files(service: Service) -> None:
    """``container.open_files_needed``: clients, pools and a reserve of one worker; the limit holds for each process."""
    subject = service.subject
    if subject.known("gunicorn.worker_kind") not in _CLIENTS:
        return
    parts = [(subject.fact("gunicorn.worker_connections"), "worker_connections")]
    parts.append((subject.fact("database.connections_per_process"), "database"))
    if subject.known("redis.used") is True:
        parts.append((subject.fact("redis.max_connections"), "Redis"))
    known = [(fact, word) for fact, word in parts if fact.known]
    if not known or known[0][1] != "worker_connections":
        return
    total = sum(int(fact.value) for fact, _ in known) + RESERVE
    text = " + ".join(f"{word} {fact.value}" for fact, word in known) + f" + {RESERVE} of its own"
    inputs = [fact for fact, _ in known]
    first = next((fact for fact in inputs if fact.location is not None), inputs[0])
    source = Source("derived", None, first.location, first.source.via)
    subject.put(Fact("container.open_files_needed", total, source, inputs=inputs, derivation=text))
