"""Names of a configuration file that are no plain setting: hooks, and names that gunicorn ignores."""

from __future__ import annotations

import ast

from gwaudit.resolve.fact import ABSENT, Source
from gwaudit.resolve.gunicorn import places
from gwaudit.resolve.gunicorn.config_layer import ConfigLayer, Hook
from gwaudit.resolve.gunicorn.problem import Problem, nearest
from gwaudit.resolve.python.objects import Dotted, Function, Module, Reader
from gwaudit.source import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.gunicorn.settings import Release
    from gwaudit.resolve.python import Evaluation
    from gwaudit.resolve.python.value import Value


def read_hook(layer: ConfigLayer, name: str, value: Value, source: Source) -> None:
    """A server hook: what its function calls, by dotted name."""
    function = value.data
    calls: list[str] = []
    if isinstance(function, Function):
        for node in ast.walk(function.node):
            if isinstance(node, ast.Call):
                called = _dotted(node.func)
                if called and called not in calls and len(calls) < 50:
                    calls.append(called)
    elif not isinstance(function, Dotted):
        return
    layer.hooks[name] = Hook(name, source.location, tuple(calls))


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < 12:
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    elif isinstance(node, ast.Call):
        inner = _dotted(node.func)
        if inner:
            parts.append(f"{inner}()")
    else:
        return ""
    return ".".join(reversed(parts))


def note_ignored(
    layer: ConfigLayer, evaluation: Evaluation, release: Release, name: str, path: str, used: bool
) -> None:
    """A name that gunicorn does not know; one that looks like a setting and is used for nothing is a problem."""
    value = evaluation.names[name]
    if isinstance(value.data, (Module, Dotted, Reader)):
        return
    site = evaluation.site(name)
    where = places.of(site) if site is not None else Location(path)
    layer.names[name] = where
    elsewhere = release.elsewhere.get(name)
    if elsewhere is not None:
        message = f"gunicorn {release.version} has no {name} ({elsewhere}) and ignores it"
        layer.problems.append(Problem("not-in-release", name, message, where))
        return
    suggestion = _meant(release, name)
    if suggestion is None or used:
        return
    if isinstance(value.data, Function) != release.settings[suggestion].is_hook:
        return
    message = f"gunicorn has no setting {name} and ignores it in silence"
    plain = value.data if isinstance(value.data, (str, int, float, bool)) else ABSENT
    layer.problems.append(Problem("unknown-name", name, message, where, suggestion, plain))


def _meant(release: Release, name: str) -> str | None:
    """The setting that a name seems to stand for."""
    low = name.lower().replace("-", "_")
    if low in release.settings:
        return low
    for flag, setting in release.flags.items():
        if flag.startswith("--") and flag[2:].replace("-", "_") == low:
            return setting.name
    squeezed = {one.replace("_", ""): one for one in release.settings}
    if low.replace("_", "") in squeezed:
        return squeezed[low.replace("_", "")]
    return nearest(low, release.settings) if len(low) > 3 else None
