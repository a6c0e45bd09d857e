"""Makefiles, as far as commands and their variables go: assignments, rules and recipe lines with places."""

from __future__ import annotations

import re

from gwaudit.parse.document import Document, Node, ParseFailure, Scalar
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import SourceFile

_VARIABLE = regex(r"^(?:(?:export|override|private)\s+)*([A-Za-z0-9_.-]+)\s*(::?:?=|\?=|\+=|!=|=)[ \t]*(.*)$", re.S)
_RULE = regex(r"^([^\s:#=][^:#=]*?)\s*::?(?!=)\s*([^;]*)(?:;(.*))?$", re.S)
_TARGET_VARIABLE = regex(r"^\s*(?:export\s+)?[A-Za-z0-9_.-]+\s*(::?=|\?=|\+=|=)")
MAX_LINES = 60_000


class Variable(Node):
    """``name op value``; ``op`` is =, :=, ::=, ?=, += or !=; a value runs over continued lines, joined by one blank."""

    __slots__ = ("name", "operator", "value")

    def __init__(self, file: SourceFile, start: int, end: int, name: str, operator: str, value: Scalar) -> None:
        super().__init__(file, start, end)
        self.name = name
        self.operator = operator
        self.value = value


class Recipe(Node):
    """One recipe line without its tab and prefixes; ``text`` keeps backslash-newlines; ``silent`` (@), ``ignored`` (-)."""

    __slots__ = ("ignored", "silent", "text")

    def __init__(self, file: SourceFile, start: int, end: int, text: str, prefix: str) -> None:
        super().__init__(file, start, end)
        self.text = text
        self.silent = "@" in prefix
        self.ignored = "-" in prefix


class Rule(Node):
    """Targets, prerequisites and the recipe."""

    __slots__ = ("prerequisites", "recipes", "targets")

    def __init__(self, file: SourceFile, start: int, end: int, targets: list[str], prerequisites: list[str]) -> None:
        super().__init__(file, start, end)
        self.targets = targets
        self.prerequisites = prerequisites
        self.recipes: list[Recipe] = []


class Makefile:
    """Variables and rules in the order written; ``default`` names the first ordinary target."""

    __slots__ = ("_by_name", "rules", "variables")

    def __init__(self) -> None:
        self.variables: list[Variable] = []
        self.rules: list[Rule] = []
        self._by_name: dict[str, Variable] | None = None

    def variable(self, name: str) -> Variable | None:
        """The assignment that counts: the last one, the first of several ``?=``."""
        if self._by_name is None:
            self._by_name = {}
            for variable in self.variables:
                if variable.operator != "?=" or variable.name not in self._by_name:
                    self._by_name[variable.name] = variable
        return self._by_name.get(name)


def parse_documents(file: SourceFile) -> list[Document | ParseFailure]:
    """The Makefile; conditionals, includes and functions are passed over."""
    root = Makefile()
    lines = file.text.splitlines(keepends=True)[:MAX_LINES]
    rule: Rule | None = None
    offset = index = 0
    in_define = False
    while index < len(lines):
        start = offset
        first = index
        while index < len(lines) and lines[index].rstrip("\r\n").endswith("\\"):
            offset += len(lines[index])
            index += 1
        if index < len(lines):
            offset += len(lines[index])
            index += 1
        raw = "".join(lines[first:index]).rstrip("\r\n")
        stripped = raw.strip()
        if in_define or stripped.startswith("define "):
            in_define = not stripped.startswith("endef")
            continue
        if raw.startswith("\t") and rule is not None:
            body = raw[1:]
            lead = len(body) - len(body.lstrip("@-+ \t"))
            text = body[lead:]
            if text.strip():
                begin = start + 1 + lead
                rule.recipes.append(Recipe(file, begin, begin + len(text), text, body[:lead]))
            continue
        if not stripped or stripped.startswith("#"):
            continue
        match = _VARIABLE.match(raw)
        if match is not None:
            root.variables.append(_variable(file, start, match))
            continue
        match = _RULE.match(raw)
        if match is not None and not raw.startswith(
            (" ", "\t", "$(info", "ifeq", "ifneq", "ifdef", "ifndef", "else", "endif")
        ):
            rest = match.group(2)
            if _TARGET_VARIABLE.match(rest):
                continue
            rule = Rule(
                file,
                start,
                start + len(raw.split("\n")[0]),
                match.group(1).split(),
                rest.split("#")[0].replace("\\", " ").split(),
            )
            root.rules.append(rule)
            if match.group(3) and match.group(3).strip():
                begin = start + match.start(3)
                rule.recipes.append(Recipe(file, begin, start + match.end(3), match.group(3).strip(), ""))
    return [Document(file, "makefile", root)]


def _variable(file: SourceFile, start: int, match: re.Match[str]) -> Variable:
    raw = match.group(3)
    lines = [line.rstrip("\\").strip() for line in raw.split("\n")]
    hash_at = next((i for i, line in enumerate(lines) if _comment(line) is not None), None)
    if hash_at is not None:
        lines = [*lines[:hash_at], lines[hash_at][: _comment(lines[hash_at])].rstrip()]
    text = " ".join(line for line in lines if line)
    value = Scalar(file, start + match.start(3), start + match.start(3) + len(raw), text)
    return Variable(file, start + match.start(1), start + match.end(), match.group(1), match.group(2), value)


def _comment(line: str) -> int | None:
    """Where a comment starts; an escaped hash starts none."""
    at = line.find("#")
    while at > 0 and line[at - 1] == "\\":
        at = line.find("#", at + 1)
    return at if at >= 0 else None
