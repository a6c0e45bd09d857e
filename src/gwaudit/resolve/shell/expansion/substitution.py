"""Command substitution: the commands run on a copy of the state, what they print is the text."""

from __future__ import annotations

from gwaudit.parse.shell import Script, syntax
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.shell.expansion import expand
from gwaudit.resolve.shell.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.shell.syntax import Sequence
    from gwaudit.resolve.shell.interpreter import Interpreter
    from gwaudit.resolve.shell.state import State
    from gwaudit.source import Location


def substitution(shell: Interpreter, at: int, state: State) -> Text:
    """What ``$( )`` at the offset of its parenthesis prints, without its last line ends."""
    shell.parser.substitution_end(at)
    body, end = shell.parser.substitutions[at]
    return captured(shell, body, state, shell.place(at - 1, end))


def backquoted(shell: Interpreter, at: int, end: int, state: State) -> Text:
    """What the commands between backquotes print; one level of backslashes is theirs."""
    inside = shell.script.text[at + 1 : end - 1].replace("\\`", "`").replace("\\\\", "\\").replace("\\$", "$")
    place = shell.place(at, end)
    return shell.within(Script(inside, lambda _s, _e: place), lambda: captured(shell, shell.script.body, state, place))


def captured(shell: Interpreter, body: Sequence, state: State, place: Location) -> Text:
    """What the commands print on a copy of the state, whose status stays; ``$(<file)`` is the file."""
    inner = state.copy()
    inner.out = Text((), shell.source_at(place))
    shell.substituted = True
    only = body.items[0][0] if len(body.items) == 1 else None
    if isinstance(only, syntax.Simple) and not only.words and not only.assigns and only.redirects:
        target = expand.text(shell, state, only.redirects[0].target).known  # $(<file)
        found = shell.session.content(state, target) if target is not None else Unknown("a file whose name is unknown")
        text = found if isinstance(found, Text) else Text([found or ""], shell.source_at(place))
        return stripped(text)
    after = shell.isolated(lambda: shell.run(body, inner))
    state.status, state.why = (after.status, after.why) if after is not None else (None, state.why)
    out = after.out if after is not None else None
    if out is None:
        out = Text([Unknown("the output of a command that ends early")], shell.source_at(place))
    found = stripped(out)
    return found if found.source.location is not None else found.at(shell.source_at(place))


def stripped(text: Text) -> Text:
    """Without the line ends at its end, as a substitution strips them."""
    pieces = list(text.pieces)
    while pieces and isinstance(pieces[-1], str):
        cut = pieces[-1].rstrip("\n")
        pieces.pop()
        if cut:
            pieces.append(cut)
            break
    if pieces and isinstance(pieces[-1], Unknown) and pieces[-1].choices:
        last = pieces[-1]
        pieces[-1] = type(last)(
            last.reason,
            last.depends_on,
            last.low,
            last.high,
            tuple(dict.fromkeys(str(c).rstrip("\n") for c in last.choices)),
        )
    return Text(pieces, text.source, text.inputs)
