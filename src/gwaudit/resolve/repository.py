"""What belongs to no single target: assignments as written in files, and what the repository as a whole tells.

The one place where targets meet: only names and comparisons made in memory leave it, never a value.
"""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source
from gwaudit.resolve.files import ci, env_file, gunicorn_configs
from gwaudit.resolve.model import Subject
from gwaudit.resolve.secrets.keeping import is_secret
from gwaudit.resolve.secrets.names import holds_secret
from gwaudit.resolve.secrets.subjects import indistinguishable, reused, secret
from gwaudit.resolve.secrets.values import judge, kind_of_name, url_password
from gwaudit.resolve.stage import name_evidence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.parse.dotenv import Assignment
    from gwaudit.resolve.traps import Trap
    from gwaudit.resolve.workspace import Workspace


def finish(workspace: Workspace, repository: Subject, secrets: bool = True) -> None:
    """Add the subjects of files below ``repository``; without ``secrets`` the tree is not searched for them."""
    source = Source("derived")
    repository.set("repository.tracked", workspace.tree.git, source)
    if "repository.stages" not in repository.facts:
        repository.set("repository.stages", (), source)
    reused(workspace, repository)
    indistinguishable(workspace, repository)
    used = workspace.cache.get("used")
    if used is not None:
        stages = repository.known("repository.stages") or ()
        repository.set("repository.has_production", used.asynchronous or "production" in stages, source)
        gunicorn_configs(workspace, repository, used)
    ci(workspace, repository)
    for path in workspace.paths("dotenv"):
        _assignments(workspace, repository, path)
    if secrets and workspace.tree.git:  # without git nothing tells which files are committed
        from gwaudit.resolve.secrets.sweep import sweep

        sweep(workspace, repository)


def _assignments(workspace: Workspace, repository: Subject, path: str) -> None:
    """One ``assignment`` per line of a dotenv file, with a later assignment of the same name to another value."""
    document = workspace.document(path)
    if document is None:
        return
    role = workspace.role_of(path)
    file = Subject("file", path, repository, None)
    source = Source("env-file", None, None)
    file.set("file.path", path, source)
    file.set("file.kind", "env" if role == "deployment" else "env-example", source)
    if role != "deployment":
        file.set("stage", "template", source)
    else:
        env_file(workspace, file, path, [(item.key, item.location) for item in document.root])
    named = name_evidence(path.rpartition("/")[2])
    is_local = named is not None and named[0] < 0
    last = {item.key: item for item in document.root}
    found = _traps(workspace, path, document.root)
    for item in document.root:
        place = Source("env-file", None, item.location)
        subject = Subject("assignment", item.key, file, item.location)
        subject.set("assignment.name", item.key, place)
        hidden = is_secret(item.key, item.value)
        subject.set("assignment.value", item.value if item.value is not None else ABSENT, place, secret=hidden)
        later = last[item.key]
        duplicate = later is not item and later.value != item.value
        subject.set("assignment.duplicate", duplicate, place)
        later_place = Source("env-file", None, later.location)
        subject.set("assignment.later_value", later.value if duplicate else ABSENT, later_place, secret=hidden)
        if found is not None:
            trap = found.get((item.key, item.location.line))
            subject.set("assignment.trap", trap.kind if trap is not None else ABSENT, place)
            subject.set("assignment.trap_effect", trap.effect if trap is not None else ABSENT, place)
        if item.value and (holds_secret(item.key) or url_password(item.value) is not None):
            judgement = judge(item.value, kind_of_name(item.key))
            if judgement.what in ("real", "weak", "placeholder"):
                fact = Fact(f"env.{item.key}", item.value, place, secret=True)
                found_in = secret(workspace, file, item.key, fact, judgement, "env-file")
                if is_local:
                    found_in.set("stage", "development", Source("dotenv", None, place.location))


def _traps(workspace: Workspace, path: str, assignments: list[Assignment]) -> dict[tuple[str, int], Trap] | None:
    """What the readers of the file take otherwise than it looks, by name and line; None where nobody is known to read it."""
    readers = workspace.cache.get("env file readers", {}).get(path)
    file = workspace.source(path)
    if not readers or file is None:
        return None
    from gwaudit.resolve.traps import traps

    found: dict[tuple[str, int], Trap] = {}
    for reader in readers:
        for trap in traps(file, reader, assignments):
            found.setdefault((trap.name, trap.location.line), trap)
    return found
