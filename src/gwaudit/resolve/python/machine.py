"""The evaluator's machine: its state, the frames of the running code, and the two ways out of an undecided branch."""

from __future__ import annotations

from gwaudit.resolve.python.failure import SIGNALS, Broke, Continued, Raised, Returned
from gwaudit.resolve.python.state import State
from gwaudit.resolve.python.value import NONE, Opaque, Place, Value, merge_inputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable
    from typing import Any

    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.fact import Fact
    from gwaudit.resolve.python.modules import Loader
    from gwaudit.source import SourceFile

    Pending = tuple[Exception, dict[int, Any], Value]
    Builtin = Callable[["Machine", list[Value], dict[str, Value], "Frame"], Value]  # arguments, keywords, the caller

MAX_DEPTH = 120


class Frame:
    """Running code: its scopes (innermost first, the module's last), its file, and the exits taken on undecided paths."""

    __slots__ = ("declared", "file", "loops", "returns", "scopes", "tests")

    def __init__(self, scopes: tuple[int, ...], file: SourceFile) -> None:
        self.scopes = scopes
        self.file = file
        self.declared: dict[str, int] = {}  # names declared global or nonlocal, with their scope
        self.returns: list[Pending] = []
        self.loops: list[list[Pending]] = []
        self.tests: list[Value] = []  # what decided the branches taken: a function's result depends on it


class Machine:
    """One evaluation. Limits: ``State.fuel`` for work, ``MAX_DEPTH`` for nesting."""

    def __init__(self, environment: Environment, loader: Loader, assume: dict[str, Any]) -> None:
        from gwaudit.resolve.python.expressions import HANDLERS as expressions
        from gwaudit.resolve.python.statements import HANDLERS as statements

        self.expressions = expressions  # what evaluates a node, by its class
        self.statements = statements
        self.state = State()
        self.environment = environment
        self.loader = loader
        self.assume = assume
        self.overlay = self.state.new("environ", {})  # what the evaluated code does to os.environ
        self.reads: list[tuple[str, Place]] = []
        self.notes: list[tuple[str, str, Place | None]] = []  # (kind, message, place)
        self.controls: list[Value] = []
        self.tries: list[list[Pending]] = []
        self.doubt: str | None = None  # why the statement being run may raise
        self.depth = 0
        self.here: Place | None = None  # the call or look-up being evaluated
        self.touched: list[Fact] = []  # facts that decided something without being part of a value (``in os.environ``)
        self.main = 0  # the scope whose names are asked for in the end
        self.open: set[int] = set()  # scopes in which any name may be set by now, builtins too (``from x import *``)
        self.sites: dict[Any, Place] = {}  # where each of its names was set last
        self.statement: Place | None = None
        self.modules: dict[str, Value] = {}
        self.cpus: Fact | None = None

    def place(self, frame: Frame, node: ast.AST) -> Place:
        return Place(frame.file, node)

    def note(self, kind: str, message: str, place: Place | None) -> None:
        if len(self.notes) < 100:
            self.notes.append((kind, message, place))

    def fork(self, frame: Frame, cause: Value, first: Callable[[], Value], second: Callable[[], Value]) -> Value:
        """Run both ways of an undecided branch, each on its own copy of the state, and join what comes out."""
        reason = cause.data if isinstance(cause.data, Opaque) else Opaque("it is not decided here")
        before = self.state.snapshot()
        left, left_signal = self._attempt(first)
        left_heap = self.state.snapshot()
        self.state.restore(before)
        right, right_signal = self._attempt(second)
        if left_signal is None and right_signal is None:
            joined = self.state.join_with(left_heap, reason, cause, (right, left))
            assert joined is not None
            return joined
        if left_signal is not None:
            self.stash(frame, left_signal, left_heap, cause)
            if right_signal is not None:
                raise right_signal
            return Value(right.data, merge_inputs((right, cause)), right.place)
        assert right_signal is not None
        self.stash(frame, right_signal, self.state.snapshot(), cause)
        self.state.restore(left_heap)
        return Value(left.data, merge_inputs((left, cause)), left.place)

    def _attempt(self, run: Callable[[], Value]) -> tuple[Value, Exception | None]:
        depth, controls, loops = self.depth, len(self.controls), len(self.tries)
        try:
            return run(), None
        except SIGNALS as signal:
            self.depth = depth
            del self.controls[controls:]
            del self.tries[loops:]
            return NONE, signal

    def stash(self, frame: Frame, signal: Exception, heap: dict[int, Any], cause: Value) -> None:
        """Keep a way out that was taken on one of several possible paths."""
        pending = (signal, heap, cause)
        if isinstance(signal, Returned):
            frame.returns.append(pending)
        elif isinstance(signal, (Broke, Continued)) and frame.loops:
            frame.loops[-1].append(pending)
        elif isinstance(signal, Raised):
            if self.tries:
                self.tries[-1].append(pending)
            else:
                self.note("may-raise", str(signal), signal.place)

    def merge(self, pending: Pending, value: Value | None = None, theirs: Value | None = None) -> Value | None:
        """Join the state of a way out that was kept into the present one."""
        _, heap, cause = pending
        reason = cause.data if isinstance(cause.data, Opaque) else Opaque("it is not decided here")
        pair = (value, theirs) if value is not None and theirs is not None else None
        return self.state.join_with(heap, reason, cause, pair)
