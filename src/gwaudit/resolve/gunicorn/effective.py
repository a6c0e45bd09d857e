"""gunicorn's precedence: built-in default < configuration file < GUNICORN_CMD_ARGS < command line."""

from __future__ import annotations

import posixpath

from gwaudit.resolve.command import Word
from gwaudit.resolve.fact import ABSENT, Absent, Fact, Source, Step, Unknown
from gwaudit.resolve.gunicorn import arguments
from gwaudit.resolve.gunicorn.config_file import ConfigLayer, read_config, search_path
from gwaudit.resolve.gunicorn.defaults import default_facts
from gwaudit.resolve.gunicorn.plain import checked, placed
from gwaudit.resolve.gunicorn.problem import Problem
from gwaudit.resolve.gunicorn.run import GunicornRun
from gwaudit.resolve.gunicorn.settings import release as release_of
from gwaudit.resolve.gunicorn.validate import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from gwaudit.resolve.command import Command
    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.gunicorn.arguments import Arguments
    from gwaudit.resolve.gunicorn.settings import Setting
    from gwaudit.resolve.workspace import Workspace


def effective(workspace: Workspace, command: Command, filesystem: Filesystem, version: Fact) -> GunicornRun:
    """What gunicorn runs with when this command starts it. ``version`` is the fact of its release (Unknown: the newest)."""
    known = version.value if isinstance(version.value, str) else workspace.assume.get("gunicorn")
    run = GunicornRun(release_of(known if isinstance(known, str) else None), command.environment, command.directory)
    given = arguments.parse(gunicorn_words(command.words), run.release)
    from_variable = _cmd_args(run, command.environment)
    run.settings = default_facts(run.release, command.environment, command.directory, run.problems)
    if filesystem.place is not None and run.settings["chdir"].known:
        where = (filesystem.place,)
        standing = placed(run.settings["chdir"].value, where)
        run.settings["chdir"] = Fact("gunicorn.chdir", standing, inputs=where, assumed=filesystem.place.assumed)
    _gunicorn_reads(run)
    layer = _config(workspace, run, command, filesystem, given, from_variable)
    if layer is not None:
        _apply_config(run, layer)
    _apply(run, from_variable, "cmd-args-env", command.directory)
    _apply(run, given, "command-line", command.directory)
    _finish(run, given, layer)
    return run


def evaluate_file(
    workspace: Workspace, path: str, environment: Environment, version: Fact | None = None
) -> GunicornRun:
    """What a configuration file (repository path) sets when some gunicorn loads it; the command is unknown."""
    known = version.value if version is not None and isinstance(version.value, str) else None
    known = known or workspace.assume.get("gunicorn")
    run = GunicornRun(release_of(known if isinstance(known, str) else None), environment, None)
    run.settings = default_facts(run.release, environment, None, run.problems)
    run.launched = False
    _gunicorn_reads(run)
    layer = read_config(workspace, path, environment, run.release, search_path(None, None, environment, path))
    from gwaudit.source import Location

    run.config_file = Fact("gunicorn.config_file", path, Source("config-file", path, Location(path)))
    _apply_config(run, layer)
    _finish(run, None, layer)
    return run


def gunicorn_words(words: Sequence[Word]) -> Sequence[Word]:
    """The words after ``gunicorn`` (or ``-m gunicorn``, behind wrappers); all but the first where it is not named."""
    for index, word in enumerate(words):
        name = (word.text or "").rsplit("/", 1)[-1]
        if name == "gunicorn" or name.startswith("gunicorn3"):
            return words[index + 1 :]
        if word.text in ("gunicorn.app.wsgiapp", "gunicorn.__main__"):
            return words[index + 1 :]
    return words[1:]


def _gunicorn_reads(run: GunicornRun) -> None:
    for setting in run.release.settings.values():
        if setting.variable is not None:
            run.reads.setdefault(setting.variable, [])
    run.reads.setdefault("GUNICORN_CMD_ARGS", [])


def _cmd_args(run: GunicornRun, environment: Environment) -> Arguments:
    """The flags in GUNICORN_CMD_ARGS. It is taken as unset where nothing names it, even in an opaque environment."""
    import shlex

    variable = environment.get("GUNICORN_CMD_ARGS")
    words: list[Word] = []
    if isinstance(variable.value, str):
        source = Source("cmd-args-env", variable.source.raw, variable.location, variable.source.via)
        try:
            words = [Word(text, source, (variable,)) for text in shlex.split(variable.value)]
        except ValueError as error:
            run.problems.append(Problem("bad-flag", "GUNICORN_CMD_ARGS", str(error), variable.location))
    elif isinstance(variable.value, Unknown) and "GUNICORN_CMD_ARGS" in environment:
        source = Source("cmd-args-env", None, variable.location, variable.source.via)
        words = [Word(variable.value, source, (variable,), variable.value.reason)]
    return arguments.parse(words, run.release)


# ---- the configuration file


def _config(
    workspace: Workspace,
    run: GunicornRun,
    command: Command,
    filesystem: Filesystem,
    given: Arguments,
    from_variable: Arguments,
) -> ConfigLayer | None:
    chosen = _named(given) or _named(from_variable)
    environment, directory = command.environment, command.directory
    if chosen is None:
        where = filesystem.locate("gunicorn.conf.py", directory)
        if isinstance(where, Unknown):
            if directory is not None and filesystem.covers(directory):
                return None
            run.config_file = Fact("gunicorn.config_file", where, Source("default", "./gunicorn.conf.py"))
            layer = ConfigLayer()
            layer.rest = Unknown(f"a gunicorn.conf.py may lie in the working directory: {where.reason}")
            return layer
        if where is None or not workspace.tree.is_file(where):
            return None
        source = Source("default", "./gunicorn.conf.py")
        return _load(workspace, run, where, source, filesystem, environment, directory)
    value, word_source = chosen
    if isinstance(value, Unknown):
        run.config_file = Fact("gunicorn.config_file", value, word_source)
        layer = ConfigLayer()
        layer.rest = Unknown(f"which configuration file is loaded is not known: {value.reason}", value.depends_on)
        return layer
    if value.startswith("python:"):
        return _load_module(workspace, run, value, word_source, filesystem, environment, directory)
    where = filesystem.locate(value.removeprefix("file:"), directory)
    if isinstance(where, Unknown):
        run.config_file = Fact("gunicorn.config_file", where, word_source)
        layer = ConfigLayer()
        layer.rest = Unknown(f"{value} is not in the tree: {where.reason}", where.depends_on)
        return layer
    if where is None or not workspace.tree.is_file(where):
        message = f"{value!r} doesn't exist"
        run.problems.append(Problem("missing-config", value, message, word_source.location))
        run.config_file = Fact("gunicorn.config_file", Unknown(message), word_source)
        layer = ConfigLayer()
        layer.rest = Unknown(f"gunicorn does not start: {message}")
        return layer
    return _load(workspace, run, where, word_source, filesystem, environment, directory)


def _named(given: Arguments) -> tuple[str | Unknown, Source] | None:
    """The last ``-c`` that is given: its path, Unknown where nobody knows which."""
    found = [one for one in given.occurrences if one.setting.name == "config"]
    if not found or found[-1].value == "":
        return None
    last = found[-1]
    if last.optional is not None:
        return Unknown(last.optional), last.word.source
    return last.value, last.word.source


def _load(
    workspace: Workspace,
    run: GunicornRun,
    path: str,
    source: Source,
    filesystem: Filesystem,
    environment: Environment,
    directory: str | None,
    module: str = "__config__",
) -> ConfigLayer:
    run.config_file = Fact("gunicorn.config_file", path, source)
    search = search_path(filesystem, directory, environment, path)
    return read_config(workspace, path, environment, run.release, search, directory, filesystem, module)


def _load_module(
    workspace: Workspace,
    run: GunicornRun,
    value: str,
    source: Source,
    filesystem: Filesystem,
    environment: Environment,
    directory: str | None,
) -> ConfigLayer:
    from gwaudit.resolve.python.modules import Loader

    name = value.removeprefix("python:")
    search = search_path(filesystem, directory, environment, None) or ["."]
    found = Loader(workspace, search, directory, filesystem).find(name)
    if found is None or found[0] is None:
        run.config_file = Fact("gunicorn.config_file", Unknown(f"the module {name} is not in the tree"), source)
        layer = ConfigLayer()
        layer.rest = Unknown(f"the configuration module {name} is not in the tree")
        return layer
    return _load(workspace, run, found[0], source, filesystem, environment, directory, name)


def _apply_config(run: GunicornRun, layer: ConfigLayer) -> None:
    if layer.rest is not None:
        for name, lower in run.settings.items():
            source = Source("config-file", None, run.config_file.location)
            run.settings[name] = Fact(lower.name, layer.rest, source).over(lower)
    for name, fact in layer.facts.items():
        lower = run.settings[name]
        reason = layer.optional.get(name)
        run.settings[name] = fact.over(lower) if reason is None else either(fact, lower, reason)
    run.problems += layer.problems
    run.names = layer.names
    run.hooks = layer.hooks
    run.imports = layer.read
    for variable, where in layer.reads.items():
        run.reads.setdefault(variable, []).extend(where)
    _class_bases(run, layer)


def _class_bases(run: GunicornRun, layer: ConfigLayer) -> None:
    from gwaudit.resolve.python.objects import ClassType, Dotted

    for name in ("worker_class", "logger_class"):
        value = layer.evaluation.names.get(name) if layer.evaluation is not None else None
        cls = value.data if value is not None else None
        for _ in range(10):
            if not isinstance(cls, ClassType) or not cls.bases:
                break
            cls = cls.bases[0].data
        if isinstance(cls, Dotted) and value is not None and isinstance(value.data, ClassType):
            run.class_bases[name] = cls.name


def either(fact: Fact, lower: Fact, reason: str) -> Fact:
    """A fact of which nobody knows whether it is set: its value or the lower one."""
    upper_value, lower_value = fact.value, lower.value
    if type(upper_value) is type(lower_value) and upper_value == lower_value and fact.known:
        return fact.over(lower)
    choices: list[Any] = []
    for value in (upper_value, lower_value):
        choices += value.choices if isinstance(value, Unknown) else (value,)
    complete = all(not isinstance(v, Unknown) or v.choices for v in (upper_value, lower_value))
    lows, highs = [], []
    for value in (upper_value, lower_value):
        if isinstance(value, Unknown):
            lows.append(value.low)
            highs.append(value.high)
        else:
            number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
            lows.append(number)
            highs.append(number)
    low = min(one for one in lows if one is not None) if None not in lows else None
    high = max(one for one in highs if one is not None) if None not in highs else None
    names = [name for v in (upper_value, lower_value) if isinstance(v, Unknown) for name in v.depends_on]
    names += [one.name for one in fact.inputs if one.name not in names]
    unknown = Unknown(reason, tuple(dict.fromkeys(names)), low, high, choices if complete else ())
    joined = Fact(fact.name, unknown, fact.source, (), (*fact.inputs, *lower.inputs), secret=fact.secret)
    return joined.over(lower)


# ---- flags


def _apply(run: GunicornRun, given: Arguments, layer: str, directory: str | None) -> None:
    """Put the flags of one layer over what is below, in order: the last one wins, lists are collected."""
    run.problems += given.problems
    collected: dict[str, list[Any]] = {}
    fresh: dict[str, Fact] = {}
    below = dict(run.settings)
    for index, one in enumerate(given.occurrences):
        _hide(run, given, index, layer, fresh, below)
        setting = one.setting
        value: Any = one.value
        if setting.action == "append":
            items = collected.setdefault(setting.name, [])
            items.append(value)
            unknown = next((item for item in items if isinstance(item, Unknown)), None)
            value = unknown if unknown is not None else list(items)
        source = Source(layer, one.word.source.raw, one.word.source.location, one.word.source.via)
        fact = _flag_fact(run, setting, one.flag, value, source, one, directory)
        lower = fresh.get(setting.name) or below[setting.name]
        if one.optional is not None:
            fresh[setting.name] = either(fact, lower, one.optional)
            if setting.action == "append":
                collected[setting.name] = [Unknown(one.optional)]
        else:
            fresh[setting.name] = fact.over(lower)
    _hide(run, given, len(given.occurrences), layer, fresh, below)
    run.settings.update(fresh)


def _hide(
    run: GunicornRun, given: Arguments, index: int, layer: str, fresh: dict[str, Fact], below: dict[str, Fact]
) -> None:
    """A word of unknown content stands here: it may hold any flag, and later flags win over it."""
    for at, word in given.unread:
        if at != index or not isinstance(word.value, Unknown):
            continue
        reason = f"the command line holds words that are not known: {word.value.reason}"
        source = Source(layer, word.source.raw, word.source.location, word.source.via)
        for name, fact in below.items():
            lower = fresh.get(name) or fact
            if run.release.settings[name].flags:
                unknown = Unknown(reason, word.value.depends_on)
                fresh[name] = Fact(lower.name, unknown, source, inputs=word.inputs).over(lower)


def _flag_fact(
    run: GunicornRun,
    setting: Setting,
    flag: str,
    value: Any,
    source: Source,
    one: arguments.Occurrence,
    directory: str | None,
) -> Fact:
    try:
        result = checked(setting, value, directory)
    except Refused as error:
        run.problems.append(Problem("invalid-value", setting.name, f"{flag}: {error}", source.location))
        result = Unknown(f"gunicorn refuses it: {error}")
    inputs = one.word.inputs
    return Fact(
        f"gunicorn.{setting.name}",
        result,
        source,
        inputs=inputs,
        assumed=any(fact.assumed for fact in inputs),
        secret=any(fact.secret for fact in inputs),
    )


# ---- what follows from the settings


def _finish(run: GunicornRun, given: Arguments | None, layer: ConfigLayer | None) -> None:
    workers = run.settings["workers"]
    unknown = workers.value if isinstance(workers.value, Unknown) else None
    run.cpu_derived = (unknown is not None and "cpus" in unknown.depends_on) or any(
        fact.name == "cpus" for fact in workers.inputs
    )
    _application(run, given)
    _environment(run, layer)
    folder = run.settings["chdir"].value
    if isinstance(folder, str):
        run.directory = posixpath.normpath(folder)
    elif isinstance(folder, Unknown) and run.settings["chdir"].source.layer != "default":
        run.directory = None


def _application(run: GunicornRun, given: Arguments | None) -> None:
    stated = run.settings.get("wsgi_app")
    if given is not None and given.positional:
        word = given.positional[0]
        source = Source("command-line", word.source.raw, word.source.location, word.source.via)
        fact = Fact("gunicorn.app", word.value, source, inputs=word.inputs)
        if word.optional is not None:
            fact = Fact("gunicorn.app", Unknown(word.optional), source, inputs=word.inputs)
        run.app = fact.over(stated.renamed("gunicorn.app") if stated is not None and stated.value else None)
        return
    if stated is not None and stated.value is not None:
        run.app = stated.renamed("gunicorn.app")
        return
    leaves = given is not None and (given.leaves or given.unread)
    paste = run.settings.get("paste")
    if given is not None and not leaves and (paste is None or paste.value is None):
        run.problems.append(Problem("no-application", "", "No application module specified."))


def _environment(run: GunicornRun, layer: ConfigLayer | None) -> None:
    """What workers inherit: the file's own changes, then ``raw_env`` (set after the settings are read)."""
    raw = run.settings["raw_env"]
    if (layer is None or not layer.environment) and not raw.value:
        return
    environment = run.environment.copy()
    if layer is not None:
        for fact in layer.environment:
            environment.put(fact)
    if isinstance(raw.value, tuple):
        for item in raw.value:
            name, equals, text = str(item).partition("=")
            if not equals:
                message = f"environment setting {str(item)[:40]!r} invalid"
                run.problems.append(Problem("invalid-value", "raw_env", message, raw.location))
                continue
            source = Source(raw.source.layer, text, raw.location, (*raw.source.via, *_step(raw)))
            environment.put(Fact(f"env.{name}", text, source, inputs=raw.inputs, secret=raw.secret))
    elif isinstance(raw.value, Unknown):
        environment.opaque(f"raw_env of gunicorn: {raw.value.reason}")
    run.environment = environment


def _step(raw: Fact) -> tuple[Step, ...]:
    return (Step(raw.location, "raw_env"),) if raw.location is not None else ()


__all__ = ["ABSENT", "Absent", "effective", "evaluate_file", "gunicorn_words"]
