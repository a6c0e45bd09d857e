"""Requirements of one file with everything it includes: requirement files, project files, Pipfiles."""

from __future__ import annotations

import posixpath

from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.parse.requirements import read_requirement
from gwaudit.resolve.project import normalise, project_table
from gwaudit.resolve.requirements.record import Requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.parse.document import Node
    from gwaudit.resolve.workspace import Workspace

MAX_INCLUDES = 50


class RequirementFile:
    """What a requirement file asks for, with its includes; ``gaps`` are the reasons why more may be installed."""

    __slots__ = ("constraints", "files", "gaps", "hashed", "local", "requirements")

    def __init__(self) -> None:
        self.requirements: list[Requirement] = []
        self.constraints: dict[str, Requirement] = {}
        self.files: list[str] = []
        self.local: list[str] = []  # project folders it installs (``-e .``)
        self.gaps: list[str] = []
        self.hashed = False


def read_file(workspace: Workspace, path: str) -> RequirementFile:
    """A requirement file (pip's format) and the files it includes, inside the root."""
    found = RequirementFile()
    _read(workspace, posixpath.normpath(path), found, False)
    for requirement in found.requirements:
        constraint = found.constraints.get(requirement.name)
        if constraint is not None and requirement.exact is None and constraint.exact is not None:
            requirement.locked, requirement.locked_at = constraint.exact, constraint.location
    found.hashed = bool(found.requirements) and all(requirement.hashed for requirement in found.requirements)
    return found


def _read(workspace: Workspace, path: str, found: RequirementFile, constraint: bool) -> None:
    if path in found.files or len(found.files) >= MAX_INCLUDES:
        return
    document = workspace.document(path, "requirements")
    if document is None:
        found.gaps.append(f"{path} cannot be read")
        return
    found.files.append(path)
    folder = posixpath.dirname(path)
    for line in document.root:
        if line.kind in ("include", "constraint"):
            target = posixpath.normpath(posixpath.join(folder, line.target))
            if "://" in line.target or "$" in line.target:
                found.gaps.append(f"{path} includes {line.target.split('?')[0][:60]}, which is not in the tree")
            else:
                _read(workspace, target, found, constraint or line.kind == "constraint")
        elif line.kind == "editable" or (line.kind == "url" and "://" not in line.target and not line.name):
            target = posixpath.normpath(posixpath.join(folder, line.target.partition("[")[0]))
            if workspace.tree.exists(target):
                found.local.append(target)
            else:
                found.gaps.append(f"{path} installs a project that is not in the tree")
        elif line.kind in ("requirement", "url") and line.name:
            record = Requirement(
                normalise(line.name), line.specifier, line.location, line.extras, line.marker, line.hashes > 0
            )
            if constraint:
                found.constraints.setdefault(record.name, record)
            else:
                found.requirements.append(record)


def project_requirements(
    workspace: Workspace, path: str, groups: frozenset[str] = frozenset(), defaults: bool = False
) -> RequirementFile:
    """What a pyproject.toml asks for: its dependencies and those of the extras and dependency groups in ``groups``.

    PEP 621, PEP 735 and Poetry's own tables. ``*`` in ``groups`` means all of them; ``defaults`` adds the groups that Poetry
    installs unless told otherwise (those that are not optional).
    """
    found = RequirementFile()
    root = project_table(workspace, path)
    if root is None:
        found.gaps.append(f"{path} cannot be read")
        return found
    found.files.append(path)
    dynamic = root.get("project", "dynamic")
    if isinstance(dynamic, Sequence) and any(isinstance(i, Scalar) and i.text == "dependencies" for i in dynamic.items):
        _dynamic(workspace, path, root, found)
    _strings(root.get("project", "dependencies"), "", found)
    for table in (root.get("project", "optional-dependencies"), root.get("dependency-groups")):
        if isinstance(table, Mapping):
            for key, items in table.entries:
                if key.text in groups or "*" in groups:
                    _strings(items, key.text, found)
    _poetry(root, groups, defaults, found)
    return found


def _dynamic(workspace: Workspace, path: str, root: Mapping, found: RequirementFile) -> None:
    """Dependencies that setuptools reads from requirement files."""
    files = root.get("tool", "setuptools", "dynamic", "dependencies", "file")
    names = [files] if isinstance(files, Scalar) else files.items if isinstance(files, Sequence) else []
    if not names:
        found.gaps.append(f"{path} works its dependencies out when it is built")
    for name in names:
        if isinstance(name, Scalar):
            other = read_file(workspace, posixpath.join(posixpath.dirname(path), name.text))
            found.requirements.extend(other.requirements)
            found.gaps.extend(other.gaps)


def _strings(node: Node | None, group: str, found: RequirementFile) -> None:
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Scalar):
            line = read_requirement(item.file, item.start, item.end, item.text.strip())
            if line is not None and line.name:
                found.requirements.append(
                    Requirement(
                        normalise(line.name), line.specifier, item.location, line.extras, line.marker, group=group
                    )
                )


def _poetry(root: Mapping, groups: frozenset[str], defaults: bool, found: RequirementFile) -> None:
    poetry = root.get("tool", "poetry")
    if not isinstance(poetry, Mapping):
        return
    tables: list[tuple[str, Node | None]] = [("", poetry.get("dependencies"))]
    named = poetry.get("group")
    for key, table in named.entries if isinstance(named, Mapping) else ():
        optional = table.get("optional") if isinstance(table, Mapping) else None
        wanted = key.text in groups or "*" in groups or (defaults and not _true(optional))
        if wanted and isinstance(table, Mapping):
            tables.append((key.text, table.get("dependencies")))
    for group, entries in tables:
        for key, entry in entries.entries if isinstance(entries, Mapping) else ():
            if key.text != "python":
                found.requirements.append(_poetry_entry(key, entry, group))


def _poetry_entry(key: Scalar, entry: Node, group: str) -> Requirement:
    version = entry if isinstance(entry, Scalar) else entry.get("version") if isinstance(entry, Mapping) else None
    extras = entry.get("extras") if isinstance(entry, Mapping) else None
    names = tuple(i.text for i in extras.items if isinstance(i, Scalar)) if isinstance(extras, Sequence) else ()
    text = version.text.strip() if isinstance(version, Scalar) else ""
    place = version.location if isinstance(version, Scalar) else key.location
    marker = entry.get("markers") if isinstance(entry, Mapping) else None
    return Requirement(
        normalise(key.text), caret(text), place, names, marker.text if isinstance(marker, Scalar) else "", group=group
    )


def caret(text: str) -> str:
    """Poetry's ``^1.2`` and ``~1.2`` as PEP 440 ranges; ``1.2.3`` alone is exact, ``*`` is any."""
    if text in ("", "*"):
        return ""
    parts = []
    for clause in text.split(","):
        clause = clause.strip()
        if clause[:1] in "^~" and clause[:2] != "~=":
            parts.append(f">={clause[1:].strip()},<{_next(clause)}")
        elif clause[:1].isdigit():
            parts.append(f"=={clause}")
        else:
            parts.append(clause.replace(" ", ""))
    return ",".join(parts)


def _next(clause: str) -> str:
    numbers = [int(part) if part.isdigit() else 0 for part in clause[1:].strip().split(".")[:3]]
    at = 0
    if clause[0] == "^":
        while at < len(numbers) - 1 and numbers[at] == 0:
            at += 1
    elif len(numbers) > 1:
        at = 1
    return ".".join(str(n) for n in (*numbers[:at], numbers[at] + 1))


def _true(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.text == "true"


def pipfile_requirements(workspace: Workspace, path: str) -> Iterator[Requirement]:
    """The ``[packages]`` of a Pipfile."""
    document = workspace.document(path, "lock")
    table = document.root.get("packages") if document is not None and isinstance(document.root, Mapping) else None
    for key, entry in table.entries if isinstance(table, Mapping) else ():
        version = entry if isinstance(entry, Scalar) else entry.get("version") if isinstance(entry, Mapping) else None
        text = version.text if isinstance(version, Scalar) else ""
        place = version.location if isinstance(version, Scalar) else key.location
        yield Requirement(normalise(key.text), "" if text == "*" else text, place)
