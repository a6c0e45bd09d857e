"""What services install: commands, requirement and project files, locks; advisories against them."""

# ruff: noqa: E501

from __future__ import annotations

import os
import pathlib
import shlex
import sys

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

sys.path.insert(0, os.path.dirname(__file__))
from tree_of import image_of, workspace_of

from gwaudit.bundle import section
from gwaudit.resolve.fact import ABSENT, Fact, Unknown
from gwaudit.resolve.model import Subject
from gwaudit.resolve.project import project_version
from gwaudit.resolve.requirements import Installation, installation, packages_of
from gwaudit.resolve.requirements.files import caret, read_file
from gwaudit.resolve.requirements.installs import Install, install_of
from gwaudit.resolve.requirements.markers import applies
from gwaudit.resolve.requirements.subjects import Installed, advisories, affected, fixed_in, requirement_subjects

UV_LOCK = """version = 1
[[package]]
name = "demo"
version = "0.1"
source = { editable = "." }
dependencies = [{ name = "gunicorn" }, { name = "uvicorn", extra = ["standard"] }]
[package.optional-dependencies]
pg = [{ name = "psycopg" }]
[[package]]
name = "gunicorn"
version = "22.0.0"
dependencies = [{ name = "packaging" }]
[[package]]
name = "packaging"
version = "24.0"
[[package]]
name = "psycopg"
version = "3.2.0"
[[package]]
name = "uvicorn"
version = "0.30.0"
dependencies = [{ name = "h11" }]
[package.optional-dependencies]
standard = [{ name = "httptools" }]
[[package]]
name = "h11"
version = "0.14.0"
[[package]]
name = "httptools"
version = "0.6.0"
[[package]]
name = "pytest"
version = "8.0"
"""
PROJECT = """[project]
name = "demo"
version = "0.1"
dependencies = ["gunicorn>=21", "Uvicorn[standard]>=0.29", 'pywin32>1; sys_platform == "win32"']
[project.optional-dependencies]
pg = ["psycopg>=3"]
[dependency-groups]
dev = ["pytest"]
"""


def install(command: str) -> Install:
    found = install_of(shlex.split(command), "/app")
    assert found is not None
    return found


def installed(root: pathlib.Path, files: dict[str, str], *commands: str, python: str | None = "3.12") -> Installation:
    workspace = workspace_of(root, files)
    return installation(workspace, [install(command) for command in commands], image_of(workspace), None, python)


@pytest.mark.parametrize(
    ("command", "files", "projects", "packages", "locked"),
    [
        ("pip install -r requirements.txt", ["requirements.txt"], [], [], False),
        ("/venv/bin/pip3 install --no-cache-dir -rreq/prod.txt -c limits.txt gunicorn==22.0.0", ["req/prod.txt"], [], ["gunicorn==22.0.0"], False),
        ("python -m pip install --upgrade --index-url https://example.org/simple 'uvicorn[standard]'", [], [], ["uvicorn[standard]"], False),
        ("uv pip install --system .[redis,postgres]", [], [(".", ("redis", "postgres"))], [], False),
        ("pip install -e .", [], [(".", ())], [], False),
        ("uv sync --frozen --no-dev --extra pg", [], [(".", ())], [], True),
        ("UV_LINK_MODE=copy uv sync --project api --locked", [], [("api", ())], [], True),
        ("poetry install --no-interaction --only main,prod", [], [(".", ())], [], True),
        ("pdm sync --prod", [], [(".", ())], [], True),
        ("pipenv install --deploy --system", [], [(".", ())], [], True),
        ("pipenv install gunicorn", [], [], ["gunicorn"], False),
    ],
)  # fmt: skip
def test_install_commands(
    command: str, files: list[str], projects: list[tuple[str, tuple[str, ...]]], packages: list[str], locked: bool
) -> None:
    found = install(command)
    assert (found.files, found.projects, found.packages, found.from_lock) == (files, projects, packages, locked)


@pytest.mark.parametrize(
    "command", ["pip list", "pip uninstall x", "uv venv", "uv lock", "poetry config a b", "apt-get install python3-pip", "python -m build", "echo pip install x"]
)  # fmt: skip
def test_other_commands(command: str) -> None:
    assert install_of(shlex.split(command)) is None


def test_a_word_that_nobody_knows() -> None:
    found = install_of(["pip", "install", None, "gunicorn"])
    assert found is not None and found.unknown and found.packages == ["gunicorn"]
    assert install("pip install gunicorn==${VERSION}").unknown


def test_requirement_files_include_others(tmp_path: pathlib.Path) -> None:
    files = {
        "req/prod.txt": "-r base.txt\n-c limits.txt\ngevent\n",
        "req/base.txt": "-r prod.txt\ngunicorn==22.0.0\n-r ../../../etc/passwd\n-r https://example.org/x.txt\n",
        "req/limits.txt": "gevent==24.11.1\nredis==5\n",
    }
    found = installed(tmp_path, files, "pip install -r req/prod.txt")
    assert {name: fact.value for name, fact in found.packages.items()} == {"gunicorn": "22.0.0", "gevent": "24.11.1"}
    assert found.packages["gevent"].location is not None and found.packages["gevent"].location.path == "req/limits.txt"
    assert isinstance(found.complete, Unknown)


def test_a_range_is_unknown_and_says_so(tmp_path: pathlib.Path) -> None:
    found = installed(tmp_path, {"requirements.txt": "gunicorn>=20,<23\n"}, "pip install -r requirements.txt")
    value = found.packages["gunicorn"].value
    assert isinstance(value, Unknown) and "gunicorn>=20,<23" in value.reason
    assert (found.records["gunicorn"].lowest, found.records["gunicorn"].pinned) == ("20", False)


def test_a_lock_decides_where_the_tool_follows_it(tmp_path: pathlib.Path) -> None:
    files = {"pyproject.toml": PROJECT, "uv.lock": UV_LOCK}
    found = installed(tmp_path, files, "uv sync --frozen --no-dev")
    assert {name: fact.value for name, fact in found.packages.items()} == {
        "gunicorn": "22.0.0", "packaging": "24.0", "uvicorn": "0.30.0", "h11": "0.14.0", "httptools": "0.6.0",
    }  # fmt: skip
    assert (found.complete, found.lock, found.uses_lock) == (True, "uv.lock", True)
    assert found.records["gunicorn"].direct and not found.records["h11"].direct
    assert "psycopg" in installed(tmp_path, files, "uv sync --extra pg").records


def test_an_install_that_bypasses_the_lock(tmp_path: pathlib.Path) -> None:
    found = installed(tmp_path, {"pyproject.toml": PROJECT, "uv.lock": UV_LOCK}, "uv pip install --system .[pg]")
    assert (found.lock, found.uses_lock) == ("uv.lock", False)
    assert isinstance(found.packages["gunicorn"].value, Unknown)
    assert set(found.records) == {"gunicorn", "uvicorn", "psycopg"}
    facts = {fact.name: fact.value for fact in found.facts()}
    assert facts["image.lock_file"] == "uv.lock" and facts["image.installs_from_lock"] is False


def test_poetry_and_its_ranges(tmp_path: pathlib.Path) -> None:
    files = {
        "pyproject.toml": '[tool.poetry]\nname = "demo"\nversion = "2.0"\n[tool.poetry.dependencies]\npython = "^3.11"\n'
        'gunicorn = "^22.0"\ndjango = {version = "5.0.1", extras = ["argon2"]}\n[tool.poetry.group.dev.dependencies]\npytest = "*"\n',
    }
    found = installed(tmp_path, files, "poetry install --only main")
    assert {name: record.specifier for name, record in found.records.items()} == {
        "gunicorn": ">=22.0,<23", "django": "==5.0.1",
    }  # fmt: skip
    assert found.packages["django"].value == "5.0.1"
    assert "pytest" in installed(tmp_path, files, "poetry install").records


@pytest.mark.parametrize(
    ("written", "inside", "outside"),
    [
        ("^1.2.3", "1.9.9", "2.0.0"),
        ("^0.2.3", "0.2.9", "0.3.0"),
        ("^0.0.3", "0.0.3", "0.0.4"),
        ("^1", "1.9", "2"),
        ("~1.2.3", "1.2.9", "1.3.0"),
        ("~1", "1.9", "2.0"),
        ("1.2.3", "1.2.3", "1.2.4"),
        (">=1,<2", "1.5", "2.0"),
        ("~=1.4", "1.9", "2.0"),
    ],
)
def test_caret_ranges_are_ranges_of_versions(written: str, inside: str, outside: str) -> None:
    specifiers = SpecifierSet(caret(written))
    assert Version(inside) in specifiers and Version(outside) not in specifiers


@pytest.mark.parametrize(
    ("marker", "python", "answer"),
    [
        ("", None, True),
        ('sys_platform == "win32"', None, False),
        ('sys_platform != "win32"', None, True),
        ('python_version < "3.9"', "3.12", False),
        ('python_version < "3.9"', None, None),
        ('python_version >= "3.8"', None, True),
        ('extra == "x"', "3.12", False),
        ("nonsense ==", "3.12", None),
    ],
)
def test_markers(marker: str, python: str | None, answer: bool | None) -> None:
    assert applies(marker, python) is answer


def test_a_host_installs_what_its_directory_says(tmp_path: pathlib.Path) -> None:
    workspace = workspace_of(tmp_path, {"api/requirements.txt": "gunicorn==22.0.0\n", "web/pyproject.toml": PROJECT})
    assert packages_of(workspace, [], image_of(workspace), "api")["gunicorn"].value == "22.0.0"
    assert set(packages_of(workspace, [], image_of(workspace), "web")) == {"gunicorn", "uvicorn"}
    assert not packages_of(workspace, [], image_of(workspace), None)


def test_the_version_of_the_tree(tmp_path: pathlib.Path) -> None:
    workspace = workspace_of(
        tmp_path, {"pyproject.toml": PROJECT, "other/pyproject.toml": '[project]\nname="x"\ndynamic=["version"]\n'}
    )
    assert project_version(workspace, "pyproject.toml", ["Demo"]).value == "0.1"
    assert isinstance(project_version(workspace, "pyproject.toml", ["other"]).value, Unknown)
    assert isinstance(project_version(workspace, "other/pyproject.toml").value, Unknown)


def test_ranges_of_advisories_are_those_of_packaging() -> None:
    for name, rows in section("platforms/advisories")["advisories"].items():
        for row in rows:
            for part in row["affected"]:
                specifiers = SpecifierSet(f">={part.get('from', '0')},<{part['below']}", prereleases=True)
                for version in ("0.1", "1.0", "2.12.0", "4.3.5", "4.5.3", "20.1.0", "21.2.0", "22.0.0", part["below"]):
                    alone = {"affected": [part]}
                    assert affected(version, alone) is (Version(version) in specifiers), (name, version)


def facts_of(name: str, version: object) -> dict[str, Fact]:
    return {fact.name: fact for fact in advisories(name, Fact("requirement.version", version))}


def test_advisories() -> None:
    old = facts_of("gunicorn", "20.1.0")
    assert old["requirement.advisory_severity"].value == "high" and old["requirement.fixed_in"].value == "22.0.0"
    assert facts_of("gunicorn", "26.0.0")["requirement.advisory"].value is ABSENT
    assert isinstance(facts_of("gunicorn", Unknown("a range"))["requirement.advisory"].value, Unknown)
    assert facts_of("unheard-of", "1")["requirement.advisory_count"].value == 0
    rows = section("platforms/advisories")["advisories"]["redis"]
    assert fixed_in("4.2.0", rows) == "4.4.4" and fixed_in("9.0", rows) is None


def test_requirement_subjects(tmp_path: pathlib.Path) -> None:
    files = {
        "requirements.txt": "gunicorn==20.1.0\nuvicorn-worker==0.4.0\nuvicorn==0.30.0\neventlet==0.33\nfastapi==0.165.0\n"
    }
    found = installed(tmp_path, files, "pip install -r requirements.txt")
    target = Subject("target", "shop")
    subjects = {
        subject.name: subject
        for subject in requirement_subjects(target, [Installed("web", found, "3.10"), Installed("jobs", found, "3.10")])
    }
    assert set(subjects) == {"gunicorn", "uvicorn-worker", "uvicorn", "eventlet", "fastapi"}
    assert subjects["gunicorn"].known("requirement.services") == ("web", "jobs")
    assert "uvicorn >= 0.36.0" in subjects["uvicorn-worker"].known("requirement.incompatible")
    assert "Python >= 3.11" in subjects["fastapi"].known("requirement.incompatible")
    assert subjects["eventlet"].known("requirement.replacement") == "gevent"
    assert subjects["eventlet"].known("requirement.is_async_worker") is True
    vocabulary = section("facts")
    known = vocabulary.get("facts", vocabulary)
    assert all(name in known for subject in subjects.values() for name in subject.facts)


def test_hostile_includes_end(tmp_path: pathlib.Path) -> None:
    files = {f"r{i}.txt": "".join(f"-r r{j}.txt\n" for j in range(80)) for i in range(80)}
    assert len(read_file(workspace_of(tmp_path, files), "r0.txt").files) == 50
