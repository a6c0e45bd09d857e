"""libyaml's parser as PyYAML binds it, loaded without the rest of PyYAML.

``import yaml`` makes constructors, resolvers, emitters and representers with their tables of patterns, which costs
nearly three times as much as starting the interpreter; reading events needs the binding and the four modules of its records.
They are imported below a stand-in for the package, which is taken away again: a later ``import yaml`` gets the real one
around the same modules.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The errors that the binding names when it is loaded, by the module that defines them.
_ERRORS = {
    "reader": "ReaderError", "scanner": "ScannerError", "parser": "ParserError", "composer": "ComposerError",
    "constructor": "ConstructorError", "emitter": "EmitterError", "serializer": "SerializerError",
    "representer": "RepresenterError",
}  # fmt: skip
_loaded: list[tuple[Any, Any]] = []


def binding() -> tuple[Any, Any]:
    """The class of the parser (its instances answer ``get_event()``) and the class of its errors."""
    if not _loaded:
        _loaded.append(_alone() if "yaml" not in sys.modules else _from_package())
    return _loaded[0]


def _from_package() -> tuple[Any, Any]:
    from importlib import import_module

    package = import_module("yaml")
    return package.cyaml.CParser, package.YAMLError


def _alone() -> tuple[Any, Any]:
    from importlib import import_module

    for finder in sys.meta_path:
        spec = finder.find_spec("yaml", None)
        if spec is not None:
            break
    if spec is None or not spec.submodule_search_locations:
        return _from_package()
    package: Any = type(sys)("yaml")
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules["yaml"] = package
    try:
        for name in ("error", "tokens", "events", "nodes"):
            import_module(f"yaml.{name}")
        for module, error in _ERRORS.items():
            marked = (package.error.MarkedYAMLError,)
            bases = (_UnreadableText, package.error.YAMLError) if module == "reader" else marked
            setattr(package, module, type(module, (), {error: type(error, bases, {})}))
        parser = import_module("yaml._yaml").CParser
    except (ImportError, AttributeError):
        parser = None  # another release than those that were looked at
    finally:
        del sys.modules["yaml"]
    if parser is None:
        for name in [name for name in sys.modules if name.startswith("yaml.")]:
            del sys.modules[name]
        return _from_package()
    return parser, package.error.YAMLError


class _UnreadableText:
    """The fields of PyYAML's ``ReaderError``, whose first argument is a name and no message."""

    def __init__(self, name: object, position: int, character: object, encoding: str, reason: str) -> None:
        self.name = name
        self.position = position
        self.character = character
        self.encoding = encoding
        self.reason = reason
