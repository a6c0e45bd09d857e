"""The rule language: what it accepts, how it computes with unknown values, and what its errors say."""

from __future__ import annotations

from typing import Any

import pytest

from gwaudit import bundle
from gwaudit.resolve.fact import ABSENT, DEFAULT, Fact, Source, Unknown
from gwaudit.resolve.model import Subject
from gwaudit.rules import closure
from gwaudit.rules.bounded import MAYBE
from gwaudit.rules.expr import ExpressionError, Scope, check
from gwaudit.rules.functions import PURE, TABLE, version_key
from gwaudit.source import Location, Span

VOCABULARY = bundle.section("facts")


def scope(subject: str = "container", **params: Any) -> Scope:
    from gwaudit.rules.types import of_value

    made = Scope(subject, VOCABULARY, frozenset(("dirty_workers",)))
    made.params = {name: of_value(value) for name, value in params.items()}
    return made


def run(text: str, facts: dict[str, Any] | None = None, **params: Any) -> Any:
    return trace(text, facts, **params)[0]


def trace(text: str, facts: dict[str, Any] | None = None, **params: Any) -> tuple[Any, list[str]]:
    subject = Subject("container", "web")
    for name, value in (facts or {}).items():
        subject.put(value if isinstance(value, Fact) else Fact(name, value))
    form, _ = check(text, scope(**params))
    context = closure.Context(subject, params, {})
    value = closure.compiled(form)(context)
    return value, [fact.name for fact in context.trace]


W, T, M, C = "gunicorn.workers", "gunicorn.timeout", "container.memory_limit", "container.cpu_limit"


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("gunicorn.workers > 4", {W: 5}, True),
        ("gunicorn.workers > 4", {W: 4}, False),
        ("0 < gunicorn.timeout < 30", {T: 10.0}, True),
        ("0 < gunicorn.timeout < 30", {T: 0.0}, False),
        ("gunicorn.workers * 2 + 1 == 9", {W: 4}, True),
        ("-gunicorn.workers < 0", {W: 4}, True),
        ("gunicorn.workers // 2 == 2 and gunicorn.workers % 2 == 1", {W: 5}, True),
        ("gunicorn.workers > params.most", {W: 5}, True),
        ("gunicorn.workers * mib(200) > container.memory_limit", {W: 6, M: 1024**3}, True),
        ("container.memory_limit / gunicorn.workers >= mib(256)", {W: 4, M: 1024**3}, True),
        ("gunicorn.workers > 2 * container.cpu_limit", {W: 5, C: 2.0}, True),
        ("gunicorn.worker_kind in ['gevent', 'asgi']", {"gunicorn.worker_kind": "asgi"}, True),
        ("gunicorn.worker_kind not in ['gevent', 'asgi']", {"gunicorn.worker_kind": "sync"}, True),
        ("80 in container.ports", {"container.ports": (80, 443)}, True),
        ("any_of(container.ports, 22, 443)", {"container.ports": (80, 443)}, True),
        ("all_of(container.ports, [80, 443])", {"container.ports": (80, 443)}, True),
        ("any_matches(container.published_ports, '^0[.]0')", {"container.published_ports": ("0.0.0.0:1:1",)}, True),
        ("length(container.ports) == 2", {"container.ports": (80, 443)}, True),
        ("matches(gunicorn.worker_class, '[.]Uvicorn')", {"gunicorn.worker_class": "u.UvicornWorker"}, True),
        ("startswith(lower(gunicorn.worker_class), 'uv', 'x')", {"gunicorn.worker_class": "UVicorn"}, True),
        ("contains(gunicorn.worker_class, 'vent')", {"gunicorn.worker_class": "gevent"}, True),
        ("version_below(gunicorn.version, '26.0')", {"gunicorn.version": "25.3.0"}, True),
        ("version_at_least(gunicorn.version, '26.0')", {"gunicorn.version": "26"}, True),
        ("max(gunicorn.workers, 2) == 2", {W: 1}, True),
        ("ceil(gunicorn.workers / 2) == 2", {W: 3}, True),
        ("(1 if gunicorn.reload else 2) == 1", {"gunicorn.reload": True}, True),
        ("env['A_B'] == 'x'", {"env.A_B": "x"}, True),
        ("gunicorn.dirty_workers == 3", {"gunicorn.dirty_workers": 3}, True),
        ("not workload.is_job", {}, True),
        ("default(workload.pre_stop, 0) == 0", {"workload.pre_stop": ABSENT}, True),
        ("default(workload.pre_stop, 0) == 0", {}, True),
        ("image.python_end_of_life < '2027-01-01'", {"image.python_end_of_life": "2025-10-31"}, True),
    ],
)
def test_known_values(text: str, facts: dict[str, Any], expected: Any) -> None:
    where = "image" if "image." in text else "container"
    form, kind = check(text, _with(where))
    assert kind == "bool"
    subject = Subject(where, "x")
    for name, value in facts.items():
        subject.put(Fact(name, value))
    assert closure.compiled(form)(closure.Context(subject, {"most": 4}, {})) is expected


def _with(subject: str) -> Scope:
    made = scope(subject)
    made.params["most"] = "number"
    return made


def unknown(low: float | None = None, high: float | None = None, choices: tuple[Any, ...] = ()) -> Unknown:
    return Unknown("depends on the machine", ("cpus",), low, high, choices)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("gunicorn.workers > 2", unknown(3, 16), True),
        ("gunicorn.workers > 16", unknown(3, 16), False),
        ("gunicorn.workers > 8", unknown(3, 16), "maybe"),
        ("gunicorn.workers > 8", unknown(3), "unknown"),
        ("gunicorn.workers < 8", unknown(3), "maybe"),
        ("gunicorn.workers < 3", unknown(3), False),
        ("gunicorn.workers >= 3", unknown(3), True),
        ("gunicorn.workers == 2", unknown(3, 16), False),
        ("gunicorn.workers != 2", unknown(3, 16), True),
        ("gunicorn.workers == 4", unknown(3, 16), "unknown"),
        ("gunicorn.workers == 3", unknown(3, 16), "unknown"),
        ("gunicorn.workers == 16", unknown(3, 16), "unknown"),
        ("min(gunicorn.workers, 8) > 2", unknown(3, 16), True),
        ("min(gunicorn.workers, 2) < 2", unknown(3, 16), False),
        ("gunicorn.workers == 4", unknown(choices=(4, 8)), "maybe"),
        ("gunicorn.workers in [1, 2]", unknown(choices=(4, 8)), False),
        ("gunicorn.workers in [1, 2]", unknown(3, 16), False),
        ("min(gunicorn.workers, 16) > 16", unknown(), False),
        ("min(gunicorn.workers, 16) > 8", unknown(3), "maybe"),
        ("max(gunicorn.workers, 16) >= 16", unknown(), True),
        ("gunicorn.workers * 2 + 1 > 6", unknown(3), True),
        ("gunicorn.workers * 2 + 1 > 33", unknown(3, 16), False),
        ("20 - gunicorn.workers < 4", unknown(3, 16), False),
        ("gunicorn.workers / 2 > 8", unknown(3, 16), False),
        ("not gunicorn.workers > 16", unknown(3, 16), True),
        ("not gunicorn.workers > 8", unknown(3, 16), "maybe"),
        ("gunicorn.workers > 8 and gunicorn.threads > 1", unknown(3, 16), "unknown"),
        ("gunicorn.workers > 8 or gunicorn.threads > 1", unknown(3, 16), "maybe"),
        ("gunicorn.workers > 16 and gunicorn.threads > 1", unknown(3, 16), False),
        ("gunicorn.workers > 2 or gunicorn.threads > 1", unknown(3, 16), True),
        ("gunicorn.threads > 1 and gunicorn.workers > 16", unknown(3, 16), False),
        ("gunicorn.workers > 2", ABSENT, "unknown"),
        ("not gunicorn.workers > 2", ABSENT, "unknown"),
        ("is_set(gunicorn.workers)", ABSENT, False),
        ("is_absent(gunicorn.workers)", ABSENT, True),
        ("is_absent(gunicorn.workers)", None, True),
        ("is_set(gunicorn.workers)", unknown(), "unknown"),
        ("is_known(gunicorn.workers)", unknown(), False),
        ("is_bounded(gunicorn.workers)", unknown(3, 16), True),
        ("high(gunicorn.workers) == 16 and low(gunicorn.workers) == 3", unknown(3, 16), True),
        ("default(gunicorn.workers, 7) == 7", ABSENT, True),
        ("ceil(gunicorn.workers / 3) > 6", unknown(3, 16), False),
    ],
)
def test_unknown_values(text: str, value: Any, expected: Any) -> None:
    found = run(text, {W: value})
    if expected in (True, False):
        assert found is expected
    else:
        assert isinstance(found, Unknown)
        assert (found.choices == MAYBE) is (expected == "maybe")


def test_set_to_something_unknown_is_set() -> None:
    place = Location("compose.yaml", Span(4, 1, 4, 9))
    assert run("is_set(gunicorn.workers)", {W: Fact(W, unknown(), Source("manifest", None, place))}) is True


def test_written_is_not_default() -> None:
    place = Location("gunicorn.conf.py", Span(1, 1, 1, 9))
    assert run("is_written(gunicorn.workers)", {W: Fact(W, 1, DEFAULT)}) is False
    assert run("is_written(gunicorn.workers)", {W: Fact(W, 1, Source("platform", None, place))}) is False
    assert run("is_written(gunicorn.workers)", {W: Fact(W, ABSENT, Source("manifest", None, place))}) is False
    assert run("is_written(gunicorn.workers)", {W: Fact(W, 1, Source("config-file", "1", place))}) is True


def test_layers_and_what_is_overridden() -> None:
    place = Location("gunicorn.conf.py", Span(1, 1, 1, 9))
    lower = Fact(W, 2, Source("config-file", "2", place), shadowed=[Fact(W, 1)])
    facts = {W: Fact(W, 9, Source("command-line", "9", place)).over(lower)}
    assert run("layer(gunicorn.workers) == 'command-line'", facts) is True
    assert run("overrides(gunicorn.workers) == 1", facts) is True  # a default is no source
    assert run("differs(gunicorn.workers)", facts) is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gunicorn.workers > 1 and gunicorn.threads > 1", [W, "gunicorn.threads"]),
        ("gunicorn.workers > 9 or gunicorn.threads > 1", ["gunicorn.threads"]),
        ("gunicorn.workers > 1 or gunicorn.threads > 1", [W]),
        ("gunicorn.workers > 1 and (gunicorn.threads > 9 or gunicorn.timeout > 1)", [W, T]),
        ("gunicorn.workers > 1 and gunicorn.threads > 9", ["gunicorn.threads"]),
        ("(gunicorn.workers if gunicorn.threads > 1 else gunicorn.timeout) > 1", ["gunicorn.threads", W]),
    ],
)
def test_only_what_mattered_is_evidence(text: str, expected: list[str]) -> None:
    assert trace(text.replace("else gunicorn.timeout", "else 3"), {W: 4, "gunicorn.threads": 2, T: 30.0})[1] == expected


ERRORS = [
    ("gunicorn.timout > 3", "there is no fact gunicorn.timout", 0, 15, "did you mean gunicorn.timeout?"),
    ("gunicorn.timeout > container.memory_limit", "seconds is compared with bytes", 19, 41, None),
    ("gunicorn.timeout + mib(1) > 3", "seconds + bytes: the units do not fit", 0, 25, None),
    ("gunicorn.worker_kind == 'gevnt'", "'gevnt' is never its value", 24, 31, "did you mean 'gevent'?"),
    ("gunicorn.workers", None, 0, 0, None),
    ("gunicorn.workers and true", "this is a number, not a condition", 0, 16, "compare it, or ask is_set(...)"),
    ("secret.length > 3", "secret.length is a fact of a secret, and this rule judges a container", 0, 13, None),
    ("matches(gunicorn.worker_class, '(a+)+')", "a repeat inside a repeat can take exponential time", 31, 38, None),
    ("match(gunicorn.worker_class, 'a')", "there is no function match", 0, 5, "did you mean matches?"),
    ("gunicorn.version > '26'", "versions are compared by", None, None, None),
    ("[w for w in container.ports]", "a loop is not part of the rule language", 0, 28, None),
    ("(lambda: 1)()", "only the functions of the rule language can be called", 1, 10, None),
    ("gunicorn.workers.__class__ == 'x'", "there is no fact gunicorn.workers.__class__", 0, 26, None),
    ("env[gunicorn.chdir] == 'x'", "env[...] takes the name of a variable in quotes", 0, 19, None),
    ("gunicorn.workers >", "not an expression: invalid syntax", None, None, None),
    ("is_set(3)", "is_set takes the name of a fact", 7, 8, None),
    ("gunicorn.workers is 3", "`is` is not part of the rule language", 0, 21, None),
    ("params.mos > 3", "there is no parameter params.mos", 0, 10, "did you mean params.most?"),
    ("gunicorn.chdir < 'x'", "text has no order", 0, 14, None),
    ("__import__('os')", "there is no function __import__", 0, 10, None),
    (
        "'é' + gunicorn.chdir == gunicorn.chdri",
        "there is no fact gunicorn.chdri",
        24,
        38,
        "did you mean gunicorn.chdir?",
    ),
]


@pytest.mark.parametrize(("text", "message", "start", "end", "hint"), ERRORS)
def test_errors_have_a_place(
    text: str, message: str | None, start: int | None, end: int | None, hint: str | None
) -> None:
    if message is None:
        assert check(text, _with("container"))[1] == "int"
        return
    with pytest.raises(ExpressionError) as caught:
        check(text, _with("container"))
    error = caught.value
    if start is not None:
        assert (error.message, error.start, error.end) == (message, start, end)
        assert hint is None or error.hint == hint


@pytest.mark.parametrize(
    "text",
    ["(" * 3000, "not " * 800 + "true", "1" + "+1" * 900, "a" * 5000, "\0", "[" * 400 + "]" * 400, "{1: 2}", "f'{1}'"],
)
def test_hostile_expressions_are_errors(text: str) -> None:
    with pytest.raises(ExpressionError):
        check(f"{text} > gunicorn.nothing", scope())


def test_a_repeated_text_is_never_made() -> None:
    assert isinstance(run("gunicorn.dirty_workers * 1000000000 == 3", {"gunicorn.dirty_workers": "x"}), Unknown)


def test_a_long_text_is_not_matched() -> None:
    found = run("matches(gunicorn.chdir, 'a.*b.*c')", {"gunicorn.chdir": "a" * 5000})
    assert isinstance(found, Unknown)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("25.3.0", "26"),
        ("1.0.7", "1.0.8"),
        ("1.0.0rc1", "1.0.0"),
        ("v1.9", "1.10"),
        ("3.9-slim", "3.12-slim"),
        ("1.0", "1.0.1"),
        ("24.0.0.dev1", "24.0.0"),
    ],
)
def test_versions_in_order(older: str, newer: str) -> None:
    a, b = version_key(older), version_key(newer)
    assert a is not None and b is not None and a < b


def test_equal_versions_and_no_versions() -> None:
    assert version_key("26.0.0") == version_key("26") == version_key("v26.0-alpine")
    assert version_key("latest") is None


def test_every_function_is_documented_and_implemented() -> None:
    for name, (parameters, result, doc) in TABLE.items():
        assert parameters and result and doc
        assert name in PURE or parameters[0] == "fact"
