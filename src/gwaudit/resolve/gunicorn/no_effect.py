"""Settings that gunicorn accepts and that change nothing with this worker, release or set of other settings.

From gunicorn's own workers (gunicorn/workers/*.py, glogging.py) and the notes in gunicorn/config.py; of uvicorn's worker,
from its list of what it takes over from gunicorn.
"""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.gunicorn.settings import parse_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.resolve.fact import Fact
    from gwaudit.resolve.gunicorn.run import GunicornRun

_OFTEN_FLAGS = ("worker_class", "accesslog")  # what many a command line gives and the file leaves to it
_LOGS = ("accesslog", "logconfig", "logconfig_dict", "logconfig_json", "syslog")


def why_no_effect(run: GunicornRun, name: str, kind: str | None) -> str | Unknown | None:
    """Why the setting changes nothing, None where it has its effect; ``kind`` is the worker that runs, where it is known."""
    fact = run.settings[name]
    if isinstance(_value(run, "worker_class"), Unknown) or isinstance(_value(run, "threads"), Unknown):
        kind = None
    if isinstance(fact.value, Unknown) or not _asks(name, fact):
        return None
    check = _CHECKS.get(name)
    return check(run, kind) if check is not None else None


def _asks(name: str, fact: Fact) -> bool:
    """Whether the value asks for anything: 0, false, none, an empty list and what is the default anyway do not."""
    value = fact.value
    lowest = fact.shadowed[-1] if fact.shadowed else None
    if lowest is not None and lowest.source.layer == "default" and lowest.value == value:
        return False
    return bool(value) and not (name == "http_protocols" and "h2" not in value)


def _value(run: GunicornRun, name: str) -> Any:
    """Another setting's value; Unknown where this release has none of that name, or where a variable that nothing sets
    decides: a deployment that is not in the tree may set it. So may the flags of a command that is not in the tree."""
    fact = run.settings.get(name)
    if fact is None:
        return Unknown("this release does not have it")
    if not run.launched and name in _OFTEN_FLAGS and fact.source.layer == "default":
        return Unknown("the command that loads the file is not in the tree")
    if fact.assumed and fact.source.layer == "config-file":
        return Unknown("a variable decides that nothing in the tree sets", tuple(one.name for one in fact.inputs))
    return fact.value


def _keepalive(run: GunicornRun, kind: str | None) -> str | Unknown | None:
    if kind is None:
        return Unknown("the kind of worker is not known", ("gunicorn.worker_kind",))
    if kind == "sync":
        return "a sync worker closes the connection after each answer"
    connections, threads = _value(run, "worker_connections"), _value(run, "threads")
    if kind == "gthread" and isinstance(connections, int) and isinstance(threads, int) and connections <= threads:
        return f"worker_connections {connections} leaves no connection beside {threads} threads to be kept open"
    return None


def _worker_connections(run: GunicornRun, kind: str | None) -> str | Unknown | None:
    if kind is None:
        return Unknown("the kind of worker is not known", ("gunicorn.worker_kind",))
    if kind == "sync":
        return "a sync worker serves one client at a time"
    if kind == "uvicorn":
        return "uvicorn's worker does not read it"
    return None


def _jitter(run: GunicornRun, kind: str | None) -> str | Unknown | None:
    most = _value(run, "max_requests")
    if isinstance(most, Unknown):
        return most
    return None if most else "max_requests is 0: workers are never replaced"


def _ssl_version(run: GunicornRun, kind: str | None) -> str | Unknown | None:
    if run.release.assumed:
        return Unknown("the version of gunicorn is not known", ("gunicorn.version",))
    if parse_version(run.release.version) >= (21, 0, 0):
        return "gunicorn ignores it since 21.0; the hook ssl_context takes its place"
    return None


def _http_protocols(run: GunicornRun, kind: str | None) -> str | Unknown | None:
    if kind in ("sync", "tornado"):
        return f"the {kind} worker speaks HTTP/1.1 only"
    certificate = _value(run, "certfile")
    if isinstance(certificate, Unknown):
        return certificate
    plain = _value(run, "http2_cleartext")
    if certificate or ("http2_cleartext" in run.settings and plain not in (None, False, "off")):
        return None
    return "HTTP/2 is negotiated in TLS, and no certfile is set"


def _access_log_format(run: GunicornRun, kind: str | None) -> str | Unknown | None:
    if kind is None:
        return Unknown("the kind of worker is not known", ("gunicorn.worker_kind",))
    if kind == "uvicorn":
        return "uvicorn's worker writes its access log in a format of its own"
    for name in _LOGS:
        stated = _value(run, name)
        if isinstance(stated, Unknown) and name in run.settings:
            return stated
        if name in run.settings and stated:
            return None
    logger = run.settings.get("logger_class")
    if logger is not None and logger.source.layer != "default":
        return Unknown("a logger class of its own decides what is logged")
    return "no access log is written"


def _statsd(run: GunicornRun, kind: str | None) -> str | Unknown | None:
    host = _value(run, "statsd_host")
    if isinstance(host, Unknown):
        return host
    return None if host else "statsd_host is not set"


def _proxy_allow_ips(run: GunicornRun, kind: str | None) -> str | Unknown | None:
    mode = _value(run, "proxy_protocol")
    if isinstance(mode, Unknown):
        return mode
    return None if mode not in (False, None, "off") else "proxy_protocol is off"


_CHECKS: dict[str, Callable[[GunicornRun, str | None], str | Unknown | None]] = {
    "keepalive": _keepalive,
    "worker_connections": _worker_connections,
    "max_requests_jitter": _jitter,
    "ssl_version": _ssl_version,
    "http_protocols": _http_protocols,
    "access_log_format": _access_log_format,
    "statsd_prefix": _statsd,
    "dogstatsd_tags": _statsd,
    "proxy_allow_ips": _proxy_allow_ips,
}
