"""What a word says by its spelling alone: unquoted patterns, ``$'...'``, ``{a,b}`` and ``{1..5}``."""

from __future__ import annotations

from gwaudit.pattern import regex

_BRACES = regex(r"^([^{}\"'$`\\]*)\{([^{}\"'$`\\]*)\}([^{}\"'$`\\]*)$")
_ESCAPE = regex(r"x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|u([0-9A-Fa-f]{1,4})")


def has_glob(raw: str) -> bool:
    """Whether a raw word has an unquoted ``*`` or ``?``, outside of expansions."""
    if "*" not in raw and "?" not in raw:
        return False
    quote, level, index = "", 0, 0
    while index < len(raw):
        char = raw[index]
        if char == "\\":
            index += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "\"'`":
            quote = char
        elif char in "({" and raw[index - 1 : index] == "$":
            level += 1
        elif char in ")}" and level:
            level -= 1
        elif level == 0 and char in ("*", "?") and raw[index - 1 : index] != "$":
            return True
        index += 1
    return False


def ansi(body: str) -> str:
    """The text of ``$'...'``."""
    table = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}
    found: list[str] = []
    index = 0
    while index < len(body):
        if body[index] == "\\" and index + 1 < len(body):
            char = body[index + 1]
            digits = _ESCAPE.match(body, index + 1)
            if digits is not None:
                found.append(
                    chr(int(digits.group(1) or digits.group(3), 16) if not digits.group(2) else int(digits[2], 8))
                )
                index = digits.end()
                continue
            found.append(table.get(char, char if char in "\\'\"?" else "\\" + char))
            index += 2
        else:
            found.append(body[index])
            index += 1
    return "".join(found)


def braces(word: str) -> list[str] | None:
    """``a{b,c}d`` and ``{1..5}``; None where there is nothing to spread."""
    match = _BRACES.match(word)
    if match is None:
        return None
    front, body, back = match.groups()
    ends = body.split("..")
    if len(ends) == 2 and all(e.lstrip("-").isdigit() and len(e) < 7 for e in ends):
        low, high = int(ends[0]), int(ends[1])
        if abs(high - low) > 1000:
            return None
        step = 1 if high >= low else -1
        return [f"{front}{n}{back}" for n in range(low, high + step, step)]
    return [front + part + back for part in body.split(",")] if "," in body else None
