"""The result: what gunicorn will run with."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, DEFAULT, Fact, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.gunicorn.config_layer import Hook
    from gwaudit.resolve.gunicorn.problem import Problem
    from gwaudit.resolve.gunicorn.settings import Release
    from gwaudit.source import Location


class GunicornRun:
    """One gunicorn as it will run.

    ``settings`` holds a fact for every setting of the release, named ``gunicorn.<setting>``; layers are default,
    config-file, cmd-args-env and command-line, ``shadowed`` is complete. ``config_file`` is the repository path of the file
    that is loaded (ABSENT where none is), ``app`` the application (``module:attribute``).

    ``names`` are module-level names that gunicorn ignores, ``reads`` the variables that the file and gunicorn read
    (gunicorn's own without a place), ``hooks`` the server hooks by name, ``environment`` what workers inherit,
    ``imports`` the other files of the tree that were read for it, ``class_bases`` the first base that is not read of a class
    that the file itself defines, by setting. ``launched`` is False where the command that loads the file is not in the tree.
    """

    __slots__ = (
        "app",
        "class_bases",
        "config_file",
        "cpu_derived",
        "directory",
        "environment",
        "hooks",
        "imports",
        "launched",
        "names",
        "problems",
        "reads",
        "release",
        "settings",
    )

    def __init__(self, release: Release, environment: Environment, directory: str | None) -> None:
        self.release = release
        self.environment = environment
        self.directory = directory
        self.settings: dict[str, Fact] = {}
        self.config_file = Fact("gunicorn.config_file", ABSENT, DEFAULT)
        self.app = Fact("gunicorn.app", Unknown("no application is named"), DEFAULT)
        self.problems: list[Problem] = []
        self.names: dict[str, Location] = {}
        self.reads: dict[str, list[Location]] = {}
        self.hooks: dict[str, Hook] = {}
        self.class_bases: dict[str, str] = {}
        self.imports: tuple[str, ...] = ()
        self.cpu_derived = False
        self.launched = True

    @property
    def starts(self) -> bool:
        """Whether nothing that was found keeps gunicorn from starting."""
        return not any(problem.stops for problem in self.problems)

    @property
    def worker_kind(self) -> Fact:
        from gwaudit.resolve.gunicorn.worker import worker_kind

        return worker_kind(self)

    def __repr__(self) -> str:
        changed = {n: f.value for n, f in self.settings.items() if f.source.layer != "default"}
        return f"GunicornRun({changed})"
