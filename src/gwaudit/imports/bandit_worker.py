"""Runs bandit on texts; a program of its own, started as ``python -I bandit_worker.py``, never imported by gwaudit.

Standard input: ``{"tests": [id, ...], "texts": [text, ...]}``. The last line of standard output: ``{"version": text,
"files": [[issue, ...] | null, ...]}``, null for a text that bandit could not read; an issue is ``[test, severity, message,
line, column, end line, end column]``, 1-based, the end exclusive. Nothing of the texts is kept: they lie in a private folder
while bandit reads them, which is its home as well.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import tempfile
from typing import Any

MEMORY = 1 << 30  # bytes
SECONDS = 60


def main() -> None:
    """Answer one request."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    request = json.load(sys.stdin)
    with tempfile.TemporaryDirectory(prefix="gwaudit-") as folder:
        os.environ["HOME"] = os.environ["XDG_CACHE_HOME"] = folder  # where a library of bandit's keeps a cache
        os.chdir(folder)
        answer = examine(request["tests"], request["texts"], folder)
    print("\n" + json.dumps(answer))


def examine(tests: list[str], texts: list[str], folder: str) -> dict[str, Any]:
    """What bandit says about each text."""
    import bandit
    from bandit.core.config import BanditConfig
    from bandit.core.manager import BanditManager

    paths = [os.path.join(folder, f"{number}.py") for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        with open(path, "w", encoding="utf-8", errors="replace", newline="") as stream:
            stream.write(text)
    manager = BanditManager(BanditConfig(), "file", quiet=True, profile={"include": set(tests), "exclude": set()})
    manager.discover_files(paths)
    manager.run_tests()
    found: dict[str, list[Any]] = {path: [] for path in paths}
    for issue in manager.get_issue_list():
        if issue.test_id in tests and issue.fname in found:
            lines = re.split(r"\r\n|\r|\n", texts[paths.index(issue.fname)])
            last = max([issue.lineno, *issue.linerange])
            place = [issue.lineno, column(lines, issue.lineno, issue.col_offset), last]
            end = column(lines, last, issue.end_col_offset)
            found[issue.fname].append([issue.test_id, str(issue.severity), str(issue.text), *place, end])
    skipped = {path for path, _ in manager.get_skipped()}
    return {"version": bandit.__version__, "files": [None if path in skipped else found[path] for path in paths]}


def column(lines: list[str], line: int, offset: object) -> int:
    """The column of a byte offset into a line; 0 where there is none."""
    if not isinstance(offset, int) or offset < 0 or not 0 < line <= len(lines):
        return 0
    return len(lines[line - 1].encode("utf-8", "replace")[:offset].decode("utf-8", "ignore")) + 1


if __name__ == "__main__":
    main()
