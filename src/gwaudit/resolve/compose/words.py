"""Commands of a service: a string is split into words as a shell would, and no shell runs it."""

from __future__ import annotations

from gwaudit.parse.document import Node, Scalar, Sequence
from gwaudit.resolve.compose.tree import Text, inputs_of, is_null, source_of, text_of
from gwaudit.resolve.fact import Fact, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.compose.tree import Note

_BLANK = " \t\r\n"
_ESCAPES = {"t": "\t", "n": "\n"}


def command(name: str, node: Node | None, note: Note) -> Fact | None:
    """The words of ``command`` or ``entrypoint``; None where it is not stated (null leaves the image's)."""
    if node is None or is_null(node):
        return None
    words = _words(node, note)
    below = [Fact(name, lower, source_of(each)) for each in node.shadowed if (lower := _words(each, note)) is not None]
    return None if words is None else Fact(name, words, source_of(node), below, _inputs(node))


def _inputs(node: Node) -> tuple[Fact, ...]:
    """One fact for each word of a list, with its own place and the variables in it; the variables of a string."""
    if not isinstance(node, Sequence):
        return inputs_of(node)
    return tuple(
        Fact("word", text, source_of(item), (), inputs_of(item))
        for item in node.items
        if (text := text_of(item)) is not None
    )


def _words(node: Node, note: Note) -> tuple[str | Unknown, ...] | Unknown | None:
    if isinstance(node, Sequence):
        return tuple(text for item in node.items if (text := text_of(item)) is not None)
    text = text_of(node)
    if not isinstance(node, Scalar) or text is None:
        return None
    if isinstance(text, Unknown):
        return _partly(node, text)
    words = split(text)
    if words is None:
        note(node.location, "the command is not written as a shell would read it")
        return Unknown("the command is not written as a shell would read it")
    return tuple(words)


def _partly(node: Scalar, hidden: Unknown) -> tuple[str | Unknown, ...] | Unknown:
    """The words of a command of which interpolation does not know a part: a word with ``$`` in it is not known."""
    words = split(node.template) if isinstance(node, Text) else None
    if words is None or any("${" in word and "}" not in word for word in words):
        return hidden
    return tuple(hidden if "$" in word else word for word in words)


def split(text: str) -> list[str] | None:
    """Shell words as go-shellwords finds them; None where it refuses the text (an open quote, a bare parenthesis).

    No variables. A backslash stands for the next character also inside double quotes, ``\\n`` and ``\\t`` for control
    characters; what follows a bare ``;``, ``&``, ``|``, ``<`` or ``>`` is dropped.
    """
    words: list[str] = []
    current: list[str] = []
    started = escaped = dollar = False
    quote = ""  # the quote that is open: ' " or `
    for char in text:
        if escaped:
            current.append(_ESCAPES.get(char, char))
            escaped, started = False, True
            continue
        if char == "\\":
            if quote == "'":
                current.append(char)
            else:
                escaped = True
            continue
        if char in _BLANK:
            if quote or dollar:
                current.append(char)
            elif started:
                words.append("".join(current))
                current, started = [], False
            continue
        if char == "`" and quote not in ("'", '"') and not dollar:
            quote = "" if quote else "`"
        elif char in "()" and not quote:
            if (char == ")") != dollar or (char == "(" and current[-1:] != ["$"]):
                return None
            dollar = char == "("
        elif char in ("'", '"') and not dollar and quote != ("'" if char == '"' else '"'):
            if quote == "`":
                return None
            started = started or bool(quote)
            quote = "" if quote else char
            continue
        elif char in ";&|<>" and not (quote or dollar):
            started = started and not (char == ">" and bool(current) and current[0][:1].isdigit())
            break
        started = True
        current.append(char)
    if started:
        words.append("".join(current))
    return None if escaped or quote or dollar else words
