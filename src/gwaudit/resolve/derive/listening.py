"""What the server listens on, and who is expected to reach it."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.service import Service

_LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
_EVERY = ("0.0.0.0", "::", "[::]", "")


def listening(service: Service) -> None:
    """``bind.*`` from ``gunicorn.bind`` (the first TCP address), or from another server's host and port."""
    subject = service.subject
    bind = subject.fact("gunicorn.bind")
    if service.gunicorn is None:
        host, port = subject.fact("uvicorn.host"), subject.fact("uvicorn.port")
        if subject.known("process.server") == "uvicorn":
            _address(service, host, str(host.value) if host.known else None, port.value if port.known else None)
        return
    if not bind.known:
        for name in ("bind.host", "bind.port", "bind.loopback", "bind.all_interfaces"):
            value = bind.value if isinstance(bind.value, Unknown) else Unknown("the bind address is not known")
            subject.set(name, value, bind.source)
        return
    addresses = [str(item) for item in bind.value]
    sockets = [item for item in addresses if item.startswith(("unix:", "fd://"))]
    tcp = [item for item in addresses if item not in sockets]
    subject.set("bind.unix", bool(sockets) and not tcp, bind.source)
    if not tcp:
        for name in ("bind.host", "bind.port"):
            subject.set(name, ABSENT, bind.source)
        return
    name, number = split_address(tcp[0])
    _address(service, bind, name, number)
    from_port = bind.source.layer == "default" and bool(bind.inputs)
    subject.set("bind.from_port_variable", from_port, bind.source)


def _address(service: Service, fact: Fact, host: str | None, port: object) -> None:
    subject = service.subject
    unknown = Unknown("the bind address is not known")
    place = Source(fact.source.layer, fact.source.raw, fact.source.location, fact.source.via)
    more = {"shadowed": fact.shadowed, "inputs": (fact,)}
    subject.set("bind.host", host if host is not None else unknown, place, **more)
    subject.set("bind.port", port if port is not None else unknown, place, **more)
    subject.set("bind.loopback", host in _LOOPBACK if host is not None else unknown, place, **more)
    subject.set("bind.all_interfaces", host in _EVERY if host is not None else unknown, place, **more)


def split_address(address: str) -> tuple[str, int]:
    """Host and port of a gunicorn bind address, as gunicorn's ``parse_address`` reads it (default port 8000)."""
    text = address.removeprefix("tcp://")
    host, port = text, "8000"
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest.lstrip(":") or "8000"
    elif ":" in text:
        host, _, port = text.rpartition(":")
    elif not text:
        host = "0.0.0.0"
    try:
        return host.lower(), int(port)
    except ValueError:
        return host.lower(), 8000
