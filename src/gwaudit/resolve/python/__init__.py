"""Partial evaluation of Python configuration: what can be computed is, the rest is unknown with its reason. Nothing runs.

``evaluate_module(...)`` interprets a module's syntax tree over abstract values. Every value keeps the environment variables
that it was made from and the literal that it still is; a branch that cannot be decided runs both ways on copies of the
state, which are joined afterwards; work, depth and size are bounded.

Values are in ``value`` and ``objects``, the heap in ``state`` and ``joining``; the ``machine`` carries the tables of what
``expressions`` and ``statements`` mean, which the ``interpreter`` runs. ``builtin``, ``library`` and ``readers`` are what
is known of code that is not read.
"""

from __future__ import annotations

from gwaudit.resolve.python.failure import Exhausted, Raised
from gwaudit.resolve.python.machine import Frame, Machine
from gwaudit.resolve.python.modules import Loader
from gwaudit.resolve.python.text import parse
from gwaudit.resolve.python.value import REST, Opaque, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.python.value import Place
    from gwaudit.source import SourceFile


class Evaluation:
    """What a module's names are after it ran.

    ``names`` are its module-level names; ``rest`` is the reason why further names may be set (None: surely not);
    ``failure`` is what it surely raises, ``stopped`` why the evaluation gave up: in both cases names that its text assigns
    and that were not reached are in ``unreached``. ``syntax`` is the parser's message where it is no Python.
    """

    __slots__ = ("failure", "machine", "names", "rest", "stopped", "syntax", "unreached")

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.names: dict[str, Value] = {}
        self.rest: Value | None = None
        self.failure: Raised | None = None
        self.stopped: str | None = None
        self.syntax: str | None = None
        self.unreached: set[str] = set()

    def site(self, name: str) -> Place | None:
        """The statement that set a name last."""
        return self.machine.sites.get(name)


def evaluate_module(
    file: SourceFile, environment: Environment, loader: Loader, assume: dict[str, Any], name: str = "__config__"
) -> Evaluation:
    """Evaluate a module of the audited tree. Limits: State.FUEL steps, about half a second."""
    machine = Machine(environment, loader, assume)
    result = Evaluation(machine)
    tree = parse(file.text)
    if isinstance(tree, str):
        result.syntax = tree
        return result
    from gwaudit.resolve.python.interpreter import run_block

    scope = machine.state.new("scope", {"__name__": Value(name), "__file__": loader.file_value(file.path)})
    machine.main = scope.address
    if "." in name:
        machine.state.write(scope.address)["__package__"] = Value(name.rpartition(".")[0])
    try:
        run_block(machine, tree.body, Frame((scope.address,), file))
    except Raised as error:
        result.failure = error
    except Exhausted:
        result.stopped = "it takes too much work to evaluate"
    except RecursionError:
        result.stopped = "it is nested too deeply to evaluate"
    cell = machine.state.read(scope.address)
    if isinstance(cell, Opaque):
        result.rest = Value(cell)
    else:
        result.names = {key: value for key, value in cell.items() if isinstance(key, str)}
        result.rest = cell.get(REST)
    if result.failure is not None or result.stopped is not None:
        result.unreached = _assigned(tree)
    return result


def _assigned(tree: Any) -> set[str]:
    """Every name that the module's text binds anywhere."""
    import ast

    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name.split(".")[0])
    return found


__all__ = ["Evaluation", "Loader", "Value", "evaluate_module"]
