"""The health check of a service: what it states of it, and that it switches the image's off."""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.parse.document import Scalar, Sequence
from gwaudit.resolve.compose.tree import flag, inputs_of, source_of, text_of
from gwaudit.resolve.compose.units import integer_of, seconds_of
from gwaudit.resolve.fact import ABSENT, Fact, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.document import Node
    from gwaudit.resolve.compose.fields import Service
    from gwaudit.resolve.model import Container


def put_health(container: Container, service: Service) -> None:
    """``healthcheck.*``: ABSENT where it is disabled; left out where nothing is stated, because the image may have one."""
    node = service.get("healthcheck")
    test = service.get("healthcheck", "test")
    words = _words(test)
    if node is None:
        return
    if flag(service.get("healthcheck", "disable")) is True or words == ("NONE",):
        place = service.get("healthcheck", "disable") if words != ("NONE",) else test
        container.put(Fact("healthcheck.command", ABSENT, source_of(place if place is not None else node)))
        return
    if words is not None and test is not None:
        below = [Fact("healthcheck.command", _command(w), source_of(n)) for n in test.shadowed if (w := _words(n))]
        container.put(Fact("healthcheck.command", _command(words), source_of(test), below, inputs_of(test)))
    defaults = section("platforms/compose")["healthcheck"]
    for name, default in defaults.items():
        read = integer_of if name == "retries" else seconds_of
        stated = service.stated(f"healthcheck.{name}", read, "healthcheck", name)
        if stated is not None:
            container.put(stated)
        elif words is not None:
            container.put(service.platform(f"healthcheck.{name}", default if name == "retries" else float(default)))


def _words(test: Node | None) -> tuple[str | Unknown, ...] | Unknown | None:
    """The test as written: a string is one for a shell."""
    text = text_of(test)
    if isinstance(test, Scalar):
        return text if isinstance(text, Unknown) else ("CMD-SHELL", text) if text else None
    if isinstance(test, Sequence):
        return tuple(found for item in test.items if (found := text_of(item)) is not None)
    return None


def _command(words: tuple[str | Unknown, ...] | Unknown) -> tuple[str | Unknown, ...] | Unknown:
    if isinstance(words, Unknown):
        return words
    return words[1:] if words and words[0] in ("CMD", "CMD-SHELL") else words
