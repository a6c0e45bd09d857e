"""Every written configuration, against gunicorn's own loader: never another value, Unknown only where it is announced."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gunicorn_oracle import DATA, ENVIRONMENTS, RealGunicorn, plain, read, real_gunicorn

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.gunicorn.config_layer import ConfigLayer


def cases() -> list[tuple[str, str]]:
    found = []
    for part in (DATA / "configs.txt").read_text("utf-8").split("==== ")[1:]:
        name, _, text = part.partition("\n")
        found.append((name, text))
    return found


CASES = cases()
LOOKING_AT_CPUS = [(name, text) for name, text in CASES if "cpu" in text or "affinity" in text]


@pytest.fixture(scope="module")
def real() -> Iterator[RealGunicorn]:
    oracle = real_gunicorn()
    yield oracle
    oracle.close()


def compare(answer: dict, layer: ConfigLayer, allowed: set[str]) -> list[str]:
    """What is wrong with the project's view; empty where it is right."""
    wrong = []
    raised = [p for p in layer.problems if p.kind in ("raises", "syntax-error")]
    if answer["status"] != "ok":
        return (
            [] if raised or layer.rest is not None else [f"gunicorn fails ({answer.get('error')}), and nothing says so"]
        )
    if raised:
        return [f"said to fail: {raised}"]
    refused = {p.name for p in layer.problems if p.kind == "invalid-value"}
    for name in refused - set(answer["errors"]):
        wrong.append(f"{name} is said to be refused, gunicorn makes it {answer['values'].get(name)!r}")
    for name, error in answer["errors"].items():
        fact = layer.facts.get(name)
        if name not in refused and not (name in allowed and fact is not None and isinstance(fact.value, Unknown)):
            wrong.append(f"{name} is refused by gunicorn: {error}")
    for name, value in answer["values"].items():
        fact = layer.facts.get(name)
        if fact is None:
            if layer.rest is None:
                wrong.append(f"{name} = {value!r} is not seen")
        elif isinstance(fact.value, Unknown):
            if name not in allowed:
                wrong.append(f"{name} = {value!r} is said to be unknown: {fact.value.reason}")
            elif not possible(fact.value, value):
                wrong.append(f"{name} = {value!r} is outside {fact.value!r} {fact.value.choices}")
        elif name in layer.optional:
            if name not in allowed:
                wrong.append(f"{name} is said to be optional: {layer.optional[name]}")
        elif name == "post_request":
            continue  # gunicorn wraps one of two or three parameters into a lambda
        elif plain(fact.value) != value or type(plain(fact.value)) is not type(value):
            wrong.append(f"{name} = {value!r}, not {fact.value!r}")
    for name, fact in layer.facts.items():
        known = name in answer["values"] or name in answer["errors"] or name in layer.optional
        if not known and not isinstance(fact.value, Unknown):
            wrong.append(f"{name} = {fact.value!r} is not set at all")
    return wrong


def possible(unknown: Unknown, value: object) -> bool:
    """Whether the real value lies within the bounds and choices."""
    if unknown.choices and not any(plain(choice) == value for choice in unknown.choices):
        return False
    if isinstance(value, (int, float)):
        return (unknown.low is None or unknown.low <= value) and (unknown.high is None or value <= unknown.high)
    return True


@pytest.mark.parametrize(("name", "text"), CASES, ids=[name for name, _ in CASES])
def test_config(name: str, text: str, real: RealGunicorn, tmp_path: Path) -> None:
    path = tmp_path / "gunicorn.conf.py"
    path.write_text(text, "utf-8")
    marked = [line for line in text.splitlines() if line.startswith("# unknown:")]
    allowed = {word for line in marked for word in line.split(":", 1)[1].split()}
    for title, (cpus, variables) in ENVIRONMENTS.items():
        answer = real.ask(kind="config", path=str(path), env=variables, cpus=cpus)
        wrong = compare(answer, read(tmp_path, variables, cpus), allowed)
        assert not wrong, f"{title}: {wrong}"


@pytest.mark.parametrize(("name", "text"), LOOKING_AT_CPUS, ids=[name for name, _ in LOOKING_AT_CPUS])
def test_without_assumed_cpus(name: str, text: str, real: RealGunicorn, tmp_path: Path) -> None:
    """With an unknown number of CPUs: what is said to be known is right for every number, bounds hold."""
    path = tmp_path / "gunicorn.conf.py"
    path.write_text(text, "utf-8")
    for title, (_, variables) in ENVIRONMENTS.items():
        layer = read(tmp_path, variables, None)
        for cpus in (1, 3, 64):
            answer = real.ask(kind="config", path=str(path), env=variables, cpus=cpus)
            if answer["status"] != "ok":
                continue
            every = {*answer["values"], *answer["errors"]}
            wrong = compare(answer, layer, every)
            assert not wrong, f"{title}, {cpus} CPUs: {wrong}"


def test_corpus_is_large_enough() -> None:
    assert len(CASES) >= 150
    assert len({name for name, _ in CASES}) == len(CASES)
