"""Scripts that want to be expensive: a bounded answer, never an exception."""

from __future__ import annotations

from pathlib import Path

import pytest
from clock import ends_soon

from gwaudit.resolve.command import Word
from gwaudit.resolve.environment import Environment
from gwaudit.resolve.fact import Source
from gwaudit.resolve.filesystem import Filesystem
from gwaudit.resolve.launch import follow
from gwaudit.resolve.model import Assumptions
from gwaudit.resolve.workspace import Workspace
from gwaudit.tree import Tree

SCRIPTS = {
    "nested substitutions": "gunicorn " + "$(" * 9000 + "x" + ")" * 9000,
    "nested braces": "gunicorn " + "${A:-" * 9000 + "x" + "}" * 9000,
    "a growing text": "x=aaaaaaaaaa\n" + "x=$x$x\n" * 60 + "gunicorn $x",
    "a growing list": "set -- " + "a " * 1000 + "\n" + 'set -- "$@" "$@"\n' * 20 + 'gunicorn "$@"',
    "mutual recursion": "f() { g; g; }\ng() { f; f; }\nf; gunicorn",
    "a tree of functions": "".join(f"f{i}() {{ f{i + 1}; f{i + 1}; }}\n" for i in range(40))
    + "f40() { :; }\nf0; gunicorn",
    "undecided branches": "".join(f'if c{i}; then x="$x {i}"; else y="$y$x"; fi\n' for i in range(300))
    + "gunicorn $x $y",
    "an endless loop": "while true; do x=$x$x; done; gunicorn",
    "three loops": "for i in {1..1000}; do for j in {1..1000}; do for k in {1..1000}; do :; done; done; done; gunicorn",
    "a pattern of stars": "x=" + "a" * 1900 + "\ngunicorn ${x//" + "*a" * 90 + "b/x} ${x##*b}",
    "backtracking": "x=" + "a" * 1500 + "\n[[ $x =~ ^(a+)+$ ]]; [[ $x =~ a*a*a*b ]]; gunicorn",
    "arithmetic": "gunicorn $((9**9**9**9)) $((1<<99999999)) $((" + "1+" * 9000 + "1))",
    "sources itself": ". ./script.sh; gunicorn",
    "starts itself": 'exec ./script.sh x"$1" "$@"',
    "eval of itself": 'x=\'eval "$x"; eval "$x"\'; eval "$x"; gunicorn',
    "not closed": 'gunicorn "$(cat <<A',
    "control characters": "gunicorn \0 \x01 \x1b[0m",
    "before the first element": "a=(1)\na[-5]=x\ngunicorn ${a[0]}",
    "long chain": "a && " * 20000 + "gunicorn",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_hostile_script_is_bounded(name: str, tmp_path: Path) -> None:
    (tmp_path / "script.sh").write_text("#!/bin/bash\n" + SCRIPTS[name])
    tree = Tree(str(tmp_path))
    filesystem = Filesystem(tree)
    filesystem.put("/app", ".")
    words = [Word("bash", Source("manifest")), Word("./script.sh", Source("manifest"))]
    with ends_soon(2):
        found = follow(Workspace(tree, Assumptions()), words, Environment(), "/app", filesystem)
    assert found.commands or found.problems
