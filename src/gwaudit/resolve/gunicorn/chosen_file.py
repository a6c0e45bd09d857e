"""Which configuration file gunicorn loads: the last ``-c``, or gunicorn.conf.py in the working directory."""

from __future__ import annotations

from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.gunicorn.config_file import read_config, search_path
from gwaudit.resolve.gunicorn.config_layer import ConfigLayer
from gwaudit.resolve.gunicorn.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.command import Command
    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.gunicorn.given import Arguments
    from gwaudit.resolve.gunicorn.run import GunicornRun
    from gwaudit.resolve.workspace import Workspace


def chosen_config(
    workspace: Workspace,
    run: GunicornRun,
    command: Command,
    filesystem: Filesystem,
    given: Arguments,
    from_variable: Arguments,
) -> ConfigLayer | None:
    """What the configuration file contributes, None where surely none is loaded; ``run.config_file`` says which."""
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
