"""What Compose interpolates with: ``.env`` files beside the project, and the user's assumptions on top."""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.env_file import note_reader, note_refusal, read
from gwaudit.resolve.fact import Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.resolve.compose.tree import Note
    from gwaudit.resolve.workspace import Workspace


class Variables:
    """The variables of one project. What nothing sets is taken as unset, unless an env file could not be read.

    ``asked`` are the names that were looked up; ``paths`` the env files that were read, in order.
    """

    __slots__ = ("_given", "_host", "_opaque", "asked", "paths")

    def __init__(self, given: dict[str, Fact]) -> None:
        self._given = given
        self._opaque: str | None = None
        self._host = frozenset(section("platforms/compose")["host_variables"])
        self.asked: set[str] = set()
        self.paths: list[str] = []

    def look(self, name: str) -> Fact | None:
        """The variable: its fact, None where it is taken as unset."""
        self.asked.add(name)
        found = self._given.get(name)
        if found is not None:
            return found
        if name in self._host:
            reason = f"{name} comes from the shell that starts the stack"
            return Fact(f"env.{name}", Unknown(reason, (f"env.{name}",)), Source("interpolation"))
        if self._opaque is not None:
            return Fact(f"env.{name}", Unknown(self._opaque, (f"env.{name}",)), Source("interpolation"))
        return None

    def below(self, workspace: Workspace, paths: Iterable[str], note: Note) -> Variables:
        """These variables on top of those of more env files (an ``include`` has its own); of those a later one wins."""
        result = Variables(dict(self._given))
        result._opaque = self._opaque
        result.paths = list(self.paths)
        fresh: dict[str, Fact] = {}
        for path in paths:
            file = workspace.source(path)
            if file is None:
                if workspace.tree.is_file(path):
                    result._opaque = f"{path} cannot be read"
                continue
            result.paths.append(path)

            def look(name: str) -> Fact | None:
                return self._given.get(name) or fresh.get(name)

            note_reader(workspace, path, "compose")
            reading = read(file, "compose", look)
            if reading.failure is not None:
                note_refusal(workspace, reading.failure)
                note(reading.failure.location, f"Compose refuses this file: {reading.failure.message}")
                result._opaque = f"{path} cannot be read: {reading.failure.message}"
                continue
            for entry in reading.entries:
                if isinstance(entry.value, Unknown) and entry.raw is None:
                    continue  # a name without a value takes the shell's, which is taken as unset
                source = Source("interpolation", entry.raw, entry.location)
                fact = Fact(f"env.{entry.name}", entry.value, source, inputs=entry.inputs)
                fresh[entry.name] = fact.over(fresh.get(entry.name))
        for name, fact in fresh.items():
            given = result._given.get(name)
            result._given[name] = fact if given is None else given.over(fact)
        return result


def project_variables(workspace: Workspace, directory: str, note: Note) -> Variables:
    """The variables of a project whose directory is ``directory`` (relative to the root)."""
    assumed = {name: fact.renamed(f"env.{name}") for name, fact in workspace.assume.env.items()}
    return Variables(assumed).below(workspace, [f"{directory}/.env" if directory else ".env"], note)
