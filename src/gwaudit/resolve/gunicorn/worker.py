"""What kind of worker will really run: the class as set, and what gunicorn makes of it."""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.fact import Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.gunicorn.run import GunicornRun


def kind_of_class(name: str) -> str | None:
    """The kind of a worker class as set: sync, gthread, gevent, tornado, asgi, uvicorn, ...; None: unknown."""
    data = section("gunicorn/settings")
    workers = data["workers"]
    if name in workers:
        return "gevent" if name.startswith("gevent") else str(name)
    for short, record in workers.items():
        if record["class"] == name:
            return "gevent" if short.startswith("gevent") else str(short)
    for prefix, kind in data["worker_prefixes"].items():
        if name == prefix or name.startswith((f"{prefix}.", f"{prefix}#")):
            return str(kind)
    lower = name.lower()
    for word, kind in (("uvicorn", "uvicorn"), ("gevent", "gevent"), ("eventlet", "eventlet"), ("gthread", "gthread")):
        if word in lower:
            return kind
    return "sync" if name.endswith("SyncWorker") else None


def worker_kind(run: GunicornRun) -> Fact:
    """The kind of worker after gunicorn's own switch: sync with more than one thread becomes gthread."""
    chosen = run.settings["worker_class"]
    threads = run.settings["threads"]
    value = chosen.value
    if isinstance(value, Unknown):
        kinds = {kind_of_class(choice) for choice in value.choices if isinstance(choice, str)}
        if not value.choices or len(kinds) != 1 or None in kinds:
            return Fact("gunicorn.worker_kind", value, chosen.source, inputs=(chosen,))
        kind = kinds.pop()
    else:
        name = run.class_bases.get("worker_class", value) if isinstance(value, str) else None
        kind = kind_of_class(name) if name else None
    if kind is None:
        reason = f"{value} is a worker class that is not known"
        return Fact("gunicorn.worker_kind", Unknown(reason), chosen.source, inputs=(chosen,))
    if kind != "sync":
        return Fact("gunicorn.worker_kind", kind, chosen.source, inputs=(chosen,), assumed=chosen.assumed)
    count = threads.value
    if isinstance(count, Unknown):
        if count.high is not None and count.high <= 1:
            kind = "sync"
        elif count.low is not None and count.low > 1:
            kind = "gthread"
        else:
            unknown = Unknown(count.reason, count.depends_on, choices=("sync", "gthread"))
            return Fact("gunicorn.worker_kind", unknown, chosen.source, inputs=(chosen, threads))
    elif isinstance(count, int) and count > 1:
        kind = "gthread"
    if kind == "gthread":
        source = Source("derived", None, threads.location, threads.source.via)
        return Fact("gunicorn.worker_kind", kind, source, inputs=(chosen, threads), derivation="sync with threads > 1")
    return Fact("gunicorn.worker_kind", kind, chosen.source, inputs=(chosen, threads), assumed=chosen.assumed)
