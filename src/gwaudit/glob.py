"""Path patterns as people write them in ``exclude`` and ``per-file-ignores``, matched in time linear in pattern x path.

``*`` and ``?`` stay inside one name, ``**`` spans directories, ``[abc]`` is a class. A pattern without an inner ``/``
matches at any depth; a pattern that matches a directory matches everything below it.
"""

from __future__ import annotations


def matches(pattern: str, path: str) -> bool:
    """Whether ``path`` (relative, ``/`` separators), or a directory it lies in, is matched."""
    wanted = pattern.strip("/").split("/")
    if wanted and wanted[0] == ".":
        wanted = wanted[1:]
    if len(wanted) == 1 and not pattern.startswith(("/", "./")):
        wanted.insert(0, "**")
    return _below(wanted, path.split("/"))


def _below(wanted: list[str], parts: list[str]) -> bool:
    """Dynamic programming over segments: ``reached[i]`` says that the first ``i`` patterns match the parts so far."""
    reached = [False] * (len(wanted) + 1)
    reached[0] = True
    _skip_stars(wanted, reached)
    for part in parts:
        after = [False] * (len(wanted) + 1)
        for i, pattern in enumerate(wanted):
            if not reached[i]:
                continue
            if pattern == "**":
                after[i] = True
            elif matches_name(pattern, part):
                after[i + 1] = True
        _skip_stars(wanted, after)
        reached = after
        if reached[-1]:
            return True
    return False


def _skip_stars(wanted: list[str], reached: list[bool]) -> None:
    for i, pattern in enumerate(wanted):
        if reached[i] and pattern == "**":
            reached[i + 1] = True


def matches_name(pattern: str, name: str) -> bool:
    """One name against one pattern: on a mismatch the last ``*`` takes one character more, so no work is done twice."""
    if pattern[:1] not in ("*", "?", "[", "") and pattern[0] != name[:1]:
        return False
    tokens = _tokens(pattern)
    at = index = 0
    star = mark = -1
    while at < len(name):
        token = tokens[index] if index < len(tokens) else None
        if token == "*":
            star, mark = index, at
            index += 1
        elif token is not None and _one(token, name[at]):
            index += 1
            at += 1
        elif star >= 0:
            mark += 1
            index, at = star + 1, mark
        else:
            return False
    return all(token == "*" for token in tokens[index:])


def _tokens(pattern: str) -> list[str]:
    tokens: list[str] = []
    at = 0
    while at < len(pattern):
        close = pattern.find("]", at + 2) if pattern[at] == "[" else -1
        end = close + 1 if close > 0 else at + 1
        tokens.append(pattern[at:end])
        at = end
    return tokens


def _one(token: str, char: str) -> bool:
    if token == "?":
        return True
    if len(token) < 3:
        return token == char
    inside = token[1:-1]
    negated = inside[0] in "!^"
    inside = inside[1:] if negated else inside
    found = char in inside.replace("-", "") or any(
        low <= char <= high for low, dash, high in zip(inside, inside[1:], inside[2:], strict=False) if dash == "-"
    )
    return found is not negated
