"""Health checks: commands that always succeed, paths that answer 200 whatever is down, and the port that a command asks."""

from __future__ import annotations

from gwaudit.pattern import regex
from gwaudit.resolve.fact import ABSENT, Fact, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from gwaudit.resolve.service import Service

_MAX_TEXT = 4_000
_OWN_URL = regex(r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):([0-9]{1,5})(?![0-9$])")
_OF_DOCKER = ("compose", "docker-run", "image")  # where the health check of an image is used
_SHELLS = ("sh", "bash", "ash", "dash")
_ALWAYS = ("true", ":", "exit 0", "/bin/true", "/usr/bin/true")
_ENDINGS = ("|| true", "||true", "|| :", "|| exit 0", "||exit 0", "; true", "; exit 0", ";true", ";exit 0")
_QUIET = ("echo", "sleep", "printf")


def checks(service: Service) -> None:
    """``healthcheck.cannot_fail``, ``readiness.cannot_fail`` and ``liveness.cannot_fail``."""
    subject = service.subject
    _port(service)
    for name in ("healthcheck", "readiness", "liveness"):
        command = subject.fact(f"{name}.command")
        if isinstance(command.value, tuple):
            why = always_succeeds(command.value)
            subject.set(f"{name}.cannot_fail", why or ABSENT, command.source)
        elif name != "readiness":
            continue
        path = subject.fact(f"{name}.path")
        if name == "readiness" and path.known:
            shallow = subject.known("app.shallow_paths") or ()
            plain = str(path.value).split("?", 1)[0].rstrip("/")
            value: object = ABSENT
            if plain in shallow and subject.known("container.serves") is True:
                value = f"{plain} answers 200 while a dependency is down"
            subject.set("readiness.cannot_fail", value, path.source)


def _port(service: Service) -> None:
    """``healthcheck.port``: the one port of the container itself that the command of the Docker health check asks for."""
    subject = service.subject
    command = subject.fact("healthcheck.command")
    if not isinstance(command.value, tuple) or (
        command.source.layer == "image" and subject.known("target.kind") not in _OF_DOCKER
    ):
        return
    network, bind = subject.fact("workload.host_network"), subject.fact("gunicorn.bind")
    if network.known and network.source.layer == "manifest":
        return  # host, or the network of another service: other servers answer there
    if bind.known and len(bind.value) > 1:
        return
    text = " ".join(word for word in command.value if isinstance(word, str))[:_MAX_TEXT]
    found = {int(port) for port in _OWN_URL.findall(text)}
    if len(found) == 1:
        subject.put(Fact("healthcheck.port", found.pop(), command.source, inputs=(command,)))


def always_succeeds(words: Sequence[Any]) -> str | None:
    """Why a command always ends with 0, None where it may fail or a word of it is unknown."""
    if any(isinstance(word, Unknown) or not isinstance(word, str) for word in words):
        return None
    parts = [str(word) for word in words]
    if parts and parts[0] in ("CMD", "CMD-SHELL"):
        parts = parts[1:]
    if len(parts) >= 3 and parts[0].rsplit("/", 1)[-1] in _SHELLS and parts[1].startswith("-") and "c" in parts[1]:
        parts = [parts[2]]
    text = " ".join(" ".join(parts).split()).rstrip("; ")
    if not text:
        return None
    if text in _ALWAYS:
        return f"`{text}` always succeeds"
    ending = next((one for one in _ENDINGS if text.endswith(one)), None)
    if ending is not None:
        return f"it ends in `{ending.strip()}`"
    plain = not any(sign in text for sign in "&|;`$()<>")
    if plain and text.split(" ", 1)[0] in _QUIET:
        return f"`{text.split(' ', 1)[0]}` always succeeds"
    return None
