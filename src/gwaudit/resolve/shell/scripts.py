"""Shell scripts where a command names them: files of the tree, texts that were written before, strings of a manifest."""

from __future__ import annotations

from gwaudit.parse.shell import Script, interpreter_of
from gwaudit.pattern import regex
from gwaudit.resolve.shell.text import Text
from gwaudit.source import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.shell import Place
    from gwaudit.resolve.shell.session import Session
    from gwaudit.resolve.shell.state import State
    from gwaudit.source import SourceFile

SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "zsh"))
_READ = regex(r"\$\{?[!#]?([A-Za-z_][A-Za-z0-9_]*)")


def script_at(session: Session, state: State, name: str) -> Script | None:
    """The shell script that a command names, where the tree or an earlier command holds it."""
    candidates = [name] if "/" in name else [f"{folder}/{name}" for folder in ("/usr/local/bin", "/usr/bin", "/bin")]
    for candidate in candidates:
        absolute = session.path(state, candidate)
        written = state.files.get(absolute) if absolute is not None else None
        if isinstance(written, Text):
            known = written.known
            if known is not None and known.startswith("#!"):
                place = written.source.location
                found = Script(known, lambda _s, _e, place=place: place or Location("."))  # type: ignore[misc]
                return found if found.interpreter in SHELLS else None
            return None
        if session.filesystem is None or ("/" not in name and not session.filesystem.covers(candidate)):
            continue
        located = session.locate(state, candidate)
        if isinstance(located, str):
            return shell_script(session, located, "/" in name)
    return None


def shell_script(session: Session, path: str, accept_bare: bool = False) -> Script | None:
    """A file of the tree that is a shell script, by its first line or its name."""
    file = session.workspace.source(path) if session.workspace is not None else None
    if file is None:
        return None
    first = file.text[:2]
    if first != "#!" and not (accept_bare and path.endswith((".sh", ".bash"))):
        return None
    if interpreter_of(file.text) not in (None, *SHELLS):
        return None
    return noted(session, file, path)


def noted(session: Session, file: SourceFile, path: str) -> Script:
    """The script of a file that runs; it is read once for all that start it."""
    kept: dict[str, tuple[Script, list[tuple[str, Location]]]]
    kept = session.workspace.cache.setdefault("scripts", {}) if session.workspace is not None else {}
    found = kept.get(file.path)
    if found is None:
        script = Script(file.text, file.location)
        found = kept[file.path] = script, reads_of(script)
    script, reads = found
    script.parser.depth = 0
    if path not in session.scripts:
        session.scripts.append(path)
    for name, location in reads:
        session.read(name, location)
    return script


def reads_of(script: Script) -> list[tuple[str, Location]]:
    """Every variable that the script's text looks up, whether or not that line runs."""
    found: list[tuple[str, Location]] = []
    offset = 0
    for line in script.text.splitlines(keepends=True):
        if "$" in line and not line.lstrip().startswith("#"):
            for match in _READ.finditer(line):
                found.append((match.group(1), script.place(offset + match.start(), offset + match.end())))
        offset += len(line)
    return found


def placed(session: Session, text: str, value: Text) -> Place:
    """Places inside a script that is a string: exact where the string stands verbatim in its file."""
    location = value.source.location
    constant = location or Location(".")
    file = session.workspace.source(location.path) if location is not None and session.workspace is not None else None
    if file is None or location is None or location.span is None or value.inputs:
        return lambda _s, _e: constant
    starts = file.starts()
    begin = starts[location.span.line - 1] + location.span.column - 1
    at = file.text.find(text, begin, begin + len(text) + 40)
    if at < 0 or not text:
        return lambda _s, _e: constant
    return lambda start, end: file.location(at + start, at + end)
