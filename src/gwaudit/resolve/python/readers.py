"""Libraries and objects that read environment variables: django-environ, environs, decouple, starlette, profiles."""

from __future__ import annotations

from gwaudit.bundle import names as bundle_names
from gwaudit.bundle import section
from gwaudit.resolve.python import environ
from gwaudit.resolve.python.casts import cast, cast_by
from gwaudit.resolve.python.objects import Bound, Dotted, Reader
from gwaudit.resolve.python.value import MISSING, NONE, Opaque, Value, blur, made, merge_inputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.python.machine import Frame, Machine


def table() -> dict[str, Any]:
    found: dict[str, Any] = section("python/readers")
    return found


def described(m: Machine, name: str) -> Value | None:
    """A reader object of that full name, a profile's settings object, or None."""
    if "." not in name:
        return None
    instance = table()["instances"].get(name)
    if instance is not None:
        return Value(Reader(instance))
    for profile in bundle_names("profiles"):
        content = section(profile)
        if isinstance(content, dict) and name in content.get("settings_objects", ()):
            return Value(
                Reader("profile", {"variables": content.get("variables", {}), "bool": content.get("bool_words")})
            )
    return None


def reader_for(m: Machine, name: str, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value | None:
    """The reader that a constructor of the table makes, None where it is none."""
    if name == "dotenv.load_dotenv":
        return _load_dotenv(m, args, keywords)
    kind = table()["constructors"].get(name)
    if kind is None:
        return None
    options: dict[str, Any] = {}
    if kind == "django-environ":
        options["scheme"] = dict(keywords)
    prefix = keywords.get("env_prefix") or keywords.get("prefix")
    if prefix is not None:
        options["prefix"] = prefix.data if isinstance(prefix.data, str) else ""
    return Value(Reader(kind, options))


def _load_dotenv(m: Machine, args: list[Value], keywords: dict[str, Value]) -> Value:
    """``load_dotenv()``: the .env file of the tree feeds variables that are not set."""
    path = args[0] if args else keywords.get("dotenv_path", NONE)
    override = keywords.get("override", Value(False)).data is True
    load_env_file(m, path.data if isinstance(path.data, str) else ".env" if path.data is None else None, override)
    return made(True)


def load_env_file(m: Machine, path: str | None, override: bool = False) -> None:
    """Read a .env file of the tree into what the evaluated code sees of the environment."""
    if path is None or m.loader.filesystem is None:
        return
    from gwaudit.resolve.fact import Fact, Source

    found = m.loader.filesystem.locate(path, m.loader.directory)
    if not isinstance(found, str) or not m.loader.workspace.tree.is_file(found):
        return
    m.loader.read.append(found)
    cell = m.state.write(m.overlay.address)
    if isinstance(cell, Opaque):
        return
    for document in m.loader.workspace.documents(found, "dotenv"):
        for item in getattr(document.root, "assignments", document.root):
            key, value = getattr(item, "key", None), getattr(item, "value", None)
            if not isinstance(key, str) or not isinstance(value, str) or getattr(item, "lost", False):
                continue
            if not override and environ.lookup(m, m.overlay, key).data is not MISSING:
                continue
            data: Any = Opaque("its value is interpolated", (f"env.{key}",), kind="str") if "${" in value else value
            fact = Fact(f"env.{key}", data, Source("dotenv", value, item.location))
            cell[key] = Value(data, (fact,))


def reader_attribute(m: Machine, owner: Value, name: str, frame: Frame) -> Value:
    """``env.int`` is a method; ``settings.port`` is a field that stands for a variable."""
    reader: Reader = owner.data
    if reader.kind != "profile":
        return Value(Bound(owner, name))
    variables = reader.options["variables"]
    variable = name.upper()
    if variable not in variables:
        m.doubt = m.doubt or "the settings object is not described as a whole"
        return blur(owner, reason=f"{name} is a field of code that is not read")
    described_as = variables[variable] or {}
    found = field(m, variable, described_as.get("type"), MISSING, m.loader.patched)
    if found is not None:
        return found
    default = described_as.get("default")
    if "default" not in described_as or isinstance(default, (dict, list)):
        return blur(owner, reason=f"the default of {variable} is not known")
    fact = m.environment.get(variable)
    from gwaudit.resolve.fact import Fact, Source

    stated = Fact(f"env.{variable}", default, Source("profile", str(default)), assumed=fact.assumed)
    return Value(default, (stated,))


def field(m: Machine, variable: str, type_name: str | None, default: Any, patched: Any = None) -> Value | None:
    """The variable as a settings class reads it: any case, cast by type; None where it is unset."""
    place = m.here
    for name in dict.fromkeys((variable, variable.upper(), variable.lower())):
        if name in m.environment or environ.lookup(m, m.overlay, name).data is not MISSING:
            value = environ.read(m, m.overlay, Value(name), Value(MISSING))
            if value.data is not MISSING:
                return cast(m, value, type_name or "str", table()["pydantic_bool"])
    if place is not None:
        m.reads.append((variable, place))
    return None


def call_reader(
    m: Machine, owner: Value, method: str, args: list[Value], keywords: dict[str, Value], frame: Frame
) -> Value:
    """``env("X", ...)`` or ``env.int("X", ...)``."""
    reader: Reader = owner.data
    if method in table()["silent"]:
        first = args[0].data if args else ".env"
        load_env_file(m, first if isinstance(first, str) else None)
        return NONE
    kind = table()["kinds"].get(reader.kind)
    if kind is None or not args:
        m.doubt = m.doubt or "a reader that is not described"
        return blur(*args, reason="a reader that is not described")
    name = args[0]
    if not isinstance(name.data, str):
        return blur(name, reason="the variable's name is not known")
    default = _argument(kind["method_default" if method and "method_default" in kind else "default"], args, keywords)
    wanted = Value(Dotted(f"builtins.{method}")) if method else None
    if not method and "cast" in kind:
        wanted = _argument(kind["cast"], args, keywords)
    scheme = reader.options.get("scheme", {}).get(name.data)
    if scheme is not None and not method:
        parts = scheme.data if isinstance(scheme.data, tuple) else (scheme,)
        wanted = wanted or parts[0]
        default = default if default is not None or len(parts) < 2 else parts[1]
    variable = Value(reader.options.get("prefix", "") + name.data)
    if default is None:
        value = environ.read(m, m.overlay, variable, None, required=True)
    else:
        value = environ.read(m, m.overlay, variable, Value(MISSING))
        if value.data is MISSING:
            chosen = Value(default.data, merge_inputs((default, value)), default.place)
            if not kind.get("cast_default") or wanted is None or wanted.data is None:
                return chosen
            value = chosen
    return cast_by(m, value, wanted, kind, frame)


def _argument(where: list[Any], args: list[Value], keywords: dict[str, Value]) -> Value | None:
    position, name = where
    if name in keywords:
        return keywords[name]
    return args[position] if len(args) > position else None
