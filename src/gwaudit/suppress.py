"""Ignores that stand in the audited files: comments, Kubernetes annotations and ``x-gwaudit`` keys.

``# gwaudit: ignore[rule, rule] until=YYYY-MM-DD -- reason`` at the end of a line, or on a line of its own above it;
``ignore-next[...]`` always means the next line, ``file-ignore[...]`` the whole file. A ``.env`` file and a Dockerfile take
comments on their own line only, because their readers take a trailing one as part of the value or as arguments. In
Kubernetes manifests an annotation ``gwaudit/ignore.RULE: "reason; until=YYYY-MM-DD"`` covers its object; in Compose files
``x-gwaudit: {ignore: {RULE: reason}}`` covers the service it stands in, its name included.
"""

from __future__ import annotations

import re

from gwaudit.pattern import regex
from gwaudit.source import Location, SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


MARK = "gwaudit"
_COMMENT = regex(
    r"(?P<lead>#|//|;|\{\{-? ?/\*)[ \t]*gwaudit:[ \t]*(?P<verb>file-ignore|ignore-next|ignore)\b"
    r"(?:\[(?P<rules>[^\]\n]{0,500})\])?(?P<rest>[^\n]{0,500})"
)
_UNTIL = regex(r"\buntil=([^\s;]{1,20})")
# What may begin a comment, by format; every other format takes no comments.
_LEADS = {
    "dockerfile": "#", "dotenv": "#", "requirements": "#", "pyproject": "#", "procfile": "#", "makefile": "#",
    "systemd": "#;", "supervisor": "#;", "haproxy": "#", "pgbouncer": "#;", "postgresql": "#", "redis": "#",
    "nginx": "#", "nomad": "#/", "terraform": "#/", "fly": "#", "helm-chart": "#", "helm-template": "#{",
    "kustomization": "#", "compose": "#", "shell": "#", "python": "#", "gunicorn": "#", "yaml": "#", "toml": "#",
}  # fmt: skip
_OWN_LINE = frozenset(("dotenv", "dockerfile", "procfile", "redis", "systemd", "pgbouncer", "makefile"))
_TRAILING = "needs a line of its own: the end of a line is read as part of the value"
_TRAILINGS = {
    "dockerfile": "needs a line of its own: in a Dockerfile the end of a line is no comment, Docker takes it as arguments",
    "makefile": "needs a line of its own",
}
_TREES = frozenset(("compose", "yaml", "kustomization", "helm-chart", "toml", "pyproject", "fly"))


class Ignore:
    """One ignore: the rules it names and the lines (first, last) of ``location.path`` that it covers.

    ``problem`` says what is wrong with the way it is written; such an ignore covers nothing. ``used`` are the rules that it
    kept back.
    """

    __slots__ = ("first", "last", "location", "problem", "reason", "rules", "until", "used")

    def __init__(
        self, location: Location, rules: tuple[str, ...], first: int, last: int, reason: str, until: str | None
    ) -> None:
        self.location = location
        self.rules = rules
        self.first = first
        self.last = last
        self.reason = reason
        self.until = until
        self.used: set[str] = set()
        self.problem: str | None = None

    def covers(self, rule: str, location: Location) -> bool:
        """Whether a finding of that rule at that primary place is meant."""
        if self.problem is not None or rule not in self.rules or location.path != self.location.path:
            return False
        end = location.span.end_line if location.span else location.line
        return self.first <= end and location.line <= self.last


def ignores(file: SourceFile, format: str) -> list[Ignore]:
    """Every ignore of a file, in order."""
    if MARK not in file.text:
        return []
    found = list(_comments(file, format))
    if format in ("yaml", "compose") and ("gwaudit/ignore." in file.text or "x-gwaudit" in file.text):
        found.extend(_keys(file))
    return found


def _comments(file: SourceFile, format: str) -> Iterator[Ignore]:
    leads = _LEADS.get(format)
    if leads is None:
        return
    scalars: list[tuple[int, int]] | None = None
    for match in _COMMENT.finditer(file.text):
        start = match.start()
        line, column = file.position(start)
        before = file.line_text(line)[: column - 1]
        own = not before.strip()
        if match["lead"][0] not in leads or (not own and before[-1:] not in " \t"):
            continue
        if format in _TREES or format in ("python", "gunicorn"):
            if scalars is None:
                scalars = _texts(file, format)
            if any(low <= start < high for low, high in scalars):
                continue
        found = _ignore(file, match, line, own)
        if not own and format in _OWN_LINE:
            if before.lstrip()[:1] in leads:
                continue  # prose in a comment
            found.problem = _TRAILINGS.get(format, _TRAILING)
        yield found


def _ignore(file: SourceFile, match: re.Match[str], line: int, own: bool) -> Ignore:
    verb, rest = match["verb"], match["rest"].replace("*/", " ").replace("}}", " ").rstrip("- \t\r")
    options, dashes, reason = rest.partition("--")
    until = _UNTIL.search(options)
    last_line = len(file.starts())
    if verb == "file-ignore":
        first, last = 1, last_line
    elif verb == "ignore-next" or own:
        first = last = _next_line(file, line)
    else:
        first = last = line
    rules = tuple(name.strip() for name in (match["rules"] or "").split(",") if name.strip())
    place = file.location(match.start(), match.start() + len(match[0].rstrip()))
    found = Ignore(place, rules, first, last, reason.strip(), until[1] if until else None)
    if not rules:
        found.problem = "names no rule: write ignore[RULE]"
    elif until is not None and not _is_date(until[1]):
        found.problem = f"has no valid date: until={until[1]}"
    elif not dashes and _UNTIL.sub("", options).strip():
        found.problem = "has text that is no reason: write -- before the reason"
    return found


def _next_line(file: SourceFile, line: int) -> int:
    """The next line that is neither blank nor a comment."""
    last = len(file.starts())
    at = line + 1
    while at <= last:
        text = file.line_text(at).strip()
        if text and not text.startswith(("#", "//", ";", "{{/*", "{{- /*")):
            return at
        at += 1
    return line


def _texts(file: SourceFile, format: str) -> list[tuple[int, int]]:
    """Where the file's strings stand: a comment inside one of them is text."""
    if format in ("python", "gunicorn"):
        return _python_strings(file)
    from gwaudit.parse import parser_for
    from gwaudit.parse.document import Document

    parse = parser_for(format)
    found: list[tuple[int, int]] = []
    for document in parse(file) if parse is not None else ():
        if isinstance(document, Document):
            found.extend((node.start, node.end) for node in _nodes(document.root) if not hasattr(node, "items"))
    return found


def _python_strings(file: SourceFile) -> list[tuple[int, int]]:
    import io
    import tokenize

    found: list[tuple[int, int]] = []
    starts = file.starts()
    try:
        for token in tokenize.generate_tokens(io.StringIO(file.text, newline="").readline):
            name = tokenize.tok_name[token.type]
            if name == "STRING" or name.startswith(("FSTRING", "TSTRING")):
                found.append((starts[token.start[0] - 1] + token.start[1], starts[token.end[0] - 1] + token.end[1]))
    except (tokenize.TokenError, SyntaxError, IndexError):
        pass
    return found


def _nodes(root: Any) -> Iterator[Any]:
    """Every node below ``root``, keys included, each once (aliases share nodes)."""
    from gwaudit.parse.document import Mapping, Sequence

    stack, seen = [root], set()
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Mapping):
            for key, value in node.entries:
                stack += (key, value)
        elif isinstance(node, Sequence):
            stack.extend(node.items)
        else:
            yield node


def _keys(file: SourceFile) -> Iterator[Ignore]:
    from gwaudit.parse.document import Document, Mapping, Scalar, Sequence
    from gwaudit.parse.yaml import parse_documents

    for document in parse_documents(file):
        if not isinstance(document, Document):
            continue
        stack: list[tuple[Any, Any]] = [(document.root, document.root)]
        seen: set[int] = set()
        while stack:
            node, above = stack.pop()  # with the key it stands under: findings about a service point at its name
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, Sequence):
                stack.extend((item, item) for item in node.items)
            if not isinstance(node, Mapping):
                continue
            for key, value in node.entries:
                if key.text.startswith("gwaudit/ignore.") and isinstance(value, Scalar):
                    yield _key(file, key, key.text.partition(".")[2], value.text, document.root, document.root)
                elif key.text == "x-gwaudit" and isinstance(value, Mapping):
                    rules = value.get("ignore")
                    for name, reason in rules.entries if isinstance(rules, Mapping) else ():
                        yield _key(file, name, name.text, getattr(reason, "text", ""), above, node)
                stack.append((value, key))


def _key(file: SourceFile, key: Any, rule: str, text: str, first: Any, scope: Any) -> Ignore:
    # An anchor's node may stand elsewhere than the key that refers to it.
    start = first.start if first.file is scope.file and first.start < scope.start else scope.start
    span = file.span(start, scope.end)
    until = _UNTIL.search(text)
    reason = _UNTIL.sub("", text).strip("; ")
    found = Ignore(key.location, (rule,), span.line, span.end_line, reason, until[1] if until else None)
    if until is not None and not _is_date(until[1]):
        found.problem = f"has no valid date: until={until[1]}"
    return found


def _is_date(text: str) -> bool:
    import datetime

    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
