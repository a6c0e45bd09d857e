"""The application that a server loads, as the tree's own text tells: interface, framework, and what it does at import."""

from __future__ import annotations

from gwaudit.resolve.fact import Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.workspace import Workspace


def describe(
    workspace: Workspace, filesystem: Filesystem, directory: str | None, pythonpath: Iterable[str], object: str
) -> dict[str, Fact]:
    """Facts ``app.*`` and ``database.*`` of ``module:attribute`` (``module`` alone means gunicorn's ``application``).

    ``directory`` is the working directory in the container, ``pythonpath`` further places that Python looks in. What the
    text does not tell is Unknown with the reason, or left out.
    """
    from gwaudit.resolve.application.classify import Classifier
    from gwaudit.resolve.application.modules import Modules
    from gwaudit.resolve.application.startup import Startup

    name, _, attribute = object.partition(":")
    modules = Modules(workspace, filesystem, directory, pythonpath)
    found: dict[str, Fact] = {}
    path = modules.find(name)
    module = modules.load(path) if path is not None else None
    if module is None:
        reason = f"{path} cannot be parsed" if path is not None else f"the module {name} is not in the tree"
        for unknown in ("app.interface", "app.framework", "app.opens_connections_at_import"):
            found[unknown] = Fact(unknown, Unknown(reason, ("app.object",)))
        return found
    try:
        kind = Classifier(modules).classify(module, attribute or "application")
        for fact in Startup(modules, module).facts():
            found.setdefault(fact.name, fact)
    except RecursionError:
        kind = None
    if kind is None:
        reason = f"what {object} is does not follow from the text of {module.path}"
        found["app.interface"] = Fact("app.interface", Unknown(reason, ("app.object",)))
        return found
    source = Source("application", None, kind.place)
    if kind.interface is not None:
        found["app.interface"] = Fact("app.interface", kind.interface, source)
    if kind.framework is not None:
        found["app.framework"] = Fact("app.framework", kind.framework, source)
    found["app.wrapped"] = Fact("app.wrapped", kind.adapter, source)
    return found
