"""Validators of addresses: sockets, lists of hosts and networks, the address of statsd."""

from __future__ import annotations

import re

from gwaudit.resolve.gunicorn.validate.scalars import Refused, string, string_to_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def _addr_list(value: Any) -> tuple[str, ...]:
    from ipaddress import ip_network

    return _addresses(value, ip_network)


def _address_list(value: Any) -> tuple[str, ...]:
    """As before networks were accepted: single addresses."""
    from ipaddress import ip_address

    return _addresses(value, ip_address)


def _addresses(value: Any, read: Callable[[str], object]) -> tuple[str, ...]:
    found = string_to_list(value)
    for address in found:
        if address != "*":
            try:
                read(address)
            except ValueError as error:
                raise Refused(str(error)) from None
    return found


def parse_address(text: str, default_port: str = "8000") -> Any:
    """gunicorn's ``util.parse_address``: (host, port), a socket path, a file descriptor; Refused otherwise."""
    if re.match(r"unix:(//)?", text):
        return re.split(r"unix:(//)?", text)[-1]
    if text.startswith("fd://"):
        try:
            return int(text[5:])
        except ValueError:
            raise Refused(f"{text[5:]!r} is not a valid file descriptor.") from None
    if text.startswith("tcp://"):
        text = text.split("tcp://")[1]
    host, port = text, default_port
    if "[" in text and "]" in text:
        host = text.split("]")[0][1:]
        port = [*text.split("]:"), default_port][1]
    elif ":" in text:
        host, port = [*text.split(":"), default_port][:2]
    elif not text:
        host = "0.0.0.0"
    try:
        return (host.lower(), int(port))
    except ValueError:
        raise Refused(f"{port!r} is not a valid port number.") from None


def _statsd(value: Any) -> Any:
    text = string(value)
    if text is None:
        return None
    socket = re.match(r"^unix:(\d+)$", text)
    if socket:
        return ("unix", int(socket.group(1)))
    try:
        return parse_address(text, "8125")
    except Refused:
        raise Refused("Value must be one of ('host:port', 'unix://PATH')") from None


def _hostport(value: Any) -> Any:
    text = string(value)
    if text is None:
        return None
    parts = text.split(":")
    if len(parts) != 2:
        raise Refused("Value must consist of: hostname:port")
    try:
        return (parts[0], int(parts[1]))
    except ValueError as error:
        raise Refused(str(error)) from None


VALIDATORS: dict[str, Callable[[Any], Any]] = {
    "string_to_addr_list": _addr_list,
    "string_to_address_list": _address_list,
    "statsd_address": _statsd,
    "hostport": _hostport,
}
