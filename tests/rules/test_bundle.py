"""The compiled data: what sections hold, when they are compiled again, and that nothing odd is ever loaded."""

from __future__ import annotations

import marshal
import os
import pathlib
import subprocess
import sys
from typing import Any

import pytest
import yaml

from gwaudit import bundle


@pytest.fixture
def cache(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(bundle, "_memory", {})
    return tmp_path / "cache" / "gwaudit"


def test_every_data_file_is_a_section() -> None:
    for folder in ("profiles", "platforms"):
        for name in bundle.names(folder):
            assert isinstance(bundle.section(name), (dict, list)), name
    for name in ("nothing", "platforms/nothing", "../pyproject", "/etc/passwd"):
        with pytest.raises(KeyError):
            bundle.section(name)


def test_facts_are_merged_and_prefixed(cache: pathlib.Path) -> None:
    facts = bundle.section("facts")
    assert facts["outer.read_timeout"] == facts["inner.read_timeout"]
    assert facts["gunicorn.workers"] == {"of": "container", "secret": False, "type": "int", "doc": "worker processes"}


def made(content: Any) -> Any:
    return lambda: content


def test_a_section_is_compiled_once_until_its_file_changes(cache: pathlib.Path, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: 1")
    assert bundle.cached("x", [str(file)], made({"a": 1})) == {"a": 1}
    assert bundle.cached("x", [str(file)], made("again")) == {"a": 1}
    assert os.stat(cache).st_mode & 0o777 == 0o700
    file.write_text("a: 12")
    assert bundle.cached("x", [str(file)], made({"a": 12})) == {"a": 12}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        bundle.MAGIC,
        bundle.MAGIC + b"\xff\xff\xff",
        bundle.MAGIC + marshal.dumps((1, 2, 3)),
        bundle.MAGIC + marshal.dumps(([], "forged")),
        bundle.MAGIC + marshal.dumps([1] * 1000)[:-7],
    ],
)
def test_hostile_cache_content_is_compiled_again(cache: pathlib.Path, tmp_path: pathlib.Path, content: bytes) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: 1")
    bundle.cached("x", [str(file)], made("first"))
    (stored,) = cache.iterdir()
    stored.write_bytes(content)
    assert bundle.cached("x", [str(file)], made("again")) == "again"


def test_a_cache_that_others_may_write_is_not_used(cache: pathlib.Path, tmp_path: pathlib.Path) -> None:
    cache.mkdir(parents=True)
    cache.chmod(0o777)
    assert bundle.cached("x", [], made("first")) == "first"
    assert list(cache.iterdir()) == []


def test_a_cache_that_is_a_link_is_not_used(cache: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    cache.parent.mkdir()
    cache.symlink_to(tmp_path / "elsewhere")
    assert bundle.cached("x", [], made("first")) == "first"
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("home", ["/proc/nowhere", "relative", "/dev/null"])
def test_without_a_cache_everything_still_works(home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", home)
    assert bundle.cached("x", [], made("first")) == "first"
    assert not os.path.exists("relative")


def test_the_wheel_holds_every_section(cache: pathlib.Path, tmp_path: pathlib.Path) -> None:
    written = bundle.write_all(str(tmp_path / "out"))
    assert {"facts.marshal", "rules.marshal", "rules.pages.marshal"} < set(written)
    assert not any(name.startswith(("environment.", "timeouts.")) for name in written)  # rules are in the index
    loaded = bundle._load(str(tmp_path / "out" / "rules.marshal"), None)
    assert loaded == bundle.section("rules")


def test_a_start_needs_neither_yaml_nor_ast(cache: pathlib.Path) -> None:
    """Parsing rule files at each start would cost more than the audit."""
    program = (
        "import sys; from gwaudit.rules.load import builtin; from gwaudit.rules import engine; r = builtin();"
        "engine.Program(r['workers-exceed-cpu']);"
        "print([m for m in ('yaml', 'ast', 're', 'gwaudit.rules.expr', 'gwaudit.parse.yaml') if m in sys.modules])"
    )
    bundle.section("rules")  # compiled by now
    found = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _paths() + program], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def _paths() -> str:
    return f"import sys; sys.path[:0] = {[path for path in sys.path if path]!r};"


@pytest.mark.parametrize(
    "path", sorted((pathlib.Path(bundle.data_folder())).rglob("*.yaml")), ids=lambda path: path.stem
)
def test_every_data_file_is_yaml_for_every_parser(path: pathlib.Path) -> None:
    """libyaml takes forms that YAML's grammar and the parsers of editors and linters do not."""
    text = path.read_text(encoding="utf-8")
    found = yaml.load(text, Loader=yaml.SafeLoader)
    assert isinstance(found, (dict, list))
    if hasattr(yaml, "CSafeLoader"):
        assert found == yaml.load(text, Loader=yaml.CSafeLoader)
