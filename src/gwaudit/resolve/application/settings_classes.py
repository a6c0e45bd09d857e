"""pydantic settings classes: which variables their fields are read from (pydantic-settings 2 and pydantic 1).

https://docs.pydantic.dev/latest/concepts/pydantic_settings/: a field is read from ``env_prefix`` + its name, from its alias
instead where it has one, whatever the case unless ``case_sensitive``; a nested field with ``env_nested_delimiter`` from
names that begin with it.
"""

from __future__ import annotations

import ast

from gwaudit.resolve.application.syntax import (
    dotted,
    full_name,
    keyword,
    statements,
    string_constants,
    strings,
    text_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.application.reads import Collector
    from gwaudit.resolve.application.syntax import Module
    from gwaudit.source import Location

_ROOTS = frozenset(("BaseSettings", "EnvSettings"))


class SettingsClass:
    """One class: its bases by last name, its own fields and what its configuration sets (None: not set here)."""

    __slots__ = ("aliases", "bases", "case_sensitive", "delimiter", "fields", "name", "place", "prefix", "reads_file")

    def __init__(self, name: str, bases: tuple[str, ...], place: Location) -> None:
        self.name = name
        self.bases = bases
        self.place = place
        self.fields: dict[str, Location] = {}
        self.aliases: dict[str, tuple[tuple[str, ...], Location]] = {}
        self.prefix: str | None = None
        self.case_sensitive: bool | None = None
        self.delimiter: str | None = None
        self.reads_file = False


def classes_of(module: Module) -> list[SettingsClass]:
    """The classes of a module that may be settings: every class with a base."""
    constants = string_constants(module.tree)
    found = [_class(module, node, constants) for node in statements(module.tree) if isinstance(node, ast.ClassDef)]
    return [one for one in found if one.bases]


def _class(module: Module, node: ast.ClassDef, constants: dict[str, str]) -> SettingsClass:
    bases = tuple(full_name(base, module.imported).rpartition(".")[2] or dotted(base) for base in node.bases)
    found = SettingsClass(node.name, tuple(base for base in bases if base), module.location(node))
    if not found.bases:
        return found
    for argument in node.keywords:
        _configure(found, argument.arg or "", argument.value, constants)
    for item in node.body:
        if isinstance(item, ast.ClassDef) and item.name == "Config":
            for line in item.body:
                if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                    _configure(found, line.targets[0].id, line.value, constants)
        elif isinstance(item, (ast.Assign, ast.AnnAssign)):
            target = item.targets[0] if isinstance(item, ast.Assign) else item.target
            if not isinstance(target, ast.Name):
                continue
            if target.id == "model_config":
                _model_config(found, item.value, constants)
            elif isinstance(item, ast.AnnAssign) and not dotted_head(item.annotation).endswith("ClassVar"):
                _field(found, module, target, item, constants)
    return found


def dotted_head(node: ast.expr) -> str:
    return dotted(node.value) if isinstance(node, ast.Subscript) else dotted(node)


def _model_config(found: SettingsClass, value: ast.expr | None, constants: dict[str, str]) -> None:
    if isinstance(value, ast.Call):
        for argument in value.keywords:
            _configure(found, argument.arg or "", argument.value, constants)
    elif isinstance(value, ast.Dict):
        for key, entry in zip(value.keys, value.values, strict=True):
            _configure(found, text_of(key) or "", entry, constants)


def _configure(found: SettingsClass, name: str, value: ast.expr, constants: dict[str, str]) -> None:
    if name == "env_prefix":
        found.prefix = text_of(value, constants)
    elif name == "case_sensitive" and isinstance(value, ast.Constant):
        found.case_sensitive = bool(value.value)
    elif name == "env_nested_delimiter":
        found.delimiter = text_of(value, constants)
    elif name == "env_file" and not (isinstance(value, ast.Constant) and value.value is None):
        found.reads_file = True
    elif name == "fields" and isinstance(value, ast.Dict):  # pydantic 1: fields = {"x": {"env": "NAME"}}
        for key, entry in zip(value.keys, value.values, strict=True):
            names = (
                [v for k, v in zip(entry.keys, entry.values, strict=True) if text_of(k) == "env"]
                if isinstance(entry, ast.Dict)
                else []
            )
            if names and text_of(key):
                found.aliases[str(text_of(key))] = (tuple(strings(names[0], constants)), found.place)


def _field(
    found: SettingsClass, module: Module, target: ast.Name, item: ast.AnnAssign, constants: dict[str, str]
) -> None:
    place = module.location(target)
    calls = [node for node in (item.value, *_annotated(item.annotation)) if isinstance(node, ast.Call)]
    names: list[str] = []
    for call in calls:
        for key in ("validation_alias", "alias", "env"):
            value = keyword(call, key)
            if isinstance(value, ast.Call):  # AliasChoices("A", "B", AliasPath("C", 0))
                for argument in value.args:
                    inner = argument.args[0] if isinstance(argument, ast.Call) and argument.args else argument
                    names.extend(strings(inner, constants))
            elif value is not None:
                names.extend(strings(value, constants))
    if names:
        found.aliases[target.id] = (tuple(dict.fromkeys(names)), place)
    else:
        found.fields[target.id] = place


def _annotated(node: ast.expr) -> list[ast.expr]:
    """The metadata of ``Annotated[int, Field(...)]``."""
    if isinstance(node, ast.Subscript) and dotted(node.value).rpartition(".")[2] == "Annotated":
        return list(node.slice.elts[1:]) if isinstance(node.slice, ast.Tuple) else []
    return []


def settings_names(classes: list[SettingsClass]) -> frozenset[str]:
    """The names of the classes that are settings, by their bases, as far as these modules tell."""
    known = set(_ROOTS)
    grown = True
    while grown:
        more = {one.name for one in classes if one.name not in known and known.intersection(one.bases)}
        grown = bool(more)
        known |= more
    return frozenset(known - _ROOTS)


def collect(classes: list[SettingsClass], found: Collector) -> None:
    """Name what every settings class reads, inherited fields with the prefix of the class that inherits them."""
    settings = settings_names(classes)
    by_name: dict[str, SettingsClass] = {}
    for one in classes:
        by_name.setdefault(one.name, one)
    for one in classes:
        if one.name not in settings:
            continue
        line = _ancestors(one, by_name)
        prefix = next((c.prefix for c in line if c.prefix is not None), "")
        exact = next((c.case_sensitive for c in line if c.case_sensitive is not None), False)
        delimiter = next((c.delimiter for c in line if c.delimiter), None)
        if any(c.reads_file for c in line):
            found.dotenv.append(one.place)
        for ancestor in line:
            for field, place in ancestor.fields.items():
                name = prefix + field
                found.name(name if exact else name.upper(), place, not exact)
                if delimiter:
                    found.prefix(f"{name}{delimiter}" if exact else f"{name}{delimiter}".upper(), place)
            for names, place in ancestor.aliases.values():
                for name in names:
                    found.name(name if exact else name.upper(), place, not exact)


def _ancestors(one: SettingsClass, by_name: dict[str, SettingsClass]) -> list[SettingsClass]:
    line: list[SettingsClass] = []
    stack = [one]
    while stack and len(line) < 50:
        current = stack.pop(0)
        if current not in line:
            line.append(current)
            stack.extend(by_name[base] for base in current.bases if base in by_name)
    return line
