"""How evaluation stops: exceptions of the evaluated program, and the limits of the evaluator."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.value import Place, Value


class Raised(Exception):
    """The evaluated program surely raises: the exception's class name, the names of its bases, and its message."""

    def __init__(self, name: str, message: str = "", place: Place | None = None, bases: tuple[str, ...] = ()) -> None:
        super().__init__(name, message)
        self.name = name
        self.message = message
        self.place = place
        self.bases = bases
        self.value: Value | None = None

    def __str__(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name


class Exhausted(Exception):
    """The work allowed for one input is used up."""


class Returned(Exception):
    """``return``: carries the value out of the function's body."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


class Broke(Exception):
    """``break``."""


class Continued(Exception):
    """``continue``."""


SIGNALS = (Returned, Broke, Continued, Raised)
# What the evaluator's own arithmetic on plain values may raise, as the evaluated program would.
PROGRAM_ERRORS = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    ZeroDivisionError,
    OverflowError,
    AttributeError,
    LookupError,
)


class TooBig(Exception):
    """A result too large to compute: its value is unknown."""


def catches(handler: str, error: Raised) -> bool:
    """Whether ``except handler`` catches the exception, by name."""
    import builtins

    names = (error.name, *error.bases)
    if handler in names or handler in ("Exception", "BaseException"):
        return handler != "Exception" or error.name not in ("SystemExit", "KeyboardInterrupt", "GeneratorExit")
    wanted = getattr(builtins, handler, None)
    for name in names:
        actual = getattr(builtins, name, None)
        if isinstance(wanted, type) and isinstance(actual, type) and issubclass(actual, wanted):
            return True
    return False
