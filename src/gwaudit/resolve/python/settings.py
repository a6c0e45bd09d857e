"""Settings classes of the audited tree (pydantic's ``BaseSettings``): fields that stand for variables."""

from __future__ import annotations

import ast

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python import readers
from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.interpreter import evaluate
from gwaudit.resolve.python.machine import Frame
from gwaudit.resolve.python.objects import ClassType, Dotted
from gwaudit.resolve.python.value import MISSING, Opaque, Value, blur, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Machine

CHANGING = ("field_validator", "validator", "model_validator", "root_validator")


def settings_object(m: Machine, cls: ClassType, keywords: dict[str, Value], frame: Frame) -> Value | None:
    """An instance of a settings class, None where the class is something else."""
    lineage = _lineage(cls)
    if lineage is None:
        return None
    options = _options(lineage, frame)
    prefix = options.get("env_prefix", "")
    env_file = options.get("env_file")
    if isinstance(env_file, str) and env_file:
        readers.load_env_file(m, env_file)
    changed = _validated(lineage)
    cell: dict[str, Value] = {}
    for owner in reversed(lineage):
        for node in owner.node.body:
            if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
                continue
            name = node.target.id
            if name == "model_config" or name.startswith("_"):
                continue
            if changed is None or name in changed:
                cell[name] = unknown(f"{cls.name}.{name} goes through a validator")
                continue
            cell[name] = keywords.get(name) or _field(m, owner, node, prefix if isinstance(prefix, str) else None)
    return Value(m.state.new("object", cell, cls))


def _lineage(cls: ClassType, depth: int = 0) -> list[ClassType] | None:
    """The class and its bases that are read, where one of them is a settings class."""
    bases = readers.table()["settings_bases"]
    for base in cls.bases:
        if isinstance(base.data, Dotted) and base.data.name in bases:
            return [cls]
        if isinstance(base.data, ClassType) and depth < 10:
            above = _lineage(base.data, depth + 1)
            if above is not None:
                return [cls, *above]
    return None


def _options(lineage: list[ClassType], frame: Frame) -> dict[str, object]:
    """``env_prefix`` and ``env_file`` of ``model_config`` or of the inner class ``Config``."""
    found: dict[str, object] = {}
    for cls in reversed(lineage):
        for node in cls.node.body:
            if isinstance(node, ast.ClassDef) and node.name == "Config":
                for item in node.body:
                    if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
                        found[item.targets[0].id] = _literal(item.value)
            value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            if value is not None and any(isinstance(t, ast.Name) and t.id == "model_config" for t in targets):
                if isinstance(value, ast.Call):
                    found.update({k.arg: _literal(k.value) for k in value.keywords if k.arg})
                elif isinstance(value, ast.Dict):
                    for key, item_value in zip(value.keys, value.values, strict=True):
                        if isinstance(key, ast.Constant):
                            found[str(key.value)] = _literal(item_value)
    return found


def _literal(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _validated(lineage: list[ClassType]) -> set[str] | None:
    """The fields that code of the class may change; None where it may change all."""
    found: set[str] = set()
    for cls in lineage:
        for node in cls.node.body:
            if not isinstance(node, ast.FunctionDef):
                continue
            if node.name in ("__init__", "model_post_init", "__new__", "settings_customise_sources"):
                return None
            for decorator in node.decorator_list:
                call = decorator if isinstance(decorator, ast.Call) else None
                target = call.func if call is not None else decorator
                name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
                if name not in CHANGING:
                    continue
                if name in ("model_validator", "root_validator") or call is None:
                    return None
                fields = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
                if "*" in fields:
                    return None
                found.update(str(one) for one in fields)
    return found


def _field(m: Machine, cls: ClassType, node: ast.AnnAssign, prefix: str | None) -> Value:
    assert isinstance(node.target, ast.Name)
    name = node.target.id
    default: ast.expr | None = node.value
    made_at_run_time = False
    variables = [f"{prefix}{name}"] if prefix is not None else []
    if isinstance(default, ast.Call) and _called(default) in ("Field", "Parameter"):
        options = {keyword.arg: keyword.value for keyword in default.keywords}
        for key in ("env", "alias", "validation_alias"):
            alias = options.get(key)
            if isinstance(alias, ast.Constant) and isinstance(alias.value, str):
                variables = [alias.value]
            elif alias is not None:
                texts = [n.value for n in ast.walk(alias) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
                variables = texts
        if "default_factory" in options:
            default, made_at_run_time = None, True
        else:
            default = options.get("default", default.args[0] if default.args else None)
    if not variables:
        return unknown(f"the variable of {cls.name}.{name} is not known")
    m.here = m.place(Frame((cls.address,), cls.file), node)
    type_name = _type_name(node.annotation)
    for variable in variables:
        found = readers.field(m, variable, type_name, MISSING)
        if found is not None:
            return found
    stated = m.environment.get(variables[0].upper())
    if isinstance(stated.value, Unknown):
        return Value(Opaque(stated.value.reason, stated.value.depends_on, kind=None), (stated,))
    if made_at_run_time:
        return unknown(f"the default of {cls.name}.{name} is made by a function")
    if default is None:
        m.note("missing-variable", variables[0].upper(), m.here)
        return Value(
            Opaque(f"{variables[0].upper()} is required, and nothing that was read sets it", (stated.name,)), (stated,)
        )
    try:
        value = evaluate(m, default, Frame((cls.address,), cls.file))
    except Raised:
        return unknown(f"the default of {cls.name}.{name} is not known")
    if isinstance(value.data, Dotted):
        return blur(value)
    return Value(value.data, (*value.inputs, stated), value.place)


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _type_name(node: ast.expr) -> str:
    """The simple type of an annotation: ``Optional[int]`` and ``int | None`` are int."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        node = ast.Name(node.value)
    if isinstance(node, ast.Name):
        return {"PositiveInt": "int", "NonNegativeInt": "int"}.get(node.id, node.id)
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Optional":
        return _type_name(node.slice)
    if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant) and node.right.value is None:
        return _type_name(node.left)
    return "other"
