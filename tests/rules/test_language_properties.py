"""Properties of the rule language: what is said about unknown values holds for every value they may have."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gwaudit import bundle
from gwaudit.resolve.fact import ABSENT, Fact, Unknown
from gwaudit.resolve.model import Subject
from gwaudit.rules import closure
from gwaudit.rules.expr import ExpressionError, Scope, check
from gwaudit.rules.template import parse

NUMBERS = ("gunicorn.workers", "gunicorn.threads", "gunicorn.backlog")
FLAGS = ("gunicorn.reload", "gunicorn.preload_app")
SCOPE = Scope("container", bundle.section("facts"))

leaf = st.sampled_from(NUMBERS) | st.integers(-3, 9).map(str)
number = st.recursive(
    leaf,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
        | st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})")
        | st.tuples(st.sampled_from(["ceil", "floor", "round", "abs"]), inner).map(lambda t: f"{t[0]}({t[1]})")
        | inner.map(lambda t: f"(-{t})")
    ),
    max_leaves=4,
)
atom = (
    st.tuples(number, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), number).map(" ".join)
    | st.tuples(number, st.sampled_from(["in", "not in"]), st.just("[1, 2, 5]")).map(" ".join)
    | st.sampled_from(FLAGS)
)
condition = st.recursive(
    atom,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
        | inner.map(lambda t: f"(not {t})")
        | st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})")
    ),
    max_leaves=5,
)
interval = st.tuples(st.integers(-2, 4), st.integers(0, 5)).map(lambda t: (t[0], t[0] + t[1]))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facts as the text tells them, and one way they may turn out at run time."""
    told: dict[str, Any] = {}
    real: dict[str, Any] = {}
    for name in NUMBERS:
        low, high = draw(interval)
        real[name] = draw(st.integers(low, high))
        shape = draw(st.sampled_from(["known", "bounds", "low", "high", "nothing", "choices"]))
        told[name] = {
            "known": real[name],
            "bounds": Unknown("x", (), low, high),
            "low": Unknown("x", (), low),
            "high": Unknown("x", (), None, high),
            "nothing": Unknown("x"),
            "choices": Unknown("x", (), choices=tuple(range(low, high + 1))),
        }[shape]
    for name in FLAGS:
        real[name] = draw(st.booleans())
        told[name] = draw(st.sampled_from([real[name], Unknown("x"), Unknown("x", choices=(True, False))]))
    return told, real


def evaluate(text: str, facts: dict[str, Any]) -> Any:
    subject = Subject("container", "web")
    for name, value in facts.items():
        subject.put(Fact(name, value))
    form, _ = check(text, SCOPE)
    return closure.truth(closure.compiled(form)(closure.Context(subject, {}, {})))


@settings(max_examples=500, deadline=None)
@given(condition, worlds())
def test_what_is_sure_is_true(text: str, world: tuple[dict[str, Any], dict[str, Any]]) -> None:
    told, real = world
    found, actual = evaluate(text, told), evaluate(text, real)
    if not isinstance(found, Unknown) and not isinstance(actual, Unknown):  # a division by zero stays unknown
        assert found is actual


@settings(max_examples=100, deadline=None)
@given(condition)
def test_nothing_is_sure_about_what_is_absent(text: str) -> None:
    absent = evaluate(text, dict.fromkeys((*NUMBERS, *FLAGS), ABSENT))
    unknown = evaluate(text, dict.fromkeys((*NUMBERS, *FLAGS), Unknown("x")))
    assert isinstance(absent, Unknown) == isinstance(unknown, Unknown)


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=40) | st.text("gunicor.wks()[]'\"<>=+-*/%,: andortifelse0123\n{}|", max_size=60))
def test_any_text_is_an_expression_or_an_error(text: str) -> None:
    for reader in (check, parse):
        try:
            reader(text, SCOPE)  # type: ignore[operator]
        except ExpressionError as error:
            assert 0 <= error.start <= max(error.end, error.start)
