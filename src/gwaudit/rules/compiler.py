"""Rule and vocabulary files -> plain, checked records for the bundle. Wrong files are ConfigurationErrors with a place."""

from __future__ import annotations

import os

from gwaudit.errors import ConfigurationError
from gwaudit.finding import SEVERITIES
from gwaudit.parse.document import Mapping, Node, Scalar, Sequence
from gwaudit.parse.yaml import value
from gwaudit.rules import needs, types
from gwaudit.rules.datafile import error_at, is_rule, places_of, plain_of, read
from gwaudit.rules.expr import ExpressionError, Scope, check
from gwaudit.rules.rule import CONFIDENCES, FIX_KINDS
from gwaudit.rules.template import parse as parse_template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

KEYS = (
    "id", "title", "severity", "confidence", "subject", "params", "let", "when", "blame", "message", "why", "when_fine",
    "fix", "fix_kind", "references", "cwe", "tags", "aliases", "examples", "source", "possible", "gather", "yields_to",
    "everywhere",
)  # fmt: skip
REQUIRED = ("id", "title", "severity", "why", "fix")


def vocabulary(paths: Iterable[str]) -> dict[str, dict[str, Any]]:
    """All fact files merged: name to ``of``, ``type``, ``doc`` and what else the entry says."""
    facts: dict[str, dict[str, Any]] = {}
    for path in paths:
        root = read(path)
        content = plain_of(root)
        kind = content.get("of")
        if kind not in types.ENCLOSING:
            raise ConfigurationError(f"of: {kind} is no kind of subject", root.location)
        for name, entry in content["facts"].items():
            for prefix in content.get("prefixes", [""]):
                full = f"{prefix}.{name}" if prefix else name
                written = entry.get("type")
                stray = set(entry) - {"type", "doc", "secret", "otherwise"}
                if (
                    stray
                    or full in facts
                    or not (isinstance(written, list) or written in types.NAMES)
                    or not entry.get("doc")
                ):
                    node = root.get("facts", name)
                    raise ConfigurationError(
                        f"{full}: named twice, of no known type, without doc, or with a key that means nothing",
                        node.location if node else None,
                    )
                facts[full] = {"of": kind, "secret": False, **entry}
    return facts


def compile_rules(paths: Iterable[str], shown_from: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The index and the pages of rule files; files without an ``id`` are data and are left out.

    Errors show the paths relative to ``shown_from``.
    """
    from gwaudit import bundle

    facts = bundle.section("facts")
    known = settings()
    rules: list[dict[str, Any]] = []
    pages: dict[str, Any] = {}
    for path in paths:
        if not is_rule(path):
            continue
        root = read(path, os.path.relpath(path, shown_from).replace(os.sep, "/"))
        record, page = compile_rule(root, facts, known)
        if record["id"] in pages:
            raise ConfigurationError(f"there are two rules {record['id']}", root.location)
        rules.append(record)
        pages[record["id"]] = page
    rules.sort(key=lambda record: str(record["id"]))
    used = {name for record in rules for name in (*record["reads"], *record["blame"])}
    slim = {
        name: (facts[name]["of"], types.type_of(facts[name]), bool(facts[name]["secret"]))
        for name in sorted(used)
        if name in facts
    }
    return {"rules": rules, "facts": slim}, pages


def settings() -> frozenset[str]:
    """Names of every gunicorn setting, so that a rule may use one that the vocabulary does not list."""
    from gwaudit import bundle

    try:
        content = bundle.section("gunicorn/settings")
    except KeyError:
        return frozenset()
    table = content.get("settings", content) if isinstance(content, dict) else {}
    if isinstance(table, list):
        return frozenset(str(entry["name"]) for entry in table if isinstance(entry, dict) and "name" in entry)
    return frozenset(str(name) for name in table) if isinstance(table, dict) else frozenset()


def compile_rule(
    root: Mapping, facts: dict[str, dict[str, Any]], known: frozenset[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """One rule file: its record for the index, and its page."""
    return _RuleCompiler(root, facts, known).result()


class _RuleCompiler:
    def __init__(self, root: Mapping, facts: dict[str, dict[str, Any]], known: frozenset[str]) -> None:
        self.root = root
        self.file = root.file
        self.facts = facts
        self.known = known
        self.path = root.file.path
        self.reads: list[str] = []

    def result(self) -> tuple[dict[str, Any], dict[str, Any]]:
        for key, _ in self.root.entries:
            if key.text not in KEYS:
                near = types.nearest(key.text, KEYS)
                raise error_at(
                    self.file, key.location, f"a rule has no key {key.text}", near and f"did you mean {near}?"
                )
        for name in REQUIRED:
            if not self.text(name):
                raise error_at(self.file, self.root.location, f"a rule needs {name}")
        identifier = self.text("id")
        stem = os.path.basename(self.path)[:-5]
        if identifier != stem or not all(part.isalnum() and part.islower() for part in identifier.split("-")):
            raise self.wrong("id", f"the id is the name of the file in kebab-case: {stem}")
        source = self.text("source") or None
        subject = self.text("subject") or ("repository" if source else "")
        if subject not in types.ENCLOSING:
            near = types.nearest(subject, types.ENCLOSING)
            raise self.wrong(
                "subject", f"{subject or 'nothing'} is no kind of subject", near and f"did you mean {near}?"
            )
        if (self.root.get("when") is None) == (source is None):
            raise self.wrong("when", "a rule has either `when` or `source`")
        scope = Scope(subject, self.facts, self.known)
        params = self.params(scope)
        lets = []
        written_lets: dict[str, str] = {}
        for key, node in self.items("let"):
            written_lets[key.text] = self.written(node)
            form, kind = self.expression(node, scope)
            if key.text in scope.lets or not key.text.isidentifier():
                raise error_at(self.file, key.location, f"{key.text} cannot be a name here")
            scope.lets[key.text] = kind
            lets.append((key.text, form))
        when, blame, message = None, [], []
        condition = self.root.get("when")
        if condition is not None:
            when, kind = self.expression(condition, scope)
            if kind not in ("bool", "any"):
                raise self.wrong("when", f"`when` is a condition, this is {types.spoken(kind)}")
            blame = self.blame(scope)
            message = self.message(scope)
        record = {
            "id": identifier,
            "title": self.text("title"),
            "group": os.path.basename(os.path.dirname(self.path)),
            "severity": self.choice("severity", SEVERITIES, ""),
            "confidence": self.choice("confidence", CONFIDENCES, "high"),
            "subject": subject,
            "params": {name: entry["value"] for name, entry in params.items()},
            "let": lets,
            "when": when,
            "blame": blame,
            "message": message,
            "fix_kind": self.choice("fix_kind", FIX_KINDS, "manual"),
            "tags": self.texts("tags"),
            "aliases": self.texts("aliases"),
            "source": source,
            "possible": value(self.root.get("possible")) is True,
            "everywhere": value(self.root.get("everywhere")) is True,
            "gather": value(self.root.get("gather")) is True,
            "yields_to": self.texts("yields_to"),
            "needs": sorted(needs.of_rule(when, dict(lets))) if when else [],
            "reads": list(dict.fromkeys([*needs.read_by(when, dict(lets)), *blame])) if when else [],
            "path": self.path,
        }
        page = {
            "why": self.text("why"),
            "when_fine": self.text("when_fine"),
            "fix": self.text("fix"),
            "references": self.texts("references"),
            "cwe": [int(one) for one in self.texts("cwe") if one.isdigit()],
            "params": params,
            "when": self.written(self.root.get("when")),
            "let": written_lets,
            "examples": self.examples(),
        }
        return record, page

    def params(self, scope: Scope) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, node in self.items("params"):
            entry = plain_of(node)
            if not isinstance(entry, dict):
                entry = {"value": entry, "doc": ""}
            if "value" not in entry or entry["value"] is None or isinstance(entry["value"], dict):
                raise error_at(self.file, key.location, "a parameter is a value, or `value` and `doc`")
            if isinstance(entry["value"], list):
                entry["value"] = tuple(entry["value"])
            scope.params[key.text] = types.of_value(entry["value"])
            found[key.text] = entry
        return found

    def blame(self, scope: Scope) -> list[str]:
        node = self.root.get("blame")
        items = node.items if isinstance(node, Sequence) else [node] if node is not None else []
        names = []
        for item in items:
            form, _ = self.expression(item, scope)
            if form[0] != "fact":
                raise error_at(self.file, item.location, "blame lists names of facts")
            names.append(str(form[1]))
        if not names:
            raise self.wrong("blame", "a rule blames at least one fact")
        return names

    def message(self, scope: Scope) -> list[Any]:
        """The alternatives of a message, each a condition (None: always) and the parts of its template."""
        node = self.root.get("message")
        found = []
        for entry in node.items if isinstance(node, Sequence) else [node]:
            condition, template = None, entry
            if isinstance(entry, Mapping):
                if not {key.text for key, _ in entry.entries} <= {"if", "text"}:
                    raise error_at(self.file, entry.location, "an alternative of a message has `if` and `text`")
                template = entry.get("text")
                test = entry.get("if")
                if test is not None:
                    condition, kind = self.expression(test, scope)
                    if kind not in ("bool", "any"):
                        raise error_at(self.file, test.location, f"`if` is a condition, this is {types.spoken(kind)}")
            if not isinstance(template, Scalar) or not template.text.strip():
                raise self.wrong("message", "a rule needs a message")
            text = " ".join(template.text.split())
            try:
                found.append((condition, parse_template(text, scope)))
            except ExpressionError as error:
                raise self.placed(template, error, text) from None
        if found[-1][0] is not None:
            raise self.wrong("message", "the last alternative of a message has no `if`")
        return found

    def examples(self) -> dict[str, dict[str, Any]]:
        content = plain_of(self.root.get("examples")) or {}
        result: dict[str, dict[str, Any]] = {"bad": {}, "good": {}}
        for side, table in content.items() if isinstance(content, dict) else ():
            if side not in result or not isinstance(table, dict):
                raise self.wrong("examples", "examples are `bad` and `good`, each a table of named examples")
            for name, example in table.items():
                if not isinstance(example, dict) or not isinstance(example.get("files"), dict):
                    raise self.wrong("examples", f"the example {name!r} has no files")
                if side == "bad" and not example.get("expect"):
                    raise self.wrong("examples", f"the bad example {name!r} does not say what to expect")
                result[side][str(name)] = example
        return result

    def expression(self, node: Node, scope: Scope) -> tuple[Any, str]:
        if not isinstance(node, Scalar):
            raise error_at(self.file, node.location, "an expression is expected")
        try:
            return check(node.text, scope)
        except ExpressionError as error:
            raise self.placed(node, error, node.text) from None

    def placed(self, node: Scalar, error: ExpressionError, text: str) -> ConfigurationError:
        """The error at its place in the file, which may have folded the text over several lines."""
        places = places_of(node, text)
        start, last = places[min(error.start, len(text))], places[min(max(error.end - 1, error.start), len(text))]
        location = self.file.location(start, last + 1)
        if location.span is not None and location.span.end_line != location.span.line:
            location = self.file.location(start, start + 1)
        return error_at(self.file, location, error.message, error.hint)

    # reading

    def items(self, name: str) -> list[tuple[Scalar, Node]]:
        node = self.root.get(name)
        if node is None or (isinstance(node, Scalar) and value(node) is None):
            return []
        if not isinstance(node, Mapping):
            raise self.wrong(name, f"{name} is a mapping")
        return node.entries

    def text(self, name: str) -> str:
        node = self.root.get(name)
        return node.text.strip() if isinstance(node, Scalar) else ""

    def written(self, node: Node | None) -> str:
        return " ".join(node.text.split()) if isinstance(node, Scalar) else ""

    def texts(self, name: str) -> list[str]:
        node = self.root.get(name)
        items = node.items if isinstance(node, Sequence) else [node] if node is not None else []
        return [item.text for item in items if isinstance(item, Scalar)]

    def choice(self, name: str, allowed: tuple[str, ...], otherwise: str) -> str:
        found = self.text(name) or otherwise
        if found not in allowed:
            raise self.wrong(name, f"{name} is one of {', '.join(allowed)}")
        return found

    def wrong(self, name: str, message: str, hint: str | None = None) -> ConfigurationError:
        node = self.root.get(name)
        return error_at(self.file, node.location if node is not None else self.root.location, message, hint)
