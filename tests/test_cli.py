"""The command line: exit status, streams, formats, colours, and whose fault an error is."""

from __future__ import annotations

import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import gwaudit
from gwaudit import audit as audit_module
from gwaudit.cli import main
from gwaudit.finding import Finding, Labelled, Report
from gwaudit.options import Options
from gwaudit.resolve.targets import Target
from gwaudit.resolve.workspace import Workspace
from gwaudit.rules.load import builtin
from gwaudit.source import Location, Span
from gwaudit.tree import Tree

Capture = pytest.CaptureFixture[str]
MISSPELT = """\
services:
  gateway:
    image: ghcr.io/ibm/mcp-context-forge:1.0.8
    environment:
      DATABSE_URL: postgresql+psycopg://db/gateway
  cache:
    image: redis:7
"""


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """A run that reads one file and finds one mistake of medium severity."""
    (tmp_path / "compose.yaml").write_text("services: {\n")
    report = Report(Tree(str(tmp_path)))
    rule = builtin()["file-not-parsed"]
    report.findings = [Finding(rule, "not valid YAML", Labelled(Location("compose.yaml", Span(1, 11, 1, 12))))]
    report.formats = {"compose": 1}
    report.targets = [("agents", "compose")]
    monkeypatch.setattr(audit_module, "audit", lambda options: report)
    monkeypatch.chdir(tmp_path)
    return report


def test_findings_go_to_standard_output_and_the_rest_to_standard_error(found: Report, capsys: Capture) -> None:
    assert main(["check"]) == 1
    captured = capsys.readouterr()
    assert captured.out.startswith("medium[file-not-parsed]: not valid YAML\n  --> compose.yaml:1:11\n")
    assert captured.err == "1 finding: 1 medium in 1 deployment, 1 file.\n"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ([], 1),
        (["--fail-on", "medium"], 1),
        (["--fail-on", "high"], 0),
        (["--exit-zero"], 0),
        (["--output-format", "json"], 1),
        (["--output-format", "sarif"], 1),
    ],
)
def test_exit_status(found: Report, arguments: list[str], status: int) -> None:
    assert main(["check", *arguments]) == status


def test_a_clean_run(found: Report, capsys: Capture) -> None:
    found.findings.clear()
    assert main(["check"]) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "0 findings in 1 deployment, 1 file.\n")


def test_quiet_says_findings_only(found: Report, capsys: Capture) -> None:
    main(["check", "-q"])
    assert capsys.readouterr().err == ""


def test_several_reports_in_one_run(found: Report, capsys: Capture) -> None:
    assert main(["check", "--output-format", "concise", "--report", "sarif=a.sarif", "--report", "json=b.json"]) == 1
    assert capsys.readouterr().out == "compose.yaml:1:11: medium[file-not-parsed] not valid YAML\n"
    assert json.loads(Path("a.sarif").read_text())["version"] == "2.1.0"
    assert json.loads(Path("b.json").read_text())["schema_version"] == 1


def test_an_output_file_takes_the_place_of_standard_output(found: Report, capsys: Capture) -> None:
    assert main(["check", "--output-format", "json", "-o", "out.json"]) == 1
    assert capsys.readouterr().out == ""
    assert json.loads(Path("out.json").read_text())["summary"]["total"] == 1
    assert main(["check", "-o", "no/such/folder.json"]) == 2
    assert capsys.readouterr().err == "error: no/such/folder.json: No such file or directory\n"


@pytest.mark.parametrize(
    ("environment", "arguments", "colored"),
    [
        ({}, [], False),  # not a terminal
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({}, ["--color", "always"], True),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], False),
        ({"FORCE_COLOR": "1"}, ["-o", "file.txt"], False),
    ],
)
def test_colour(
    found: Report, monkeypatch: pytest.MonkeyPatch, capsys: Capture, environment: dict[str, str], arguments: list[str],
    colored: bool,
) -> None:  # fmt: skip
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    main(["check", *arguments])
    text = capsys.readouterr().out + (Path("file.txt").read_text() if Path("file.txt").exists() else "")
    assert ("\x1b[" in text) is colored


def test_our_own_bug_says_so_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Capture
) -> None:
    def broken(options: Options) -> Report:
        raise ValueError("hunter2")

    monkeypatch.setattr(audit_module, "audit", broken)
    monkeypatch.delenv("GWAUDIT_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 2
    text = capsys.readouterr().err
    assert "ValueError in test_cli.py" in text and "report" in text
    assert "hunter2" not in text and "Traceback" not in text
    monkeypatch.setenv("GWAUDIT_DEBUG", "1")
    with pytest.raises(ValueError, match="hunter2"):
        main(["check"])


@pytest.mark.parametrize("step", ["gwaudit.resolve.link.servers.servers", "gwaudit.resolve.stage.stage"])
def test_our_own_bug_in_one_step_leaves_the_other_deployments_their_findings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Capture, step: str
) -> None:
    real = pkgutil.resolve_name(step)

    def broken(workspace: Workspace, target: Target) -> None:
        if target.draft.name.startswith("a/"):
            raise ValueError("hunter2")
        real(workspace, target)

    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "compose.yaml").write_text(MISSPELT)
    monkeypatch.setattr(step, broken)
    monkeypatch.delenv("GWAUDIT_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 2
    captured = capsys.readouterr()
    assert "--> b/compose.yaml:5" in captured.out
    assert "could not judge all of a/compose.yaml: ValueError in test_cli.py" in captured.err
    assert "hunter2" not in captured.err and "Traceback" not in captured.err
    assert main(["show"]) == 2
    assert "b/compose.yaml" in capsys.readouterr().out
    monkeypatch.setenv("GWAUDIT_DEBUG", "1")
    with pytest.raises(ValueError, match="hunter2"):
        main(["check"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "nothing.yaml"], "error: nothing.yaml: no such file or directory"),
        (["check", "--config", "nothing.toml"], "error: --config nothing.toml: No such file or directory"),
        (["check", "--env-file", "nothing.env"], "error: --env-file nothing.env: No such file or directory"),
        (["check", "--import", "nothing.sarif"], "error: --import nothing.sarif: No such file or directory"),
        (["check", "--latency", "nothing.txt"], "error: --latency nothing.txt: No such file or directory"),
        (["check", "--select", "file-not-prased"], "error: --select: there is no rule, group or tag file-not-prased"),
        (["rule", "file-not-prased"], "error: no rule or group is named 'file-not-prased'"),
    ],
)
def test_mistakes_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.splitlines()[0] == message
    if "prased" in message:
        assert "file-not-parsed" in captured.err  # did you mean


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "COMMAND"),
        (["chekc"], "invalid choice"),
        (["check", "--output-format", "xml"], "invalid choice"),
        (["check", "--report", "xml=a"], "unknown format 'xml'"),
        (["check", "--report", "json"], "expected NAME=VALUE"),
        (["check", "--env", "A"], "expected NAME=VALUE"),
        (["check", "--assume", "cpu=2"], "did you mean 'cpus'?"),
        (["check", "--assume", "cpus=many"], "expected a positive number of CPUs"),
        (["check", "--assume", "memory=2 apples"], "expected a size such as 512Mi"),
        (["check", "--assume", "stage=prod"], "expected one of production"),
        (["check", "--assume", "today=tomorrow"], "expected a date"),
        (["check", "--assume", "gunicorn=latest"], "expected a version"),
        (["check", "--fail-on", "info"], "invalid choice"),
    ],
)
def test_mistakes_on_the_command_line(capsys: Capture, arguments: list[str], message: str) -> None:
    with pytest.raises(SystemExit) as raised:
        main(arguments)
    assert raised.value.code == 2
    captured = capsys.readouterr()
    assert message in captured.out + captured.err


def test_assumptions_have_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gwaudit.arguments import parse

    monkeypatch.chdir(tmp_path)
    (tmp_path / "host.env").write_text("A=file\nB=file\n")
    options = parse(
        ["check", "--assume", "cpus=2", "--assume", "memory=1.5Gi", "--assume", "memory_per_worker=200M",
         "--env-file", "host.env", "--env", "B=flag"]
    )  # fmt: skip
    assumptions = options.assumptions()
    assert assumptions.values == {"cpus": 2, "memory": 1610612736, "memory_per_worker": 200_000_000}
    assert {name: fact.value for name, fact in assumptions.env.items()} == {"A": "file", "B": "flag"}
    assert [fact.value for fact in assumptions.env["B"].shadowed] == ["file"]


@pytest.mark.parametrize("line", ["check", "check .env", "check a b/c", "check ./-x"])
def test_a_line_without_flags_means_the_same_without_argparse(line: str) -> None:
    from gwaudit.arguments import parse
    from gwaudit.options import plain

    short, long = plain(line.split()), parse(line.split())
    assert short is not None
    names = {name for name in vars(type(short)) if not name.startswith("_") and not callable(getattr(short, name))}
    assert {n: getattr(short, n) or None for n in names} == {n: getattr(long, n) or None for n in names}
    assert plain([*line.split(), "-q"]) is None


def test_versions(capsys: Capture) -> None:
    assert main(["version"]) == 0
    assert capsys.readouterr().out == f"gwaudit {gwaudit.__version__}\n"
    with pytest.raises(SystemExit) as raised:
        main(["--version"])
    assert raised.value.code == 0
    assert capsys.readouterr().out == f"gwaudit {gwaudit.__version__}\n"


def test_rules_are_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["rule", "unused-ignore"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(
        "unused-ignore: An ignore keeps no finding back\nseverity low, confidence high, group audit\n"
    )
    assert "\nWhy\n" in text and "\nFix\n" in text and "# gwaudit: ignore[unused-ignore] -- reason" in text
    assert main(["rule", "--all"]) == 0
    assert capsys.readouterr().out.count("\nIgnore it with\n") == len(builtin())
    assert main(["rule"]) == 0
    lines = capsys.readouterr().out.splitlines()
    listed = [line.split()[0] for line in lines if line.startswith(" ")]
    assert sorted(listed) == sorted(builtin())
    groups = [line for line in lines if not line.startswith(" ")]
    assert groups == sorted({rule.group for rule in builtin().values()})
    assert main(["rule", "timeouts"]) == 0
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading == "timeouts"
    assert [line.split()[0] for line in lines] == sorted(id for id, r in builtin().items() if r.group == "timeouts")
    assert main(["rule", "unused-ignore", "--output-format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["id"] == "unused-ignore"


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """``python -m gwaudit`` in a folder, as a user would."""
    return subprocess.run(
        [sys.executable, "-m", "gwaudit", *arguments], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip


def test_python_m_does_not_import_from_the_audited_tree(tmp_path: Path) -> None:
    for name in ("argparse", "re", "yaml", "sarif_om", "json", "typing"):
        (tmp_path / f"{name}.py").write_text("import os; os.write(1, b'OWNED')\n")
    done = run(tmp_path, "version")
    assert done.stdout == f"gwaudit {gwaudit.__version__}\n"
    done = run(tmp_path, "check", "--output-format", "sarif")
    assert "OWNED" not in done.stdout + done.stderr


def test_nothing_to_do_is_said(tmp_path: Path) -> None:
    done = run(tmp_path, "check")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "No deployment files found: nothing to judge.\n"


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    script = f"'{sys.executable}' -m gwaudit rule --all | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "Traceback" not in done.stderr and "Error" not in done.stderr


def test_an_unreadable_file_is_a_finding_and_the_rest_goes_on(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "compose.yaml").write_text("services:\n  a: {image: [}\n")
    (tmp_path / "compose.yaml").write_text("services:\n  a: {image: x}\n")
    done = run(tmp_path, "check", "--output-format", "concise", "--select", "file-not-parsed")
    assert done.returncode == 1, done.stderr
    assert [line.split(": medium[file-not-parsed] ")[0] for line in done.stdout.splitlines()] == [
        "a/compose.yaml:2:15",
        "b/compose.yaml:2:15",
    ]
    assert "1 deployment, 3 files" in done.stderr


def test_three_working_directories_give_the_same_findings(tmp_path: Path) -> None:
    if not any(os.access(os.path.join(p, "git"), os.X_OK) for p in os.environ["PATH"].split(os.pathsep)):
        pytest.skip("git is missing")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "compose.yaml").write_text("services:\n  a: {image: [}\n")
    outputs = {
        run(tmp_path, "check", "deploy", "--output-format", "sarif").stdout,
        run(tmp_path / "deploy", "check", "--output-format", "sarif").stdout,
        run(tmp_path.parent, "check", str(tmp_path / "deploy" / "compose.yaml"), "--output-format", "sarif").stdout,
    }
    assert len(outputs) == 1
    assert '"uri": "deploy/compose.yaml"' in outputs.pop()


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (("--setting", "timout"), "Nothing of that name: did you mean 'timeout'?\n"),
        (("--setting", "gunicorn.timout"), "Nothing of that name: did you mean 'gunicorn.timeout'?\n"),
        (("--service", "wbe"), "Nothing of that name: did you mean 'web'?\n"),
        (("--service", "web", "--setting", "timout"), "Nothing of that name: did you mean 'timeout'?\n"),
        (("--service", "entirely-different"), "Nothing of that name.\n"),
    ],
)
def test_show_tells_the_name_that_was_meant(
    asked: tuple[str, ...], answer: str, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "compose.yaml").write_text("services: {web: {image: a, command: gunicorn app:app}}\n")
    assert main(["show", str(tmp_path), *asked]) == 0
    assert capsys.readouterr().out == answer


def test_a_mistake_on_the_command_line_is_told_without_the_whole_usage(capsys: Capture) -> None:
    for arguments in (["check", "--nope"], ["nope"], ["check", "--fail-on", "info"]):
        with pytest.raises(SystemExit):
            main(arguments)
        first, hint = capsys.readouterr().err.splitlines()
        assert first.startswith("error: ") and hint.endswith("--help lists what is known")


def test_unknown_values_are_counted_where_something_is_found(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {web: {image: a, command: gunicorn app:app}}\n")
    assert "could not be known" not in run(tmp_path, "check", "--select", "zero-workers").stderr
    (tmp_path / "compose.yaml").write_text("services: {web: {image: a, command: gunicorn -t 0 app:app}}\n")
    assert "could not be known" in run(tmp_path, "check").stderr
    assert "Not judged: " in run(tmp_path, "check", "-v").stderr
