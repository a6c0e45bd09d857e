"""``gwaudit show FILE``: a configuration on its own, evaluated where it lies; what only the machine knows is unknown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gwaudit.cli import main


def facts(folder: Path, text: str, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, dict[str, object]]:
    path = folder / "gunicorn.conf.py"
    path.write_text(text)
    main(["show", str(path), "--output-format", "json", *options])
    (target,) = json.loads(capsys.readouterr().out)["targets"]
    (service,) = target["services"]
    found: dict[str, dict[str, object]] = service["facts"]
    return found


def test_where_the_file_lies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        "import os\nfrom pathlib import Path\nBASE = Path(__file__).resolve().parent\n"
        "errorlog = str(BASE / 'log' / 'error.log')\naccesslog = os.path.join(os.getcwd(), 'access.log')\n"
        "proc_name = os.path.basename(os.path.dirname(os.path.abspath(__file__)))\nchdir = ''\nworkers = 2\n"
    )
    found = facts(tmp_path, text, capsys)
    place = str(tmp_path.resolve())
    assert found["gunicorn.errorlog"]["value"] == f"{place}/log/error.log"
    assert found["gunicorn.accesslog"]["value"] == f"{place}/access.log"
    assert found["gunicorn.proc_name"]["value"] == tmp_path.name
    assert found["gunicorn.chdir"]["value"] == place
    assert all(found[f"gunicorn.{name}"]["assumed"] for name in ("errorlog", "accesslog", "proc_name", "chdir"))
    assert found["gunicorn.workers"]["assumed"] is False


def test_a_process_whose_folder_nobody_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Procfile").write_text("web: gunicorn -c conf.py app:app\n")
    (tmp_path / "conf.py").write_text("import os\naccesslog = os.getcwd() + '/access.log'\nworkers = 3\n")
    monkeypatch.chdir(tmp_path)
    main(["show", ".", "--output-format", "json", "--all"])
    services = [s for target in json.loads(capsys.readouterr().out)["targets"] for s in target["services"]]
    found = next(s["facts"] for s in services if s["facts"].get("gunicorn.workers", {}).get("value") == 3)
    assert found["gunicorn.accesslog"]["value"] is None
    assert found["gunicorn.accesslog"]["depends_on"] == ["run.directory"]


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("worker_tmp_dir = '/dev/shm' if os.path.exists('/dev/shm') else '/tmp'", "worker_tmp_dir", "/dev/shm"),
        ("reload = os.path.exists('.env')", "reload", False),
        ("preload_app = os.path.exists('/opt/app/ready')", "preload_app", None),
        ("user = 'www-data'", "user", None),
        ("user = 'root'", "user", 0),
        ("group = None", "group", None),
        ("workers = len(psutil.Process(os.getpid()).cpu_affinity())", "workers", None),
        ("workers = len(os.sched_getaffinity(0))", "workers", 6),
        ("sendfile = True", "sendfile", True),
        ("secure_scheme_headers = {'X-P': 'https'}", "secure_scheme_headers", {"X-P": "https"}),
        ("logconfig_dict = {'version': 1, 'root': {'handlers': ['a'], 'level': 5}}", "logconfig_dict", None),
    ],
)
def test_values_in_gunicorns_own_types(
    line: str, name: str, value: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fact = facts(tmp_path, f"import os, psutil\n{line}\n", capsys, "--assume", "cpus=6")[f"gunicorn.{name}"]
    if name == "logconfig_dict":
        value = {"version": 1, "root": {"handlers": ["a"], "level": 5}}
    assert fact["value"] == value
    assert (fact["unknown"] is None) == (value is not None)


@pytest.mark.parametrize(
    ("text", "value"), [("2", 9), ("0", 1), ("-1", 9), (" 1 ", 9), ("ok", 9), ("t", 1), ("on ", 9)]
)
def test_django_environ_reads_numbers_as_booleans(
    text: str, value: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = "import environ\nenv = environ.Env()\nthreads = 9 if env.bool('MANY', default=False) else 1\n"
    found = facts(tmp_path, lines, capsys, "--env", f"MANY={text}")
    assert found["gunicorn.threads"]["value"] == value


def test_the_user_that_gunicorn_keeps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert facts(tmp_path, "user = None\n", capsys)["gunicorn.user"]["depends_on"] == ["run.user"]
    (tmp_path / "gunicorn.conf.py").write_text("user = None\ngroup = None\n")
    (tmp_path / "Dockerfile").write_text("FROM python:3.12-slim\nUSER 1000:1001\nCMD gunicorn app:app\nCOPY . .\n")
    for stated, user, group, drops in (
        ("1000:1001", 1000, 1001, False),
        ("root", 0, 0, False),
        ("app", None, None, False),
    ):
        (tmp_path / "compose.yaml").write_text(f"services: {{web: {{build: ., user: '{stated}'}}}}\n")
        main(["show", str(tmp_path), "--output-format", "json", "--all"])
        targets = json.loads(capsys.readouterr().out)["targets"]
        found = next(t for t in targets if t["kind"] == "compose")["services"][0]["facts"]
        assert (found["gunicorn.user"]["value"], found["gunicorn.group"]["value"]) == (user, group)
        assert found["container.drops_root"]["value"] is drops


@pytest.mark.parametrize(
    ("options", "value"),
    [
        (("--env", "PYTHON_CPU_COUNT=3", "--assume", "python=3.13"), 3),
        (("--env", "PYTHON_CPU_COUNT=3", "--assume", "python=3.12"), 8),
        (("--env", "PYTHON_CPU_COUNT=default", "--assume", "python=3.13"), 8),
        (("--env", "PYTHON_CPU_COUNT=3"), None),
        ((), 8),
    ],
)
def test_the_interpreters_own_number_of_cpus(
    options: tuple[str, ...], value: int | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "import multiprocessing\nworkers = multiprocessing.cpu_count()\n"
    assert facts(tmp_path, text, capsys, "--assume", "cpus=8", *options)["gunicorn.workers"]["value"] == value
