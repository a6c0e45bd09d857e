"""What no output may show: the secrets on a source line, and characters that a terminal would obey."""

from __future__ import annotations

import os
import re

from gwaudit.discover import format_of
from gwaudit.pattern import regex
from gwaudit.resolve.secrets.spoken import MIN_KNOWN, parts
from gwaudit.resolve.secrets.values import is_generated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from gwaudit.finding import Finding, Report
    from gwaudit.source import Location

REDACTED = "[REDACTED]"
MAX_ALTERNATIVES = 500
MAX_LINE = 4_000  # a longer line is not searched for secrets, and so not shown
# A key and its delimiter at the start of a line; what follows is the value.
_KEY = regex(
    r"""[ \t]*(?:-[ \t]+)?(?:(?:export|ENV|ARG|LABEL|-e|--env|Environment=)[ \t]*)?"""
    r"""["']?[A-Za-z_][\w.-]{0,80}["']?[ \t]*[:=](?=[ \t]*[^=\s])"""
)
_USERINFO = regex(r"(://[^/\s:@\"']{0,200}:)([^@/\s\"'{}$][^@/\s\"']{0,500})(?=@)")
_ASSIGNED = regex(
    r"""(?i)([\w.-]{0,80}(?:secret|passw(?:or)?d|passphrase|token|api_?key|private_?key|access_?key|encryption_?key|"""
    r"""credentials?)[\w.-]{0,40}["']?[ \t]{0,4}[:=][ \t]{0,4})(["']?)([^\s"'$,;{}\[\]][^\s"',;]{2,})"""
)
_REFERENCE = regex(r"(?i)(true|false|null|none|yes|no|[\d.]+[a-z%]{0,3}|/[\w./-]+|[a-z]+:/{2,3}[\w./-]+)$")
# A line of a dotenv file that assigns nothing: it could not be read, and may be the rest of a value.
_UNNAMED = regex(r"""(?!(?:export[ \t]+)?["']?[A-Za-z_][\w.-]{0,200}["']?[ \t]*[:=])(?![ \t]*(?:#|$))[ \t]*\S""")
_PEM = regex(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|^[ \t]*[A-Za-z0-9+/]{60,}={0,2}[ \t]*$")
_QUOTED = regex(r"""(["'])([^"'\s/]{12,400})\1""")
# C0 and C1 controls but tab, and the marks that reorder text.
_CONTROL = regex("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def line_of(report: Report, finding: Finding | None, location: Location) -> str:
    """The source line of a place as it may be shown; empty where the file cannot be read again."""
    secret = finding is not None and finding.redact and location == finding.primary.location
    secret = secret or location.line in report.secret_lines.get(location.path, ())
    key = (location.path, location.line, secret)
    if key not in report.shown_lines:
        file = report.tree.source(location.path)
        text = file.line_text(location.line) if file is not None else ""
        if len(text) > MAX_LINE:
            text = f"[a line of {len(text):,} characters]"
        unread = not secret and format_of(location.path) == "dotenv" and _UNNAMED.match(text) is not None
        text = REDACTED if unread else _without_value(text) if secret and text else scrub(text)
        report.shown_lines[key] = printable(masked(text, report.hidden))
    return report.shown_lines[key]


def shown(report: Report, location: Location) -> str:
    """A place as a terminal opens it: relative to the working directory, absolute where that lies elsewhere."""
    root, here = report.tree.root, os.path.realpath(".")
    text = str(location)
    if root == here:
        return text
    full = os.path.join(root, text)
    if os.path.commonpath([root, here]) in (root, here):
        return os.path.relpath(full, here)
    return full


def scrub(text: str) -> str:
    """A line without the passwords of its URLs, values of keys that sound secret, and key material."""
    if _PEM.search(text):
        return REDACTED
    text = _USERINFO.sub(rf"\1{REDACTED}", text)
    text = _ASSIGNED.sub(_assigned, text)
    return covered(text, parts(text))


def without_keys(text: str) -> str:
    """A line of the user's own configuration, or a message about it, also without quoted texts that look drawn at random."""
    return _QUOTED.sub(
        lambda match: f"{match[1]}{REDACTED}{match[1]}" if is_generated(match[2]) else match[0], scrub(text)
    )


def covered(text: str, spans: Iterable[tuple[int, int]], counted: bool = False) -> str:
    """The text with something else where credentials stand: a mark, or how many characters each has."""
    shown: list[str] = []
    last = 0
    for start, end in spans:
        if REDACTED in text[max(0, start - 1) : end + 1]:
            continue
        shown += [text[last:start], f"[secret, {end - start} characters]" if counted else REDACTED]
        last = end
    return "".join([*shown, text[last:]]) if shown else text


def masked(text: str, hidden: Collection[str]) -> str:
    """A text that leaves, without the values that were found to be secret, as they are or as some format escapes them."""
    if not hidden or not text:
        return text
    from gwaudit.report.escapes import escaped

    forms = {form for value in hidden if len(value) >= MIN_KNOWN for form in escaped(value)}
    ordered = sorted(forms, key=len, reverse=True)
    for at in range(0, len(ordered), MAX_ALTERNATIVES):
        text = re.sub("|".join(map(re.escape, ordered[at : at + MAX_ALTERNATIVES])), lambda _: REDACTED, text)
    return text


def _assigned(match: re.Match[str]) -> str:
    if _REFERENCE.match(match[3]) or match[3].startswith(REDACTED):
        return match[0]
    return f"{match[1]}{match[2]}{REDACTED}"


def _without_value(text: str) -> str:
    """The key of an assignment without its value; nothing at all where the line is not plainly an assignment."""
    key = _KEY.match(text)
    if key is None:
        return REDACTED
    space = " " if text[key.end() : key.end() + 1] == " " else ""
    return f"{key[0]}{space}{REDACTED}"


def printable(text: str) -> str:
    """The text with escapes in place of characters that a terminal would obey."""
    return _CONTROL.sub(
        lambda match: f"\\x{ord(match[0]):02x}" if ord(match[0]) < 256 else f"\\u{ord(match[0]):04x}", text
    )
