"""Write the ``variables`` of rules/profiles/mcp-gateway.yaml from the gateway's own releases.

    python tools/gateway_profile.py CHECKOUT v0.9.0 v1.0.0 ... v1.0.8 main=1.0.9.dev0

reads ``mcpgateway/config.py`` at each tag (oldest first) with ``ast`` and notes type, default, bounds and choices of each
setting, since when it exists, until when it existed, and what was different before. Keys that people keep by hand
(``fact``, ``scale``, ``weak_values``, ``fold``, ``secret``) and entries with a ``consumer`` of their own survive.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

PROFILE = Path(__file__).resolve().parent.parent / "rules" / "profiles" / "mcp-gateway.yaml"
MARK = "variables:\n"
BY_HAND = ("fact", "fold", "scale", "weak_values")
YAML_WORDS = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
PLAIN = {
    "bool": "bool",
    "int": "int",
    "PositiveInt": "int",
    "float": "float",
    "str": "str",
    "SecretStr": "str",
    "HttpUrl": "url",
    "Path": "path",
}


def main(arguments: list[str]) -> int:
    checkout, tags = arguments[0], arguments[1:]
    text = PROFILE.read_text()
    head, _, _ = text.partition(MARK)
    kept = (yaml.safe_load(text) or {}).get("variables") or {}
    pairs = [tag.partition("=") for tag in tags]
    releases = [(label or tag.removeprefix("v"), settings(checkout, tag)) for tag, _, label in pairs]
    rows = merge(releases)
    for name, old in kept.items():
        if "consumer" in old:
            rows[name] = old
        elif name in rows:
            rows[name].update({key: old[key] for key in BY_HAND if key in old})
            if old.get("secret"):
                rows[name]["secret"] = True
    lines = [f"  {name}: {flow(row)}" for name, row in sorted(rows.items())]
    PROFILE.write_text(head + MARK + "\n".join(lines) + "\n")
    print(f"{len(rows)} variables from {len(tags)} releases")
    return 0


def source(checkout: str, tag: str, path: str) -> str:
    command = ["git", "-C", checkout, "show", f"{tag}:{path}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def merge(releases: list[tuple[str, dict[str, dict[str, Any]]]]) -> dict[str, dict[str, Any]]:
    """One row a variable: the newest form, ``since``/``until`` and ``was`` (older forms, each with its last version)."""
    rows: dict[str, dict[str, Any]] = {}
    first, last = releases[0][0], releases[-1][0]
    for name in sorted({name for _, found in releases for name in found}):
        present = [(version, found[name]) for version, found in releases if name in found]
        row = dict(present[-1][1])
        if present[0][0] != first:
            row["since"] = present[0][0]
        if present[-1][0] != last:
            row["until"] = present[-1][0]
        was: list[dict[str, Any]] = []
        for (version, old), (_, new) in pairwise(present):
            if old != new:
                changed = {key: old.get(key) for key in sorted({*old, *present[-1][1]}) if old.get(key) != row.get(key)}
                was.append({"to": version, **changed})
        if was:
            row["was"] = was
        rows[name] = row
    return rows


def constants_of(tree: ast.Module) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(target, ast.Name) and node.value is not None:
            found[target.id] = node.value
    return found


def settings(checkout: str, tag: str) -> dict[str, dict[str, Any]]:
    """The fields of ``class Settings`` by the name of the environment variable that sets them."""
    tree = ast.parse(source(checkout, tag, "mcpgateway/config.py"))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings")
    constants = constants_of(tree)
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mcpgateway._"):
            path = f"{str(node.module).replace('.', '/')}.py"
            imported = constants_of(ast.parse(source(checkout, tag, path)))
            constants.update({a.asname or a.name: imported[a.name] for a in node.names if a.name in imported})
    found: dict[str, dict[str, Any]] = {}
    for node in body:
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        annotation = ast.unparse(node.annotation)
        if annotation.startswith("ClassVar") or node.target.id == "model_config":
            continue
        row = kind(annotation)
        names = [node.target.id.upper()]
        default = node.value
        if isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") == "Field":
            keywords = {k.arg: k.value for k in node.value.keywords if k.arg}
            default = node.value.args[0] if node.value.args else keywords.get("default")
            if default is None and "default_factory" in keywords:
                default = factory(keywords["default_factory"])
            names = aliases(keywords.get("validation_alias") or keywords.get("alias")) or names
            for key, bound in (("ge", "minimum"), ("le", "maximum"), ("gt", "above"), ("lt", "below")):
                if key in keywords:
                    row[bound] = plain(keywords[key], constants)
            for key in ("min_length", "max_length"):
                if key in keywords:
                    row[key] = plain(keywords[key], constants)
        if annotation == "PositiveInt":
            row.setdefault("minimum", 1)
        try:
            row["default"] = plain(default, constants)
        except ValueError:
            row["computed"] = ast.unparse(default) if default is not None else "required"
        if len(names) > 1:
            row["aliases"] = names[1:]
        found[names[0].upper()] = row
    return found


def kind(annotation: str) -> dict[str, Any]:
    row: dict[str, Any] = {}
    bare = annotation.removesuffix(" | None")
    bare = bare.removeprefix("Optional[").removesuffix("]") if bare.startswith("Optional[") else bare
    if "SecretStr" in annotation:
        row["secret"] = True
    if bare.startswith("Literal["):
        choices = list(ast.literal_eval(bare.removeprefix("Literal")))
        return {"type": "str", "choices": choices}
    if "NoDecode" in bare:
        return {"type": "csv"}
    if bare.lower().startswith(("list", "set")):
        return {"type": "list"}
    if bare.lower().startswith("dict"):
        return {"type": "dict"}
    return {"type": PLAIN[bare], **row}


def aliases(node: ast.expr | None) -> list[str]:
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.Call):
        return [str(ast.literal_eval(argument)) for argument in node.args]
    return []


def factory(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Lambda):
        return node.body
    return {"list": ast.List([], ast.Load()), "dict": ast.Dict([], []), "set": ast.List([], ast.Load())}.get(
        getattr(node, "id", ""), node
    )


def plain(node: ast.expr | None, constants: dict[str, ast.expr]) -> Any:
    """The value of a default: a literal, a product of literals, a module constant, or one in SecretStr or HttpUrl."""
    if isinstance(node, ast.Name) and node.id in constants:
        return plain(constants[node.id], {})
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("SecretStr", "HttpUrl", "Path") and node.args:
        return plain(node.args[0], constants)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return plain(node.left, constants) * plain(node.right, constants)
    if (
        isinstance(node, ast.Call)
        and ast.unparse(node.func) == "int"
        and ast.unparse(node).startswith("int(os.getenv(")
    ):
        return int(ast.literal_eval(node.args[0].args[1]))  # type: ignore[attr-defined]
    if node is None:
        raise ValueError("no default")
    value = ast.literal_eval(node)
    return sorted(value) if isinstance(value, set) else value


def flow(row: dict[str, Any]) -> str:
    """One line of flow YAML; JSON scalars are YAML scalars."""
    order = ("type", "default", "secret", "choices", "fold", "minimum", "maximum", "above", "below", "fact", "scale")
    keys = [key for key in order if key in row] + [key for key in row if key not in order]
    return "{" + ", ".join(f"{key}: {scalar(row[key])}" for key in keys) + "}"


def scalar(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", value) and value not in YAML_WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
