"""gunicorn's precedence: built-in default < configuration file < GUNICORN_CMD_ARGS < command line."""

from __future__ import annotations

from gwaudit.resolve.command import Word
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.gunicorn import arguments
from gwaudit.resolve.gunicorn.chosen_file import chosen_config
from gwaudit.resolve.gunicorn.config_file import read_config, search_path
from gwaudit.resolve.gunicorn.consequences import conclude
from gwaudit.resolve.gunicorn.defaults import default_facts
from gwaudit.resolve.gunicorn.layers import apply_config, apply_flags
from gwaudit.resolve.gunicorn.plain import placed
from gwaudit.resolve.gunicorn.problem import Problem
from gwaudit.resolve.gunicorn.run import GunicornRun
from gwaudit.resolve.gunicorn.settings import release as release_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gwaudit.resolve.command import Command
    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.gunicorn.given import Arguments
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
    layer = chosen_config(workspace, run, command, filesystem, given, from_variable)
    if layer is not None:
        apply_config(run, layer)
    apply_flags(run, from_variable, "cmd-args-env", command.directory)
    apply_flags(run, given, "command-line", command.directory)
    conclude(run, given, layer)
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
    apply_config(run, layer)
    conclude(run, None, layer)
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
