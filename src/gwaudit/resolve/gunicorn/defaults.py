"""gunicorn's built-in defaults, some of which it reads from the environment when it is imported."""

from __future__ import annotations

from gwaudit.resolve.fact import Absent, Fact, Source, Step, Unknown
from gwaudit.resolve.gunicorn.plain import checked, shown
from gwaudit.resolve.gunicorn.problem import Problem
from gwaudit.resolve.gunicorn.validate.scalars import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.gunicorn.settings import Release, Setting

TRUE_WORDS = ("y", "1", "yes", "true")  # SENDFILE


def default_facts(
    release: Release, environment: Environment, directory: str | None, problems: list[Problem]
) -> dict[str, Fact]:
    """A fact for every setting, layer ``default``."""
    return {
        name: _fact(release, setting, environment, directory, problems) for name, setting in release.settings.items()
    }


def _fact(
    release: Release, setting: Setting, environment: Environment, directory: str | None, problems: list[Problem]
) -> Fact:
    name = f"gunicorn.{setting.name}"
    if setting.variable is not None:
        variable = environment.get(setting.variable)
        if not isinstance(variable.value, Absent):
            return _from_variable(setting, variable, problems)
    if setting.computed is not None:
        return Fact(name, _computed(setting.computed, directory))
    if setting.name == "sendfile":
        return Fact(name, True)  # unset and no SENDFILE: gunicorn uses it
    if setting.default is None or setting.is_hook:
        return Fact(name, None)
    assumed = release.assumed and setting.varies
    inputs = (environment.get(setting.variable),) if setting.variable else ()
    return Fact(name, checked(setting, setting.default, directory), inputs=inputs, assumed=assumed)


def _computed(kind: str, directory: str | None) -> Any:
    if kind == "cwd":
        return directory if directory is not None else Unknown("the working directory is not known", ("run.directory",))
    if kind in ("uid", "gid"):
        return Unknown("the user of the process", ("run.user",))
    if kind == "control-socket":
        return Unknown("it lies in the user's home or runtime directory", ("run.user",))
    return None


def _from_variable(setting: Setting, variable: Fact, problems: list[Problem]) -> Fact:
    source = Source("default", variable.source.raw, variable.location, variable.source.via)
    value = variable.value
    result: Any
    if isinstance(value, Unknown):
        result = Unknown(value.reason, value.depends_on or (variable.name,), 0 if setting.name == "workers" else None)
        accepted = [_read(setting, choice) for choice in value.choices if isinstance(choice, str)]
        if accepted and len(accepted) == len(value.choices) and not any(isinstance(a, Refused) for a in accepted):
            numbers = [a for a in accepted if isinstance(a, int)]
            low, high = (min(numbers), max(numbers)) if len(numbers) == len(accepted) else (None, None)
            result = Unknown(value.reason, value.depends_on or (variable.name,), low, high, accepted)
    else:
        result = _read(setting, value)
        if isinstance(result, Refused):
            message = f"{variable.name[4:]}: {result}"
            problems.append(Problem("invalid-value", setting.name, message, variable.location))
            result = Unknown(f"gunicorn does not start: {message}")
    return Fact(f"gunicorn.{setting.name}", result, source, inputs=(variable,), assumed=variable.assumed)


def _read(setting: Setting, text: str) -> Any:
    """What gunicorn makes of its own variable; a Refused where it does not start."""
    if setting.name == "bind":
        return (f"0.0.0.0:{text}".strip(),)
    if setting.name == "sendfile":
        return text.lower() in TRUE_WORDS
    if setting.name == "workers":
        try:
            return shown(checked(setting, int(text[:5000]), None))
        except ValueError:
            return Refused(f"invalid literal for int() with base 10: {text[:40]!r}")
        except Refused as error:
            return error
    try:
        return checked(setting, text, None)
    except Refused as error:
        return error


__all__ = ["Step", "default_facts"]
