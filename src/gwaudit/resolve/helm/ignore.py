"""``.helmignore``: which files of a folder are no part of its chart.

Rules are tried in order, the first that matches decides; a rule that begins with ``!`` excludes everything that it does
*not* match, as Helm has it; ``**`` is no syntax there.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Rule:
    __slots__ = ("anchored", "directory", "negated", "pattern")

    def __init__(self, text: str) -> None:
        self.negated = text.startswith("!")
        text = text[1:] if self.negated else text
        self.directory = text.endswith("/")
        text = text[:-1] if self.directory else text
        self.anchored = "/" in text
        self.pattern = _match(text.lstrip("/") if text.startswith("/") else text)

    def matches(self, path: str) -> bool:
        return bool(self.pattern.fullmatch(path if self.anchored else path.rsplit("/", 1)[-1]))


class IgnoreRules:
    """The rules of one chart, with those that hold for every chart."""

    def __init__(self, text: str = "") -> None:
        lines = [line.strip() for line in text.splitlines()[:1000]]
        self.rules = [Rule(line) for line in lines if line and not line.startswith("#") and "**" not in line]
        self.rules.append(Rule("templates/.?*"))

    def ignores(self, path: str, directory: bool) -> bool:
        for rule in self.rules:
            if rule.negated:
                if (rule.directory and not directory) or not rule.matches(path):
                    return True
            elif (directory or not rule.directory) and rule.matches(path):
                return True
        return False

    def kept(self, paths: Iterable[str]) -> list[str]:
        """The paths of files (relative to the chart) that are part of the chart."""
        folders: dict[str, bool] = {}

        def hidden(folder: str) -> bool:
            if not folder:
                return False
            if folder not in folders:
                folders[folder] = hidden(folder.rpartition("/")[0]) or self.ignores(folder, True)
            return folders[folder]

        return [path for path in paths if not hidden(path.rpartition("/")[0]) and not self.ignores(path, False)]


def _match(pattern: str) -> re.Pattern[str]:
    """Go's ``filepath.Match`` as a regular expression; a pattern with more stars than are sensible matches nothing."""
    if pattern.count("*") > 8 or len(pattern) > 300:
        return re.compile(r"(?!)")
    out: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "[" and "]" in pattern[at + 1 :]:
            end = pattern.index("]", at + 1)
            body = pattern[at:end].replace("\\", "\\\\")
            out.append(f"[{body}]")
            at = end + 1
        elif char == "\\" and at < len(pattern):
            out.append(re.escape(pattern[at]))
            at += 1
        else:
            out.append(re.escape(char))
    try:
        return re.compile("".join(out), re.DOTALL)
    except re.error:
        return re.compile(r"(?!)")
