"""Programs: wrappers are unwrapped, shells and scripts of the tree are followed, everything else is recorded."""

from __future__ import annotations

import posixpath

from gwaudit.parse.shell import Script, interpreter_of
from gwaudit.resolve.command import Command, Word
from gwaudit.resolve.environment import Environment
from gwaudit.resolve.fact import ABSENT, Fact, Source, Step, Unknown
from gwaudit.resolve.shell.session import MAX_COMMANDS, MAX_DEPTH
from gwaudit.resolve.shell.state import State
from gwaudit.resolve.shell.text import Text
from gwaudit.resolve.shell.variable import Field
from gwaudit.resolve.shell.wrappers import is_companion, is_server, unwrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.session import Session
    from gwaudit.source import Location, SourceFile

Outcome = tuple[bool, tuple[Command, ...]]
MAX_LASTS = 8
SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "zsh"))
HARMLESS = (
    "bin/activate",
    "/etc/profile",
    "/etc/bashrc",
    "/etc/bash.bashrc",
    ".bashrc",
    ".profile",
    "scl_enable",
    "nvm.sh",
    "generate_container_user",
)


def harmless(path: str) -> bool:
    """Whether a file that is sourced and not in the tree is a well-known one that sets paths only."""
    return path.endswith(HARMLESS) or path.startswith("/etc/profile.d/")


class Chain:
    """How the process that runs now was started: what a stop signal reaches, and the way from the manifest."""

    __slots__ = ("foreground", "init", "location", "shell_form", "tail", "via")

    def __init__(
        self,
        foreground: bool | None = True,
        init: bool = False,
        shell_form: bool = False,
        via: tuple[Step, ...] = (),
        location: Location | None = None,
        tail: bool = True,
    ) -> None:
        self.foreground = foreground
        self.tail = tail  # whether the container's first process becomes, or only waits for, this one at its end
        self.init = init
        self.shell_form = shell_form
        self.via = via
        self.location = location

    def behind_shell(self) -> Chain:
        return Chain(False, self.init, self.shell_form, self.via, self.location, False)

    def through(self, location: Location, label: str) -> Chain:
        via = self.via
        if len(via) < 12 and (not via or via[-1].location != location):
            via = (*via, Step(location, label))
        return Chain(self.foreground, self.init, self.shell_form, via, self.location, self.tail)


def program(
    shell: Interpreter, state: State, words: list[Field], location: Location, replace: bool = False
) -> State | None:
    """A program that a script runs; ``replace`` after ``exec``."""
    from gwaudit.resolve.shell.builtins import emit
    from gwaudit.resolve.shell.output import printed

    chain = shell.chain.through(location, "runs")
    if not replace and not (shell.implicit_exec and not shell.traps):
        chain.foreground = None if shell.traps and chain.foreground else False
        chain.tail = False
    elif shell.implicit_exec and not replace:
        chain.foreground = {"bash": chain.foreground, "ash": chain.foreground, "dash": False}.get(
            shell.shell or "", None if chain.foreground else False
        )
    session = shell.session
    if state.out is not None and not replace:
        known = printed(shell, state, words, location)
        if known is not None:
            text, status = known
            emit(state, text)
            if status is None:
                state.undecided("the exit status of a program is not known")
            else:
                state.known(status)
            return state
        name = words[0].text.known or "a program"
        emit(state, Text([Unknown(f"the output of {name.rsplit('/', 1)[-1]} is not known")], shell.source_at(location)))
    serves, state.last = start(session, words, child_of(state), chain, shell, replace)
    note_files(session, state, words)
    if serves or replace:
        if not chain.tail and not serves:
            shell.lasts.extend(state.last)
        return None
    name = (words[0].text.known or "a program").rsplit("/", 1)[-1]
    state.undecided(f"whether {name} succeeds")
    return state


def note_files(session: Session, state: State, words: list[Field]) -> None:
    """Programs that plainly create or remove the files they name."""
    known = [w.text.known for w in words]
    name = (known[0] or "").rsplit("/", 1)[-1]
    if name in ("touch", "mkdir"):
        for one in known[1:]:
            path = session.path(state, one) if one and not one.startswith("-") else None
            if path is not None and session.exists(state, one or "", "any")[0] is not True:
                state.files[path] = Text((), Source("script"))
    elif name in ("rm", "cp", "mv", "sed", "install", "ln", "envsubst", "python", "python3", "curl", "wget", "tee"):
        for one in known[1:]:
            path = session.path(state, one) if one and not one.startswith("-") else None
            if path is None:
                continue
            if name == "rm":
                state.files[path] = False
            elif one == known[-1] or name == "sed":
                state.files[path] = None


def child_of(state: State) -> State:
    """The state that a new process inherits: exported variables, directory, standard input."""
    env = environment_of(state)
    child = State(env, state.directory)
    child.stdin = state.stdin
    child.files = dict(state.files)
    child.root = state.root
    child.out = None
    return child


def environment_of(state: State) -> Environment:
    """The environment of a program started here."""
    env = state.env.copy()
    for name, variable in state.variables.items():
        if variable.exported is False or variable.items is not None:
            if variable.state is False and name in env:
                env.unset(name, variable.text.source)
            continue
        if variable.state is False:
            if name in env:
                env.unset(name, variable.text.source)
            continue
        value = variable.text.value()
        if variable.state is None or variable.exported is None:
            reason = (
                value.reason if isinstance(value, Unknown) else f"{name} is set only in a branch decided at run time"
            )
            choices = value.choices if isinstance(value, Unknown) else (value,)
            value = Unknown(reason, (f"env.{name}",), choices=choices)
        old = env.get(name)
        if old.value == value and isinstance(value, str):
            continue
        secret = old.secret or any(fact.secret for fact in variable.text.inputs)
        env.put(Fact(f"env.{name}", value, variable.text.source, inputs=variable.text.inputs, secret=secret))
    return env


def start(
    session: Session,
    words: list[Field],
    state: State,
    chain: Chain,
    shell: Interpreter | None,
    replace: bool,
) -> Outcome:
    """A process with these words: whether it serves (does not end), and the last programs that it ran."""
    session.spend(20)
    if session.depth > MAX_DEPTH:
        session.problem(chain.location, "scripts that start each other too deeply")
        return False, ()
    words, chain = unwrapped(session, words, state, chain)
    if not words:
        return False, ()
    location = chain.via[-1].location if chain.via else chain.location
    name = words[0].text.known
    base = name.rsplit("/", 1)[-1] if name else None
    if base in SHELLS and not words[0].optional:
        return run_shell(session, base or "sh", words, state, chain)
    if name is not None and not words[0].optional and not words[0].many:
        script = script_at(session, state, name)
        if script is not None:
            return run_script(session, script, name, words[1:], state, chain, None)
    return record(session, words, state, chain, location, shell, replace)


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
                from gwaudit.source import Location as Place

                found = Script(known, lambda _s, _e, place=place: place or Place("."))  # type: ignore[misc]
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
    import re

    found: list[tuple[str, Location]] = []
    offset = 0
    for line in script.text.splitlines(keepends=True):
        if "$" in line and not line.lstrip().startswith("#"):
            for match in re.finditer(r"\$\{?[!#]?([A-Za-z_][A-Za-z0-9_]*)", line):
                found.append((match.group(1), script.place(offset + match.start(), offset + match.end())))
        offset += len(line)
    return found


def run_shell(session: Session, base: str, words: list[Field], state: State, chain: Chain) -> Outcome:
    """``sh -c text``, ``bash script``: a new shell."""
    kind = session.sh if base == "sh" else base
    index = 1
    command = False
    errexit = nounset = False
    while index < len(words):
        known = words[index].text.known
        if known is None or words[index].optional or known[:1] not in ("-", "+"):
            break
        index += 1
        if known == "--":
            break
        if known.startswith("--"):
            index += known in ("--rcfile", "--init-file")
            continue
        if "c" in known[1:]:
            command = True
        errexit = errexit or "e" in known[1:]
        nounset = nounset or "u" in known[1:]
        if "o" in known[1:] or "O" in known[1:]:
            index += 1
    state.errexit, state.nounset = errexit, nounset
    if index >= len(words):
        return record(session, words, state, chain, chain.location, None, False)
    field = words[index]
    location = field.text.source.location or chain.location
    if command:
        text = field.text.known
        if text is None or field.optional or field.many:
            session.problem(location, "a shell runs a text that is not known")
            return record(session, words, state, chain, location, None, False)
        script = Script(text, placed(session, text, field.text))
        rest = words[index + 1 :]
        name = rest[0].text.known if rest else None
        return run_script(session, script, name or base, rest[1:], state, chain, kind, implicit=True)
    path = field.text.known
    script_found = None
    if path is not None and not field.optional:
        located = session.locate(state, path)
        if isinstance(located, str):
            file = session.workspace.source(located) if session.workspace is not None else None
            if file is not None:
                script_found = noted(session, file, located)
        else:
            script_found = script_at(session, state, path if "/" in path else "./" + path)
    if script_found is None:
        return record(session, words, state, chain, location, None, False)
    return run_script(session, script_found, path or "", words[index + 1 :], state, chain, kind)


def placed(session: Session, text: str, value: Text):  # type: ignore[no-untyped-def]
    """Places inside a script that is a string: exact where the string stands verbatim in its file."""
    from gwaudit.source import Location as Place

    location = value.source.location
    constant = location or Place(".")
    file = session.workspace.source(location.path) if location is not None and session.workspace is not None else None
    if file is None or location is None or location.span is None or value.inputs:
        return lambda _s, _e: constant
    starts = file.starts()
    begin = starts[location.span.line - 1] + location.span.column - 1
    at = file.text.find(text, begin, begin + len(text) + 40)
    if at < 0 or not text:
        return lambda _s, _e: constant
    return lambda start, end: file.location(at + start, at + end)


def run_script(
    session: Session,
    script: Script,
    name: str,
    args: list[Field],
    state: State,
    chain: Chain,
    kind: str | None,
    implicit: bool = False,
) -> Outcome:
    """A script as a process of its own."""
    from gwaudit.resolve.shell.interpreter import Interpreter

    if kind is None:
        kind = script.interpreter if script.interpreter != "sh" else session.sh
    state.args = tuple(args)
    inner = Interpreter(session, script, name, kind, chain)
    inner.implicit_exec = implicit
    finals = len(session.final)
    if script.error is not None:
        at, message = script.error
        session.problem(script.place(at, at), f"the script is followed up to here: {message}")
    identity = (script.text, tuple(field.key() for field in args))
    if session.running.count(identity) > 1:
        session.problem(chain.location, "a script that starts itself again is not followed further")
        return False, ()
    session.running.append(identity)
    session.depth += 3
    after = inner.run(script.body, state)
    session.depth -= 3
    session.running.pop()
    if after is not None:
        inner.ended(after, after.status)
    return after is None and len(session.final) > finals, tuple(inner.lasts[:MAX_LASTS])


def record(
    session: Session,
    words: list[Field],
    state: State,
    chain: Chain,
    location: Location | None,
    shell: Interpreter | None,
    replace: bool,
) -> Outcome:
    """Note a program that runs: as a final command where it replaces the first process or is a server, else as a step."""
    found = Command(
        [word_of(field) for field in words],
        environment_of(state) if state.variables else state.env,
        state.directory,
        location,
        chain.via,
        chain.foreground,
        chain.shell_form,
        bool(shell is not None and shell.piped),
        chain.init,
    )
    serves = is_server(words)
    if serves or (chain.tail and (replace or shell is None)):
        target = session.final
    else:
        target = session.companions if is_companion(words) else session.steps
    if not session.silent and len(target) < MAX_COMMANDS and not any(same(found, other) for other in target):
        target.append(found)
    return serves, () if target is session.companions else (found,)


def same(first: Command, second: Command) -> bool:
    return first.location == second.location and [w.value for w in first.words] == [w.value for w in second.words]


def word_of(field: Field) -> Word:
    """A word as the rest of the program sees it."""
    value = field.text.value()
    facts = [fact for fact in field.text.inputs if isinstance(fact, Fact)]
    if isinstance(value, str) or len(field.text.pieces) == 1:
        return Word(value, field.text.source, facts, field.optional)
    return Word(value, field.text.source, facts, field.optional, field.text.pieces)


__all__ = ["ABSENT", "Chain", "posixpath", "program", "start"]
