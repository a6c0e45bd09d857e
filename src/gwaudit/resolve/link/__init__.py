"""Joins between the services of one target: databases and their clients, hops on a route, references and their objects."""

from __future__ import annotations

from gwaudit.resolve.link.caches import caches
from gwaudit.resolve.link.passwords import passwords
from gwaudit.resolve.link.ports import ports
from gwaudit.resolve.link.reach import reach
from gwaudit.resolve.link.references import references
from gwaudit.resolve.link.routes import routes
from gwaudit.resolve.link.servers import servers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.targets import Target
    from gwaudit.resolve.workspace import Workspace

LINKS = (servers, caches, routes, ports, references, reach, passwords)


def link(workspace: Workspace, target: Target) -> None:
    """Add the subjects that join services: servers, routes, links; and the facts that services learn from them."""
    for join in LINKS:
        join(workspace, target)
