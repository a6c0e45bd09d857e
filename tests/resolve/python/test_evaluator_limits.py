"""Hostile configuration: every input stops soon, without a traceback and without much memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from clock import ends_soon

from gwaudit.resolve.environment import Environment
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.gunicorn.effective import evaluate_file
from gwaudit.resolve.model import Assumptions
from gwaudit.resolve.workspace import Workspace
from gwaudit.tree import Tree

HOSTILE = {
    "power": "workers = 9**9**9**9",
    "power of a name": "a = 9\nfor i in range(9): a = a ** a\nworkers = a",
    "huge list": "bind = [1] * 10**12",
    "huge text": "bind = 'x' * 10**12",
    "shift": "workers = 1 << 10**12",
    "endless while": "n = 0\nwhile True: n += 1",
    "long loop": "for i in range(10**12): workers = i",
    "nested loops": "\n".join(" " * i + f"for i{i} in range(1000):" for i in range(15))
    + "\n"
    + " " * 15
    + "workers = 1",
    "endless recursion": "def f(n): return f(n + 1)\nworkers = f(0)",
    "mutual recursion": "def f(n): return g(n) + g(n)\ndef g(n): return f(n) + f(n)\nworkers = f(0)",
    "exponential calls": "def f(n): return f(n - 1) + f(n - 1) if n else 1\nworkers = f(60)",
    "doubling list": "a = [1]\nfor i in range(60): a = a + a\nbind = a",
    "self-containing list": "a = []\na.append(a)\nbind = a\nworkers = len(str(a))",
    "self-containing dict": "a = {}\na['x'] = a\nsecure_scheme_headers = a\nx = a == a",
    "nested sums": "workers = " + "+".join(["1"] * 20_000),
    "nested brackets": "workers = " + "(" * 80 + "1" + ")" * 80,
    "nested lists": "bind = " + "[" * 90 + "]" * 90,
    "nested attributes": "x = 1\nworkers = x" + ".a" * 5_000,
    "nested not": "workers = " + "not " * 3_000 + "1",
    "nested lambda": "workers = " + "(lambda: " * 60 + "1" + ")()" * 60,
    "wide format": "bind = '{:1000000000}'.format(1)\nloglevel = '%1000000000d' % 1\nproc_name = f'{1:1000000000}'",
    "star format": "bind = '%*d' % (10**9, 1)",
    "format into attributes": "bind = '{0.__class__.__init__.__globals__}'.format('')",
    "big center": "bind = 'x'.center(10**10)",
    "replace bomb": "a = 'x' * 50000\nb = a.replace('x', a)\nbind = b.replace('x', b)",
    "join bomb": "a = 'x' * 90000\nbind = a.join(['y'] * 4000)",
    "undecided branches": "import random\n" + "\n".join(f"if random.random(): x{i} = {i}" for i in range(2_000)),
    "undecided nesting": "import random\n"
    + "\n".join(" " * i + "if random.random():" for i in range(60))
    + "\n"
    + " " * 60
    + "workers = 1",
    "undecided tries": "import random\nx = 0\n" + "try:\n  x = random.random()\nexcept Exception:\n  x = 1\n" * 500,
    "exec of exec": "exec('exec(\"exec(chr(49))\")')",
    "exec that repeats itself": "s = 'exec(s)'\nexec(s)",
    "int of a long text": "workers = int('9' * 100000)",
    "json deep": "import json\nbind = json.loads('[' * 50000 + ']' * 50000)",
    "literal deep": "import ast\nbind = ast.literal_eval('[' * 5000 + ']' * 5000)",
    "class loop": "class A: pass\nfor i in range(10**9): A = type('A', (A,), {})",
    "comprehension bomb": "bind = [a for a in range(10**5) for b in range(10**5) for c in range(10**5)]",
    "sum of a range": "workers = sum(range(10**12))",
    "in a range": "workers = 5 if 10**9 in range(10**12) else 4",
    "many names": "\n".join(f"x{i} = {i}" for i in range(30_000)) + "\nworkers = 1",
    "imports itself": "import gunicorn_conf\nfrom gunicorn_conf import *\nworkers = 1",
    "surrogate": "proc_name = '\\ud800'",
    "nul": "proc_name = '\0'",
    "huge integer": "workers = " + "9" * 5_000,
    "sorted key": "bind = sorted(range(4000), key=lambda x: [y for y in range(4000)])",
    "map bomb": "bind = list(map(lambda x: 'y' * 100000, range(4000)))",
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile(name: str, tmp_path: Path) -> None:
    (tmp_path / "gunicorn_conf.py").write_text(HOSTILE[name], "utf-8", errors="surrogatepass")
    workspace = Workspace(Tree(str(tmp_path)), Assumptions())
    with ends_soon(1):
        run = evaluate_file(workspace, "gunicorn_conf.py", Environment())
    assert run.settings["timeout"].value == 30 or isinstance(run.settings["timeout"].value, Unknown)


def test_nothing_of_this_process_is_shown(tmp_path: Path) -> None:
    (tmp_path / "gunicorn_conf.py").write_text(HOSTILE["format into attributes"])
    run = evaluate_file(Workspace(Tree(str(tmp_path)), Assumptions()), "gunicorn_conf.py", Environment())
    assert isinstance(run.settings["bind"].value, Unknown)
