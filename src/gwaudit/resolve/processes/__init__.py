"""Processes without an orchestrator: Procfiles, systemd units, supervisord programs, ``docker run`` lines."""

from __future__ import annotations

from gwaudit.resolve.processes.lines import LaunchLine, find_launch_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.model import TargetDraft
    from gwaudit.resolve.workspace import Workspace

__all__ = ["LaunchLine", "find_launch_lines", "targets"]


def targets(workspace: Workspace) -> list[TargetDraft]:
    """A target per Procfile, unit, supervisord configuration, and per file that runs containers by hand."""
    found: list[TargetDraft] = []

    def paths(*formats: str) -> list[str]:
        return [path for path in workspace.paths(*formats) if workspace.role_of(path) == "deployment"]

    for path in paths("procfile"):
        from gwaudit.resolve.processes.procfile import procfile

        found.extend(procfile(workspace, path))
    for path in paths("systemd"):
        from gwaudit.resolve.processes.systemd import unit

        found.extend(unit(workspace, path))
    for path in paths("supervisor"):
        from gwaudit.resolve.processes.supervisor import programs

        found.extend(programs(workspace, path))
    for path in paths("shell", "makefile"):
        source = workspace.tree.source(path)
        if source is not None and " run" in source.text:
            from gwaudit.resolve.processes.containers import RUN, run_lines

            if path.endswith(".mk") or "akefile" in path or RUN.search(source.text) is not None:
                found.extend(run_lines(workspace, path))
    return found
