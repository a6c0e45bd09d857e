"""Servers other than gunicorn: what their own options and variables set (uvicorn, hypercorn, granian).

Facts are named ``uvicorn.NAME`` and, for all three, hold the same things: bind (a tuple of addresses), workers, seconds and
counts. The options are data (``rules/platforms/servers.yaml``). Sources: uvicorn's settings page (an option beats
``UVICORN_*``, which beats the default), hypercorn's and granian's help.
"""

from __future__ import annotations

from gwaudit.resolve.fact import Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.command import Command, Word

_CASTS = {"int": int, "seconds": float, "str": str}


def settings(command: Command, server: str) -> dict[str, Fact]:
    """The facts of a command that starts ``server`` (uvicorn, hypercorn, granian); empty for any other server."""
    from gwaudit.bundle import section

    spec = section("platforms/servers").get(server)
    if spec is None:
        return {}
    found: dict[str, Fact] = {}
    for name, row in spec["settings"].items():
        fact = f"uvicorn.{name}"
        lower = Fact(fact, row["default"], Source("default"))
        for variable in row.get("env", ()):
            variable_fact = command.environment.get(variable)
            if (
                variable_fact.source.location is not None
                or variable_fact.known
                or isinstance(variable_fact.value, Unknown)
            ):
                value = cast(variable_fact.value, row["type"])
                lower = Fact(fact, value, variable_fact.source, inputs=(variable_fact,)).over(lower)
        given = option(command.words[1:], row, spec)
        found[fact] = given_fact(fact, given, row, lower)
    if "host" in spec["settings"]:
        found["uvicorn.bind"] = _bind(found)
    return found


def given_fact(name: str, given: Word | bool | None, row: dict[str, Any], lower: Fact) -> Fact:
    """The option on top of what is below it; an option that may be there makes the value Unknown."""
    if given is None:
        return lower
    if isinstance(given, bool):
        return Fact(name, given, Source("command-line")).over(lower)
    if row["type"] == "flag":
        value: Any = Unknown(given.optional, ()) if given.optional else True
        return Fact(name, value, given.source, inputs=given.inputs).over(lower)
    value = cast(given.value, row["type"])
    if given.optional is not None:
        value = Unknown(given.optional, (), choices=[c for c in (value, lower.value) if not isinstance(c, Unknown)])
    return Fact(name, value, given.source, inputs=given.inputs).over(lower)


def option(words: tuple[Word, ...], row: dict[str, Any], spec: dict[str, Any]) -> Word | bool | None:
    """The word that gives an option its value (for a flag: the flag itself); the last one counts."""
    from gwaudit.resolve.command import Word as Made

    found: Word | None = None
    index = 0
    while index < len(words):
        word = words[index]
        text = word.text
        if text is None:
            head = word.pieces[0] if word.pieces and isinstance(word.pieces[0], str) else ""
            if any(head.startswith(f"{flag}=") for flag in row["options"]):
                found = Made(word.value, word.source, word.inputs, word.optional)
        else:
            flag, equals, value = text.partition("=")
            if flag in row["options"]:
                if row["type"] == "flag":
                    found = word
                elif equals:
                    found = Made(value, word.source, word.inputs, word.optional)
                elif index + 1 < len(words):
                    index += 1
                    found = words[index]
        index += 1
    return found


def cast(value: Any, kind: str) -> Any:
    """A text as the setting's type; what is no number is Unknown to us (the server refuses it)."""
    if not isinstance(value, str):
        return value
    if kind == "flag":
        return value.lower() in ("1", "true", "t", "yes", "y", "on")
    try:
        return _CASTS[kind](value)
    except ValueError:
        return Unknown("the server does not accept this value")


def _bind(found: dict[str, Fact]) -> Fact:
    """host and port as one address."""
    host, port = found["uvicorn.host"], found["uvicorn.port"]
    source = host.source if host.source.location is not None else port.source
    if host.known and port.known:
        return Fact("uvicorn.bind", (f"{host.value}:{port.value}",), source, inputs=(host, port))
    why = next(fact.value for fact in (host, port) if not fact.known)
    reason = why.reason if isinstance(why, Unknown) else "the address is not known"
    return Fact("uvicorn.bind", Unknown(reason, ("env.PORT",)), source, inputs=(host, port))
