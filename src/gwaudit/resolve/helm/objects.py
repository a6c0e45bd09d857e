"""What templates find beside their values: ``.Files``, ``.Capabilities``, ``.Release``, ``.Chart``."""

from __future__ import annotations

import posixpath
import re

from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.resolve.helm.errors import EvaluationError
from gwaudit.resolve.helm.functions.signature import text
from gwaudit.resolve.helm.provenance import CONTEXT, Mark, Value
from gwaudit.resolve.helm.reading import Reader
from gwaudit.resolve.helm.yamltext import to_yaml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping as Table

    from gwaudit.parse.document import Node
    from gwaudit.resolve.helm.machine import Machine
    from gwaudit.source import SourceFile


class Record:
    """A Go struct: named fields, and how it is printed."""

    __slots__ = ("fields", "shown", "type_name")
    kind_name = "struct"

    def __init__(self, type_name: str, fields: dict[str, Value], shown: str = "") -> None:
        self.type_name = type_name
        self.fields = fields
        self.shown = shown

    def field(self, machine: Machine, name: str, args: list[Value]) -> Value:
        if name in self.fields:
            return self.fields[name]
        if name == "String" and self.shown:
            return Value(self.shown)
        raise EvaluationError(f"can't evaluate field {name} in type {self.type_name}")

    def __str__(self) -> str:
        return self.shown or "{" + " ".join(str(value.data) for value in self.fields.values()) + "}"


class VersionSet(list):  # type: ignore[type-arg]
    """``.Capabilities.APIVersions``: a list of names that can be asked for one."""

    __slots__ = ()

    def field(self, machine: Machine, name: str, args: list[Value]) -> Value:
        if name != "Has" or len(args) != 1:
            raise EvaluationError(f"can't evaluate field {name} in type common.VersionSet")
        wanted = text(args[0])
        return Value(any(item.data == wanted for item in self))


class Files:
    """The files of a chart that are no templates; their text keeps its place, character by character."""

    __slots__ = ("files",)
    type_name = "engine.files"
    kind_name = "map"

    def __init__(self, files: Table[str, Callable[[], SourceFile | None]]) -> None:
        self.files = files

    def get(self, name: str) -> Value:
        load = self.files.get(name)
        file = load() if load is not None else None
        if file is None:
            return Value("")
        return Value(
            file.text, ((len(file.text), Mark(file, 0, len(file.text), linear=True), 0),) if file.text else None
        )

    def pairs(self) -> list[tuple[Value, Value]]:
        return [(Value(name), self.get(name)) for name in sorted(self.files)]

    def field(self, machine: Machine, name: str, args: list[Value]) -> Value:
        machine.spend(1 + len(self.files) // 20)
        if name in ("Get", "GetBytes", "Lines", "Glob"):
            if len(args) != 1:
                raise EvaluationError(f"wrong number of args for {name}")
            given = text(args[0])
            if name == "Glob":
                pattern = _glob(given)
                return Value(Files({path: load for path, load in self.files.items() if pattern.fullmatch(path)}))
            found = self.get(given)
            machine.made(len(found.data))
            return found if name != "Lines" else self._lines(machine, found)
        if name in ("AsConfig", "AsSecrets"):
            return self._flat(machine, encoded=name == "AsSecrets")
        raise EvaluationError(f"can't evaluate field {name} in type {self.type_name}")

    def _lines(self, machine: Machine, found: Value) -> Value:
        from gwaudit.resolve.helm.functions.lists import FUNCTIONS

        if not found.data:
            return Value([])
        lines = FUNCTIONS["splitList"](machine, [Value("\n"), found])
        if found.data.endswith("\n"):
            lines.data.pop()
        return lines

    def _flat(self, machine: Machine, encoded: bool) -> Value:
        from gwaudit.resolve.helm.functions.encoding import FUNCTIONS

        table: dict[str, Value] = {}
        for path in sorted(self.files):
            value = self.get(path)
            machine.made(len(value.data))
            table[posixpath.basename(path)] = FUNCTIONS["b64enc"](machine, [value]) if encoded else value
        return to_yaml(Value(table)) if table else Value("{}")

    def __str__(self) -> str:
        return "map[]"


def _glob(pattern: str) -> re.Pattern[str]:
    """A glob as a regular expression: ``*`` stays within a folder, ``**`` does not, ``{a,b}`` are alternatives."""
    out: list[str] = []
    at, depth = 0, 0
    pattern = pattern[:300]
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            if pattern[at : at + 1] == "*":
                while pattern[at : at + 1] == "*":
                    at += 1
                out.append(".*")
            else:
                out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "{":
            depth += 1
            out.append("(?:")
        elif char == "}" and depth:
            depth -= 1
            out.append(")")
        elif char == "," and depth:
            out.append("|")
        elif char == "[" and "]" in pattern[at + 1 :]:
            end = pattern.index("]", at + 1)
            body = pattern[at:end].replace("\\", "\\\\")
            out.append("[" + ("^" + body[1:] if body[:1] in "!^" else body) + "]")
            at = end + 1
        else:
            out.append(re.escape(char))
    # one star after the other costs time that grows with a power of the path's length; paths are short, stars few
    if sum(part in (".*", "[^/]*") for part in out) > 6:
        return re.compile(r"(?!)")
    try:
        return re.compile("".join(out) + ")" * depth, re.DOTALL)
    except re.error:
        return re.compile(".*", re.DOTALL)


def capabilities(table: Table[str, object]) -> Record:
    """``.Capabilities`` from the platform's data: the Kubernetes version and the APIs that are taken to exist."""
    version = str(table["kube_version"])
    major, minor = version.lstrip("v").split(".")[:2]
    apis = table["api_versions"]
    kube = Record(
        "common.KubeVersion",
        {"Version": Value(version), "Major": Value(major), "Minor": Value(minor), "GitVersion": Value(version)},
        version,
    )
    helm = Record("common.BuildInfo", {"Version": Value(str(table["helm_version"])), "GitTreeState": Value("clean")})
    versions = VersionSet(Value(str(name)) for name in (apis if isinstance(apis, list) else []))
    fields = {"KubeVersion": Value(kube), "APIVersions": Value(versions), "HelmVersion": Value(helm)}
    return Record("*common.Capabilities", fields)


def release(name: str, namespace: str) -> Value:
    """``.Release`` of a first installation."""
    return Value(
        {
            "Name": Value(name, CONTEXT),
            "Namespace": Value(namespace, CONTEXT),
            "Service": Value("Helm"),
            "IsInstall": Value(True),
            "IsUpgrade": Value(False),
            "Revision": Value(1),
        }
    )


_FIELDS = {
    "name": "Name", "home": "Home", "version": "Version", "description": "Description", "icon": "Icon",
    "apiVersion": "APIVersion", "condition": "Condition", "tags": "Tags", "appVersion": "AppVersion",
    "kubeVersion": "KubeVersion", "type": "Type",
}  # fmt: skip


def metadata(root: Node | None, name: str, is_root: bool) -> Value:
    """``.Chart``: the fields of Chart.yaml under their Go names; versions are texts whatever they look like."""
    table: dict[str, Value] = {go: Value("") for go in _FIELDS.values()}
    table.update(
        Deprecated=Value(False), IsRoot=Value(is_root), Sources=Value([]), Keywords=Value([]), Maintainers=Value([]),
        Dependencies=Value([]), Annotations=Value({}),
    )  # fmt: skip
    reader = Reader()
    for key, node in root.entries if isinstance(root, Mapping) else ():
        if key.text in _FIELDS and isinstance(node, Scalar):
            table[_FIELDS[key.text]] = Value("" if node.text in ("null", "~") else node.text, Mark.of(node))
        elif key.text == "deprecated":
            table["Deprecated"] = reader.value(node)
        elif key.text == "annotations" and isinstance(node, Mapping):
            table["Annotations"] = Value(
                {k.text: Value(v.text, Mark.of(v)) for k, v in node.entries if isinstance(v, Scalar)}, Mark.of(node)
            )
        elif key.text in ("sources", "keywords") and isinstance(node, Sequence):
            table[key.text.capitalize()] = Value(
                [Value(item.text, Mark.of(item)) for item in node.items if isinstance(item, Scalar)], Mark.of(node)
            )
        elif key.text in ("maintainers", "dependencies") and isinstance(node, Sequence):
            table[key.text.capitalize()] = Value([_struct(item) for item in node.items], Mark.of(node))
    table["Name"] = Value(name, CONTEXT)
    return Value(table)


def _struct(node: Node) -> Value:
    names = {"url": "URL", "import-values": "ImportValues"}
    table = {name: Value("") for name in ("Name", "Email", "URL", "Version", "Repository", "Condition", "Alias")}
    table["Enabled"] = Value(True)
    for key, child in node.entries if isinstance(node, Mapping) else ():
        if isinstance(child, Scalar):
            table[names.get(key.text, key.text.capitalize())] = Value(child.text, Mark.of(child))
    return Value(table, Mark.of(node))
