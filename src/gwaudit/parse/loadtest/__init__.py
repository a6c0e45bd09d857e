"""Load-test results of the common tools, recognised by their content.

``parse_documents`` answers one document whose root is a list of ``LoadTest``; a file that no tool wrote gives none.
"""

from __future__ import annotations

import re

from gwaudit.parse.document import Document, ParseFailure
from gwaudit.parse.loadtest.result import LoadTest
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.source import SourceFile

    Reader = Callable[[SourceFile, str, int], LoadTest]

MAX_BYTES = 4_000_000
# What the head of a result contains, before any parser is imported.
_MARKS = regex(
    r"Latency distribution:|Response time distribution:|^Running \S+ test @|This is ApacheBench|^Requests\s+\[total, rate"
    r"|http_req_duration|\"latencyPercentiles\"|\"latencies\"|\"longest_transaction\"|\"p97_5\"|\"response_times\""
    r"|^response-time,DNS\+dialup|^Percentage served,Time in ms|^Type,Name,Request Count,Failure Count"
    r"|duration[a-z_]*_bucket\{|# reqs      # fails \|",
    re.M,
)
_JSON = regex(r"\s*(?:\{|\[\s*\{)")


def looks_like_result(head: str) -> bool:
    """Whether the first few thousand characters of a file show a tool's mark."""
    return _MARKS.search(head) is not None


def parse_documents(file: SourceFile) -> list[Document | ParseFailure]:
    tests = results(file)
    return [Document(file, "loadtest", tests)] if tests else []


def results(file: SourceFile) -> list[LoadTest]:
    """Every result in the file; a text file may hold several, one after another."""
    text = file.text
    if len(text) > MAX_BYTES or not looks_like_result(text):
        return []
    if _JSON.match(text):
        from gwaudit.parse.loadtest.structured import json

        return json(file)
    from gwaudit.parse.loadtest.tables import csv

    rows = csv(file)
    if rows:
        return rows
    if '"longest_transaction"' in text:
        return _siege(file)
    if "_bucket{" in text:
        from gwaudit.parse.loadtest.histogram import histogram

        return histogram(file)
    return _texts(file)


def _siege(file: SourceFile) -> list[LoadTest]:
    """siege prints notices before its JSON object."""
    from gwaudit.parse.document import Mapping
    from gwaudit.parse.loadtest.structured import siege
    from gwaudit.parse.yaml import parse
    from gwaudit.source import SourceFile as File

    at = file.text.find("{")
    blank = re.sub(r"[^\n]", " ", file.text[:at])
    found = parse(File(file.path, blank + file.text[at:], file.tracked, file.referred))
    root = found.root if isinstance(found, Document) else None
    test = siege(file, root) if isinstance(root, Mapping) else None
    return [test] if test is not None else []


_COMMAND = re.compile(
    r"^[ \t]{0,8}(?:[$#>%][ \t]{1,4})?(hey|oha|wrk2?|ab|autocannon|vegeta|siege)[ \t]([^\n]{0,2000})", re.M
)
_URL = re.compile(r"https?://[^\s\"'<>]{1,500}")
_LIMIT = re.compile(r"(?:^|[ \t])-t[ \t]{0,4}([0-9]{1,6})(?=[ \t]|$)")


def _command(test: LoadTest, before: str) -> None:
    """What the command line says that a shell wrote above a result: the URL, and hey's own time limit (``-t``, seconds)."""
    for command in _COMMAND.finditer(before):
        if command.group(1) != test.tool:
            continue
        url = _URL.search(command.group(2))
        if test.url is None and url is not None:
            test.url = url.group(0)
        limit = _LIMIT.search(command.group(2)) if test.tool == "hey" else None
        if limit is not None:
            test.client_timeout = float(limit.group(1))


def _texts(file: SourceFile) -> list[LoadTest]:
    from gwaudit.parse.loadtest import lines, rows

    starts: tuple[tuple[str, str, Reader], ...] = (
        (r"^Summary:\n  Success rate:", "Response time distribution:", lines.oha),
        (r"^Summary:\n  Total:", "Response time histogram:", lines.hey),
        (r"^Running \S+ test @ .*\n\d+ connections", "Latency", rows.autocannon),
        (r"^Running \S+ test @ .*\n  \d+ threads", "Thread Stats", lines.wrk),
        (r"^This is ApacheBench", "Concurrency Level", lines.ab),
        (r"^Requests\s+\[total, rate", "Latencies", rows.vegeta),
        (r"^\s*http_req_duration[. ]*: avg=", "http_req_duration", rows.k6),
        (r"\A(?:.*\n)?.*locust", "# reqs      # fails", rows.locust),
    )
    text = file.text.replace("\r\n", "\n") if "\r\n" in file.text else file.text
    found: list[tuple[int, Reader, str]] = []
    for pattern, needed, reader in starts:
        found.extend((match.start(), reader, needed) for match in re.finditer(pattern, text, re.M))
    found.sort(key=lambda item: item[0])
    tests = []
    for index, (start, reader, needed) in enumerate(found):
        begin = 0 if index == 0 else start
        end = found[index + 1][0] if index + 1 < len(found) else len(text)
        part = text[begin:end]
        if needed in part:
            test = reader(file, part, begin)
            _command(test, text[found[index - 1][0] if index else 0 : start])
            test.spans = {name: (first + begin, last + begin) for name, (first, last) in test.spans.items()}
            tests.append(test)
    return tests
