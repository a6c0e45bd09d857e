"""What well-known programs print, as far as their input is known: ``nproc``, ``uname``, ``tr``, ``cut``, ..."""

from __future__ import annotations

import posixpath

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.shell.expansion.special import user_id
from gwaudit.resolve.shell.text import Filled, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State
    from gwaudit.resolve.shell.variable import Field
    from gwaudit.source import Location

CPUS = "the number of CPUs is known at run time only"


def printed(shell: Interpreter, state: State, words: list[Field], location: Location) -> tuple[Text, int | None] | None:
    """The output and exit status of a program; None where nothing is known of the program."""
    name = (words[0].text.known or "").rsplit("/", 1)[-1]
    if any(w.optional or w.many for w in words):
        return None
    args = [w.text for w in words[1:]]
    known = [a.known for a in args]
    source = shell.source_at(location)

    def line(text: str) -> tuple[Text, int]:
        return Text((text + "\n",), source), 0

    def unknown(piece: Unknown) -> tuple[Text, int]:
        return Text([piece, "\n"], source), 0

    if name == "nproc":
        return unknown(Filled(CPUS, ("cpus",), 1))
    if name == "getconf" and known[:1] in (["_NPROCESSORS_ONLN"], ["_NPROCESSORS_CONF"], ["NPROCESSORS_ONLN"]):
        return unknown(Filled(CPUS, ("cpus",), 1))
    if name == "sysctl" and known[-1:] == ["hw.ncpu"]:
        return Text([Filled(CPUS, ("cpus",), 1), "\n"], source), None
    if name == "uname":
        return (
            line("Linux")
            if known in ([], ["-s"])
            else unknown(Filled("the machine is known at run time only", ("machine",)))
        )
    if name == "id" and known == ["-u"]:
        return _line(user_id(state, source)), 0
    if name == "whoami" and state.root:
        return line("root")
    if name in ("hostname", "whoami", "id", "date", "mktemp"):
        return unknown(Filled(f"the output of {name} is known at run time only"))
    if name == "pwd":
        return line(state.directory) if state.directory else unknown(Filled("the working directory is unknown"))
    if name == "cat" and not args and state.stdin is not None:
        return state.stdin, 0
    if name == "cat" and args:
        return _files(shell, state, args, location)
    if name == "basename" and args:
        suffix = known[1] if len(known) > 1 else ""

        def base(text: str) -> str:
            found = posixpath.basename(text.rstrip("/")) or "/"
            return found[: -len(suffix)] if suffix and found.endswith(suffix) and found != suffix else found

        return _line(args[0].mapped(base, "a path that is unknown")), 0
    if name == "dirname" and len(args) == 1:
        return _line(args[0].mapped(lambda t: posixpath.dirname(t.rstrip("/") or "/") or ".", "an unknown path")), 0
    if name in ("realpath", "readlink") and args and known[-1] is not None:
        path = known[-1]
        if state.directory is not None or path.startswith("/"):
            return line(posixpath.normpath(posixpath.join(state.directory or "/", path)))
    if name == "seq" and args and all(k is not None and k.lstrip("-").isdigit() and len(k) < 6 for k in known):
        numbers = [int(k or 0) for k in known]
        first, step, last = (
            (1, 1, numbers[0])
            if len(numbers) == 1
            else ((numbers[0], 1, numbers[1]) if len(numbers) == 2 else (numbers[0], numbers[1], numbers[2]))
        )
        if step and abs(last - first) // abs(step) < 2000:
            return Text(("".join(f"{n}\n" for n in range(first, last + (1 if step > 0 else -1), step)),), source), 0
    if state.stdin is not None and all(k is not None for k in known):
        return _filter(name, [k or "" for k in known], state.stdin)
    return None


def _line(text: Text) -> Text:
    return Text((*text.pieces, "\n"), text.source, text.inputs)


def _files(shell: Interpreter, state: State, args: list[Text], location: Location) -> tuple[Text, int | None]:
    pieces: list[str | Unknown] = []
    source = shell.source_at(location)
    status: int | None = 0
    for arg in args:
        path = arg.known
        if path == "-":
            pieces.extend(state.stdin.pieces if state.stdin is not None else (Unknown("standard input"),))
            continue
        found = shell.session.content(state, path) if path is not None else Unknown("a file whose name is unknown")
        if isinstance(found, Text):
            pieces.extend(found.pieces)
            source = found.source
        elif found is None:
            status = 1
        else:
            pieces.append(Unknown(found.reason, found.depends_on))
            status = None
    return Text(pieces, source), status


def _filter(name: str, args: list[str], given: Text) -> tuple[Text, int | None] | None:
    """A filter on its standard input."""
    if name == "tr":
        change = _tr(args)
        return (given.mapped(change, "an unknown text"), 0) if change is not None else None
    if name == "head" and (args in ([], ["-n", "1"], ["-n1"], ["-1"])):
        count = 10 if not args else 1
        return given.mapped(lambda t: "".join(t.splitlines(True)[:count]), "an unknown text"), 0
    if name == "tail" and args in (["-n", "1"], ["-n1"], ["-1"]):
        return given.mapped(lambda t: "".join(t.splitlines(True)[-1:]), "an unknown text"), 0
    if name == "cut":
        options = {a[:2]: a[2:] for a in args if len(a) > 2}
        flags = dict(zip(args[::2], args[1::2], strict=False)) | options
        mark, field = flags.get("-d"), flags.get("-f", "")
        if mark and len(mark) == 1 and (field.isdigit() or (field[:-1].isdigit() and field[-1] == "-")):
            number = int(field.rstrip("-"))

            def cut(text: str) -> str:
                found = []
                for one in text.splitlines():
                    parts = one.split(mark)
                    if len(parts) == 1:
                        found.append(one)
                    elif field[-1] == "-":
                        found.append(mark.join(parts[number - 1 :]))
                    else:
                        found.append(parts[number - 1] if number <= len(parts) else "")
                return "".join(one + "\n" for one in found)

            return given.mapped(cut, "an unknown text"), 0
    if name == "wc" and args == ["-l"]:
        return given.mapped(lambda t: f"{t.count(chr(10))}\n", "an unknown text"), 0
    if name == "sort" and not args:
        return given.mapped(lambda t: "".join(f"{x}\n" for x in sorted(t.splitlines())), "an unknown text"), 0
    return None


_TR = {
    "[:upper:]": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "[:lower:]": "abcdefghijklmnopqrstuvwxyz",
    "[:digit:]": "0123456789",
    "[:space:]": " \t\n\v\f\r",
    "[:blank:]": " \t",
}


def _set(text: str) -> str | None:
    if text in _TR:
        return _TR[text]
    text = text.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")
    if "[:" in text:
        return None
    found, index = "", 0
    while index < len(text):
        if index + 2 < len(text) and text[index + 1] == "-":
            found += "".join(chr(c) for c in range(ord(text[index]), min(ord(text[index + 2]), 0x2FF) + 1))
            index += 3
        else:
            found += text[index]
            index += 1
    return found


def _tr(args: list[str]):  # type: ignore[no-untyped-def]
    if len(args) == 2 and args[0] == "-d":
        gone = _set(args[1])
        return None if gone is None else lambda t: "".join(c for c in t if c not in gone)
    if len(args) == 2 and (args[0] == "-" or not args[0].startswith("-")):
        old, new = _set(args[0]), _set(args[1])
        if old and new:
            new += new[-1] * (len(old) - len(new))
            table = dict(zip(old, new, strict=False))
            return lambda t: "".join(table.get(c, c) for c in t)
    return None
