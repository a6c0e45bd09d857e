"""From rule files to findings: places, labels, messages, secrets, selections and errors of rule files."""

from __future__ import annotations

import pathlib
import textwrap
from typing import Any

import pytest

from gwaudit.cli import _describe
from gwaudit.config import Configuration
from gwaudit.errors import ConfigurationError
from gwaudit.options import Options
from gwaudit.resolve.fact import ABSENT, DEFAULT, Fact, Source, Step, Unknown
from gwaudit.resolve.model import Container, Subject
from gwaudit.rules import engine
from gwaudit.rules.load import RuleSet, builtin, from_folder, rules_for
from gwaudit.source import Location, Span

HEAD = """\
id: my-rule
title: A title
severity: medium
subject: container
why: Because.
fix: Do it.
"""


def at(path: str, line: int, column: int = 1, end: int = 9) -> Location:
    return Location(path, Span(line, column, line, end))


def source(path: str, line: int, raw: str | None = None, layer: str = "manifest") -> Source:
    return Source(layer, raw, at(path, line))


def load(tmp_path: pathlib.Path, text: str, head: str = HEAD) -> RuleSet:
    (tmp_path / "policy").mkdir(exist_ok=True)
    (tmp_path / "policy" / "my-rule.yaml").write_text(head + textwrap.dedent(text))
    return from_folder("policy", str(tmp_path))


def target() -> tuple[Subject, Subject]:
    top = Subject("target", "shop", None, at("compose.yaml", 1))
    workload = Subject("workload", "web", top, at("compose.yaml", 2))
    return top, Subject("container", "web", workload, at("compose.yaml", 3))


WORKERS = """\
params: {most: {value: 8, doc: "the limit"}}
let: {slots: gunicorn.workers * gunicorn.threads}
when: slots > params.most and is_set(container.cpu_limit)
blame: [gunicorn.workers]
message: "{gunicorn.workers|count worker} x {gunicorn.threads} = {slots}, {container.cpu_limit}; most {params.most}"
"""


def test_places_come_from_the_facts(tmp_path: pathlib.Path) -> None:
    rules = load(tmp_path, WORKERS)
    top, container = target()
    lower = Fact("gunicorn.workers", 2, source("gunicorn.conf.py", 1, "2", "config-file"))
    way = Source("command-line", "24", at("compose.yaml", 6), [Step(at("run.sh", 3), "read here")])
    container.put(Fact("gunicorn.workers", 24, way).over(lower))
    container.put(Fact("gunicorn.threads", 2, DEFAULT, inputs=[Fact("env.T", "2", source(".env", 7, "2"))]))
    container.put(Fact("container.cpu_limit", 0.5, source("compose.yaml", 9)))
    (verdict,) = engine.evaluate(rules, top)
    assert verdict.outcome is engine.FAIL and verdict.finding is not None
    finding = verdict.finding
    assert finding.message == "24 workers x 2 = 48, 0.5 CPU; most 8"
    assert (str(finding.primary.location), finding.primary.label) == ("compose.yaml:6:1", "workers = 24")
    assert [(str(one.location), one.label) for one in finding.related] == [
        ("run.sh:3:1", "read here"),
        ("gunicorn.conf.py:1:1", "overridden here: workers = 2"),
        (".env:7:1", "T = 2"),
        ("compose.yaml:9:1", "container cpu limit = 0.5 CPU"),
    ]
    assert (finding.service, finding.targets, finding.blamed) == ("web", ("shop",), "gunicorn.workers")
    assert finding.worth == 6.0


def test_a_missing_setting_has_a_place(tmp_path: pathlib.Path) -> None:
    rules = load(tmp_path, "when: is_absent(env['LOG'])\nblame: [\"env['LOG']\"]\nmessage: no LOG\n")
    top, container = target()
    container.draft = Container("web", at("compose.yaml", 3))
    container.draft.env_place = at("compose.yaml", 5)
    from gwaudit.resolve.environment import Environment

    container.environment = Environment()
    (verdict,) = engine.evaluate(rules, top)
    assert verdict.finding is not None
    assert str(verdict.finding.primary.location) == "compose.yaml:5:1"
    assert verdict.finding.primary.label == "LOG is not set here"


def test_a_default_is_blamed_where_it_would_be_set(tmp_path: pathlib.Path) -> None:
    rules = load(tmp_path, "when: workload.grace_period < 30\nblame: [workload.grace_period]\nmessage: short\n")
    top, container = target()
    assert container.parent is not None
    container.parent.put(Fact("workload.grace_period", 10.0, Source("platform")))
    (verdict,) = engine.evaluate(rules, top)
    assert verdict.finding is not None
    assert str(verdict.finding.primary.location) == "compose.yaml:2:1"
    assert verdict.finding.primary.label == "workload grace period is not set here: 10 s by the platform"


def test_unknown_is_silence_with_a_reason(tmp_path: pathlib.Path) -> None:
    rules = load(tmp_path, "when: gunicorn.workers > 8\nblame: [gunicorn.workers]\nmessage: many\n")
    top, container = target()
    findings, unjudged = rules.judge(top)
    assert (findings, unjudged) == ([], [("my-rule", "web", "nothing that was read states gunicorn.workers")])
    container.put(Fact("gunicorn.workers", Unknown("depends on the machine", ("cpus",), 3, 16)))
    assert rules.judge(top) == ([], [("my-rule", "web", "depends on the machine")])


def test_possible_asks_for_the_worst_value(tmp_path: pathlib.Path) -> None:
    text = "when: gunicorn.workers > 8\nblame: [gunicorn.workers]\nmessage: '{gunicorn.workers|count worker}'\n"
    rules = load(tmp_path, text + "possible: true\n")
    top, container = target()
    container.put(Fact("gunicorn.workers", Unknown("depends on the machine", ("cpus",), 3, 16)))
    findings, _ = rules.judge(top)
    assert [finding.message for finding in findings] == ["3 to 16 workers"]
    container.put(Fact("gunicorn.workers", Unknown("depends on the machine", ("cpus",), 3)))
    assert rules.judge(top)[0] == []


def test_a_secret_is_never_shown(tmp_path: pathlib.Path) -> None:
    value = "hunter2-hunter2"
    rules = load(
        tmp_path,
        """\
        let: {joined: "variable.value + 'x'"}
        when: length(variable.value) < 32 and env['OTHER'] != variable.value
        blame: [variable.value]
        message: >-
          {variable.name} {variable.value} {variable.value|raw} {joined} {lower(variable.value)}
          {length(variable.value)}
        """,
        HEAD.replace("container", "variable"),
    )
    top, container = target()
    variable = Subject("variable", "KEY", container)
    variable.set("variable.name", "KEY")
    lower = Fact("variable.value", value + "old", source(".env", 1, value), secret=True)
    variable.put(Fact("variable.value", value, source("compose.yaml", 4, value), secret=True).over(lower))
    container.put(Fact("env.OTHER", value[::-1], source("compose.yaml", 5, value), secret=True))
    (finding,) = rules.judge(top)[0]
    hidden = "a secret of 15 characters"
    assert finding.message == f"KEY {hidden} {hidden} a secret of 16 characters {hidden} 15"
    assert finding.redact
    text = " ".join([finding.message, finding.primary.label, *(one.label for one in finding.related)])
    assert "hunter" not in text and "2retnuh" not in text
    assert [one.label for one in finding.related] == ["overridden here: KEY", "OTHER"]


def test_text_from_files_cannot_forge_the_screen(tmp_path: pathlib.Path) -> None:
    rules = load(tmp_path, "when: is_set(gunicorn.chdir)\nblame: [gunicorn.chdir]\nmessage: '{gunicorn.chdir}'\n")
    top, container = target()
    container.put(Fact("gunicorn.chdir", "a\x1b[31m\nb" + "c" * 500, source("compose.yaml", 4)))
    (finding,) = rules.judge(top)[0]
    assert finding.message.startswith("a\\x1b[31m\\nbccc") and len(finding.message) == 120


def test_messages_have_alternatives(tmp_path: pathlib.Path) -> None:
    text = """\
    when: gunicorn.workers > 1
    blame: [gunicorn.workers]
    message:
      - {if: gunicorn.workers > 10, text: "far too many"}
      - {if: is_set(container.cpu_limit), text: "with a limit"}
      - {if: gunicorn.workers > 4, text: "many{' on ' + container.user if is_set(container.user) else ''}"}
      - text: "{{many}}"
    """
    rules = load(tmp_path, text)
    top, container = target()
    container.put(Fact("gunicorn.workers", 5, source("compose.yaml", 4)))
    assert rules.judge(top)[0][0].message == "many"
    container.put(Fact("gunicorn.workers", 3, source("compose.yaml", 4)))
    assert rules.judge(top)[0][0].message == "{many}"
    container.put(Fact("gunicorn.workers", 11, source("compose.yaml", 4)))
    assert rules.judge(top)[0][0].message == "far too many"


def test_rules_with_a_source_take_findings_from_elsewhere() -> None:
    rules = builtin()
    finding = engine.external(rules, "file-not-parsed", at("a.yaml", 2), "not YAML\x07", service="web")
    assert (finding.rule.id, finding.message, finding.blamed) == ("file-not-parsed", "not YAML\\x07", "file-not-parsed")


def test_formats(tmp_path: pathlib.Path) -> None:
    text = """\
    when: gunicorn.workers > 1
    blame: [gunicorn.workers]
    message: >-
      {container.memory_limit} {container.memory_limit|mib} {gunicorn.timeout} {gunicorn.timeout|number}
      {0.123|percent} {gunicorn.workers|count process processes} {gunicorn.slots|derivation} {container.ports}
      {gunicorn.workers|raw} {gunicorn.workers|layer} {container.user} {gunicorn.preload_app} {gunicorn.workers / 3}
    """
    rules = load(tmp_path, text)
    top, container = target()
    container.put(Fact("gunicorn.workers", 5, source("compose.yaml", 4, "0x5")))
    container.set("container.memory_limit", 1536 * 1024**2)
    container.set("gunicorn.timeout", 30.0)
    container.set("gunicorn.slots", 20, derivation="5 workers x 4 threads")
    container.set("container.ports", tuple(range(8)))
    container.set("container.user", ABSENT)
    container.set("gunicorn.preload_app", True)
    assert rules.judge(top)[0][0].message == (
        "1.5 GiB 1536 MiB 30 s 30 12.3 % 5 processes 5 workers x 4 threads 0, 1, 2, 3, 4, 5 and 2 more "
        "0x5 manifest not set true 1.67"
    )


ERRORS = {
    "misspelt fact": (
        "when: gunicorn.timout > 3\nblame: [gunicorn.timeout]\nmessage: m\n",
        """\
error: there is no fact gunicorn.timout
  --> policy/my-rule.yaml:7:7
   |
 7 | when: gunicorn.timout > 3
   |       ^^^^^^^^^^^^^^^
  = help: did you mean gunicorn.timeout?""",
    ),
    "folded over two lines": (
        "when: >-\n  gunicorn.workers > 3\n  and gunicorn.timeout > container.memory_limit\n"
        "blame: [gunicorn.timeout]\nmessage: m\n",
        """\
error: seconds is compared with bytes
  --> policy/my-rule.yaml:9:26
   |
 9 |   and gunicorn.timeout > container.memory_limit
   |                          ^^^^^^^^^^^^^^^^^^^^^^""",
    ),
    "in a message": (
        "when: gunicorn.workers > 3\nblame: [gunicorn.workers]\nmessage: 'so {gunicorn.workers|sconds}'\n",
        """\
error: there is no such format
  --> policy/my-rule.yaml:9:32
   |
 9 | message: 'so {gunicorn.workers|sconds}'
   |                                ^^^^^^
  = help: did you mean seconds?""",
    ),
    "unknown key": (
        "when: gunicorn.workers > 3\nblames: [gunicorn.workers]\nmessage: m\n",
        """\
error: a rule has no key blames
  --> policy/my-rule.yaml:8:1
   |
 8 | blames: [gunicorn.workers]
   | ^^^^^^
  = help: did you mean blame?""",
    ),
    "enumeration": (
        "when: gunicorn.worker_kind == 'gevnt'\nblame: [gunicorn.workers]\nmessage: m\n",
        """\
error: 'gevnt' is never its value
  --> policy/my-rule.yaml:7:31
   |
 7 | when: gunicorn.worker_kind == 'gevnt'
   |                               ^^^^^^^
  = help: did you mean 'gevent'?""",
    ),
    "neither when nor source": (
        "blame: [gunicorn.workers]\n",
        """\
error: a rule has either `when` or `source`
  --> policy/my-rule.yaml:1:1
   |
 1 | id: my-rule
   | ^^^^^^^^^^^""",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_of_rule_files(name: str, tmp_path: pathlib.Path) -> None:
    text, expected = ERRORS[name]
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    assert _describe(caught.value) == expected


@pytest.mark.parametrize("text", ["id: [", "- 1", "", "id: other\n", "\0id:", "examples: &a {bad: *a}\n"])
def test_hostile_rule_files_are_errors_of_the_configuration(text: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "my-rule.yaml").write_text("id: my-rule\n" + text if not text.startswith("id:") else text)
    with pytest.raises(ConfigurationError):
        from_folder(".", str(tmp_path))


def configured(**given: Any) -> Configuration:
    made = Configuration()
    for name, value in given.items():
        setattr(made, name, value)
    return made


def test_selection_and_parameters() -> None:
    rules = rules_for(configured(ignore=["environment"]), Options())
    assert "dead-setting" not in rules.selected and "workers-exceed-cpu" in rules.selected
    assert rules_for(Configuration(), Options(select=["dead-setting"])).selected == {"dead-setting"}
    assert "dead-setting" not in rules_for(Configuration(), Options(ignore=["dead-setting"])).selected
    rules = rules_for(configured(parameters={"workers-exceed-cpu": {"per_cpu": 12}}), Options())
    assert rules["workers-exceed-cpu"].params == {"per_cpu": 12}
    rules = rules_for(configured(severity={"dead-setting": "low"}), Options())
    assert rules["dead-setting"].severity == "low"


@pytest.mark.parametrize(
    ("configuration", "options", "message"),
    [
        ({}, {"select": ["ded-setting"]}, "--select: there is no rule, group or tag ded-setting"),
        ({"parameters": {"workers-exceed-cpu": {"percpu": 1}}}, {}, "workers-exceed-cpu has no parameter percpu"),
        ({"parameters": {"workers-exceed-cpu": {"per_cpu": "x"}}}, {}, "per_cpu is a number, not text"),
        ({"parameters": {"nothing": {}}}, {}, "there is no rule nothing"),
        ({"rule_paths": ["nowhere"]}, {}, "there is no folder nowhere"),
    ],
)
def test_errors_of_the_configuration(configuration: Any, options: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        rules_for(configured(**configuration), Options(**options))
