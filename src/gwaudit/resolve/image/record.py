"""What an image says of the containers that run it."""

from __future__ import annotations

from gwaudit.resolve.environment import Environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.command import Word
    from gwaudit.resolve.fact import Fact, Unknown
    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.requirements.installs import Install
    from gwaudit.source import Location


class Image:
    """An image: built from the tree (``local``, ``path`` of its Dockerfile, ``stage``), or a well-known public one.

    ``entrypoint`` and ``command`` are words, None where not set, Unknown where an unknown base decides; ``*_shell`` tells
    the shell form. ``working_dir``, ``user``, ``stop_signal`` and ``python_version`` (major.minor) are facts whose value may
    be Unknown; None where nothing states them. ``runs_as_root`` is None where it is unknown. ``base`` is the reference of
    the outermost FROM that is no stage, as a fact; ``sh`` the shell behind /bin/sh (dash, bash, ash). ``healthcheck`` holds
    ``healthcheck.*`` facts. ``texts`` are files that the Dockerfile itself holds (here-documents), by container path.
    ``problems`` are (place, message).
    """

    __slots__ = (
        "base",
        "command",
        "command_shell",
        "context",
        "copied",
        "entrypoint",
        "entrypoint_shell",
        "environment",
        "family",
        "filesystem",
        "healthcheck",
        "installs",
        "local",
        "onbuild",
        "path",
        "ports",
        "problems",
        "python_version",
        "runs_as_root",
        "sh",
        "stage",
        "stop_signal",
        "texts",
        "unknown",
        "user",
        "volumes",
        "working_dir",
    )  # fmt: skip

    def __init__(self, filesystem: Filesystem) -> None:
        self.filesystem = filesystem
        self.environment = Environment()
        self.entrypoint: tuple[Word, ...] | Unknown | None = None
        self.command: tuple[Word, ...] | Unknown | None = None
        self.entrypoint_shell = False
        self.command_shell = False
        self.working_dir: Fact | None = None
        self.user: Fact | None = None
        self.runs_as_root: bool | None = None
        self.ports: list[Fact] = []
        self.volumes: list[tuple[str, Location]] = []
        self.stop_signal: Fact | None = None
        self.healthcheck: dict[str, Fact] = {}
        self.installs: list[Install] = []
        self.base: Fact | None = None
        self.python_version: Fact | None = None
        self.sh: str | None = None
        self.family: str | None = None  # apt, apk, dnf, microdnf, zypper
        self.texts: dict[str, tuple[str, Location]] = {}
        self.problems: list[tuple[Location, str]] = []
        self.onbuild: list[str] = []
        self.path: str | None = None
        self.context = "."
        self.copied: list[tuple[Location, tuple[str, ...]]] = []  # dotenv files that a COPY or ADD takes along
        self.stage: str | None = None
        self.local = False
        self.unknown: str | None = None  # why the base image is not known

    def __repr__(self) -> str:
        return f"Image({self.path or (self.base.value if self.base is not None else '?')})"
