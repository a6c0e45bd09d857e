"""The effective configuration on the screen and as JSON, over subjects made by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from gwaudit.options import Options
from gwaudit.report import show
from gwaudit.resolve.environment import Environment
from gwaudit.resolve.fact import ABSENT, Fact, Source, Step, Unknown
from gwaudit.resolve.model import Subject
from gwaudit.source import Location, Span


def at(path: str, line: int, column: int = 1) -> Location:
    return Location(path, Span(line, column, line, column + 4))


@pytest.fixture
def target() -> Subject:
    target = Subject("target", "agents")
    target.set("target.kind", "compose")
    target.set("stage", "production", Source("derived"))
    target.set("stage.evidence", ("gateway has 3 replicas (+2)",), Source("derived"))
    replicas = Fact("stage.evidence", "gateway has 3 replicas", Source("manifest", None, at("compose.yaml", 9)))
    target.set("stage.score", 2, Source("derived"), inputs=[replicas])
    workload = Subject("workload", "tools", target, at("compose.yaml", 3))
    workload.set("workload.replicas", 3, Source("manifest", "3", at("compose.yaml", 9)))
    container = Subject("container", "tools", workload, at("compose.yaml", 3))
    variable = Fact("env.GUNICORN_TIMEOUT", "30", Source("manifest", "30", at("compose.yaml", 6)))
    config = Fact("gunicorn.timeout", 120, Source("config-file", "120", at("gunicorn.conf.py", 9)))
    timeout = Fact(
        "gunicorn.timeout", 30,
        Source("command-line", "30", at("compose.yaml", 6), [Step(at("run.sh", 3, 24), "passed on here")]),
        inputs=[variable],
    ).over(config)  # fmt: skip
    container.put(timeout)
    container.put(
        Fact(
            "gunicorn.workers",
            Unknown("cpu_count() of the machine", ["cpus"], 3, 17),
            Source("config-file", None, at("g.py", 4)),
        )
    )
    container.set("gunicorn.backlog", 2048)
    container.set("container.cpu_limit", ABSENT, Source("manifest"))
    container.set("container.memory_limit", 2 << 30, Source("manifest", "2g", at("compose.yaml", 8)))
    environment = Environment()
    environment.put(variable)
    environment.put(Fact("env.JWT_SECRET_KEY", "hunter2hunter2", Source("env-file", None, at(".env", 1)), secret=True))
    environment.put(
        Fact(
            "env.DATABASE_URL",
            "postgresql://u:hunter2@db/x",
            Source("env-file", "postgresql://u:hunter2@db/x", at(".env", 2)),
        )
    )
    container.environment = environment
    read = Subject("variable", "GUNICORN_TIMEOUT", container)
    read.set("variable.read", True)
    read.set("variable.readers", ("run.sh:3:24",))
    Subject("variable", "DATABASE_URL", container).set("variable.read", Unknown("the image is not in the tree"))
    Subject("variable", "JWT_SECRET_KEY", container).set("variable.read", False)
    return target


@pytest.fixture(autouse=True)
def resolved(target: Subject, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    class Target:
        subject = target

    import sys
    import types

    module = types.ModuleType("gwaudit.resolve.targets")
    module.resolve = lambda workspace, repository: iter([Target])  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gwaudit.resolve.targets", module)
    yield


def rendered(**options: object) -> str:
    return show.render(None, Options(**options), False)  # type: ignore[arg-type]


def test_the_table() -> None:
    assert (
        rendered()
        == """\
agents (compose)
  stage: production  score 2
    +2 gateway has 3 replicas  compose.yaml:9
  tools  compose.yaml:3:1
    gunicorn.timeout        30                        compose.yaml:6 (command-line)
                            overrides 120  gunicorn.conf.py:9 (config-file)
    gunicorn.workers        unknown (cpu_count() of the machine, 3..17)  g.py:4 (config-file)
                            depends on cpus
    workload.replicas       3                         compose.yaml:9 (manifest)
    container.memory_limit  2 GiB                     compose.yaml:8 (manifest)
    env.DATABASE_URL        postgresql://u:[secret, 7 characters]@db/x  .env:2 (env-file)
    env.GUNICORN_TIMEOUT    30                        compose.yaml:6 (manifest)
    env.JWT_SECRET_KEY      [secret, 14 characters]   .env:1 (env-file)

"""
    )


def test_one_setting_is_followed_all_the_way() -> None:
    assert (
        rendered(setting="timeout")
        == """\
agents (compose)
  stage: production  score 2
    +2 gateway has 3 replicas  compose.yaml:9
  tools  compose.yaml:3:1
    gunicorn.timeout  30                        compose.yaml:6 (command-line)
                      through run.sh:3:24 passed on here
                      overrides 120  gunicorn.conf.py:9 (config-file)
                      from env.GUNICORN_TIMEOUT = 30  compose.yaml:6 (manifest)

"""
    )
    assert rendered(setting="JWT_SECRET_KEY").count("[secret, 14 characters]") == 1
    assert rendered(setting="nothing") == "Nothing of that name.\n"


def test_who_reads_a_variable() -> None:
    text = rendered(setting="GUNICORN_TIMEOUT")
    assert "read by: run.sh:3:24\n" in text and "makes: gunicorn.timeout\n" in text
    assert "read by: unknown (the image is not in the tree)\n" in rendered(setting="DATABASE_URL")
    assert "read by: nothing in this service\n" in rendered(setting="env.JWT_SECRET_KEY")


def test_all_shows_defaults_and_absent_facts() -> None:
    text = rendered(all=True)
    assert "gunicorn.backlog" in text and "container.cpu_limit     not set" in text
    assert rendered(service="other") == "Nothing of that name.\n"
    assert "gunicorn.timeout" in rendered(service="tools")


def test_json_is_the_interface() -> None:
    data = json.loads(rendered(output_format="json"))
    assert data["schema_version"] == 1
    (target,) = data["targets"]
    assert (target["name"], target["kind"]) == ("agents", "compose")
    (service,) = target["services"]
    assert service["name"] == "tools"
    assert service["facts"]["gunicorn.timeout"] == {
        "value": 30,
        "unknown": None,
        "low": None,
        "high": None,
        "assumed": False,
        "source": {
            "layer": "command-line",
            "path": "compose.yaml",
            "line": 6,
            "column": 1,
            "raw": "30",
            "via": [{"path": "run.sh", "line": 3, "column": 24, "label": "passed on here"}],
            "inputs": ["env.GUNICORN_TIMEOUT"],
        },
        "shadowed": [
            {
                "value": 120,
                "layer": "config-file",
                "path": "gunicorn.conf.py",
                "line": 9,
                "column": 1,
                "raw": "120",
                "via": [],
                "inputs": [],
            }
        ],
        "depends_on": [],
    }
    workers = service["facts"]["gunicorn.workers"]
    assert (workers["value"], workers["unknown"]) == (None, "cpu_count() of the machine")
    assert (workers["low"], workers["high"], workers["depends_on"]) == (3, 17, ["cpus"])
    assert service["facts"]["container.cpu_limit"]["value"] is None


@pytest.mark.parametrize("options", [{}, {"all": True}, {"output_format": "json"}, {"setting": "JWT_SECRET_KEY"}])
def test_no_secret_is_shown(options: dict[str, object]) -> None:
    assert "hunter2" not in rendered(**options)
