"""Processes: wrappers are unwrapped, shells and scripts of the tree are followed, everything else is recorded."""

from __future__ import annotations

from gwaudit.parse.shell import Script
from gwaudit.resolve.shell.interpreter import Interpreter
from gwaudit.resolve.shell.record import record
from gwaudit.resolve.shell.scripts import SHELLS, noted, placed, script_at
from gwaudit.resolve.shell.session import MAX_DEPTH
from gwaudit.resolve.shell.wrappers import unwrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.shell.chain import Chain
    from gwaudit.resolve.shell.session import Outcome, Session
    from gwaudit.resolve.shell.state import State
    from gwaudit.resolve.shell.variable import Field

MAX_LASTS = 8


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
