"""Reading a configuration file: its evaluation, and what its names become as settings."""

from __future__ import annotations

import posixpath

from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.gunicorn import places
from gwaudit.resolve.gunicorn.config_layer import ConfigLayer
from gwaudit.resolve.gunicorn.config_names import note_ignored, read_hook
from gwaudit.resolve.gunicorn.plain import Foreign, all_inputs, checked, placed, plain, whole
from gwaudit.resolve.gunicorn.problem import Problem
from gwaudit.resolve.gunicorn.validate.scalars import Refused
from gwaudit.resolve.python import evaluate_module
from gwaudit.resolve.python.modules import Loader
from gwaudit.resolve.python.objects import Dotted, Function, Module
from gwaudit.source import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.gunicorn.settings import Release
    from gwaudit.resolve.python import Evaluation
    from gwaudit.resolve.python.value import Value
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import SourceFile

MAX_NAMES = 200


def read_config(
    workspace: Workspace,
    path: str,
    environment: Environment,
    release: Release,
    search: Sequence[str],
    directory: str | None = None,
    filesystem: Filesystem | None = None,
    module: str = "__config__",
) -> ConfigLayer:
    """Evaluate a configuration file (a repository path)."""
    layer = ConfigLayer()
    file = workspace.source(path)
    if file is None:
        layer.rest = Unknown(f"{path} cannot be read")
        return layer
    loader = Loader(workspace, search, directory, filesystem)
    evaluation = evaluate_module(file, environment, loader, workspace.assume.values, module)
    layer.evaluation = evaluation
    layer.read = tuple(loader.read)
    for name, place in evaluation.machine.reads:
        where = places.of(place)
        known = layer.reads.setdefault(name, [])
        if where not in known:
            known.append(where)
    _failures(layer, evaluation, file)
    for name, value in evaluation.names.items():
        if name in release.settings:
            _setting(layer, evaluation, release, name, value, path, directory)
    foreign = [n for n in evaluation.names if n not in release.settings and not n.startswith("_")]
    used = _words(file) if foreign else {}
    for name in foreign[:MAX_NAMES]:
        note_ignored(layer, evaluation, release, name, path, used.get(name, 0) > 1)
    for name in evaluation.unreached:
        if name in release.settings and name not in layer.facts:
            why = evaluation.stopped or f"{path} raises {evaluation.failure}"
            layer.facts[name] = Fact(f"gunicorn.{name}", Unknown(why), Source("config-file", None, Location(path)))
    if evaluation.rest is not None and isinstance(evaluation.rest.data, Unknown):
        layer.rest = evaluation.rest.data
    if evaluation.stopped is not None:
        layer.rest = Unknown(f"{path}: {evaluation.stopped}")
    _environment(layer, evaluation, path)
    return layer


def _failures(layer: ConfigLayer, evaluation: Evaluation, file: SourceFile) -> None:
    if evaluation.syntax is not None:
        layer.problems.append(_syntax_error(file, evaluation.syntax))
        layer.rest = Unknown(f"{file.path} is no valid Python: {evaluation.syntax}")
        return
    if evaluation.failure is not None:
        place = evaluation.failure.place
        where = places.of(place) if place is not None else Location(file.path)
        layer.problems.append(Problem("raises", evaluation.failure.name, f"raises {evaluation.failure}", where))
    for kind, message, place in evaluation.machine.notes:
        if kind == "missing-variable":
            where = places.of(place) if place is not None else Location(file.path)
            text = f"{message} is required here, and nothing that was read sets it"
            layer.problems.append(Problem("missing-variable", message, text, where))


def _syntax_error(file: SourceFile, message: str) -> Problem:
    """The parser's message at its line: ``unterminated string literal (detected at line 2) (line 2)``."""
    from re import search, sub

    found = search(r"\(line (\d{1,9})\)$", message)
    location = Location(file.path)
    if found is not None and int(found[1]) <= len(file.starts()):
        line = int(found[1])
        start, text = file.starts()[line - 1], file.line_text(line)
        blanks = len(text) - len(text.lstrip())
        location = file.location(start + blanks, start + len(text.rstrip()) if text.strip() else start + blanks)
    said = sub(r"( \(detected at line \d+\))?( \(line \d+\))?$", "", message)
    return Problem("syntax-error", "", f"is no valid Python: {said}", location)


def _setting(
    layer: ConfigLayer,
    evaluation: Evaluation,
    release: Release,
    name: str,
    value: Value,
    path: str,
    directory: str | None,
) -> None:
    setting = release.settings[name]
    site = evaluation.site(name)
    state = evaluation.machine.state
    source = places.source(whole(state, value), site, path)
    raw = plain(state, value)
    if setting.is_hook:
        read_hook(layer, name, value, source)
    try:
        if isinstance(raw, Foreign):
            raise Refused(f"gunicorn cannot use {raw!r}")
        result = checked(setting, raw, directory)
    except Refused as error:
        imported = isinstance(value.data, (Module, Dotted))
        kind = "clobbered" if imported and not setting.is_hook else "invalid-value"
        problem = Problem("invalid-value" if kind == "invalid-value" else kind, name, str(error), source.location)
        if value.maybe is None:
            layer.problems.append(problem)
            if kind == "clobbered":
                message = f"{name} is an import, and gunicorn refuses it as a setting"
                layer.problems.append(Problem("invalid-value", name, message, source.location))
        result = Unknown(f"gunicorn refuses it: {error}")
    inputs = all_inputs(state, value)
    where = evaluation.machine.loader.doubt()
    if where and setting.validator == "chdir" and isinstance(raw, str) and not raw.startswith("/"):
        inputs = (*inputs, *where)
    result = placed(result, inputs)
    computed = value.place is None and source.raw is not None and not isinstance(value.data, (Function, Dotted))
    layer.facts[name] = Fact(
        f"gunicorn.{name}",
        result,
        source,
        inputs=inputs,
        derivation=source.raw if computed and inputs else None,
        assumed=any(fact.assumed for fact in inputs),
        secret=any(fact.secret for fact in inputs),
    )
    if value.maybe is not None:
        layer.optional[name] = value.maybe


def _words(file: SourceFile) -> dict[str, int]:
    """How often each identifier stands in the file."""
    import re

    found: dict[str, int] = {}
    for word in re.findall(r"\w+", file.text):
        found[word] = found.get(word, 0) + 1
    return found


def _environment(layer: ConfigLayer, evaluation: Evaluation, path: str) -> None:
    """Variables that the file sets: as facts of the environment that workers inherit."""
    from gwaudit.resolve.fact import ABSENT
    from gwaudit.resolve.python.environ import facts

    for name, value in facts(evaluation.machine):
        if value is None:
            layer.environment.append(Fact(f"env.{name}", ABSENT, Source("config-file", None, Location(path))))
            continue
        data: Any = value.data
        if value.maybe:
            data = Unknown(value.maybe)
        if not isinstance(data, (str, Unknown)):
            data = Unknown("it is set by the configuration file")
        source = places.source(value, None, path)
        secret = any(fact.secret for fact in value.inputs)
        layer.environment.append(Fact(f"env.{name}", data, source, inputs=value.inputs, secret=secret))


def search_path(
    filesystem: Filesystem | None, directory: str | None, environment: Environment, config: str | None
) -> list[str]:
    """Repository directories where the file's imports are looked up: the working directory, PYTHONPATH; else around it."""
    found: list[str] = []
    if filesystem is not None:
        places_in_container = [directory] if directory else []
        variable = environment.get("PYTHONPATH").value
        if isinstance(variable, str):
            places_in_container += [entry for entry in variable.split(":") if entry]
        for entry in places_in_container:
            located = filesystem.locate(entry, directory)
            if isinstance(located, str):
                found.append(located)
    if not found and config is not None:
        folder = posixpath.dirname(config) or "."
        found = [folder, "."]
        while "/" in folder:
            folder = folder.rsplit("/", 1)[0]
            found.append(folder)
    return found
