"""Python text: its syntax tree, and running text that the evaluated code hands to ``exec`` and ``eval``."""

from __future__ import annotations

import ast

from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.interpreter import evaluate, run_block, with_inputs
from gwaudit.resolve.python.machine import Frame
from gwaudit.resolve.python.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Machine
    from gwaudit.source import SourceFile
MAX_CHARACTERS = 600_000


def parse(text: str) -> ast.Module | str:
    """The syntax tree of Python text, or why there is none. Warnings of the parser are the audited project's business."""
    import warnings

    if len(text) > MAX_CHARACTERS:
        return "too large to evaluate"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except SyntaxError as error:
            return f"{error.msg} (line {error.lineno})" if error.lineno else str(error.msg)
        except (ValueError, RecursionError, MemoryError, UnicodeError) as error:
            return str(error) or type(error).__name__


def run_text(m: Machine, text: str, frame: Frame, source: Value) -> None:
    """``exec`` of known text, in the scope that calls it."""
    tree = parse(text)
    if isinstance(tree, str):
        raise Raised("SyntaxError", tree, m.here)
    m.state.spend(len(text) // 10)
    statement = m.statement
    inner = Frame(frame.scopes, _text_file(frame, text))
    inner.declared = frame.declared
    run_block(m, tree.body, inner)
    m.statement = statement


def evaluate_text(m: Machine, text: str, frame: Frame, source: Value) -> Value:
    """``eval`` of known text."""
    tree = parse(text.strip())
    if isinstance(tree, str) or len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        raise Raised("SyntaxError", "invalid syntax", m.here)
    m.state.spend(len(text) // 10)
    value = evaluate(m, tree.body[0].value, Frame(frame.scopes, _text_file(frame, text)))
    return Value(with_inputs(value, source).data, with_inputs(value, source).inputs, source.place)


def _text_file(frame: Frame, text: str) -> SourceFile:
    from gwaudit.source import SourceFile

    return SourceFile(frame.file.path, text, frame.file.tracked)
