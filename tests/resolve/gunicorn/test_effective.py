"""Where values come from: places, ways, shadows, readers, imports, unknowns."""

from __future__ import annotations

from pathlib import Path

from gwaudit.resolve.command import Command, Word
from gwaudit.resolve.environment import Environment
from gwaudit.resolve.fact import ABSENT, Fact, Source, Step, Unknown
from gwaudit.resolve.filesystem import Filesystem
from gwaudit.resolve.gunicorn.effective import effective, evaluate_file
from gwaudit.resolve.gunicorn.run import GunicornRun
from gwaudit.resolve.model import Assumptions
from gwaudit.resolve.workspace import Workspace
from gwaudit.source import Location, Span
from gwaudit.tree import Tree


def at(path: str, line: int) -> Location:
    return Location(path, Span(line, 7, line, 20))


def build(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def run(
    folder: Path,
    files: dict[str, str],
    line: str = "gunicorn app:app",
    env: dict[str, str | Unknown] | None = None,
    version: object = "27.0.1",
    words: list[Word] | None = None,
    sealed: bool = False,
    **assume: object,
) -> GunicornRun:
    build(folder, files)
    workspace = Workspace(Tree(str(folder)), Assumptions(dict(assume)))
    files_there = Filesystem(workspace.tree)
    files_there.put("/app", ".")
    environment = Environment()
    environment.sealed = sealed
    for number, (name, value) in enumerate((env or {}).items(), 1):
        environment.set(name, value, Source("manifest", None, at("compose.yaml", number)))
    source = Source("manifest", line, at("compose.yaml", 99))
    given = words or [Word(word, source) for word in line.split()]
    return effective(workspace, Command(given, environment, "/app"), files_there, Fact("image.gunicorn", version))


def test_a_variable_is_edited_where_it_is_set(tmp_path: Path) -> None:
    conf = "import os\nn = os.getenv('WORKERS', 4)\n\nworkers = int(n)\n"
    found = run(tmp_path, {"gunicorn.conf.py": conf}, env={"WORKERS": "7"}).settings["workers"]
    assert found.value == 7
    assert str(found.location) == "compose.yaml:1:7"
    assert [(step.location.line, step.label) for step in found.source.via] == [(2, "read here"), (4, "set here")]
    assert [fact.name for fact in found.inputs] == ["env.WORKERS"]
    assert found.source.layer == "config-file" and not found.assumed
    assert [fact.value for fact in found.shadowed] == [1]


def test_the_default_is_edited_at_its_literal(tmp_path: Path) -> None:
    conf = "import os\nworkers = int(os.getenv('WORKERS', 4))\n"
    found = run(tmp_path, {"gunicorn.conf.py": conf}).settings["workers"]
    assert (found.value, str(found.location), found.assumed) == (4, "gunicorn.conf.py:2:36", True)
    assert found.inputs[0].value is ABSENT


def test_columns_are_characters(tmp_path: Path) -> None:
    conf = "x = 'äöü'; workers = 3\n"
    assert str(run(tmp_path, {"gunicorn.conf.py": conf}).settings["workers"].location) == "gunicorn.conf.py:1:22"


def test_layers_and_shadows(tmp_path: Path) -> None:
    found = run(
        tmp_path,
        {"gunicorn.conf.py": "workers = 2\ntimeout = 100\nthreads = 4\n"},
        "gunicorn -w 5 app:app",
        {"GUNICORN_CMD_ARGS": "--workers 3 --timeout 200"},
    )
    workers = found.settings["workers"]
    assert [workers.value, *(fact.value for fact in workers.shadowed)] == [5, 3, 2, 1]
    assert [workers.source.layer, *(fact.source.layer for fact in workers.shadowed)] == [
        "command-line", "cmd-args-env", "config-file", "default",
    ]  # fmt: skip
    assert found.settings["timeout"].value == 200 and found.settings["threads"].value == 4
    assert found.settings["timeout"].location is not None and found.settings["timeout"].location.path == "compose.yaml"


def test_a_word_keeps_its_way(tmp_path: Path) -> None:
    way = [Step(Location("run.sh", Span(5, 1, 5, 9)), "read here")]
    fact = Fact("env.N", "6", Source("manifest", "6", at("compose.yaml", 4)))
    words = [
        Word("gunicorn", Source("manifest")),
        Word("--workers", Source("manifest")),
        Word("6", Source("manifest", "6", at("compose.yaml", 4), way), (fact,)),
        Word("app:app", Source("manifest")),
    ]
    found = run(tmp_path, {}, words=words).settings["workers"]
    assert (found.value, str(found.location)) == (6, "compose.yaml:4:7")
    assert [step.location.path for step in found.source.via] == ["run.sh"] and found.inputs == (fact,)


def test_optional_words_give_choices(tmp_path: Path) -> None:
    source = Source("manifest", None, at("run.sh", 3))
    words = [Word("gunicorn", source), Word("--preload", source, optional="DEV is not known")]
    words += [Word("-t", source, optional="x"), Word("60", source, optional="x"), Word("app:app", source)]
    found = run(tmp_path, {}, words=words)
    preload, timeout = found.settings["preload_app"].value, found.settings["timeout"].value
    assert isinstance(preload, Unknown) and set(preload.choices) == {True, False}
    assert isinstance(timeout, Unknown) and (timeout.low, timeout.high) == (30, 60)


def test_unknown_words_hide_what_is_below_them(tmp_path: Path) -> None:
    source = Source("manifest", None, at("run.sh", 3))
    words = [Word("gunicorn", source), Word("-w", source), Word("2", source)]
    words += [Word(Unknown("$OPTS is not known"), source, optional="$OPTS"), Word("-t", source), Word("5", source)]
    found = run(tmp_path, {}, words=[*words, Word("app:app", source)])
    assert isinstance(found.settings["workers"].value, Unknown)
    assert found.settings["timeout"].value == 5 and found.app.value == "app:app"


def test_an_unknown_word_may_be_the_application(tmp_path: Path) -> None:
    source = Source("manifest", None, at("run.sh", 3))
    found = run(tmp_path, {}, words=[Word("gunicorn", source), Word(Unknown("$APP"), source)])
    assert isinstance(found.app.value, Unknown) and found.settings["workers"].value == 1


def test_unknown_variables_keep_reasons_and_bounds(tmp_path: Path) -> None:
    conf = (
        "import os, multiprocessing\n"
        "workers = min(2 * multiprocessing.cpu_count() + 1, 16)\n"
        "timeout = int(os.environ['T'])\n"
        "loglevel = 'debug' if os.environ.get('D') else 'info'\n"
    )
    hidden = Unknown("a secret that is not in the tree", ("env.D",))
    found = run(tmp_path, {"gunicorn.conf.py": conf}, env={"T": hidden, "D": hidden})
    workers, level = found.settings["workers"].value, found.settings["loglevel"].value
    assert isinstance(workers, Unknown) and (workers.low, workers.high) == (3, 16) and workers.depends_on == ("cpus",)
    assert found.cpu_derived
    assert isinstance(level, Unknown) and set(level.choices) == {"debug", "info"} and "env.D" in level.depends_on
    decided = run(tmp_path, {}, env={"T": "3"}, cpus=4)
    assert decided.settings["workers"].value == 9 and decided.settings["workers"].assumed and decided.cpu_derived


def test_a_required_variable_is_a_problem_not_a_guess(tmp_path: Path) -> None:
    conf = "import os\nworkers = int(os.environ['N'])\ntimeout = 5\n"
    found = run(tmp_path, {"gunicorn.conf.py": conf})
    assert isinstance(found.settings["workers"].value, Unknown) and found.settings["timeout"].value == 5
    assert [(p.kind, p.name, p.location.line if p.location else 0) for p in found.problems] == [
        ("missing-variable", "N", 2)
    ]
    closed = run(tmp_path, {}, sealed=True)
    assert not closed.starts and closed.problems[0].kind == "raises"


def test_problems_name_what_was_meant(tmp_path: Path) -> None:
    conf = "timout = 5\nWORKERS = 3\nkeep_alive = 4\nhelper = 1\nworker = 2\nx = worker\n"
    conf += "def post_forkk(server, worker): pass\n"
    found = run(tmp_path, {"gunicorn.conf.py": conf}, "gunicorn --thrads 3 --worker-c sync app:app")
    meant = {p.name: p.suggestion for p in found.problems if p.kind == "unknown-name"}
    assert meant == {"timout": "timeout", "WORKERS": "workers", "keep_alive": "keepalive", "post_forkk": "post_fork"}
    assert [(p.kind, p.suggestion) for p in found.problems if p.kind == "unknown-flag"] == [
        ("unknown-flag", "--threads")
    ]
    assert set(found.names) == {"timout", "WORKERS", "keep_alive", "helper", "worker", "x", "post_forkk"}


def test_releases_differ(tmp_path: Path) -> None:
    conf = "proxy_protocol = 'v1'\nasgi_loop = 'auto'\n"
    old = run(tmp_path, {"gunicorn.conf.py": conf}, "gunicorn --no-control-socket app:app", version="20.1.0")
    assert {p.kind for p in old.problems} == {
        "invalid-value",
        "not-in-release",
        "unknown-flag",
        "unrecognized-argument",
    } - ({"unrecognized-argument"})
    assert old.settings["forwarded_allow_ips"].value == ("127.0.0.1",)
    assert "asgi_loop" not in old.settings
    new = run(tmp_path, {}, version=Unknown("not pinned"))
    assert new.settings["forwarded_allow_ips"].value == ("127.0.0.1", "::1") and new.release.version == "27.0.1"


def test_which_configuration_file(tmp_path: Path) -> None:
    files = {"gunicorn.conf.py": "workers = 2", "conf/g.py": "workers = 3", "deploy/mod.py": "workers = 4"}
    assert run(tmp_path, files).settings["workers"].value == 2
    other = run(tmp_path, {}, "gunicorn -c conf/g.py app:app")
    assert (other.settings["workers"].value, other.config_file.value) == (3, "conf/g.py")
    assert run(tmp_path, {}, "gunicorn -c file:/app/conf/g.py app:app").settings["workers"].value == 3
    assert run(tmp_path, {}, "gunicorn -c python:deploy.mod app:app").settings["workers"].value == 4
    missing = run(tmp_path, {}, "gunicorn -c nope.py app:app")
    assert [p.kind for p in missing.problems] == ["missing-config"] and not missing.starts
    assert run(tmp_path, {}, "gunicorn app:app", {"GUNICORN_CMD_ARGS": "-c conf/g.py"}).settings["workers"].value == 3


def test_a_file_outside_the_tree_hides_everything_below_the_flags(tmp_path: Path) -> None:
    build(tmp_path, {"x": ""})
    workspace = Workspace(Tree(str(tmp_path)), Assumptions())
    source = Source("manifest", None, at("compose.yaml", 2))
    words = [Word(w, source) for w in ["gunicorn", "-c", "/etc/g.py", "-w", "3", "app:app"]]
    files = Filesystem(workspace.tree, "the base image is not read")
    found = effective(workspace, Command(words, Environment(), "/app"), files, Fact("v", "27.0.1"))
    assert found.settings["workers"].value == 3 and isinstance(found.settings["timeout"].value, Unknown)


def test_modules_of_the_tree_are_read(tmp_path: Path) -> None:
    files = {
        "gunicorn.conf.py": "from settings.base import *\nfrom settings import helpers\nbind = helpers.addr(PORT)\n",
        "settings/__init__.py": "",
        "settings/base.py": "import os\nfrom .deep import N\nPORT = int(os.environ.get('PORT', 80))\nworkers = N\n",
        "settings/deep.py": "N = 6\n",
        "settings/helpers.py": "def addr(port):\n    return f'0.0.0.0:{port}'\n",
    }
    found = run(tmp_path, files, env={"PORT": "9"})
    assert found.settings["bind"].value == ("0.0.0.0:9",) and found.settings["workers"].value == 6
    assert (
        found.settings["workers"].location is not None and found.settings["workers"].location.path == "settings/deep.py"
    )
    assert "settings/base.py" in found.imports


def test_code_that_is_not_there_is_unknown_with_its_name(tmp_path: Path) -> None:
    conf = "from company.config import PORT, settings\nbind = f':{PORT}'\nworkers = settings.workers\ntimeout = 5\n"
    found = run(tmp_path, {"gunicorn.conf.py": conf})
    assert "company.config" in found.settings["workers"].value.reason
    assert isinstance(found.settings["bind"].value, Unknown) and found.settings["timeout"].value == 5
    star = run(tmp_path, {"gunicorn.conf.py": "workers = 3\nfrom company.config import *\ntimeout = 5\n"})
    assert isinstance(star.settings["workers"].value, Unknown) and isinstance(star.settings["threads"].value, Unknown)
    assert star.settings["timeout"].value == 5


def test_readers_of_variables(tmp_path: Path) -> None:
    conf = (
        "import environ\nfrom decouple import config as read\nfrom environs import Env\n"
        "from starlette.config import Config\nenv = environ.Env(DEBUG=(bool, True))\nother = Env()\nstar = Config('.env')\n"
        "workers = env.int('W', default=2)\nreload = env('DEBUG')\n"
        "timeout = read('T', default=30, cast=int)\npreload_app = other.bool('P', True)\n"
        "keepalive = star('K', cast=int, default=5)\nloglevel = env.str('L', 'info')\n"
    )
    found = run(tmp_path, {"gunicorn.conf.py": conf}, env={"W": "7", "T": "99", "P": "off", "K": "8"})
    values = {
        n: found.settings[n].value for n in ("workers", "reload", "timeout", "preload_app", "keepalive", "loglevel")
    }
    assert values == {
        "workers": 7, "reload": True, "timeout": 99, "preload_app": False, "keepalive": 8, "loglevel": "info",
    }  # fmt: skip
    assert set(found.reads) >= {"W", "DEBUG", "T", "P", "K", "L", "WEB_CONCURRENCY"}


def test_settings_classes_of_the_tree(tmp_path: Path) -> None:
    files = {
        "gunicorn.conf.py": "from conf import settings\nbind = f'{settings.host}:{settings.port}'\nworkers = settings.n\n",
        "conf.py": (
            "from typing import Optional\nfrom pydantic import Field\n"
            "from pydantic_settings import BaseSettings, SettingsConfigDict\n"
            "class Settings(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='APP_')\n"
            "    host: str = '0.0.0.0'\n    port: int = Field(8000, alias='PORT')\n    n: Optional[int] = 3\n"
            "settings = Settings()\n"
        ),
    }
    found = run(tmp_path, files, env={"PORT": "9", "APP_N": "5"})
    assert found.settings["bind"].value == ("0.0.0.0:9",) and found.settings["workers"].value == 5


def test_settings_objects_of_a_profile(tmp_path: Path) -> None:
    conf = "from mcpgateway.config import settings\nbind = f'{settings.host}:{settings.port}'\n"
    found = run(tmp_path, {"gunicorn.conf.py": conf}, env={"HOST": "0.0.0.0"})
    assert found.settings["bind"].value == ("0.0.0.0:4444",)
    assert str(found.settings["bind"].location) == "compose.yaml:1:7"


def test_environment_after_the_file(tmp_path: Path) -> None:
    conf = "import os\nos.environ['A'] = '1'\nos.environ.pop('B', None)\nraw_env = ['C=3']\n"
    found = run(tmp_path, {"gunicorn.conf.py": conf}, "gunicorn app:app", {"B": "2", "D": "4"})
    values = [found.environment.get(name).value for name in "ABCD"]
    assert values == ["1", ABSENT, "3", "4"]
    assert found.environment.get("A").location is not None
    assert run(tmp_path, {}, "gunicorn -e C=9 app:app").environment.get("C").value == "9"


def test_secrets_stay_secret(tmp_path: Path) -> None:
    build(tmp_path, {"gunicorn.conf.py": "import os\nraw_env = ['K=' + os.environ['K']]\n"})
    environment = Environment()
    environment.set("K", "hunter2-hunter2", Source("manifest", "hunter2-hunter2", at("compose.yaml", 1)), secret=True)
    found = evaluate_file(Workspace(Tree(str(tmp_path)), Assumptions()), "gunicorn.conf.py", environment)
    fact = found.settings["raw_env"]
    assert fact.secret and fact.source.raw is None and "hunter2" not in repr(fact) + repr(fact.derivation)


def test_hooks_and_worker_kinds(tmp_path: Path) -> None:
    conf = (
        "from uvicorn.workers import UvicornWorker\n"
        "def post_fork(server, worker):\n    from db import engine\n    engine.dispose()\n    worker.log.info('x')\n"
        "class Mine(UvicornWorker):\n    CONFIG_KWARGS = {}\nworker_class = Mine\n"
    )
    found = run(tmp_path, {"gunicorn.conf.py": conf})
    assert found.hooks["post_fork"].calls == ("engine.dispose", "worker.log.info")
    assert found.worker_kind.value == "uvicorn" and found.class_bases["worker_class"] == "uvicorn.workers.UvicornWorker"
    kinds = {
        "": "sync",
        "--threads 4": "gthread",
        "-k gevent --threads 4": "gevent",
        "-k uvicorn_worker.UvicornWorker": "uvicorn",
        "-k gunicorn.workers.sync.SyncWorker --threads 2": "gthread",
        "-k asgi": "asgi",
        "-k egg:meinheld#gunicorn_worker": "meinheld",
    }
    (tmp_path / "gunicorn.conf.py").unlink()
    for line, kind in kinds.items():
        assert run(tmp_path, {}, f"gunicorn {line} app:app").worker_kind.value == kind, line
    assert isinstance(run(tmp_path, {}, "gunicorn -k my.Worker app:app").worker_kind.value, Unknown)


def test_wrappers_in_front(tmp_path: Path) -> None:
    for line in ("python -m gunicorn -w 3 a:b", "ddtrace-run /usr/bin/gunicorn -w 3 a:b", "uv run gunicorn -w 3 a:b"):
        found = run(tmp_path, {}, line)
        assert (found.settings["workers"].value, found.app.value) == (3, "a:b")


def test_what_is_set_after_foreign_code_had_the_names(tmp_path: Path) -> None:
    text = (
        "import os\n\nfrom company.gunicorn import defaults\n\ntimeout = 5\ndefaults(globals())\n"
        "workers = int(os.getenv('WORKERS', '4'))\n"
    )
    found = run(tmp_path, {"gunicorn.conf.py": text}).settings
    assert found["workers"].value == 4
    assert isinstance(found["timeout"].value, Unknown) and isinstance(found["threads"].value, Unknown)


def test_everything_imported_from_elsewhere_may_hold_any_name(tmp_path: Path) -> None:
    text = "import os\nfrom company.names import *\nworkers = max(2, 3)\nbind = os.sep\n"
    assert isinstance(run(tmp_path, {"gunicorn.conf.py": text}).settings["workers"].value, Unknown)
