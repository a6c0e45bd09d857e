"""Which facts an expression reads, and which must be stated for it to hold at all: the index of the rules."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Form = tuple[Any, ...]


ALWAYS_KNOWN = ("is_known", "is_bounded", "overrides", "differs", "layer")  # functions with an answer about any fact


def read_by(form: Form, lets: Mapping[str, Form]) -> list[str]:
    """Every fact that the expression may read, in its order."""
    found: dict[str, None] = {}
    stack: list[Any] = [form]
    while stack:
        part = stack.pop()
        if part[0] == "fact":
            found.setdefault(part[1])
        elif part[0] == "about":
            found.setdefault(part[2][1])
            stack.extend(reversed(part[3]))
        elif part[0] == "let":
            stack.append(lets[part[1]])
        else:
            stack.extend(reversed(_parts(part)))
    return list(found)


def of_rule(form: Form, lets: Mapping[str, Form]) -> set[str]:
    """Facts without which the expression cannot be true: where nothing states one, its value is Unknown without bounds.

    Left out are variables (the environment answers for all of them) and facts that have a value where nothing states them.
    """
    kind = form[0]
    if kind == "fact":
        return set() if form[1].startswith("env.") or len(form) > 2 else {form[1]}
    if kind == "about":
        return set() if form[1] in ALWAYS_KNOWN else of_rule(form[2], lets)
    if kind == "let":
        return of_rule(lets[form[1]], lets)
    if kind == "or":
        found = [of_rule(part, lets) for part in form[1]]
        return set.intersection(*found)
    if kind == "if":
        return of_rule(form[1], lets) | (of_rule(form[2], lets) & of_rule(form[3], lets))
    if kind == "not" and form[1][0] in ("and", "or"):
        return set.intersection(*(of_rule(part, lets) for part in form[1][1]))
    if kind == "call" and form[1] in ("min", "max", "any_of", "all_of", "any_matches", "contains"):
        return set()
    if kind == "cmp" and any(sign in ("in", "not in") for sign, _ in form[2]):
        return of_rule(form[1], lets)
    return {name for part in _parts(form) for name in of_rule(part, lets)}


def _parts(form: Form) -> list[Form]:
    match form[0]:
        case "and" | "or" | "list":
            return list(form[1])
        case "not" | "neg":
            return [form[1]]
        case "cmp":
            return [form[1], *(part for _, part in form[2])]
        case "op":
            return [form[2], form[3]]
        case "if":
            return list(form[1:])
        case "call":
            return list(form[2])
        case _:
            return []
