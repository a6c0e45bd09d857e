"""The rules of one run: built-in ones from the bundle and the user's own, selected and configured, indexed by subject."""

from __future__ import annotations

import os

from gwaudit import bundle
from gwaudit.errors import ConfigurationError
from gwaudit.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from gwaudit.config import Configuration
    from gwaudit.finding import Finding
    from gwaudit.options import Options
    from gwaudit.resolve.model import Subject
    from gwaudit.tree import Tree


class RuleSet:
    """Every known rule by id, and which of them are selected. Iteration, ``in``, ``get`` and ``items`` see all of them."""

    __slots__ = ("_by_kind", "_rules", "facts", "selected")

    def __init__(self, rules: Mapping[str, Rule], facts: Mapping[str, tuple[str, str, bool]]) -> None:
        self._rules = dict(rules)
        self.facts = dict(facts)  # of each fact that a rule reads: kind of subject, type, whether it is a secret
        self.selected: frozenset[str] = frozenset(rules)
        self._by_kind: dict[str, list[Rule]] | None = None

    def __getitem__(self, id: str) -> Rule:
        return self._rules[id]

    def __contains__(self, id: object) -> bool:
        return id in self._rules

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def get(self, id: str) -> Rule | None:
        return self._rules.get(id)

    def items(self) -> Iterable[tuple[str, Rule]]:
        return self._rules.items()

    def values(self) -> Iterable[Rule]:
        return self._rules.values()

    def add(self, other: RuleSet) -> None:
        """The user's rules beside the built-in ones."""
        self._rules.update(other._rules)
        self.facts.update(other.facts)
        self.selected = frozenset(self._rules)
        self._by_kind = None

    def named(self, name: str) -> list[str]:
        """The rules that a selection names: an id, a former id, a group, a tag or ``ALL``."""
        if name in self._rules:
            return [name]
        if name == "ALL":
            return list(self._rules)
        return [
            id for id, rule in self._rules.items() if name in rule.aliases or name == rule.group or name in rule.tags
        ]

    def select(self, ids: Iterable[str]) -> None:
        self.selected = frozenset(ids)
        self._by_kind = None

    def about(self, kind: str) -> list[Rule]:
        """The selected rules that judge this kind of subject."""
        if self._by_kind is None:
            self._by_kind = {}
            for id, rule in self._rules.items():
                if id in self.selected and rule.when is not None:
                    self._by_kind.setdefault(rule.subject, []).append(rule)
        return self._by_kind.get(kind, [])

    def judge(self, target: Subject) -> tuple[list[Finding], list[tuple[str, str, str]]]:
        """The findings in one target (or the repository), and what could not be judged, each once: rule, subject, reason."""
        from gwaudit.rules.engine import judge, plans

        findings: list[Finding] = []
        unjudged: dict[tuple[str, str, str], None] = {}
        told: set[tuple[int, str]] = set()
        for subject, plan in plans(self, target):
            name = subject.name
            for rule in plan.rules:
                verdict = judge(self, rule, subject)
                if verdict is None:
                    continue
                if verdict.finding is not None:
                    findings.append(verdict.finding)
                else:
                    unjudged[rule.id, name, verdict.reason] = None
            if (id(plan), name) not in told:
                told.add((id(plan), name))
                unjudged.update(dict.fromkeys((rule.id, name, reason) for rule, reason in plan.unjudged))
        return findings, list(unjudged)


def builtin() -> RuleSet:
    """The rules of this version."""
    index = bundle.section("rules")
    rules: dict[str, Rule] = {}
    for record in index["rules"]:
        rules[record["id"]] = Rule(record, _page_of(record["id"]))
    return RuleSet(rules, index["facts"])


def rules_for(configuration: Configuration, options: Options, tree: Tree | None = None) -> RuleSet:
    """The rules of a run: the built-in ones and those below ``rules = [...]``, selected, with parameters and severities.

    The command line's ``--select`` takes the place of the configuration's; ``--ignore`` and ``--extend-select`` add to it.
    """
    rules = builtin()
    root = tree.root if tree is not None else "."
    for position, path in enumerate(configuration.rule_paths):
        try:
            own = from_folder(path, root)
        except FileNotFoundError:
            raise configuration.error(f"there is no folder {path}", "rules", position) from None
        for id, mine in own.items():
            if id in rules:
                raise _taken(mine, root)
        rules.add(own)
    for name, parameters in configuration.parameters.items():
        rule = rules.get(name)
        if rule is None:
            raise configuration.error(f"there is no rule {name}", "rules", name, hint=_near(name, rules))
        for parameter, given in parameters.items():
            _configure(rule, parameter, given, configuration)
    for name, severity in configuration.severity.items():
        found = rules.named(name)
        if not found:
            raise configuration.error(f"there is no rule {name}", "severity", name, hint=_near(name, rules))
        for id in found:
            rules[id].severity = severity
    selected = list(rules)
    if options.select is not None:
        selected = _named(rules, options.select, "--select")
    elif configuration.select is not None:
        selected = _named(rules, configuration.select, "select", configuration)
    selected += _named(rules, configuration.extend_select, "extend-select", configuration)
    ignored = set(_named(rules, configuration.ignore, "ignore", configuration))
    extended = _named(rules, options.extend_select, "--extend-select")
    ignored -= set(extended) | (set(selected) if options.select is not None else set())
    ignored |= set(_named(rules, options.ignore, "--ignore"))
    rules.select(id for id in (*selected, *extended) if id not in ignored)
    return rules


def from_folder(path: str, root: str = ".") -> RuleSet:
    """The user's rules: every YAML file below a folder (or one file), checked; compiled again only when one changed."""
    from gwaudit.rules import compiler

    full = os.path.realpath(os.path.join(root, path))
    if not f"{full}/".startswith(f"{os.path.realpath(root)}/"):
        raise ConfigurationError(f"{path}: rules lie inside the root")
    files = [full] if os.path.isfile(full) else _yaml_files(full)
    if not os.path.exists(full):
        raise FileNotFoundError(path)

    def make() -> Any:
        return compiler.compile_rules(files, root)

    if files:
        stamped = [*files, *bundle.sources("rules")]
        index, pages = bundle.cached(f"user-rules-{_short(full)}", stamped, make)
    else:
        index, pages = {"rules": [], "facts": {}}, {}
    rules = {record["id"]: Rule(record, pages[record["id"]]) for record in index["rules"]}
    return RuleSet(rules, index["facts"])


def _taken(rule: Rule, root: str) -> ConfigurationError:
    """Two rules of one id: silently replacing a built-in rule would weaken it."""
    from gwaudit.source import SourceFile

    message = f"there is a rule {rule.id} already"
    hint = "give yours another name, and leave the other one out with ignore"
    try:
        with open(os.path.join(root, rule.path), encoding="utf-8") as stream:
            file = SourceFile(rule.path, stream.read())
    except (OSError, UnicodeDecodeError):
        return ConfigurationError(f"{rule.path}: {message}", hint=hint)
    line = next((number for number, text in enumerate(file.text.splitlines(), 1) if text.startswith("id:")), 1)
    start = file.starts()[line - 1]
    text = file.line_text(line)
    return ConfigurationError(message, file.location(start, start + len(text)), text, hint)


def _page_of(id: str) -> Any:
    return lambda: bundle.section("rules/pages")[id]


def _short(path: str) -> str:
    from zlib import crc32

    return f"{crc32(os.path.abspath(path).encode('utf-8', 'surrogateescape')):08x}"


def _yaml_files(folder: str) -> list[str]:
    found: list[str] = []
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [os.path.join(base, name) for name in sorted(names) if name.endswith((".yaml", ".yml"))]
    return found[:1000]


def _named(rules: RuleSet, names: Iterable[str], key: str, configuration: Configuration | None = None) -> list[str]:
    found: list[str] = []
    for position, name in enumerate(names):
        ids = rules.named(name)
        if not ids:
            message = f"{key}: there is no rule, group or tag {name}"
            hint = _near(name, rules)
            if configuration is not None:
                raise configuration.error(message, key, position, hint=hint)
            raise ConfigurationError(message, hint=hint)
        found += ids
    return found


def _near(name: str, rules: RuleSet) -> str | None:
    from gwaudit.rules.types import nearest

    near = nearest(name, [*rules, *(alias for rule in rules.values() for alias in rule.aliases)])
    return f"did you mean {near}?" if near else None


def _configure(rule: Rule, name: str, given: Any, configuration: Configuration) -> None:
    """Override a parameter by a value of its own type."""
    from gwaudit.rules.types import nearest, of_value, spoken

    if name not in rule.params:
        near = nearest(name, rule.params)
        hint = f"did you mean {near}?" if near else f"its parameters: {', '.join(rule.params) or 'none'}"
        raise configuration.error(f"{rule.id} has no parameter {name}", "rules", rule.id, name, hint=hint)
    value = tuple(given) if isinstance(given, list) else given
    if of_value(value) != of_value(rule.params[name]) and value != ():
        message = f"{name} is {spoken(of_value(rule.params[name]))}, not {spoken(of_value(value))}"
        raise configuration.error(message, "rules", rule.id, name)
    rule.params = {**rule.params, name: value}
