"""What a run costs in instructions, against ``python -c pass``: counted by callgrind, so that load and clock do not matter.

The limits stand some 15 % above what the costliest interpreter (3.10) needs, so that growth shows. Python's bytecode is
compiled before it is counted, as after an installation.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

VALGRIND = shutil.which("valgrind")
# A file and what its run may cost beyond ``pass``, in multiples of an interpreter that starts with ``-S`` and does nothing.
RUNS = {
    "dotenv": (".env", "CACHE_TYPE=redis\nGUNICORN_WORKERS=4\n", 7.0),
    "gunicorn": ("gunicorn.conf.py", "bind = '0.0.0.0:8000'\nworkers = 4\n", 10.5),
    "yaml": ("compose.yaml", "services:\n  web:\n    image: example.org/web:1\n", 9.0),
}


def instructions(folder: Path, cache: Path, *command: str) -> int:
    assert VALGRIND is not None
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONHASHSEED": "0", "PYTHONPYCACHEPREFIX": str(cache), "XDG_CACHE_HOME": str(cache)}
    run = [sys.executable, *command]
    subprocess.run(run, cwd=folder, env=environment, capture_output=True, check=False)  # compiles bytecode and rules
    counted = [VALGRIND, "--tool=callgrind", "--callgrind-out-file=/dev/null", *run]
    done = subprocess.run(counted, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    found = re.search(r"Collected : (\d+)", done.stderr)
    assert found is not None, done.stderr[-2000:]
    return int(found.group(1))


@pytest.mark.skipif(VALGRIND is None, reason="valgrind is not installed: instructions are not counted")
@pytest.mark.parametrize("kind", RUNS)
def test_a_run_over_one_file_costs_little(kind: str, tmp_path: Path) -> None:
    name, text, limit = RUNS[kind]
    (tmp_path / name).write_text(text)
    cache = tmp_path.parent / "bytecode"
    nothing = instructions(tmp_path, cache, "-S", "-c", "pass")  # -S: the environment's own hooks do not count
    found = instructions(tmp_path, cache, "-m", "gwaudit", "check", name) - instructions(tmp_path, cache, "-c", "pass")
    assert found / nothing <= limit, f"{found / nothing:.1f} times an empty start"
