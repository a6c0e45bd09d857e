"""Joins between the services of one target: databases and their clients, hops on a route, references and their objects."""

from __future__ import annotations

from importlib import import_module

from gwaudit.errors import Guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.targets import Target
    from gwaudit.resolve.workspace import Workspace

SERVER = "server"
# In this order; a module has a function of its own name. The facts of a service of which one must be known (or a server,
# which an earlier join found), or what the platform must state, for a join to add anything; else it is not imported.
LINKS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("servers", ("container.image_name", "database.host", "redis.host"), ""),
    ("caches", ("container.image_name", "redis.host"), ""),
    ("routes", (), ""),
    ("ports", ("bind.port",), ""),
    ("references", (), "references"),
    ("reach", (), ""),
    ("passwords", (SERVER, "database.host", "redis.host"), ""),
)


def link(workspace: Workspace, target: Target) -> None:
    """Add the subjects that join services: servers, routes, links; and the facts that services learn from them."""
    for name, facts, stated in LINKS:
        if facts and not any(_is_there(target, fact) for fact in facts):
            continue
        if not stated or getattr(target.draft, stated):
            with Guard(workspace.bugs, target.draft.name):  # a join that fails takes no other one with it
                getattr(import_module(f"gwaudit.resolve.link.{name}"), name)(workspace, target)


def _is_there(target: Target, fact: str) -> bool:
    if fact == SERVER:
        return next(target.subject.walk(SERVER), None) is not None
    return any(service.subject.fact(fact).known for service in target.services)
