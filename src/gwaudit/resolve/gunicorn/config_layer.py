"""What a configuration file contributes: its settings as facts, its hooks, and what is not known of it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.fact import Fact, Unknown
    from gwaudit.resolve.gunicorn.problem import Problem
    from gwaudit.resolve.python import Evaluation
    from gwaudit.source import Location


class ConfigLayer:
    """What one configuration file says.

    ``facts`` are its settings after gunicorn's validators; ``optional`` are those of which nobody knows whether the file
    sets them, with the reason; ``rest`` is set where the file may set any further setting.
    """

    __slots__ = (
        "environment",
        "evaluation",
        "facts",
        "hooks",
        "names",
        "optional",
        "problems",
        "read",
        "reads",
        "rest",
    )

    def __init__(self) -> None:
        self.evaluation: Evaluation | None = None
        self.facts: dict[str, Fact] = {}
        self.optional: dict[str, str] = {}
        self.rest: Unknown | None = None
        self.problems: list[Problem] = []
        self.names: dict[str, Location] = {}
        self.reads: dict[str, list[Location]] = {}
        self.hooks: dict[str, Hook] = {}
        self.environment: list[Fact] = []
        self.read: tuple[str, ...] = ()


class Hook:
    """A server hook that the file defines; ``calls`` are the dotted names that its body calls (``engine.dispose``)."""

    __slots__ = ("calls", "location", "name")

    def __init__(self, name: str, location: Location | None, calls: tuple[str, ...]) -> None:
        self.name = name
        self.location = location
        self.calls = calls
