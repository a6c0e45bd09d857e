"""bandit on the Python that configures and launches services: a second opinion on its code, not on its settings.

bandit runs in a process of its own (see ``bandit_worker``), isolated from the audited tree, and only for files with a word
that one of its tests needs. What it said is kept in the user's cache by the hash of the text and bandit's version; the text
is not.
"""

from __future__ import annotations

import os
import sys

from gwaudit.parse.document import ParseFailure
from gwaudit.pattern import regex
from gwaudit.source import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.finding import Finding, Report
    from gwaudit.imports.result import Result
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.rules.load import RuleSet
    from gwaudit.source import SourceFile

    Issue = tuple[str, str, str, int, int, int, int]

SECONDS = 30  # for all files together
MAX_FILES = 50
MAX_KEPT = 500  # texts in the cache
MAX_BYTES = 500_000
SEVERITIES = {"HIGH": "high", "MEDIUM": "medium", "LOW": "low"}
_PREFIX = "unsafe-code-in-configuration"


def examined(workspace: Workspace, report: Report, rules: RuleSet) -> list[tuple[Result, Finding]]:
    """bandit's findings in the Python files that deployments of the tree load; what it cannot examine is a failure."""
    used = workspace.cache.get("used")
    if used is None or not any(f"{_PREFIX}-{severity}" in rules.selected for severity in SEVERITIES.values()):
        return []
    paths = sorted(path for path in used.code() if workspace.role_of(path) == "deployment")
    if not paths:
        return []
    from gwaudit.bundle import section

    tests = section("platforms/bandit")["tests"]
    word = regex("(?i)" + "|".join(word for test in tests.values() for word in test["words"]))
    files = [file for path in paths if (file := workspace.source(path)) is not None]
    files = [file for file in files if len(file.text) <= MAX_BYTES and _may_fail(file.text, word)][:MAX_FILES]
    if not files:
        return []
    answers = _answers(files, sorted(tests))
    if isinstance(answers, str):
        report.failures += [ParseFailure(Location(file.path), f"not checked by bandit: {answers}") for file in files]
        return []
    found: list[tuple[Result, Finding]] = []
    for file, issues in zip(files, answers, strict=True):
        if issues is None:
            report.failures.append(ParseFailure(Location(file.path), "not checked by bandit: it cannot read the file"))
        for issue in issues or ():
            made = _finding(report, rules, tests, file, issue)
            if made is not None:
                found.append(made)
    return found


def _may_fail(text: str, word: Any) -> bool:
    """Whether a test can say anything: identifiers may be written in several ways outside ASCII, and then nobody knows."""
    return not text.isascii() or word.search(text) is not None


def _finding(
    report: Report, rules: RuleSet, tests: dict[str, Any], file: SourceFile, issue: Issue
) -> tuple[Result, Finding] | None:
    from gwaudit.imports.report import finding, span
    from gwaudit.imports.result import Result

    test, severity, message, *region = issue
    line = file.line_text(region[0])
    harmless = test == "B108" and ("worker_tmp_dir" in line or "/tmp" not in line)
    id = f"{_PREFIX}-{SEVERITIES.get(severity, 'low')}"
    if test not in tests or harmless or id not in rules.selected:  # worker_tmp_dir: gunicorn makes unnamed files there
        return None
    place = (region[0], region[1], region[2], region[3])
    secret = tests[test].get("secret")  # the text of such a test holds the value
    result = Result("bandit", test, SEVERITIES.get(severity, "low"), secret or message, (), place, secret is not None)
    return result, finding(rules, id, result, Location(file.path, span(report.tree, file.path, place)), report)


def _answers(files: list[SourceFile], tests: list[str]) -> list[list[Issue] | None] | str:
    """The issues of each file, or why there are none; bandit runs for texts that it has not seen before."""
    from hashlib import sha256

    from gwaudit.bundle import remember, remembered

    keys = [sha256(file.text.encode("utf-8", "surrogatepass")).hexdigest() for file in files]
    version = _version()
    stamp = [(f"bandit {version} {' '.join(tests)}", sys.version_info[0], sys.version_info[1])]
    known: dict[str, list[Issue] | None] = (remembered("bandit", stamp) or {}) if version else {}
    missing = {key: file.text for key, file in zip(keys, files, strict=True) if key not in known}
    if missing:
        answer = _run(list(missing.values()), tests)
        if isinstance(answer, str):
            return answer
        fresh = dict(zip(missing, answer, strict=True))
        known = {**dict(list(known.items())[-MAX_KEPT:]), **fresh}
        if version:
            remember("bandit", stamp, known)
    return [known[key] for key in keys]


def _run(texts: list[str], tests: list[str]) -> list[list[Issue] | None] | str:
    """Start the worker. ``-I``: neither the working directory nor the environment says what it imports."""
    import json
    import subprocess

    worker = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bandit_worker.py")
    request = json.dumps({"tests": tests, "texts": texts})
    try:
        done = subprocess.run(
            [sys.executable, "-I", worker], input=request.encode(), capture_output=True, timeout=SECONDS, cwd=os.sep,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"it took longer than {SECONDS} s"
    except (OSError, ValueError) as error:
        return f"it did not start: {getattr(error, 'strerror', None) or error}"
    try:
        files = json.loads(done.stdout.splitlines()[-1])["files"]
        answer = [None if issues is None else [_issue(issue) for issue in issues] for issues in files]
    except (ValueError, LookupError, TypeError, RecursionError):
        return "it is not installed" if b"No module named 'bandit'" in done.stderr else "it failed"
    return answer if len(answer) == len(texts) else "it failed"


def _issue(given: Any) -> Issue:
    """An issue without the value that the text of a test may quote."""
    test, severity, text, *region = given
    line, column, end_line, end_column = (int(one) for one in region)
    quoted = str(test) in ("B105", "B106", "B107")
    return str(test), str(severity), "" if quoted else str(text)[:500], line, column, end_line, end_column


def _version() -> str:
    """The installed version by the name of its metadata: cheap, and enough to tell answers apart. Empty: no cache."""
    for folder in sys.path:
        if os.path.basename(folder) in ("site-packages", "dist-packages"):
            try:
                names = os.listdir(folder)
            except OSError:
                continue
            for name in names:
                if name.startswith("bandit-") and name.endswith(".dist-info"):
                    return name[7:-10]
    return ""
