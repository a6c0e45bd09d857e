"""Lock files: names, versions and dependencies as a TOML reader sees them, each at its place."""

from __future__ import annotations

import pytest
import tomli
from clock import ends_soon

from gwaudit.parse.document import Document, ParseFailure
from gwaudit.parse.lock import LockedPackage, parse_documents
from gwaudit.source import SourceFile

UV = """version = 1
requires-python = ">=3.11"

[[package]]
name = "demo"
version = "1.2.3"
source = { virtual = "." }
dependencies = [
    { name = "gunicorn" },
    { name = "redis", extra = ["hiredis"] },
    { name = "pywin32", marker = "sys_platform == 'win32'" },
]

[package.optional-dependencies]
postgres = [
    { name = "psycopg", extra = ["binary", "c"] },
]

[package.metadata]
requires-dist = [{ name = "gunicorn", specifier = ">=22" }]

[[package]]
name = "gunicorn"
version = "26.0.0"
source = { registry = "https://example.org/simple" }
sdist = { url = "https://example.org/g.tar.gz", hash = "sha256:00", size = 1 }
dependencies = [{ name = "packaging" }]
"""
POETRY = """[[package]]
name = "django"
version = "5.0.1"
optional = false
files = [{file = "x.whl", hash = "sha256:00"}]

[package.dependencies]
asgiref = ">=3.7"
"backports.zoneinfo" = {version = "*", markers = "python_version < \\"3.9\\""}

[package.extras]
argon2 = ["argon2-cffi (>=19)"]

[[package]]
name = "asgiref"
version = "3.8.0"

[metadata]
lock-version = "2.0"
"""
PDM = """[metadata]
groups = ["default"]

[[package]]
name = "flask"
version = "3.0.0"
dependencies = [
    "Werkzeug>=3.0",
    "click>=8.1.3",
]
"""
PIPFILE = """{
    "_meta": {"hash": {"sha256": "00"}},
    "default": {
        "gunicorn": {"hashes": ["sha256:00"], "version": "==22.0.0"},
        "local": {"path": "."}
    },
    "develop": {"pytest": {"version": "==8.0.0"}}
}
"""


def packages_of(path: str, text: str) -> list[LockedPackage]:
    (document,) = parse_documents(SourceFile(path, text))
    assert isinstance(document, Document)
    return list(document.root)


@pytest.mark.parametrize(("path", "text"), [("uv.lock", UV), ("poetry.lock", POETRY), ("pdm.lock", PDM)])
def test_names_versions_and_places(path: str, text: str) -> None:
    found = packages_of(path, text)
    assert [(one.name, one.version) for one in found] == [
        (row["name"], row["version"]) for row in tomli.loads(text)["package"]
    ]
    assert all(text[one.start : one.end] == one.version for one in found)


def test_dependencies_and_extras_of_uv() -> None:
    demo, gunicorn = packages_of("uv.lock", UV)
    row = tomli.loads(UV)["package"][0]
    assert list(demo.dependencies) == [(one["name"], tuple(one.get("extra", ()))) for one in row["dependencies"]]
    assert demo.extras == {"postgres": (("psycopg", ("binary", "c")),)}
    assert (demo.local, gunicorn.local) == (True, False)
    assert (demo.hashed, gunicorn.hashed) == (False, True)


def test_dependencies_of_poetry_and_pdm() -> None:
    django, _ = packages_of("poetry.lock", POETRY)
    assert [name for name, _ in django.dependencies] == ["asgiref", "backports.zoneinfo"]
    assert django.extras == {"argon2": (("argon2-cffi", ()),)}
    (flask,) = packages_of("pdm.lock", PDM)
    assert [name for name, _ in flask.dependencies] == ["Werkzeug", "click"]


def test_pipfile_lock_holds_what_is_installed_by_default() -> None:
    found = packages_of("Pipfile.lock", PIPFILE)
    assert [(one.name, one.version) for one in found] == [("gunicorn", "22.0.0"), ("local", "")]
    assert found[0].location.line == 4


def test_what_is_no_lock_is_a_failure() -> None:
    (failure,) = parse_documents(SourceFile("uv.lock", "<<<<<<< ours\n"))
    assert isinstance(failure, ParseFailure)


@pytest.mark.parametrize(
    "text",
    [
        "[[package]]\n" * 80_000,
        '[[package]]\nname = "a"\n[package.optional-dependencies]\n' + "a = [\n" * 100_000,
        '[[package]]\nname = "a"\ndependencies = [' + '{ name = "x" ' * 60_000,
        "[[package" * 80_000,
    ],
)
def test_hostile_input_ends_in_time(text: str) -> None:
    with ends_soon(2):
        parse_documents(SourceFile("uv.lock", text))
