"""From a Dockerfile through launch scripts to the words of the server: provenance, signals, what stays unknown."""

from __future__ import annotations

from pathlib import Path

import pytest
from tree_of import workspace_of

from gwaudit.resolve.fact import Source, Unknown
from gwaudit.resolve.image import Image, image_for, image_of_reference
from gwaudit.resolve.launch import Launch, follow, server_of
from gwaudit.resolve.model import Assumptions, Build, Subject
from gwaudit.resolve.targets import resolve
from gwaudit.resolve.workspace import Workspace
from gwaudit.source import Location, Span
from gwaudit.tree import Tree

RUN = """#!/usr/bin/env bash
set -euo pipefail
if [[ -z "${WORKERS:-}" || "${WORKERS}" == "auto" ]]; then
    CPUS=$(nproc)
    WANTED=$((CPUS * 2 + 1))
    WORKERS=$((WANTED > 16 ? 16 : WANTED))
fi
TIMEOUT=${TIMEOUT:-600}
cmd=(gunicorn --workers "${WORKERS}" --timeout "${TIMEOUT}")
if gunicorn --help 2>/dev/null | grep -q -- "--no-control-socket"; then
    cmd+=(--no-control-socket)
fi
cmd+=("app:app")
exec "${cmd[@]}"
"""


def launch(root: Path, files: dict[str, str], env: dict[str, str] | None = None) -> tuple[Image, Launch]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    workspace = Workspace(Tree(str(root)), Assumptions())
    image = image_for(workspace, Build("."))
    assert isinstance(image, Image)
    environment = image.environment.copy()
    for name, value in (env or {}).items():
        place = Location("compose.yaml", Span(7, 1, 7, 5))
        environment.set(name, value, Source("manifest", value, place))
    words = []
    for part in (image.entrypoint, image.command):
        assert not isinstance(part, Unknown)
        words.extend(part or ())
    directory = image.working_dir.value if image.working_dir is not None else "/"
    shell_form = image.entrypoint_shell or image.command_shell
    return image, follow(workspace, words, environment, directory, image.filesystem, shell_form=shell_form, image=image)


def test_what_depends_on_the_machine_has_bounds(tmp_path: Path) -> None:
    files = {"Dockerfile": 'FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nCMD ["./run.sh"]\n', "run.sh": RUN}
    image, found = launch(tmp_path, files)
    command = found.commands[0]
    workers = command.words[2].value
    assert isinstance(workers, Unknown)
    assert (workers.low, workers.high, workers.depends_on) == (3, 16, ("cpus",))
    assert command.words[4].text == "600"
    assert [w.text for w in command.words if w.optional] == ["--no-control-socket"]
    assert command.foreground is True
    assert image.python_version is not None and image.python_version.value == "3.12"
    assert found.scripts == ("run.sh",)
    assert ("TIMEOUT", 8) in [(name, place.line) for name, place in found.reads]


def test_a_variable_leads_back_to_where_a_person_edits(tmp_path: Path) -> None:
    files = {"Dockerfile": 'FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nCMD ["./run.sh"]\n', "run.sh": RUN}
    _, found = launch(tmp_path, files, {"WORKERS": "24"})
    word = found.commands[0].words[2]
    assert word.text == "24"
    assert str(word.source.location) == "compose.yaml:7:1"
    assert [step.location.line for step in word.source.via] == [9, 14]
    assert [fact.name for fact in word.inputs] == ["env.WORKERS"]


def test_image_variables_arguments_and_stages(tmp_path: Path) -> None:
    text = (
        "ARG PY=3.11\nFROM python:${PY}-slim AS build\nARG DIR=/srv\nENV HOME_DIR=${DIR} N=${MISSING:-7}\n"
        "WORKDIR $HOME_DIR/app\n"
        "COPY app.py ./\nRUN pip install -r requirements.txt 'gunicorn==22.0.0'\nCMD [\"old\"]\n"
        "FROM build AS final\nCOPY --from=build /srv/app/app.py /copy/\nUSER app\n"
        'EXPOSE 8000/tcp\nSTOPSIGNAL 2\nENTRYPOINT ["gunicorn"]\n'
    )
    image, found = launch(tmp_path, {"Dockerfile": text, "app.py": "", "requirements.txt": "gunicorn\n"})
    assert image.environment.get("HOME_DIR").value == "/srv"
    assert image.environment.get("N").value == "7"
    assert image.environment.get("NOT_SET").value is not None
    assert image.working_dir is not None and image.working_dir.value == "/srv/app"
    assert image.command is None, "ENTRYPOINT resets an inherited CMD"
    assert image.runs_as_root is False
    assert image.stop_signal is not None and image.stop_signal.value == "SIGINT"
    assert [fact.value for fact in image.ports] == [8000]
    assert image.filesystem.locate("/copy/app.py") == "app.py"
    assert image.filesystem.locate("/srv/app/other.py") is None
    assert image.installs[0].packages == ["gunicorn==22.0.0"] and image.installs[0].files == ["requirements.txt"]
    assert found.commands[0].program == "gunicorn"


def test_an_unknown_base_keeps_everything_open(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM corp.example/base:1\nENV A=1\n")
    image = image_for(Workspace(Tree(str(tmp_path)), Assumptions()), Build("."))
    assert isinstance(image, Image)
    assert isinstance(image.entrypoint, Unknown) and isinstance(image.command, Unknown)
    assert image.environment.get("A").value == "1"
    assert isinstance(image.environment.get("B").value, Unknown)
    assert isinstance(image.filesystem.locate("/anything"), Unknown)


def test_dockerignore_keeps_files_out(tmp_path: Path) -> None:
    files = {
        "Dockerfile": "FROM python:3.12\nWORKDIR /app\nCOPY . /app\nCMD gunicorn a:b\n",
        ".dockerignore": "conf/\n!conf/keep.py\n**/*.md\n",
        "conf/gone.py": "", "conf/keep.py": "", "docs/x.md": "", "docs/y.py": "",
    }  # fmt: skip
    image, _ = launch(tmp_path, files)
    assert image.filesystem.locate("/app/conf/gone.py") is None
    assert image.filesystem.locate("/app/conf/keep.py") == "conf/keep.py"
    assert image.filesystem.locate("/app/docs/x.md") is None
    assert image.filesystem.locate("/app/docs/y.py") == "docs/y.py"


@pytest.mark.parametrize(
    ("base", "command", "foreground", "shell_form", "piped"),
    [
        ("python:3.12", '["gunicorn", "a:b"]', True, False, False),
        ("python:3.12", "gunicorn a:b", False, True, False),  # dash stays in front of its command
        ("python:3.12", "exec gunicorn a:b", True, True, False),
        ("fedora:40", "gunicorn a:b", True, True, False),  # bash -c replaces itself by a single command
        ("fedora:40", "cd /x && gunicorn a:b", True, True, False),
        ("fedora:40", "gunicorn a:b > log", False, True, False),
        ("python:3.12", "gunicorn a:b | tee log", False, True, True),
        ("python:3.12", '["tini", "--", "gunicorn", "a:b"]', True, False, False),
    ],
)
def test_who_gets_the_stop_signal(
    tmp_path: Path, base: str, command: str, foreground: bool, shell_form: bool, piped: bool
) -> None:
    _, found = launch(tmp_path, {"Dockerfile": f"FROM {base}\nCMD {command}\n"})
    chosen = found.commands[0]
    assert chosen.program == "gunicorn"
    assert (chosen.foreground, chosen.shell_form, chosen.piped) == (foreground, shell_form, piped)
    assert chosen.init is ("tini" in command)


@pytest.mark.parametrize(
    ("line", "server"),
    [
        ("python -m uvicorn a:b", "uvicorn"), ("uv run --no-sync gunicorn a:b", "gunicorn"),
        ("celery -A x worker", "celery"),
        ("opentelemetry-instrument --traces_exporter x gunicorn a:b", "gunicorn"), ("gosu app gunicorn a:b", "gunicorn"),
        ("su -s /bin/sh app -c 'gunicorn a:b'", "gunicorn"), ("wait-for-it.sh db:5432 -- gunicorn a:b", "gunicorn"),
        ("node server.js", "other"), ("env A=1 -u B gunicorn a:b", "gunicorn"), ("timeout -k 5 60 gunicorn a:b", "gunicorn"),
    ],
)  # fmt: skip
def test_wrappers_are_unwrapped(tmp_path: Path, line: str, server: str) -> None:
    _, found = launch(tmp_path, {"Dockerfile": f"FROM python:3.12\nCMD exec {line}\n"})
    assert server_of(found.commands[0]) == server
    assert found.commands[0].words[0].text not in ("gosu", "su", "env", "uv", "timeout")


def test_a_companion_in_the_background_does_not_hide_the_server(tmp_path: Path) -> None:
    files = {
        "Dockerfile": 'FROM python:3.12\nCOPY s.sh /s.sh\nCMD ["sh", "/s.sh"]\n',
        "s.sh": "nginx\npython manage.py migrate\nexec gunicorn a:b\n",
    }
    _, found = launch(tmp_path, files)
    assert [c.program for c in found.commands] == ["gunicorn", "nginx"]
    assert [c.program for c in found.steps] == ["python"]


def test_a_script_that_always_ends_says_where(tmp_path: Path) -> None:
    files = {
        "Dockerfile": 'FROM python:3.12\nCOPY s.sh /s.sh\nCMD ["sh", "/s.sh"]\n',
        "s.sh": "true\nexit 3\ngunicorn a:b\n",
    }
    _, found = launch(tmp_path, files)
    assert not found.commands
    assert "s.sh:2" in str(found.problems[0][0]) and "status 3" in found.problems[0][1]


def test_known_images() -> None:
    postgres = image_of_reference("docker.io/library/postgres:16-alpine")
    assert postgres is not None and postgres.stop_signal is not None and postgres.stop_signal.value == "SIGINT"
    assert image_of_reference("corp.example/anything:1") is None


def test_uvicorn_settings(tmp_path: Path) -> None:
    from gwaudit.resolve.uvicorn import settings

    text = "FROM python:3.12\nENV UVICORN_PORT=9000 WEB_CONCURRENCY=4\nCMD exec uvicorn a:b --host 0.0.0.0 "
    text += "--timeout-keep-alive=75 --reload\n"
    _, found = launch(tmp_path, {"Dockerfile": text})
    facts = {name: fact.value for name, fact in settings(found.commands[0], "uvicorn").items()}
    assert facts["uvicorn.bind"] == ("0.0.0.0:9000",)
    assert (
        facts["uvicorn.workers"] == 4
        and facts["uvicorn.timeout_keep_alive"] == 75.0
        and facts["uvicorn.reload"] is True
    )
    assert settings(found.commands[0], "gunicorn") == {}


@pytest.mark.parametrize(
    ("steps", "where"),
    [
        ("COPY src /app/src\nCOPY conf.py /app\n", "/app/conf.py"),  # a step before put something below it
        ("RUN mkdir -p /app/etc\nCOPY conf.py /app/etc\n", "/app/etc/conf.py"),
        ("WORKDIR /app\nWORKDIR /srv\nCOPY conf.py /app\n", "/app/conf.py"),
        ("COPY conf.py /usr/local/bin\n", "/usr/local/bin/conf.py"),
        ("COPY conf.py /app\n", "/app"),  # nothing is there: the file's new name
    ],
)
def test_a_file_copied_to_a_directory_keeps_its_name(tmp_path: Path, steps: str, where: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/shop.py").write_text("")
    (tmp_path / "conf.py").write_text("workers = 2\n")
    (tmp_path / "Dockerfile").write_text(f"FROM python:3.12-slim\n{steps}")
    image = image_for(Workspace(Tree(str(tmp_path)), Assumptions()), Build("."))
    assert isinstance(image, Image)
    assert image.filesystem.locate(where) == "conf.py"


def test_what_whoever_starts_an_image_gives_is_not_taken_for_empty(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(
        'FROM python:3.12-slim\nCMD exec gunicorn --log-level "$LEVEL" --workers ${WORKERS:-3} a:b $MORE\n'
    )
    workspace = Workspace(Tree(str(tmp_path)), Assumptions())
    image = image_for(workspace, Build("."))
    assert isinstance(image, Image) and not isinstance(image.command, Unknown)
    image.environment.starter = "whoever starts the image sets it"
    found = follow(
        workspace, image.command or (), image.environment, "/", image.filesystem, shell_form=True, image=image
    )
    texts = [word.text for word in found.commands[0].words]
    assert texts[:6] == ["gunicorn", "--log-level", None, "--workers", "3", "a:b"]


def test_a_script_that_hands_over_to_a_file_of_the_base_image(tmp_path: Path) -> None:
    """``source /docker-entrypoint.sh`` starts the server: what ran before it is no service."""
    files = {
        "Dockerfile": 'FROM example/base:1\nCOPY run.sh /run.sh\nENTRYPOINT ["/run.sh"]\n',
        "run.sh": '#!/bin/bash\nset -e\nif [ -n "$X" ]; then\n  update-ca-certificates\nfi\nsource /docker-entrypoint.sh\n',
    }
    _, found = launch(tmp_path, files)
    assert found.server is None
    assert [command.program for command in found.steps] == ["update-ca-certificates"]
    assert any("/docker-entrypoint.sh is sourced" in message for _, message in found.problems)


def test_a_name_under_which_services_build_several_images(tmp_path: Path) -> None:
    base = "services:\n"
    for name, tag in (("api", "${V}"), ("web", "${W}"), ("job", "1")):
        base += f"  {name}:\n    image: registry.example/shop:{tag}\n"
    files = {
        "docker-compose.yml": base,
        "docker-compose.build.yml": "services:\n  job: {restart: always}\n"
        "  api:\n    build: {context: ., dockerfile: api.Dockerfile}\n"
        "  web:\n    build: {context: ., dockerfile: web.Dockerfile}\n",
        "api.Dockerfile": 'FROM python:3.12-slim\nWORKDIR /srv\nCMD ["gunicorn", "-w", "3", "a:b"]\n',
        "web.Dockerfile": 'FROM python:3.12-slim\nWORKDIR /srv\nCMD ["gunicorn", "-w", "5", "a:b"]\n',
    }
    workspace = workspace_of(tmp_path, files)
    found = {}
    for target in resolve(workspace, Subject("repository", ".")):
        if target.subject.name == "docker-compose.yml":
            found = {subject.name: subject.known("gunicorn.workers") for subject in target.subject.walk("container")}
    assert found == {"api": 3, "web": 5, "job": None}
