"""The tree: its root, what is listed, what git says, and that a hostile clone runs nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gwaudit.errors import ConfigurationError
from gwaudit.parse.document import ParseFailure
from gwaudit.root import open_tree
from gwaudit.tree import MAX_BYTES, Tree

GIT_ENV = {
    **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
    "GIT_CONFIG_GLOBAL": os.devnull,
}  # fmt: skip


def git(folder: Path, *arguments: str) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is missing")
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, env=GIT_ENV)


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        put(folder, name, text)


def put(folder: Path, name: str, text: str | bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A work tree with a tracked, an untracked and an ignored file."""
    root = tmp_path / "clone"
    root.mkdir()
    git(root, "init", "-q")
    put(root, "compose.yaml", "services: {}\n")
    put(root, "deploy/gunicorn.conf.py", "workers = 2\n")
    put(root, ".gitignore", ".env\n")
    git(root, "add", ".")
    git(root, "commit", "-qm", "x")
    put(root, ".env", "A=1\n")
    put(root, "new.yaml", "a: 1\n")
    return root


def test_git_lists_tracked_and_new_files_but_no_ignored_ones(clone: Path) -> None:
    tree = Tree(str(clone))
    assert tree.list() == (".gitignore", "compose.yaml", "deploy/gunicorn.conf.py", "new.yaml")
    assert [tree.tracked(path) for path in ("compose.yaml", "new.yaml", ".env")] == [True, False, False]


def test_an_ignored_file_that_another_refers_to_is_read_and_marked(clone: Path) -> None:
    tree = Tree(str(clone))
    file = tree.source(".env")
    assert file is not None and file.referred and file.tracked is False
    new = tree.source("new.yaml")
    assert new is not None and not new.referred


def test_tracked_only_reads_neither_new_nor_ignored_files(clone: Path) -> None:
    tree = Tree(str(clone), tracked_only=True)
    assert "new.yaml" not in tree.list()
    assert tree.read("new.yaml") is None and tree.read(".env") is None
    assert tree.source("compose.yaml") is not None


def test_an_explicit_file_is_always_read(clone: Path) -> None:
    assert Tree(str(clone), [".env"]).list() == (".env",)
    file = Tree(str(clone), [".env"], tracked_only=True).source(".env")
    assert file is not None and not file.referred


def test_a_file_outside_the_given_paths_is_still_known_to_be_tracked(clone: Path) -> None:
    tree = Tree(str(clone), ["deploy"])
    assert tree.list() == ("deploy/gunicorn.conf.py",)
    file = tree.source("compose.yaml")
    assert file is not None and file.tracked and not file.referred


def test_a_deleted_but_tracked_file_is_not_listed(clone: Path) -> None:
    (clone / "compose.yaml").unlink()
    assert "compose.yaml" not in Tree(str(clone)).list()


def test_excluded_files_are_left_out_unless_named(clone: Path) -> None:
    tree = Tree(str(clone))
    tree.exclude(["deploy/"])
    assert "deploy/gunicorn.conf.py" not in tree.list()
    named = Tree(str(clone), ["deploy/gunicorn.conf.py"])
    named.exclude(["deploy/"])
    assert named.list() == ("deploy/gunicorn.conf.py",)


@pytest.mark.parametrize("key", ["core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "alias.ls-files"])
def test_a_hostile_clone_runs_nothing(clone: Path, tmp_path: Path, key: str) -> None:
    mark = tmp_path / "ran"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {mark}\n")
    script.chmod(0o755)
    git(clone, "config", key, f"!{script}" if key.startswith("alias") else str(script))
    tree = Tree(str(clone))
    assert tree.list() and tree.tracked("compose.yaml") and tree.source("compose.yaml")
    assert not mark.exists()
    # The trap is real: git itself, not hardened, runs the file system monitor.
    if key == "core.fsmonitor":
        subprocess.run(["git", "-C", str(clone), "status"], capture_output=True, env=GIT_ENV, check=False)
        assert mark.exists()


def test_hooks_of_a_hostile_clone_do_not_run(clone: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    for hook in ("post-index-change", "post-checkout", "pre-commit"):
        path = clone / ".git" / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\ntouch {mark}\n")
        path.chmod(0o755)
    os.utime(clone / "compose.yaml")
    Tree(str(clone)).list()
    assert not mark.exists()


def test_a_work_tree_set_elsewhere_does_not_widen_the_tree(clone: Path, tmp_path: Path) -> None:
    put(tmp_path, "elsewhere/secret.env", "A=1\n")
    git(clone, "config", "core.worktree", str(tmp_path))
    assert not any("elsewhere" in path for path in Tree(str(clone)).list())


def test_a_broken_repository_is_walked_without_git(tmp_path: Path) -> None:
    put(tmp_path, ".git", "gitdir: /nowhere\n")
    put(tmp_path, "compose.yaml", "services: {}\n")
    tree = Tree(str(tmp_path))
    assert "compose.yaml" in tree.list()
    assert tree.tracked("compose.yaml") is None
    assert [failure.location.path for failure in tree.failures] == [".git"]


def test_symbolic_links_out_of_the_root_are_not_followed(tmp_path: Path) -> None:
    put(tmp_path, "outside/secret.env", "A=1\n")
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.env").symlink_to(tmp_path / "outside" / "secret.env")
    (root / "folder").symlink_to(tmp_path / "outside")
    (root / "loop").symlink_to(root / "loop")
    put(root, "b.env", "B=1\n")
    (root / "same.env").symlink_to("b.env")
    tree = Tree(str(root))
    assert tree.list() == ("b.env",)
    for path in ("a.env", "folder/secret.env", "../outside/secret.env", "/etc/passwd", "x\0y", "loop"):
        assert tree.read(path) is None and not tree.exists(path)


def test_names_that_are_no_text(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.env")
    put(tmp_path, name, "A=1\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    tree = Tree(str(tmp_path))
    assert tree.list() == (name,)
    file = tree.source(name)
    assert file is not None and file.tracked


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    put(tmp_path, "big.yaml", b"a" * (MAX_BYTES + 1))
    put(tmp_path, "binary.env", b"\x00\xff\x00")
    put(tmp_path, "latin.env", b"A=caf\xe9\n")
    os.mkfifo(tmp_path / "pipe.env")
    tree = Tree(str(tmp_path))
    assert "pipe.env" not in tree.list()
    assert tree.read("pipe.env") is None
    big, binary = tree.read("big.yaml"), tree.read("binary.env")
    assert isinstance(big, ParseFailure) and "larger" in big.message
    assert isinstance(binary, ParseFailure) and "binary" in binary.message
    latin = tree.source("latin.env")
    assert latin is not None and latin.text == "A=caf\N{REPLACEMENT CHARACTER}\n"
    assert [failure.location.path for failure in tree.failures] == ["latin.env"]


def test_the_root_is_the_work_tree_around_the_paths(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(clone / "deploy")
    tree = open_tree(["."])
    assert (tree.root, tree.given) == (str(clone), ("deploy",))
    monkeypatch.chdir(tmp_path)
    tree = open_tree(["clone/deploy/gunicorn.conf.py"])
    assert (tree.root, tree.given) == (str(clone), ("deploy/gunicorn.conf.py",))
    assert tree.list() == ("deploy/gunicorn.conf.py",)


def test_outside_git_the_root_is_the_working_directory_or_what_holds_the_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "here/a/compose.yaml", "")
    put(tmp_path, "there/x/compose.yaml", "")
    put(tmp_path, "there/y/.env", "")
    monkeypatch.chdir(tmp_path / "here")
    assert open_tree(["a"]).root == str(tmp_path / "here")
    there = open_tree([str(tmp_path / "there" / "x"), str(tmp_path / "there" / "y" / ".env")])
    assert there.root == str(tmp_path / "there")
    assert there.list() == ("x/compose.yaml", "y/.env")
    assert open_tree([str(tmp_path / "there" / "y" / ".env")]).root == str(tmp_path / "there" / "y")


def test_a_path_that_is_not_there_is_an_error_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=r"nothing\.yaml"):
        open_tree(["nothing.yaml"])
