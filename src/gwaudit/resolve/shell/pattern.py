"""Shell patterns (``*``, ``?``, ``[...]``, a simple ``@(a|b)``) matched without regular expressions, in bounded time."""

from __future__ import annotations

# A pattern is a list of (character, literal): a quoted character is literal, an unquoted ``*`` is not.
Pattern = "list[tuple[str, bool]]"

MAX_WORK = 400_000


class TooMuchWork(Exception):
    """A pattern that would take too long to match."""


def alternatives(pattern: list[tuple[str, bool]]) -> list[list[tuple[str, bool]]] | None:
    """``@(a|b)`` and ``+(a|b)`` at the top spread out (at most one group); None for what is not supported."""
    for index in range(len(pattern) - 1):
        if pattern[index][0] in "@?+*!" and not pattern[index][1] and pattern[index + 1] == ("(", False):
            kind = pattern[index][0]
            end = next((i for i in range(index + 2, len(pattern)) if pattern[i] == (")", False)), None)
            inner = pattern[index + 2 : end]
            if end is None or kind not in "@?" or ("(", False) in inner:
                return None
            parts: list[list[tuple[str, bool]]] = [[]]
            for item in inner:
                if item == ("|", False):
                    parts.append([])
                else:
                    parts[-1].append(item)
            if kind == "?":
                parts.append([])
            rest = alternatives(pattern[end + 1 :])
            if rest is None:
                return None
            return [pattern[:index] + part + tail for part in parts for tail in rest]
    return [pattern]


def matches(pattern: list[tuple[str, bool]], text: str) -> bool | None:
    """Whether the whole text matches; None for a pattern that is not supported."""
    spread = alternatives(pattern)
    if spread is None or len(spread) > 64:
        return None
    return any(_match(one, text) for one in spread)


def _match(pattern: list[tuple[str, bool]], text: str) -> bool:
    at = index = 0
    star: tuple[int, int] | None = None
    work = 0
    size = len(pattern)
    while index < len(text):
        work += 1
        if work > MAX_WORK:
            raise TooMuchWork
        if at < size and pattern[at] == ("*", False):
            star = (at + 1, index)
            at += 1
            continue
        step = _one(pattern, at, text[index]) if at < size else 0
        if step:
            at += step
            index += 1
        elif star is not None:
            star = (star[0], star[1] + 1)
            at, index = star
        else:
            return False
    while at < size and pattern[at] == ("*", False):
        at += 1
    return at == size


def _one(pattern: list[tuple[str, bool]], at: int, char: str) -> int:
    """How many pattern characters match this one character; 0 for none."""
    token, literal = pattern[at]
    if literal:
        return 1 if token == char else 0
    if token == "?":
        return 1
    if token == "[":
        end = _class_end(pattern, at)
        if end is not None:
            body = pattern[at + 1 : end]
            negated = bool(body) and body[0] in (("!", False), ("^", False))
            found = _in_class(body[1:] if negated else body, char)
            return end - at + 1 if found != negated else 0
    return 1 if token == char else 0


def _class_end(pattern: list[tuple[str, bool]], at: int) -> int | None:
    index = at + 1
    if index < len(pattern) and pattern[index] in (("!", False), ("^", False)):
        index += 1
    if index < len(pattern) and pattern[index][0] == "]":
        index += 1
    while index < len(pattern):
        if pattern[index] == ("[", False) and pattern[index + 1 : index + 2] == [(":", False)]:
            index += 2
            while index < len(pattern) and pattern[index] != ("]", False):
                index += 1
        elif pattern[index] == ("]", False):
            return index
        index += 1
    return None


_CLASSES = {
    "digit": str.isdigit,
    "alpha": str.isalpha,
    "alnum": str.isalnum,
    "space": str.isspace,
    "upper": str.isupper,
    "lower": str.islower,
}


def _in_class(body: list[tuple[str, bool]], char: str) -> bool:
    text = "".join(token for token, _ in body)
    index = 0
    while index < len(text):
        if text.startswith("[:", index):
            end = text.find(":]", index)
            if end > 0:
                test = _CLASSES.get(text[index + 2 : end])
                if test is not None and test(char):
                    return True
                index = end + 2
                continue
        if index + 2 < len(text) and text[index + 1] == "-":
            if text[index] <= char <= text[index + 2]:
                return True
            index += 3
            continue
        if text[index] == char:
            return True
        index += 1
    return False


def trim(text: str, pattern: list[tuple[str, bool]], front: bool, longest: bool) -> str | None:
    """``${text#pattern}`` and its three sisters; None for a pattern that is not supported."""
    spread = alternatives(pattern)
    if spread is None:
        return None
    if len(text) ** 2 * max(len(pattern), 1) > MAX_WORK * 10:
        raise TooMuchWork
    size = len(text)
    order = range(size + 1) if not longest else range(size, -1, -1)
    for length in order:
        part = text[:length] if front else text[size - length :]
        if any(_match(one, part) for one in spread):
            return text[length:] if front else text[: size - length]
    return text


def replace(text: str, pattern: list[tuple[str, bool]], new: str, every: bool, anchor: str = "") -> str | None:
    """``${text/pattern/new}``: the longest match at the first place, or at every place; ``anchor`` is "", "#" or "%"."""
    spread = alternatives(pattern)
    if spread is None or not pattern:
        return None if spread is None else text
    if len(text) > 2000 or len(pattern) > 200:
        raise TooMuchWork
    budget = MAX_WORK
    found: list[str] = []
    index = 0
    while index < len(text):
        end: int | None = None
        if index == 0 or anchor != "#":
            for candidate in range(len(text), index, -1):
                budget -= candidate - index
                if budget < 0:
                    raise TooMuchWork
                if any(_match(one, text[index:candidate]) for one in spread):
                    end = candidate
                    break
                if anchor == "%":
                    break
        if end is None:
            found.append(text[index])
            index += 1
            continue
        found.append(new)
        index = end
        if not every:
            break
    return "".join(found) + text[index:]
