"""Redirections: what a command reads from a here-document or a known file, and which files it writes."""

from __future__ import annotations

from gwaudit.resolve.fact import Source, Unknown
from gwaudit.resolve.shell.expansion import expand
from gwaudit.resolve.shell.expansion.segment import whole
from gwaudit.resolve.shell.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.parse.shell.syntax import Node, Redirect
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State


def redirected(shell: Interpreter, node: Node, state: State, action: Callable[[State], State | None]) -> State | None:
    """``action`` with the node's redirections in place."""
    out, stdin = state.out, state.stdin
    target: str | None = None
    append = diverted = False
    for redirect in node.redirects:
        operator = redirect.operator
        if operator in ("<<", "<<-", "<<<", "<"):
            if redirect.fd in (None, 0):
                state.stdin = given(shell, state, redirect)
            continue
        path = expand.text(shell, state, redirect.target).known
        if operator in (">&", "<&"):
            if redirect.fd in (None, 1) and path == "2":
                diverted, target = True, None
            continue
        if redirect.fd not in (None, 1):
            continue
        diverted, append = True, operator in (">>", "&>>")
        target = shell.session.path(state, path) if path is not None else None
    if diverted:
        state.out = Text((), Source("script"))
    after = action(state)
    if after is None:
        return None
    if diverted:
        if target is not None and target not in ("/dev/null", "/dev/stdout", "/dev/stderr"):
            written = after.out
            if append and written is not None:
                earlier = shell.session.content(after, target)
                if isinstance(earlier, Text):
                    written = Text(
                        (*earlier.pieces, *written.pieces), written.source, (*earlier.inputs, *written.inputs)
                    )
                elif isinstance(earlier, Unknown):
                    written = None
            after.files[target] = written
        after.out = out
        if target in ("/dev/stdout", "/dev/stderr") and out is not None:
            after.out = Text((*out.pieces, Unknown("the output of a command")), out.source, out.inputs)
    after.stdin = stdin
    return after


def given(shell: Interpreter, state: State, redirect: Redirect) -> Text:
    """What a command finds on its standard input."""
    place = shell.place(redirect.target.start, redirect.target.end)
    source = Source("script", None, place)
    if redirect.operator == "<":
        path = expand.text(shell, state, redirect.target).known
        found = shell.session.content(state, path) if path is not None else Unknown("a file whose name is unknown")
        return found if isinstance(found, Text) else Text([found or ""], source)
    if redirect.operator == "<<<":
        text = expand.text(shell, state, redirect.target)
        return Text((*text.pieces, "\n"), text.source, text.inputs)
    body = redirect.body
    if body is None:
        return Text((), source)
    if redirect.quoted:
        text = Text((body.text,), Source("script", None, shell.place(body.start, body.end)))
    else:
        saved, shell.in_heredoc = shell.in_heredoc, True
        parts = expand.segments(shell, state, body.start, body.end, True)
        shell.in_heredoc = saved
        text = whole(shell, body.start, body.end, parts, step=False)
    if redirect.operator == "<<-":
        fresh = True
        pieces: list[str | Unknown] = []
        for piece in text.pieces:
            if isinstance(piece, str):
                lines = piece.split("\n")
                kept = [line.lstrip("\t") if fresh or number else line for number, line in enumerate(lines)]
                pieces.append("\n".join(kept))
                fresh = piece.endswith("\n")
            else:
                pieces.append(piece)
                fresh = False
        text = Text(pieces, text.source, text.inputs)
    return text
