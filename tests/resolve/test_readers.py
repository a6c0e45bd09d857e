"""Which variables Python reads: the real answer of running the code, and the spellings of the common packages."""

# ruff: noqa: E501
from __future__ import annotations

import contextlib
import os
import pathlib
import sys
import types
from collections.abc import Iterator

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from tree_of import workspace_of

from gwaudit.resolve.application.readers import reads
from gwaudit.resolve.application.reads import Reads


def reads_of(root: pathlib.Path, **files: str) -> Reads:
    return reads(workspace_of(root, {f"app/{name}.py": text for name, text in files.items()}))


class Recorder(dict[str, str]):
    """An environment that remembers what was asked for."""

    def __init__(self) -> None:
        super().__init__(HOME="/root")
        self.asked: set[str] = set()

    def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
        self.asked.add(key)
        return super().get(key, default)  # type: ignore[arg-type]

    def __getitem__(self, key: str) -> str:
        self.asked.add(key)
        return super().get(key, "1")

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)

    def pop(self, key: str, default: object = None) -> object:  # type: ignore[override]
        self.asked.add(key)
        return default

    def setdefault(self, key: str, default: str = "") -> str:
        self.asked.add(key)
        return default


@contextlib.contextmanager
def recorded() -> Iterator[Recorder]:
    recorder, kept = Recorder(), (os.environ, os.getenv)
    os.environ, os.getenv = recorder, recorder.get  # type: ignore[assignment]
    try:
        yield recorder
    finally:
        os.environ, os.getenv = kept


PLAIN = {
    "get": 'import os\nA = os.environ.get("ONE_A", "x")\nB = os.environ["ONE_B"]\nC = os.getenv("ONE_C")\n',
    "quotes": "import os\nA = os.environ.get('TWO_A')\nB = os . environ [ 'TWO_B' ]\n",
    "contains": 'import os\nA = "THREE" in os.environ\nB = "FOUR" not in os.environ\n',
    "imported": 'from os import environ, getenv\nA = environ.get("FIVE")\nB = getenv("SIX")\n',
    "renamed": 'import os as system\nfrom os import environ as e\nA = system.environ["SEVEN"]\nB = e.get("EIGHT")\n',
    "constants": 'import os\nKEY = "NINE"\nP = "T"\nA = os.environ.get(KEY)\nB = os.getenv(P + "EN")\nC = os.getenv(f"{P}WO")\n',
    "loops": 'import os\nfor name in ("L1", "L2"):\n    os.environ.get(name)\nA = {k: os.getenv(k) for k in ["L3", "L4"]}\n',
    "pairs": 'import os\nfor name, kind in [("M1", int), ("M2", str)]:\n    os.environ.get(name)\nfor k, v in {"M3": 1}.items():\n    os.getenv(k)\n',
    "other": 'import os\nos.environ.pop("N1", None)\nos.environ.setdefault("N2", "x")\nA = os.environ.get(key="N3") if False else os.getenv("N4")\n',
    "many lines": 'import os\nA = os.environ.get(\n    "O1",\n    "default",\n)\nB = os.environ[\n    "O2"\n]\n',
    "wrapper": 'import os\ndef env(name, default=None):\n    return os.environ.get(name, default)\nA = env("P1")\nB = env("P2", 5)\n',
    "typed wrapper": 'import os\ndef flag(default, *, key):\n    return os.environ.get(key, default) == "1"\nA = flag(True, key="Q1")\n',
    "second parameter": 'import os\ndef read(kind, name):\n    return kind(os.getenv(name) or 0)\nA = read(int, "R1")\n',
    "wrapper of a wrapper": 'import os\ndef csv(name):\n    return (os.getenv(name) or "").split(",")\ndef nets(name):\n    return [x for x in csv(name)]\nA = nets("S1")\n',
    "method": 'import os\nclass C:\n    def env(self, name):\n        return os.environ.get(name)\n    def use(self):\n        return self.env("T1")\nC().use()\n',
}


@pytest.mark.parametrize("case", PLAIN)
def test_names_are_those_that_the_code_asks_for(case: str, tmp_path: pathlib.Path) -> None:
    with recorded() as recorder:
        module = types.ModuleType("sample")
        exec(compile(PLAIN[case], "sample.py", "exec"), module.__dict__)
    found = reads_of(tmp_path, sample=PLAIN[case])
    expected = recorder.asked | ({"N3"} if case == "other" else set())  # N3 stands in a branch that does not run
    assert set(found.names) == expected
    assert found.opaque is None


PACKAGES = {
    "pydantic 2": (
        "from pydantic_settings import BaseSettings, SettingsConfigDict\nfrom pydantic import Field, AliasChoices\n"
        'class S(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix="APP_", env_file=".env")\n'
        '    debug: bool = False\n    url: str = Field(..., validation_alias="DB_URL")\n'
        '    two: str = Field("", validation_alias=AliasChoices("NEW", "OLD"))\n    BIG: ClassVar[int] = 1\n',
        {"APP_DEBUG", "DB_URL", "NEW", "OLD"},
    ),
    "pydantic 1": (
        "from pydantic import BaseSettings, Field\n"
        'class S(BaseSettings):\n    a: int = 1\n    b: str = Field("", env="B_ENV")\n    c: str = Field("", env=["C1", "C2"])\n'
        '    class Config:\n        env_prefix = "my_"\n',
        {"MY_A", "B_ENV", "C1", "C2"},
    ),
    "inherited": (
        'from pydantic_settings import BaseSettings\nclass Base(BaseSettings):\n    common: int = 1\n'
        'class App(Base):\n    model_config = {"env_prefix": "APP_"}\n    own: int = 2\n',
        {"COMMON", "APP_COMMON", "APP_OWN"},
    ),
    "decouple": (
        'from decouple import config, Csv\nA = config("DEC_A", default=1, cast=int)\nB = config("DEC_B", cast=Csv())\n',
        {"DEC_A", "DEC_B"},
    ),
    "starlette": (
        'from starlette.config import Config\nconfig = Config(".env")\nA = config("ST_A", cast=bool, default=False)\n',
        {"ST_A"},
    ),
    "django-environ": (
        'import environ\nenv = environ.Env(DJ_DEBUG=(bool, False))\nenviron.Env.read_env(".env")\nA = env("DJ_A")\n'
        'B = env.int("DJ_B", default=1)\nD = {"default": env.db()}\nC = env.cache("DJ_CACHE")\n',
        {"DJ_DEBUG", "DJ_A", "DJ_B", "DATABASE_URL", "DJ_CACHE"},
    ),
    "environs": (
        'from environs import Env\nenv = Env()\nenv.read_env()\nA = env.str("EV_A")\nwith env.prefixed("PRE_"):\n    B = env.int("B")\n',
        {"EV_A", "PRE_B"},
    ),
    "click": (
        'import click\n@click.option("--x", envvar="CL_X")\n@click.option("--y", envvar=["CL_Y", "CL_Z"])\ndef main(x, y): ...\n',
        {"CL_X", "CL_Y", "CL_Z"},
    ),
    "typer": ('import typer\ndef main(x: str = typer.Option("", envvar="TY_X")): ...\n', {"TY_X"}),
    "django-configurations": (
        "from configurations import Configuration, values\nclass Base(Configuration):\n    DEBUG = values.BooleanValue(False)\n"
        '    DB = values.Value("x", environ_name="DB_NAME", environ_prefix=None)\n    N = values.IntegerValue(1, environ_prefix="APP")\n',
        {"DJANGO_DEBUG", "DB_NAME", "APP_N"},
    ),
    "dj-database-url": ('import dj_database_url\nD = dj_database_url.config(default="x")\n', {"DATABASE_URL"}),
    "expandvars": ('import os\nA = os.path.expandvars("${EX_A}/x/$EX_B")\n', {"EX_A", "EX_B"}),
    "argparse": ('import argparse, os\np = argparse.ArgumentParser()\np.add_argument("-x", default=os.environ.get("AR_X"))\n', {"AR_X"}),
}  # fmt: skip


@pytest.mark.parametrize("case", PACKAGES)
def test_spellings_of_packages(case: str, tmp_path: pathlib.Path) -> None:
    text, expected = PACKAGES[case]
    found = reads_of(tmp_path, sample=text)
    assert set(found.names) | set(found.folded) == expected


def test_prefixes_and_names_put_together(tmp_path: pathlib.Path) -> None:
    found = reads_of(
        tmp_path,
        one='import os\ndef worker(kind):\n    return os.environ.get(f"COUNT_{kind.upper()}")\n',
        two='import os\ndef numbered(prefix):\n    return [os.environ.get(f"{prefix}{i}") for i in range(3)]\nA = numbered("REPLICA_")\n',
        three='from dynaconf import Dynaconf\ns = Dynaconf(envvar_prefix="DYN")\n',
        four='import click\nif __name__ == "__main__":\n    main(auto_envvar_prefix="CLI")\n',
        five="from flask import Flask\napp = Flask(__name__)\napp.config.from_prefixed_env()\n",
    )
    assert found.prefixes == ("CLI_", "COUNT_", "DYN_", "FLASK_", "REPLICA_")
    assert found.by_prefix("COUNT_WEB") == "COUNT_" and found.by_prefix("OTHER") is None
    assert found.opaque is None


def test_a_name_that_nobody_knows_is_said(tmp_path: pathlib.Path) -> None:
    found = reads_of(
        tmp_path, app='import os, json\nNAMES = json.load(open("x"))\nA = [os.environ[n] for n in NAMES]\n'
    )
    assert found.opaque is not None and "app/app.py:3" in found.opaque


def test_readers_are_followed_into_other_modules(tmp_path: pathlib.Path) -> None:
    found = reads_of(
        tmp_path,
        settings='import environ\nenv = environ.Env()\nA = env("OWN")\n',
        other='from .settings import env\nB = env.bool("SHARED")\n',
        star='from app.settings import *\nC = env("STARRED")\n',
        base="from pydantic_settings import BaseSettings\nclass Common(BaseSettings):\n    x: int = 1\n",
        derived='from app.base import Common\nclass Mine(Common):\n    model_config = {"env_prefix": "MINE_"}\n    y: int = 1\n',
        unrelated="def env(x): ...\nD = env('NOT_READ')\n",
    )
    assert {"OWN", "SHARED", "STARRED"} == set(found.names)
    assert {"X", "MINE_X", "MINE_Y"} == set(found.folded)


def test_what_is_not_a_look_up(tmp_path: pathlib.Path) -> None:
    found = reads_of(
        tmp_path,
        wsgi='def app(environ, start_response):\n    return environ["PATH_INFO"], environ.get("HTTP_HOST")\n',
        sets='import os\nos.environ["WRITTEN"] = "1"\nenv = {**os.environ, "X": "1"}\ncopy = dict(os.environ)\n',
        comment='# os.environ.get("COMMENTED")\nA = 1\n',
    )
    assert not found.names and not found.folded and found.opaque is None


def test_tests_and_documentation_do_not_count(tmp_path: pathlib.Path) -> None:
    text = 'import os\nA = os.environ["X"]\n'
    found = reads(
        workspace_of(tmp_path, {"tests/test_a.py": text, "docs/conf.py": text, "src/tests/conftest.py": text})
    )
    assert not found.names


def test_broken_and_hostile_files(tmp_path: pathlib.Path) -> None:
    deep = "x = " + "(" * 5000 + ")" * 5000 + '\nimport os\nA = os.environ["DEEP"]\nB = os.environ[x]\n'
    found = reads_of(
        tmp_path,
        broken='import os\nA = os.environ.get("STILL")\nB = os.environ[\n<<<<<<<\n',
        deep=deep,
        template='{% if x %}\nimport environ\nenv = environ.Env()\nA = env("LOOSE")\n',
        binary="\x00\x01os.environ[x]",
    )
    assert {"STILL", "DEEP", "LOOSE"} <= set(found.names)
    assert found.opaque is not None


def test_places_count_characters(tmp_path: pathlib.Path) -> None:
    found = reads_of(
        tmp_path,
        a='import os\nü = "ü"; A = os.getenv("X")\n',
        b='import os\nü = "ü"; A = os.environ[ü]; B = os.getenv("Y")\n',
    )
    (x,), (y,) = found.places("X"), found.places("Y")
    assert (x.line, x.span and x.span.column) == (2, 17)
    assert (y.line, y.span and y.span.column) == (2, 33)
