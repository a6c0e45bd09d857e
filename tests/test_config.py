"""The configuration file: what it says, and what is wrong with it, with a caret."""

from __future__ import annotations

from pathlib import Path

import pytest

from gwaudit.cli import main
from gwaudit.config import Configuration, load
from gwaudit.errors import ConfigurationError
from gwaudit.options import Options
from gwaudit.tree import Tree

FULL = """\
select = ["secrets"]
extend-select = ["unused-ignore"]
exclude = ["vendor/"]
ignore = ["workers-exceed-cpu", {rule = "bind-all", path = "dev/", service = "web", reason = "dev only", until = 2030-01-31}]

[severity]
expired-ignore = "low"

[per-file-ignores]
"dev/*" = ["weak-secret"]

[rules]
paths = ["policy/"]
workers-exceed-cpu = {per_cpu = 8}

[latency]
p99 = 41.5

[[target]]
name = "prod"
paths = ["compose.yaml"]
stage = "production"

[images]
"registry:5000/team/api" = "docker/Dockerfile"
web = {dockerfile = "docker/web.Dockerfile", context = "./"}
"""


def read(folder: Path, text: str, name: str = "gwaudit.toml", **options: object) -> Configuration:
    (folder / name).write_text(text)
    return load(Tree(str(folder)), Options(**options))


def test_everything_at_once(tmp_path: Path) -> None:
    configuration = read(tmp_path, FULL)
    assert configuration.select == ["secrets"]
    assert configuration.extend_select == ["unused-ignore"]
    assert configuration.exclude == ["vendor/"]
    assert configuration.ignore == ["workers-exceed-cpu"]
    (ignored,) = configuration.ignored
    assert (ignored.rule, ignored.path, ignored.service, ignored.reason, ignored.until) == (
        "bind-all", "dev/", "web", "dev only", "2030-01-31",
    )  # fmt: skip
    assert (ignored.location.path, ignored.location.line) == ("gwaudit.toml", 4)
    assert configuration.severity == {"expired-ignore": "low"}
    assert configuration.per_file_ignores == {"dev/*": ["weak-secret"]}
    assert configuration.rule_paths == ["policy/"]
    assert configuration.parameters == {"workers-exceed-cpu": {"per_cpu": 8}}
    assert configuration.latency == {"p99": 41.5}
    assert configuration.targets == [{"name": "prod", "paths": ["compose.yaml"], "stage": "production"}]
    assert configuration.images == {
        "registry:5000/team/api": ("docker/Dockerfile", "docker"),
        "web": ("docker/web.Dockerfile", "."),
    }


def test_pyproject_holds_the_same_below_tool(tmp_path: Path) -> None:
    text = '[project]\nname = "x"\n[tool.gwaudit]\nrules = ["policy/"]\n[[tool.gwaudit.ignore]]\nrule = "a"\nreason = "b"\n'
    configuration = read(tmp_path, text, "pyproject.toml")
    assert configuration.rule_paths == ["policy/"]
    assert [entry.rule for entry in configuration.ignored] == ["a"]


def test_a_pyproject_without_a_table_is_no_configuration(tmp_path: Path) -> None:
    assert read(tmp_path, '[project]\nname = "gwaudit-user"\n', "pyproject.toml").file is None
    assert read(tmp_path, '[project\nname = "gwaudit-user"\n', "pyproject.toml").file is None


def test_a_sub_directory_has_no_say(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "gwaudit.toml").write_text('ignore = ["weak-secret"]\n')
    assert load(Tree(str(tmp_path)), Options()).ignore == []


def test_isolated_reads_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "bogus = 1\n", isolated=True).file is None


def test_two_configurations_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.gwaudit]\nselect = []\n")
    with pytest.raises(ConfigurationError, match="two configurations"):
        read(tmp_path, "select = []\n")


@pytest.mark.parametrize(
    ("text", "seconds"), [('"45s"', 45), ('"1500ms"', 1.5), ('"2m"', 120), ("30", 30), ('"1m 30s"', 90)]
)
def test_a_latency_has_a_unit_or_is_in_seconds(tmp_path: Path, text: str, seconds: float) -> None:
    (tmp_path / "gwaudit.toml").write_text(f"latency.p99 = {text}\n")
    assert load(Tree(str(tmp_path)), Options()).latency == {"p99": seconds}


@pytest.mark.parametrize(
    ("text", "message", "line", "column", "hint"),
    [
        ("selct = []\n", "unknown key 'selct'", 1, 1, "did you mean 'select'?"),
        ("select = 3\n", "expected a list of strings, not an integer", 1, 1, None),
        ('exclude = ["a", 3]\n', "expected a string, not an integer", 1, 17, None),
        ('\n[severity]\na = "hihg"\n', "expected one of low, medium, high, critical, not", 3, 1, "did you mean 'high'?"),
        ('[[ignore]]\nrule = "a"\n', "an ignore needs 'reason'", 1, None, None),
        ('[[ignore]]\nrule = "a"\nreason = "b"\nuntil = "soon"\n', "expected a date such as", 4, 1, None),
        ('[[ignore]]\nrule = "a"\nresaon = "b"\n', "unknown key 'resaon'", 3, 1, "did you mean 'reason'?"),
        ("[latency]\np99 = -1\n", "expected seconds as a positive number, or a text", 2, 1, None),
        ('[latency]\np99 = "soon"\n', "expected seconds as a positive number, or a text", 2, 1, None),
        ("[latency]\np98 = 1\n", "unknown key 'p98'", 2, 1, None),
        ('[[target]]\nname = "x"\nstage = "prod"\n', "expected one of production", 3, 1, None),
        ('[[target]]\nstage = "test"\n', "a target needs 'name' or 'paths'", 1, None, None),
        ("[latency]\nservice = 3\n", "expected a string, not an integer", 2, 1, None),
        ('[[target]]\npath = "x"\n', "unknown key 'path'", 2, 1, "did you mean 'paths'?"),
        ('[images]\n"a/b:1" = "Dockerfile"\n', "expected the name of an image without tag", 2, 1, None),
        ('[images]\napi = "../Dockerfile"\n', "expected a path below the root", None, None, None),
        ("[images]\napi = 3\n", "expected a table, not an integer", 2, 1, None),
        ('[images]\napi = {context = "."}\n', "an image needs 'dockerfile'", 2, 1, None),
        ('[images]\napi = {file = "x"}\n', "unknown key 'file'", None, None, None),
        ("rules = 3\n", "expected a table, not an integer", 1, 1, None),
        ("select = [\n", "not valid TOML: ", None, None, None),
    ],
)  # fmt: skip
def test_mistakes_have_a_place_and_a_remedy(
    tmp_path: Path, text: str, message: str, line: int | None, column: int | None, hint: str | None
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read(tmp_path, text)
    error = raised.value
    assert error.message.startswith(message)
    assert error.location is not None and error.location.path == "gwaudit.toml"
    if line is not None:
        assert error.location.line == line and error.text == text.splitlines()[line - 1]
    if column is not None:
        assert error.location.span is not None and error.location.span.column == column
    if hint is not None:
        assert error.hint == hint


def test_the_screen_shows_a_caret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gwaudit.toml").write_text("# ours\nselct = []\n")
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "error: unknown key 'selct'\n"
        "  --> gwaudit.toml:2:1\n"
        "   |\n"
        " 2 | selct = []\n"
        "   | ^^^^^\n"
        "  = help: did you mean 'select'?\n"
    )


def test_a_rule_of_ones_own_does_not_take_the_place_of_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "compose.yaml").write_text("services: {web: {image: a}}\n")
    (tmp_path / "gwaudit.toml").write_text('rules = ["policy/"]\n')
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "workers-exceed-cpu.yaml").write_text(
        "# ours\nid: workers-exceed-cpu\ntitle: x\nseverity: low\nsubject: container\nwhen: gunicorn.workers > 1\n"
        "blame: [gunicorn.workers]\nmessage: x\nwhy: x\nfix: x\n"
    )
    assert main(["check", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert "there is a rule workers-exceed-cpu already" in told
    assert "workers-exceed-cpu.yaml:2:1" in told and "^^^" in told


def test_the_table_of_a_pyproject_in_a_file_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read(tmp_path, '[tool.gwaudit]\nignore = ["bind-all"]\n')
    assert raised.value.hint is not None
    assert raised.value.hint.startswith("in gwaudit.toml the keys stand at the top")
