"""Builtins that print: ``echo`` and ``printf``."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.shell.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.shell import syntax
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State
    from gwaudit.resolve.shell.variable import Field

_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", "r": "\r", '"': '"'}


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


def echo(shell: Interpreter, state: State, words: list[Field], node: syntax.Simple) -> State:
    """Words with blanks between them; ``-e`` is not followed."""
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
    """Prints, or sets a variable with ``-v``."""
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
                pieces.append(_ESCAPES.get(form[index + 1], "\\" + form[index + 1]))
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
