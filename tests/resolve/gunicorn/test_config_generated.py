"""Generated configurations against gunicorn's own loader: what is said to be known is right, bounds hold."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from gunicorn_oracle import ENVIRONMENTS, RealGunicorn, plain, read, real_gunicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gwaudit.resolve.fact import Unknown

HEAD = """import os, random, multiprocessing
from multiprocessing import cpu_count
a, b, c = 1, 2, 3
s, t = "x", "yz"
L = ["p"]
M = L
D = {"k": 1}
"""
TAIL = """
accesslog = str(a)
errorlog = str(b)
pidfile = str(c)
proc_name = "s" + str(s)
loglevel = "t" + str(t)
raw_env = ["=" + str(x) for x in L]
statsd_prefix = repr(M)
dogstatsd_tags = repr(sorted(D.items(), key=repr))
syslog_prefix = str(os.environ.get("NEW", "unset"))
"""
numbers = st.sampled_from(["a", "b", "c", "0", "1", "2", "7", "cpu_count()", "len(L)", "len(s)", "D.get('k', 5)"])
texts = st.sampled_from(
    [
        "s",
        "t",
        "'q'",
        "''",
        "os.environ.get('LOG_LEVEL', 'd')",
        "os.getenv('NOPE', 'n')",
        "str(a)",
        "f'{a}-{s}'",
        "s.upper()",
    ]
)
tests = st.sampled_from(
    [
        "a > b",
        "a == 2",
        "s == 'x'",
        "random.random() < 0.5",
        "random.random() < 0.5",
        "os.environ.get('DEBUG')",
        "'PORT' in os.environ",
        "'k' in D",
        "'p' in L",
        "c % 2",
        "not t",
        "cpu_count() > 2",
        "L",
        "b is None",
        "random.choice([0, 1]) or a > 1",
    ]
)


@st.composite
def number(draw: st.DrawFn, depth: int = 2) -> str:
    if depth == 0 or draw(st.booleans()):
        return draw(numbers)
    form = draw(st.sampled_from(["op", "op", "min", "if", "or", "int", "call", "div", "sum", "index"]))
    left, right = draw(number(depth - 1)), draw(number(depth - 1))
    return {
        "op": f"({left} {draw(st.sampled_from(['+', '-', '*']))} {right})",
        "min": f"{draw(st.sampled_from(['min', 'max']))}({left}, {right})",
        "if": f"({left} if {draw(tests)} else {right})",
        "or": f"({left} {draw(st.sampled_from(['or', 'and']))} {right})",
        "int": "int(os.environ.get('WORKERS', '4') or 3)",
        "call": f"f({left}, {right})",
        "div": f"({left} // {right})",
        "sum": f"sum([x for x in ({left}, {right}) if x > 1])",
        "index": f"({left}, {right})[{draw(st.sampled_from(['0', '-1', 'a % 2']))}]",
    }[form]


@st.composite
def text(draw: st.DrawFn) -> str:
    form = draw(st.sampled_from(["plain", "plus", "if", "join", "percent", "or", "format"]))
    left, right = draw(texts), draw(texts)
    return {
        "plain": left,
        "plus": f"({left} + {right})[:20]",
        "if": f"({left} if {draw(tests)} else {right})",
        "join": f"'-'.join([{left}, {right}])[:20]",
        "percent": f"('%s/%s' % ({left}, {right}))[:20]",
        "or": f"({left} or {right})",
        "format": f"'{{}}:{{x}}'.format({draw(number(1))}, x={left})[:20]",
    }[form]


@st.composite
def block(draw: st.DrawFn, depth: int, loop: bool = False, function: bool = False) -> list[str]:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3 if depth else 2))):
        lines += draw(statement(depth, loop, function))
    return lines


def indent(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]


@st.composite
def statement(draw: st.DrawFn, depth: int, loop: bool, function: bool) -> list[str]:
    simple = ["number", "number", "text", "list", "dict", "environ", "aug", "alias", "globals", "unpack"]
    forms = [*simple, "if", "if", "for", "try", "while", "match"] if depth else list(simple)
    forms += ["break"] if loop else []
    forms += ["return", "raise"] if function else []
    form = draw(st.sampled_from(forms))
    name = draw(st.sampled_from("abc"))
    if form == "number":
        return [f"{name} = {draw(number())}"]
    if form == "text":
        return [f"{draw(st.sampled_from('st'))} = {draw(text())}"]
    if form == "list":
        change = draw(
            st.sampled_from(
                ["L.append({})", "L += [{}]", "L = [{}]", "L.extend([{}])", "L = L + [{}]", "L.insert(0, {})"]
            )
        )
        return [change.format(draw(texts))]
    if form == "dict":
        change = draw(
            st.sampled_from(
                ["D['k'] = {}", "D['j'] = {}", "D.update(z={})", "D.setdefault('q', {})", "D = {{'k': {}}}"]
            )
        )
        return [change.format(draw(number(1)))]
    if form == "environ":
        change = draw(
            st.sampled_from(["os.environ['NEW'] = {}", "os.environ.setdefault('NEW', {})", "os.environ.pop('NEW', {})"])
        )
        return [change.format(draw(texts))]
    if form == "aug":
        return [f"{name} {draw(st.sampled_from(['+=', '-=', '*=']))} {draw(numbers)}"]
    if form == "alias":
        return [draw(st.sampled_from(["M = L", "M = list(L)", "M = L[:]", "L = M", "E = D; E['k'] = 9"]))]
    if form == "globals":
        return [f"globals()['{name}'] = {draw(number(1))}"]
    if form == "unpack":
        return [f"a, b = {draw(number(1))}, {draw(number(1))}"]
    if form == "if":
        lines = [f"if {draw(tests)}:", *indent(draw(block(depth - 1, loop, function)))]
        if draw(st.booleans()):
            lines += [f"elif {draw(tests)}:", *indent(draw(block(depth - 1, loop, function)))]
        return [*lines, "else:", *indent(draw(block(depth - 1, loop, function)))] if draw(st.booleans()) else lines
    if form == "for":
        items = draw(st.sampled_from(["range(3)", "range(random.randint(0, 2))", "(1, 2)", "range(2)"]))
        lines = [f"for {name} in {items}:", *indent(draw(block(depth - 1, True, function)))]
        return [*lines, "else:", *indent(draw(block(0, loop, function)))] if draw(st.booleans()) else lines
    if form == "while":
        body = draw(block(depth - 1, True, function))
        n = f"n{depth}{'i' if loop else 'o'}"
        return [
            f"{n} = 0",
            f"while {n} < {draw(st.sampled_from(['2', '3', 'random.randint(0, 2)']))}:",
            f"    {n} += 1",
            *indent(body),
        ]
    if form == "try":
        error = draw(st.sampled_from(["ZeroDivisionError", "(KeyError, TypeError)", "Exception", "ValueError as e"]))
        risky = draw(
            st.sampled_from(["a = 1 // b", "a = D['nope']", "a = int(s)", "a = int(os.environ['WORKERS'])", "L[5]"])
        )
        lines = ["try:", *indent([risky, *draw(block(depth - 1, loop, function))])]
        lines += [f"except {error}:", *indent(draw(block(0, loop, function)))]
        lines += ["else:", *indent(draw(block(0, loop, function)))] if draw(st.booleans()) else []
        return [*lines, "finally:", *indent(draw(block(0, False, False)))] if draw(st.booleans()) else lines
    if form == "match":
        return [
            f"match {draw(number(1))}:",
            "    case 1 | 2:",
            *indent(indent(draw(block(depth - 1, loop, function)))),
            "    case _:",
            "        c = 8",
        ]
    if form == "break":
        return [f"if {draw(tests)}:", "    " + draw(st.sampled_from(["break", "continue"]))]
    if form == "return":
        return [f"if {draw(tests)}:", f"    return {draw(number(1))}"]
    return [f"if {draw(tests)}:", "    raise ValueError('x')"]


@st.composite
def programs(draw: st.DrawFn) -> str:
    body = indent(
        ["global a, b, c, s, t, L, M, D"]
        if draw(st.booleans())
        else ["a = b = c = x; s = t = 'in'; L = [s]; M = L; D = {'k': x}"]
    )
    function = ["def f(x, y):", *body, *indent(draw(block(1, False, True))), f"    return {draw(number(0))}"]
    if "f(" in "\n".join(function[1:]):
        function = ["def f(x, y):", "    if x > y:", "        return x", "    return y + 1"]
    return HEAD + "\n".join([*function, *draw(block(3)), *draw(block(3)), *draw(block(2))]) + TAIL


@pytest.fixture(scope="module")
def real() -> Iterator[RealGunicorn]:
    oracle = real_gunicorn()
    yield oracle
    oracle.close()


@settings(
    max_examples=int(os.environ.get("GWAUDIT_EXAMPLES", "100")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="GWAUDIT_EXAMPLES" not in os.environ,
)
@given(program=programs(), title=st.sampled_from(sorted(ENVIRONMENTS)), assumed=st.booleans())
def test_generated(
    program: str, title: str, assumed: bool, real: RealGunicorn, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "generated"
    folder.mkdir(exist_ok=True)
    (folder / "gunicorn.conf.py").write_text(program)
    cpus, variables = ENVIRONMENTS[title]
    layer = read(folder, variables, cpus if assumed else None)
    raised = [p for p in layer.problems if p.kind in ("raises", "syntax-error")]
    for _ in range(2):  # the program throws dice
        answer = real.ask(kind="config", path=str(folder / "gunicorn.conf.py"), env=variables, cpus=cpus)
        if answer["status"] != "ok":
            continue
        assert not raised, (program, raised)
        for name, value in answer["values"].items():  # type: ignore[attr-defined]
            fact = layer.facts.get(name)
            assert fact is not None or layer.rest is not None, (program, name)
            if fact is None or name in layer.optional:
                continue
            if isinstance(fact.value, Unknown):
                choices = [plain(choice) for choice in fact.value.choices]
                assert not choices or value in choices, (program, name, value, choices)
            else:
                assert plain(fact.value) == value, (program, name, value, fact.value)
