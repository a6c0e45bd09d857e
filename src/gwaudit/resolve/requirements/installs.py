"""Commands that install Python packages: pip, uv, poetry, pdm and pipenv, as words of a RUN or a launch script.

What the words say and no more: which files, packages and projects, which groups, and whether a lock file decides.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gwaudit.source import Location

# Options of ``pip install`` and ``uv pip install`` that take a value which is no package.
_PIP_VALUES = frozenset(
    (
        "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-t", "--target", "--prefix", "--root", "--python",
        "-p", "--platform", "--python-version", "--implementation", "--abi", "--only-binary", "--no-binary", "--cache-dir",
        "--progress-bar", "--retries", "--timeout", "--trusted-host", "--log", "--src", "--upgrade-strategy", "--proxy",
        "--root-user-action", "--config-settings", "-C", "--global-option", "--report", "--group", "--extra", "--index",
        "--default-index", "--keyring-provider", "--resolution", "--prerelease", "--exclude-newer", "--link-mode",
        "--index-strategy", "-b", "--build-constraint", "--override", "--upgrade-package", "-P", "--torch-backend",
    )
)  # fmt: skip
_UV_VALUES = frozenset(
    ("--extra", "--group", "--only-group", "--no-group", "--package", "--python", "-p", "--project", "--directory",
     "--no-install-package", "--link-mode", "--cache-dir", "--index", "--default-index", "--index-url", "-i",
     "--extra-index-url", "--find-links", "-f", "--upgrade-package", "-P", "--no-extra", "--color", "--config-file")
)  # fmt: skip


class Install:
    """One install command.

    ``tool``: pip, uv, poetry, pdm, pipenv. ``from_lock`` says that the tool installs what its lock file chose; ``files`` are
    requirement files, ``constraints`` constraint files, ``projects`` folders of projects (each with extras), ``packages``
    requirement texts, ``groups`` the extras and dependency groups; ``defaults`` that default groups come along. ``offline``:
    from archives that somebody chose before (``--no-index``). ``unknown`` is why more may be installed (an argument that
    nobody knows before the build).
    """

    __slots__ = (
        "constraints", "defaults", "directory", "files", "from_lock", "groups", "location", "offline", "packages",
        "projects", "tool", "unknown",
    )  # fmt: skip

    def __init__(self, tool: str, directory: str | None, location: Location | None) -> None:
        self.tool = tool
        self.directory = directory
        self.location = location
        self.files: list[str] = []
        self.constraints: list[str] = []
        self.projects: list[tuple[str, tuple[str, ...]]] = []
        self.packages: list[str] = []
        self.groups: set[str] = set()
        self.defaults = False
        self.from_lock = False
        self.offline = False
        self.unknown: str | None = None

    def __repr__(self) -> str:
        return (
            f"Install({self.tool} {[*self.files, *self.projects, *self.packages]}{' locked' if self.from_lock else ''})"
        )


def install_of(
    words: Sequence[str | None], directory: str | None = None, location: Location | None = None
) -> Install | None:
    """The install that a command makes; None for another command. A word that nobody knows is None."""
    rest = list(words)
    while rest and isinstance(rest[0], str) and (rest[0] in ("sudo", "exec", "env", "time") or "=" in rest[0]):
        rest = rest[1:]
    if not rest or not isinstance(rest[0], str):
        return None
    program = rest[0].rpartition("/")[2]
    if program.startswith("python") and rest[1:2] == ["-m"] and len(rest) > 2 and isinstance(rest[2], str):
        program, rest = rest[2], rest[2:]
    if program == "pip" or (program.startswith("pip") and program[3:].replace(".", "").isdigit()):
        at = _verb(rest, ("install",))
        return None if at is None else _pip("pip", rest[at + 1 :], directory, location)
    if program == "uv":
        return _uv(rest[1:], directory, location)
    if program == "poetry":
        return _poetry(rest[1:], directory, location)
    if program in ("pdm", "pipenv"):
        return _other(program, rest[1:], directory, location)
    return None


def _verb(words: Sequence[str | None], verbs: tuple[str, ...]) -> int | None:
    """Where the sub-command stands: the first word that is no option."""
    for index, word in enumerate(words[1:], 1):
        if isinstance(word, str) and not word.startswith("-"):
            return index if word in verbs else None
    return None


def _pip(tool: str, words: Sequence[str | None], directory: str | None, location: Location | None) -> Install:
    found = Install(tool, directory, location)
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word is None:
            found.unknown = "a word of the install command is not known before the build"
            continue
        name, equals, value = word.partition("=")
        if word.startswith("-"):
            taken: str | None = value if equals else None
            short = name[:2] if len(name) > 2 and name[1] != "-" and name[:2] in ("-r", "-c", "-e") else None
            if short is not None:
                name, taken = short, word[2:]
            if name in ("-r", "--requirement", "--requirements", "-c", "--constraint", "-e", "--editable"):
                if taken is None:
                    taken = rest.pop(0) if rest else None
                if taken is None:
                    found.unknown = "a file of the install command is not known before the build"
                elif name in ("-e", "--editable"):
                    _add(found, taken)
                else:
                    (found.constraints if name in ("-c", "--constraint") else found.files).append(taken)
            elif name in _PIP_VALUES and not equals and rest:
                value = rest.pop(0) or ""
                if name in ("--group", "--extra"):
                    found.groups.add(value)
            elif name in ("--group", "--extra"):
                found.groups.add(value)
            elif name == "--all-extras":
                found.groups.add("*")
            elif name == "--no-index":
                found.offline = True
            continue
        _add(found, word)
    return found


def _add(found: Install, word: str) -> None:
    """A package, an archive or a project folder."""
    path, _, extras = word.partition("[")
    if word.startswith((".", "/")) or path in ("",):
        if path.endswith((".whl", ".gz", ".zip")) or "*" in path:
            found.unknown = found.unknown or f"{word} is not in the tree"
            return
        names = tuple(part.strip() for part in extras.rstrip("]").split(",") if part.strip())
        found.projects.append((path.rstrip("/") or ".", names))
    elif "$" in word:
        found.unknown = f"{word.partition('$')[0]}... is not known before the build"
    else:
        found.packages.append(word)


def _uv(words: Sequence[str | None], directory: str | None, location: Location | None) -> Install | None:
    plain = [word for word in words if isinstance(word, str)]
    if plain[:1] == ["pip"]:
        if plain[1:2] == ["install"]:
            return _pip("uv", words[2:], directory, location)
        if plain[1:2] == ["sync"]:
            found = Install("uv", directory, location)
            found.files = [w for w in plain[2:] if not w.startswith("-")]
            return found
        return None
    if plain[:1] not in (["sync"], ["run"]):
        return None
    found = Install("uv", directory, location)
    found.from_lock = True
    found.defaults = "--no-dev" not in plain and "--no-default-groups" not in plain
    rest = plain[1:]
    project = "."
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if name in _UV_VALUES and not equals:
            value = rest.pop(0) if rest else ""
        if name in ("--extra", "--group", "--only-group"):
            found.groups.add(value)
        elif name in ("--all-extras", "--all-groups"):
            found.groups.add("*")
        elif name in ("--project", "--directory"):
            project = value
        elif plain[0] == "run" and not name.startswith("-"):
            break
    found.projects.append((project, ()))
    return found


def _poetry(words: Sequence[str | None], directory: str | None, location: Location | None) -> Install | None:
    plain = [word for word in words if isinstance(word, str)]
    verb = next((word for word in plain if not word.startswith("-")), "")
    if verb not in ("install", "sync"):
        return None
    found = Install("poetry", directory, location)
    found.from_lock = True
    found.defaults = not any(w.split("=")[0] in ("--only", "--no-dev", "--without") for w in plain)
    rest = plain
    project = "."
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if (
            name in ("--only", "--with", "--without", "-E", "--extras", "-C", "--directory", "-P", "--project")
            and not equals
        ):
            value = rest.pop(0) if rest else ""
        if name in ("--with", "--only", "-E", "--extras"):
            found.groups.update(part for part in value.replace(",", " ").split() if part != "main")
        elif name == "--all-extras":
            found.groups.add("*")
        elif name in ("-C", "--directory", "-P", "--project"):
            project = value
    found.projects.append((project, ()))
    return found


def _other(
    program: str, words: Sequence[str | None], directory: str | None, location: Location | None
) -> Install | None:
    plain = [word for word in words if isinstance(word, str)]
    verb = next((word for word in plain if not word.startswith("-")), "")
    if verb not in ("install", "sync"):
        return None
    found = Install(program, directory, location)
    found.from_lock = program == "pdm" or verb == "sync" or "--deploy" in plain or "--ignore-pipfile" in plain
    packages = [word for word in plain[plain.index(verb) + 1 :] if not word.startswith("-")]
    if program == "pipenv" and packages:
        found.packages = packages
        return found
    found.from_lock = found.from_lock or verb == "install"  # without packages, pipenv install also follows its lock
    found.projects.append((".", ()))
    return found
