"""The builtins of sh and bash that decide what runs and with which words."""

from __future__ import annotations

import posixpath

from gwaudit.parse.shell import Script, syntax
from gwaudit.parse.shell.syntax import Assign, Raw
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.shell.condition.decide import test_command
from gwaudit.resolve.shell.condition.truth import settle
from gwaudit.resolve.shell.expansion import expand
from gwaudit.resolve.shell.simple import assign, number
from gwaudit.resolve.shell.state import State
from gwaudit.resolve.shell.text import Text
from gwaudit.resolve.shell.variable import Field, Variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.resolve.shell.interpreter import Interpreter

    Builtin = Callable[[Interpreter, State, list[Field], syntax.Simple], State | None]


def joined(words: list[Field]) -> Text:
    """Words with one blank between them."""
    pieces: list[str | Unknown] = []
    inputs: dict[object, None] = {}
    source = None
    for index, word in enumerate(words):
        if word.optional or word.many:
            pieces.append(Unknown(word.optional or "words that are not known"))
        else:
            if index:
                pieces.append(" ")
            pieces.extend(word.text.pieces)
        inputs.update(dict.fromkeys(word.text.inputs))
        if (
            source is None
            or (source.location is None and word.text.source.location is not None)
            or (word.text.inputs and not any(w.text.inputs for w in words[:index]))
        ):
            source = word.text.source
    return Text(pieces, source or words[0].text.source if words else source, inputs)  # type: ignore[arg-type]


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


def colon(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    return state.done()


def false(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    return state.done(1)


def echo(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    args = words[1:]
    newline = "\n"
    while args and args[0].text.known in ("-n", "-e", "-ne", "-en", "-E"):
        if "n" in (args[0].text.known or ""):
            newline = ""
        args = args[1:]
    if state.out is not None:
        text = joined(args) if args else Text((), shell.source)
        state.emit(Text((*text.pieces, newline), text.source, text.inputs))
    return state.done()


def printf(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    args = words[1:]
    if args and args[0].text.known == "-v" and len(args) > 2 and args[1].text.known:
        state.assign(args[1].text.known, formatted(shell, args[2:]))
        return state.done()
    if args and args[0].text.known == "--":
        args = args[1:]
    if state.out is not None and args:
        state.emit(formatted(shell, args))
    return state.done()


def formatted(shell: Interpreter, args: list[Field]) -> Text:
    """``printf``: ``%s``, ``%d``, ``%%`` and the usual escapes; the format is used again while arguments are left."""
    form = args[0].text.known
    rest = args[1:]
    if form is None or any(a.optional or a.many for a in args):
        return Text([Unknown("a printf format that is not known")], shell.source)
    pieces: list[str | Unknown] = []
    inputs: dict[object, None] = {}
    source = next((a.text.source for a in rest if a.text.source.location is not None), args[0].text.source)
    at = 0
    while True:
        used = at
        index = 0
        while index < len(form):
            char = form[index]
            if char == "\\" and index + 1 < len(form):
                pieces.append(
                    {"n": "\n", "t": "\t", "\\": "\\", "r": "\r", '"': '"'}.get(form[index + 1], "\\" + form[index + 1])
                )
                index += 2
            elif char == "%" and index + 1 < len(form):
                kind = form[index + 1]
                if kind == "%":
                    pieces.append("%")
                elif kind in "sdiub":
                    if at < len(rest):
                        pieces.extend(rest[at].text.pieces or (("0",) if kind in "diu" else ()))
                        inputs.update(dict.fromkeys(rest[at].text.inputs))
                    elif kind in "diu":
                        pieces.append("0")
                    at += 1
                else:
                    pieces.append(Unknown("a printf format that is not followed"))
                    at += 1
                index += 2
            else:
                pieces.append(char)
                index += 1
        if at >= len(rest) or at == used:
            break
    return Text(pieces, source, inputs)  # type: ignore[arg-type]


def test(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    settle(state, test_command(shell, node, state))
    return state


def cd(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    args = [w for w in words[1:] if w.text.known not in ("--", "-P", "-L")]
    if not args:
        state.directory = None
        return state.done()
    known = args[0].text.known
    if known == "" and not args[0].optional:
        return state.done()
    if known is None or args[0].optional or known == "-":
        state.directory = None
        state.known(0)
        return state
    if known.startswith("/"):
        state.directory = posixpath.normpath(known)
    elif state.directory is not None:
        state.directory = posixpath.normpath(posixpath.join(state.directory, known))
    return state.done()


def export(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    """export, declare, typeset, readonly and local."""
    kind = words[0].text.known or ""
    state.known(0)
    flags = ""
    frame = state.locals[-1] if state.locals else None
    local = kind in ("local", "declare", "typeset") and frame is not None
    for word in node.words[1:]:
        if isinstance(word, Assign):
            if local and "g" not in flags and frame is not None:
                frame.setdefault(word.name, state.variables.get(word.name))
                if not word.append:
                    state.variables.pop(word.name, None) if word.name not in state.variables else None
            assign(shell, state, word)
            mark(state, word.name, kind, flags)
            continue
        for field in expand.fields(shell, state, word):
            known = field.text.known
            if known is None or field.optional or field.many:
                value = field.text.value()
                why = value.reason if isinstance(value, Unknown) else (field.optional or "names that are not known")
                if kind == "export":
                    place = shell.place(word.start, word.end)
                    shell.session.problem(place, f"variables that are not known are exported here: {why}")
                    state.env = state.env.copy()
                    state.env.opaque(f"variables exported at {place.path}:{place.line} are not known ({why})")
                continue
            if known.startswith(("-", "+")) and len(known) > 1:
                flags += known[1:] if known[0] == "-" else ""
                continue
            name, equals, value_text = known.partition("=")
            if not name.isidentifier():
                continue
            if local and "g" not in flags and frame is not None and name not in frame:
                frame[name] = state.variables.get(name)
                if not equals:
                    state.unset(name)
            if equals:
                state.assign(name, Text((value_text,), field.text.source, field.text.inputs))
            elif "a" in flags and name not in state.variables:
                state.assign(name, Text((), shell.source), ())
            mark(state, name, kind, flags)
    return state


def mark(state: State, name: str, kind: str, flags: str) -> None:
    variable = state.lookup(name)
    if kind == "export" or "x" in flags:
        exported = "n" not in flags
        if name not in state.variables and variable.state is True and variable.exported:
            return
        state.variables[name] = Variable(variable.text, variable.state, exported, variable.items)


def unset(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    for word in words[1:]:
        name = word.text.known
        if name is not None and name.isidentifier():
            state.unset(name)
        elif name == "-f":
            break
    return state.done()


def set_(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    args = words[1:]
    index = 0
    while index < len(args):
        known = args[index].text.known
        if known is None or args[index].optional or known[:1] not in ("-", "+") or known in ("-", "+"):
            break
        if known == "--":
            index += 1
            state.args = tuple(args[index:])
            return state.done()
        on = known[0] == "-"
        if known[1:] == "o":
            index += 1
            option = args[index].text.known if index < len(args) else None
            names = {"errexit": "errexit", "nounset": "nounset", "allexport": "allexport", "pipefail": "pipefail"}
            if option in names:
                setattr(state, names[option], on)
            index += 1
            continue
        for letter in known[1:]:
            if letter == "o":
                index += 1
                option = args[index].text.known if index < len(args) else None
                if option in ("errexit", "nounset", "allexport", "pipefail"):
                    setattr(state, option, on)
            name = {"e": "errexit", "u": "nounset", "a": "allexport", "f": "noglob"}.get(letter)
            if name is not None:
                setattr(state, name, on)
        index += 1
    if index < len(args):
        state.args = tuple(args[index:])
    return state.done()


def shift(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    count = number(words, 1, 1)
    if count is None or any(f.many or f.optional for f in state.args[: count or 0]):
        why = "parameters shifted by a number that is not known"
        state.args = (Field(Text([Unknown(why)], shell.source), why, True),)
        return state.done()
    if count > len(state.args):
        return state.done(1)
    state.args = state.args[count:]
    return state.done()


def exit_(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> None:
    status = number(words, 1, state.status if state.status is not None else -1)
    shell.session.exits.append((shell.place(node.start, node.end), None if status == -1 else status))
    shell.ended(state, None if status == -1 else status)


def return_(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State | None:
    status = number(words, 1, state.status if state.status is not None else -1)
    if status is None or status == -1:
        state.undecided("the status of a return")
    else:
        state.known(status)
    if shell.returns:
        shell.returns[-1].append(state)
        return None
    state.known(1)  # outside of a function and a sourced script, return is an error and the script goes on
    return state


def leave(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State | None:
    """break and continue."""
    count = number(words, 1, 1) or 1
    if not shell.loops:
        return state.done()
    loop = shell.loops[-min(count, len(shell.loops))]
    if words[0].text.known == "break" or count > 1:
        (loop.breaks if words[0].text.known == "break" else loop.continues).append(state)
    else:
        loop.continues.append(state)
    return None


def eval_(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State | None:
    text = joined(words[1:]).known if len(words) > 1 else ""
    place = shell.place(node.start, node.end)
    if text is None:
        shell.session.problem(place, "eval of a text that is not known")
        state.env = state.env.copy()
        state.env.opaque(f"eval at {place.path}:{place.line} of a text that is not known")
        state.undecided("eval of a text that is not known")
        return state
    return included(shell, state, Script(text, lambda _s, _e: place), returns=False)


def included(shell: Interpreter, state: State, script: Script, returns: bool = True) -> State | None:
    """Run another text in this shell (eval, source)."""
    if len(shell.returns) > 20:
        state.undecided("scripts that include each other too deeply")
        return state
    saved = shell.script, shell.parser
    shell.script, shell.parser = script, script.parser
    if returns:
        shell.returns.append([])
    try:
        after = shell.run(script.body, state)
    finally:
        shell.script, shell.parser = saved
    if returns:
        from gwaudit.resolve.shell.join import join_states

        for other in shell.returns.pop():
            after = join_states(other, after, "a sourced script that returns early")
    return after


def harmless(path: str) -> bool:
    """Whether a file that is sourced and not in the tree is a well-known one that sets paths only."""
    return path.endswith(HARMLESS) or path.startswith("/etc/profile.d/")


def source(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State | None:
    """``. file``: run in this shell; a file that cannot be seen may set any variable."""
    place = shell.place(node.start, node.end)
    path = words[1].text.known if len(words) > 1 else None
    found = shell.session.content(state, path) if path is not None else Unknown("a file whose name is not known")
    if found is None:
        state.known(1)
        return state
    text = found.known if isinstance(found, Text) else None
    if text is None:
        if path is None or not harmless(path):
            why = found.reason if isinstance(found, Unknown) else "its text is not known"
            shell.session.problem(place, f"{path or 'a file'} is sourced and cannot be read: {why}")
            state.env = state.env.copy()
            state.env.opaque(f"{path or 'a file'}, sourced at {place.path}:{place.line}, may set it")
            state.last = ()  # what runs last may well stand in it: the entry point of a base image, handed on to
        state.known(0)
        return state
    located = shell.session.locate(state, path or "")
    file = None
    if isinstance(located, str) and shell.session.workspace is not None:
        file = shell.session.workspace.source(located)
        if located not in shell.session.scripts:
            shell.session.scripts.append(located)
    script = Script(text, file.location if file is not None and file.text == text else (lambda _s, _e: place))
    args = state.args
    if len(words) > 2:
        state.args = tuple(words[2:])
    after = included(shell, state, script)
    if after is not None and len(words) > 2:
        after.args = args
    return after


def exec_(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State | None:
    from gwaudit.resolve.shell.program import program

    rest = words[1:]
    while rest and rest[0].text.known in ("-l", "-c", "-a", "--"):
        rest = rest[2:] if rest[0].text.known == "-a" else rest[1:]
    if not rest:
        return state.done()  # only redirections, which stay
    return program(shell, state, rest, shell.place(node.start, node.end), replace=True)


def command_(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State | None:
    from gwaudit.resolve.shell.program import program

    flags = [w.text.known for w in words[1:2]]
    if words[0].text.known in ("type", "which", "hash") or flags in (["-v"], ["-V"]):
        name = words[-1].text.known or "a program"
        if state.out is not None:
            from gwaudit.resolve.shell.text import Filled

            state.emit(Text([Filled(f"the path of {name}")], shell.source_at(shell.place(node.start, node.end))))
        if name in BUILTINS or name in state.functions:
            return state.done()
        state.undecided(f"whether {name} is installed")
        return state
    rest = words[2:] if flags in (["-p"], ["--"]) else words[1:]
    if not rest:
        return state.done()
    builtin = BUILTINS.get(rest[0].text.known or "")
    if builtin is not None:
        return builtin(shell, state, rest, node)
    return program(shell, state, rest, shell.place(node.start, node.end))


def read(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    """Names that are read become unknown, unless standard input is one known line."""
    names = [w.text.known for w in words[1:] if w.text.known and w.text.known.isidentifier()]
    known = state.stdin.known if state.stdin is not None else None
    if (
        known is not None
        and names
        and not any((w.text.known or "").startswith("-a") for w in words)
        and "IFS" not in state.variables
    ):
        line, newline, rest = known.partition("\n")
        if not line and not newline:
            for name in names:
                state.assign(name, Text((), shell.source))
            return state.done(1)
        assert state.stdin is not None
        parts = line.split(None, len(names) - 1) if not any(a.name == "IFS" for a in node.assigns) else None
        if parts is not None:
            for index, name in enumerate(names):
                text = parts[index].strip() if index < len(parts) else ""
                state.assign(name, Text((text,), state.stdin.source, state.stdin.inputs))
            state.stdin = Text((rest,), state.stdin.source, state.stdin.inputs)
            return state.done(0 if newline else 1)
    for name in names:
        state.assign(name, Text([Unknown("a line that is read at run time")], shell.source))
    state.undecided("whether there is a line to read")
    return state


def trap(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    if len(words) > 2 and words[1].text.known not in ("-", ""):
        shell.traps = True
    return state.done()


def wait(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    state.undecided("the exit status of a background command")
    return state


def let(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    truth: bool | None = None
    for word in node.words[1:]:
        if isinstance(word, Raw):
            inner = (word.start + 1, word.end - 1) if word.text[:1] in "\"'" else (word.start, word.end)
            truth = shell.arithmetic(state, *inner).truth
    if truth is None:
        state.undecided("arithmetic that is not known")
    else:
        state.known(0 if truth else 1)
    return state


def getopts(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    """Without parameters there are no options; else they are not followed."""
    if not state.args:
        return state.done(1)
    for name in [w.text.known for w in words[2:3]] + ["OPTARG", "OPTIND"]:
        if name:
            state.assign(name, Text([Unknown("an option of the script")], shell.source))
    state.undecided("the options of the script")
    return state


def pushd(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    if words[0].text.known == "pushd" and len(words) > 1:
        state.locals.append({}) if False else None
        shell.directories.append(state.directory)
        return cd(shell, state, words, node)
    state.directory = shell.directories.pop() if shell.directories else None
    return state.done()


BUILTINS: dict[str, Builtin] = {
    ":": colon, "true": colon, "false": false, "echo": echo, "printf": printf, "[": test, "test": test, "cd": cd,
    "export": export, "declare": export, "typeset": export, "readonly": export, "local": export, "unset": unset,
    "set": set_, "shift": shift, "exit": exit_, "return": return_, "break": leave, "continue": leave, "eval": eval_,
    ".": source, "source": source, "exec": exec_, "command": command_, "type": command_, "which": command_,
    "hash": command_, "read": read, "trap": trap, "wait": wait, "let": let, "getopts": getopts, "umask": colon,
    "ulimit": colon, "shopt": colon, "alias": colon, "kill": colon, "sleep": colon, "pushd": pushd, "popd": pushd,
    "jobs": colon, "disown": colon, "enable": colon, "complete": colon, "builtin": command_,
}  # fmt: skip
