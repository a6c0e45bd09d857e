"""The join of two states after a branch that nobody can decide; word lists are aligned by their longest common part."""

from __future__ import annotations

from gwaudit.resolve.fact import Source, Unknown
from gwaudit.resolve.shell.text import Text, join_texts
from gwaudit.resolve.shell.variable import Field, Variable, as_items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gwaudit.resolve.shell.state import State

MAX_FIELDS = 400
MAX_TABLE = 4_000
NOWHERE = Source("script")


def join_states(first: State | None, second: State | None, reason: str, depends: Sequence[str] = ()) -> State | None:
    """The state after two branches of which nobody knows which ran; a branch that ended (None) does not count."""
    if first is None or second is None:
        return first if second is None else second
    joined = first
    for name in sorted(set(first.variables) | set(second.variables)):
        one, two = first.variables.get(name), second.variables.get(name)
        if one is not two:
            joined.variables[name] = join_variables(
                one or first.lookup(name), two or second.lookup(name), reason, depends
            )
    for one_frame, two_frame in zip(first.locals, second.locals, strict=False):
        for name, saved in two_frame.items():
            one_frame.setdefault(name, saved)
    for name, function in second.functions.items():
        first.functions.setdefault(name, function)
    for path in set(first.files) | set(second.files):
        if first.files.get(path, 0) is not second.files.get(path, 0):
            joined.files[path] = None
    if first.args != second.args:
        joined.args = join_fields(first.args, second.args, reason, depends)
    joined.last = tuple(dict.fromkeys((*first.last, *second.last)))[:8]
    if first.directory != second.directory:
        joined.directory = None
    joined.errexit = first.errexit and second.errexit
    joined.nounset = first.nounset and second.nounset
    joined.allexport = first.allexport and second.allexport
    joined.noglob = first.noglob and second.noglob
    if first.status != second.status:
        joined.undecided(reason, depends)
    if first.out is not None and second.out is not None:
        joined.out = join_texts(first.out, second.out, reason, depends)
    return joined


def widened(before: State, after: State, reason: str) -> State:
    """The state in which everything that a round changed is unknown."""
    for name, variable in list(after.variables.items()):
        old = before.lookup(name)
        if old is variable or (old.text.pieces == variable.text.pieces and old.items == variable.items):
            continue
        text = Text([Unknown(reason)], variable.text.source, variable.text.inputs)
        items = (Field(text, reason, True),) if variable.items is not None else None
        before.variables[name] = Variable(text, None, old.exported, items)
    if after.args != before.args:
        before.args = join_fields(before.args, after.args, reason)
    if after.directory != before.directory:
        before.directory = None
    for path, content in after.files.items():
        if before.files.get(path, 0) is not content:
            before.files[path] = None
    if before.out is not None and after.out is not None and after.out.pieces != before.out.pieces:
        before.out = join_texts(before.out, Text([Unknown(reason)], before.out.source), reason, ())
    return before


def join_variables(first: Variable, second: Variable, reason: str, depends: Sequence[str]) -> Variable:
    exported = first.exported if first.exported == second.exported else None
    if first.state is False and second.state is False:
        return first
    state = first.state if first.state == second.state else None
    items: tuple[Field, ...] | None = None
    if first.items is not None or second.items is not None:
        items = join_fields(as_items(first), as_items(second), reason, depends)
    if first.state is False or second.state is False:
        text = second.text if first.state is False else first.text
        unset = (first if first.state is False else second).text
        text = Text(text.pieces, text.source, tuple(dict.fromkeys((*text.inputs, *unset.inputs))))
    else:
        text = join_texts(first.text, second.text, reason, depends)
    return Variable(text, state, exported, items)


def join_fields(
    first: Sequence[Field], second: Sequence[Field], reason: str, depends: Sequence[str] = ()
) -> tuple[Field, ...]:
    """Two word lists aligned by their longest common part; what only one of them has is optional."""
    if len(first) > MAX_FIELDS or len(second) > MAX_FIELDS:
        return (Field(Text((Unknown("too many words"),), NOWHERE), "too many words", True),)
    head = 0
    while head < min(len(first), len(second)) and alike(first[head], second[head]):
        head += 1
    tail = 0
    while tail < min(len(first), len(second)) - head and alike(first[-1 - tail], second[-1 - tail]):
        tail += 1
    front, back = tuple(first[:head]), tuple(first[len(first) - tail :])
    first, second = first[head : len(first) - tail], second[head : len(second) - tail]
    if not first and not second:
        return (*front, *back)
    if len(first) * len(second) > MAX_TABLE:
        return (*front, Field(Text((Unknown("too many words"),), NOWHERE), "too many words", True), *back)
    return (*front, *_aligned(first, second, reason, depends), *back)


def alike(first: Field, second: Field) -> bool:
    return first is second or (
        first.optional == second.optional and first.many == second.many and first.key() == second.key()
    )


def _aligned(first: Sequence[Field], second: Sequence[Field], reason: str, depends: Sequence[str]) -> tuple[Field, ...]:
    one, two = [f.key() for f in first], [f.key() for f in second]
    table = [[0] * (len(two) + 1) for _ in range(len(one) + 1)]
    for i in range(len(one) - 1, -1, -1):
        for j in range(len(two) - 1, -1, -1):
            table[i][j] = table[i + 1][j + 1] + 1 if one[i] == two[j] else max(table[i + 1][j], table[i][j + 1])
    found: list[Field] = []
    i = j = 0
    left: list[Field] = []
    right: list[Field] = []

    def flush() -> None:
        if len(left) == len(right):
            for a, b in zip(left, right, strict=True):
                text = join_texts(a.text, b.text, reason, depends)
                found.append(Field(text, a.optional or b.optional, a.many or b.many))
        else:
            found.extend(Field(f.text, f.optional or reason, f.many) for f in (*left, *right))
        left.clear()
        right.clear()

    while i < len(one) and j < len(two):
        if one[i] == two[j]:
            flush()
            a, b = first[i], second[j]
            found.append(Field(a.text, a.optional or b.optional, a.many or b.many))
            i, j = i + 1, j + 1
        elif table[i + 1][j] >= table[i][j + 1]:
            left.append(first[i])
            i += 1
        else:
            right.append(second[j])
            j += 1
    left.extend(first[i:])
    right.extend(second[j:])
    flush()
    return tuple(found)
