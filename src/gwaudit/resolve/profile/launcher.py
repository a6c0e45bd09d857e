"""How the published image of an application starts gunicorn when nobody overrides its command.

The image is not in the tree; the profile's ``launcher`` says which flags its script and its configuration file come to, and
which variables decide them (run-gunicorn.sh and gunicorn.config.py of the gateway).
"""

from __future__ import annotations

from gwaudit.resolve.command import Command, Word
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.profile import Profile

_ITSELF = Source("profile")


def launched(profile: Profile, environment: Environment, filesystem: Filesystem) -> Command | None:
    """The gunicorn command of the image; None where the profile does not tell it.

    A configuration file of the tree that is mounted over the image's own takes the place of what that one says.
    """
    launcher = profile.data.get("launcher") or {}
    if "flags" not in launcher:
        return None
    directory = str(launcher["directory"])
    words = [Word("gunicorn", _ITSELF)]
    configuration = launcher.get("configuration_file")
    mounted = configuration is not None and isinstance(filesystem.locate(str(configuration), directory), str)
    if mounted:
        words += [Word("--config", _ITSELF), Word(str(configuration), _ITSELF)]
    else:
        words += _address(profile, environment, launcher["address"])
    for entry in launcher["flags"]:
        if not (mounted and entry.get("file")):
            words += _flag(profile, environment, entry)
    words.append(Word(str(launcher["application"]), _ITSELF))
    return Command(words, environment, directory)


def _address(profile: Profile, environment: Environment, names: list[str]) -> Iterator[Word]:
    host, port = (profile.setting(environment, name) for name in names)
    decisive = host if host.location is not None else port
    yield Word("--bind", _ITSELF)
    if host.known and port.known:
        yield Word(f"{host.value}:{port.value}", decisive.source, (host, port))
    else:
        unsure = host if not host.known else port
        yield Word(_unknown(unsure), decisive.source, (host, port))


def _flag(profile: Profile, environment: Environment, entry: dict[str, Any]) -> Iterator[Word]:
    flag = str(entry["flag"])
    optional = None
    if "when" in entry:
        gate = profile.setting(environment, entry["when"])
        if isinstance(gate.value, Unknown):
            optional = gate.value.reason
        elif gate.value is not True:
            return
    if "variable" in entry:
        fact = profile.setting(environment, entry["variable"])
        yield Word(flag, fact.source, optional=optional)
        yield Word(_value(fact, entry.get("automatic")), fact.source, (fact,), optional)
        return
    yield Word(flag, _ITSELF, optional=optional)
    if "value" in entry:
        yield Word(str(entry["value"]), _ITSELF, optional=optional)


def _value(fact: Fact, automatic: list[int] | None) -> str | Unknown:
    if automatic is not None and (fact.value is ABSENT or fact.value in ("", "auto")):
        low, high = automatic
        return Unknown("it follows the CPUs of the machine", ("cpus",), low, high)
    return str(fact.value) if fact.known else _unknown(fact)


def _unknown(fact: Fact) -> Unknown:
    return fact.value if isinstance(fact.value, Unknown) else Unknown(f"{fact.name} is not set", (fact.name,))
