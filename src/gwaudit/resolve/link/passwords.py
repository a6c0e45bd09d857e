"""Whether a database or cache takes its password from the same source as the services that connect to it.

Compared in memory only. Two sources that agree today part when one of them is changed: a variable on one side and a text
on the other.
"""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.fact import Fact, Source
from gwaudit.resolve.link.names import Directory
from gwaudit.resolve.secrets.values import url_password

_OF_ENV_FILES = ("env-file", "dotenv", "interpolation")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.resolve.model import Subject
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.targets import Target
    from gwaudit.resolve.workspace import Workspace


def passwords(workspace: Workspace, target: Target) -> None:
    """``server.password_differs`` with ``server.password`` and ``server.client_password`` for their places."""
    names = section("platforms/exposure")["passwords"]
    directory = Directory(target)
    own = {id(s): _own(s, names) for s in target.services}
    for service in target.services:
        for host, url, password in _logins(service):
            for server in directory.of(host):
                theirs = own.get(id(server))
                subject = next((s for s in _servers(target) if s.name == _name(server)), None)
                if theirs is None or subject is None or "server.password_differs" in subject.facts:
                    continue
                from urllib.parse import unquote  # slow to import, and few services are compared

                reason = _differs(theirs, url, unquote(password), target.draft.kind == "compose")
                if reason is not None:
                    where = Source(theirs.source.layer, None, theirs.location, theirs.source.via)
                    subject.set("server.password_differs", True, where)
                    subject.put(Fact("server.password", theirs.value, where, secret=True))
                    place = Source(url.source.layer, None, url.location, url.source.via)
                    subject.put(Fact("server.client_password", password, place, secret=True))
                    subject.set("server.password_reason", reason.format(client=_name(service)), where)


def _logins(service: Service) -> Iterator[tuple[str, Fact, str]]:
    """Host, URL and password of what a service connects to; a pooler and a migration have their URL in a variable only."""
    from urllib.parse import urlsplit  # slow to import, and asked for once a run

    for prefix, variable in (("database", "DATABASE_URL"), ("redis", "REDIS_URL")):
        host, url = service.subject.fact(f"{prefix}.host"), service.subject.fact(f"{prefix}.url")
        if not url.known:
            url = service.environment.get(variable)
        password = url_password(url.value) if isinstance(url.value, str) else None
        if password is None:
            continue
        try:
            name = host.value if host.known else urlsplit(str(url.value)).hostname
        except ValueError:
            continue
        if name:
            yield str(name), url, password


def _servers(target: Target) -> Iterator[Subject]:
    return target.subject.walk("server")


def _name(service: Service) -> str:
    return service.subject.parent.name if service.subject.parent is not None else service.subject.name


def _own(service: Service, names: list[str]) -> Fact | None:
    """The variable by which an image of a database sets its password."""
    for name in names:
        fact = service.environment.get(name)
        if isinstance(fact.value, str) and fact.value and fact.source.layer not in ("default", "assumed", "image"):
            return fact
    return None


def _differs(server: Fact, client: Fact, password: str, interpolates: bool) -> str | None:
    """Why the two are not shared; ``interpolates`` where variables are filled in once for all services (Compose).

    In a pod, a variable that is put together from another one (``$(NAME)``) has the source of that one.
    """
    if server.value != password:
        return "it is not the one with which {client} connects"
    if not interpolates:
        return None
    mine, theirs = _variables(server), _variables(client)
    if mine == theirs or not (mine or theirs):
        return None
    if mine and theirs:
        return None  # both can be set; by which names is a matter of taste
    if (client if mine else server).source.layer in _OF_ENV_FILES:
        return None  # the operator's own files give both
    who = "it is a fixed text, and {client} takes it from a variable"
    return who if theirs else "it comes from a variable, and {client} has it as a fixed text"


def _variables(fact: Fact) -> frozenset[str]:
    """The variables from which a value was put together, those that only default included."""
    found: set[str] = set()
    stack = list(fact.inputs)
    while stack and len(found) < 20:
        one = stack.pop()
        if one.name.startswith("env."):
            found.add(one.name)
        else:
            stack.extend(one.inputs[:20])
    return frozenset(name for name in found if "PASS" in name or "SECRET" in name)
