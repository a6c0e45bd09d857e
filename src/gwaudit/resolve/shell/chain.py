"""How a process was started: what reaches it when the container stops, and the way to it from the manifest."""

from __future__ import annotations

from gwaudit.resolve.fact import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import Location

MAX_STEPS = 12


class Chain:
    """How the process that runs now was started: what a stop signal reaches, and the way from the manifest."""

    __slots__ = ("foreground", "init", "location", "shell_form", "tail", "via")

    def __init__(
        self,
        foreground: bool | None = True,
        init: bool = False,
        shell_form: bool = False,
        via: tuple[Step, ...] = (),
        location: Location | None = None,
        tail: bool = True,
    ) -> None:
        self.foreground = foreground
        self.tail = tail  # whether the container's first process becomes, or only waits for, this one at its end
        self.init = init
        self.shell_form = shell_form
        self.via = via
        self.location = location

    def behind_shell(self) -> Chain:
        return Chain(False, self.init, self.shell_form, self.via, self.location, False)

    def through(self, location: Location, label: str) -> Chain:
        via = self.via
        if len(via) < MAX_STEPS and (not via or via[-1].location != location):
            via = (*via, Step(location, label))
        return Chain(self.foreground, self.init, self.shell_form, via, self.location, self.tail)
