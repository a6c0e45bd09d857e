"""Operators on containers: membership, concatenation, repetition, union, and the formatting of a tuple."""

from __future__ import annotations

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.arithmetic import BINARY
from gwaudit.resolve.python.choices import lift
from gwaudit.resolve.python.containers.items import items_of, key_of, lift_plain, new_list
from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.objects import Ref
from gwaudit.resolve.python.operators import compare, truth
from gwaudit.resolve.python.state import MAX_ITEMS
from gwaudit.resolve.python.value import MISSING, REST, SCALARS, Value, blur, made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Machine


def contains(m: Machine, container: Value, item: Value) -> bool | None:
    data = container.data
    if isinstance(data, Ref) and data.kind == "environ":
        from gwaudit.resolve.python.environ import has

        return has(m, data, item)
    if isinstance(data, str):
        if isinstance(item.data, Unknown) and item.data.choices:
            answers = {str(choice) in data for choice in item.data.choices if isinstance(choice, str)}
            return answers.pop() if len(answers) == 1 else None
        if not isinstance(item.data, str):
            if isinstance(item.data, Unknown):
                return None
            raise Raised("TypeError", "'in <string>' requires string as left operand")
        return item.data in data
    cell = m.state.read(data.address) if isinstance(data, Ref) and data.kind not in ("object", "environ") else None
    if isinstance(cell, dict):
        key = key_of(m, item)
        if key is not MISSING and key in cell:
            return None if cell[key].maybe else True
        return False if key is not MISSING and REST not in cell else None
    if isinstance(cell, set):
        key = key_of(m, item)
        return None if key is MISSING else key in cell
    members = items_of(m, container) if not isinstance(data, Unknown) else None
    if members is None:
        if isinstance(data, Unknown) and data.choices and not isinstance(item.data, Unknown):
            try:
                wanted = m.state.plain(item.data)
                answers = {wanted in choice for choice in data.choices}
            except TypeError:
                return None
            return answers.pop() if len(answers) == 1 else None
        return None
    undecided = False
    for member in members:
        m.state.spend()
        equal = truth(m, compare(m, "Eq", item, member))
        if equal:
            return True
        undecided = undecided or equal is None
    return None if undecided else False


def combine(m: Machine, op: str, left: Value, right: Value) -> Value:
    """``left op right`` where one of them is a container."""
    a, b = left.data, right.data
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        m.doubt = m.doubt or "the value is unknown"
        return blur(left, right)
    if op == "Mod" and isinstance(a, str):
        plain = m.state.plain(b)
        if plain is MISSING or isinstance(plain, (list, set)):
            return _mod_unknown(m, left, right)
        return lift_plain(m, lambda: BINARY["Mod"](a, plain), left, right)
    if op == "Add" and type(a) is type(b):
        if isinstance(a, tuple):
            if len(a) + len(b) > MAX_ITEMS:
                return blur(left, right, reason="too many items")
            return made((*a, *b), left, right)
        mine, theirs = items_of(m, left), items_of(m, right)
        if isinstance(a, Ref) and a.kind == b.kind == "list":
            if mine is None or theirs is None:
                return blur(left, right)
            return new_list(m, mine + theirs, left, right)
    if op == "Mult":
        sequence, times = (left, right) if isinstance(a, (tuple, Ref)) else (right, left)
        items = items_of(m, sequence)
        if isinstance(times.data, int) and items is not None:
            if len(items) * max(times.data, 0) > MAX_ITEMS:
                return blur(left, right, reason="too many items")
            repeated = items * times.data
            return new_list(m, repeated, left, right) if isinstance(sequence.data, Ref) else made(tuple(repeated), left)
    if op == "BitOr" and isinstance(a, Ref) and isinstance(b, Ref) and a.kind == b.kind == "dict":
        mine, theirs = m.state.read(a.address), m.state.read(b.address)
        if isinstance(mine, dict) and isinstance(theirs, dict):
            return made(m.state.new("dict", {**mine, **theirs}), left, right)
        return blur(left, right)
    if isinstance(a, Ref) and isinstance(b, Ref) and a.kind == b.kind == "set" and op in ("BitOr", "BitAnd", "Sub"):
        mine, theirs = m.state.read(a.address), m.state.read(b.address)
        if isinstance(mine, set) and isinstance(theirs, set):
            return made(m.state.new("set", BINARY[op](mine, theirs)), left, right)
        return blur(left, right)
    if any(isinstance(data, Ref) and data.kind == "object" for data in (a, b)):
        m.doubt = m.doubt or "an operator of a class"
        return blur(left, right, reason="an operator of a class is not followed")
    raise Raised("TypeError", "unsupported operand types")


def _mod_unknown(m: Machine, left: Value, right: Value) -> Value:
    """``"..." % (known, unknown)``: tried one by one where there are few choices."""
    items = list(right.data) if isinstance(right.data, tuple) else [right]
    if isinstance(right.data, tuple) and all(isinstance(i.data, (Unknown, *SCALARS)) for i in items):
        result = lift(m, lambda *values: BINARY["Mod"](left.data, values), *items, kind="str")
        return made(result.data, left, right, *items)
    m.doubt = m.doubt or "the value is unknown"
    return blur(left, right, *items, kind="str")
