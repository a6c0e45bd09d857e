"""What one run is asked to do: filled from the command line, or by hand where gwaudit is used from Python."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from gwaudit.resolve.model import Assumptions


class Options:
    """One invocation; what is not given keeps its default. ``Options(paths=["deploy"], tracked_only=True)``."""

    command: str = "check"
    paths: Sequence[str] = (".",)
    select: Sequence[str] | None = None
    ignore: Sequence[str] = ()
    extend_select: Sequence[str] = ()
    output_format: str = "full"
    output_file: str | None = None
    reports: Sequence[tuple[str, str]] = ()
    verbose: int = 0
    quiet: bool = False
    exit_zero: bool = False
    fail_on: str = "low"
    color: str = "auto"
    tracked_only: bool = False
    history: bool = False
    config: str | None = None
    isolated: bool = False
    inline_ignores: bool = True
    show_suppressed: bool = False
    baseline: str | None = None
    update_baseline: bool = False
    env: Sequence[tuple[str, str]] = ()
    env_file: Sequence[str] = ()
    assume: Sequence[tuple[str, Any]] = ()
    latency: Sequence[str] = ()
    imports: Sequence[str] = ()
    bandit: bool = True
    name: str | None = None
    all: bool = False
    service: str | None = None
    setting: str | None = None

    def __init__(self, **given: Any) -> None:
        for name, value in given.items():
            if not hasattr(type(self), name):
                raise TypeError(f"unknown option {name!r}")
            setattr(self, name, value)

    def assumptions(self) -> Assumptions:
        """``--assume``, ``--env`` and ``--env-file`` as the resolvers take them; ``--env`` wins over files."""
        from gwaudit.resolve.model import Assumptions

        if not self.env and not self.env_file:
            return Assumptions(dict(self.assume))
        from gwaudit.assume import variables

        return Assumptions(dict(self.assume), variables(self.env_file, self.env))


def plain(arguments: Sequence[str]) -> Options | None:
    """The options of ``check PATH ...`` without a flag, as hooks run it; None for a line that ``arguments`` has to read.

    ``argparse`` costs as much as a third of what a run over one file may.
    """
    if not arguments or arguments[0] != "check" or any(argument.startswith("-") for argument in arguments):
        return None
    return Options(paths=list(arguments[1:]) or ["."])
