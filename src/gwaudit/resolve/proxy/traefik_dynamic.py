"""The dynamic configuration of Traefik: what the files of its file provider define, by kind and name.

Source: doc.traefik.io/traefik (providers.file, routers, services, middlewares).
"""

from __future__ import annotations

from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.resolve.proxy.files import Files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.resolve.proxy.traefik_static import Static
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace


class Dynamic:
    """The roots of the files, in the order in which they are read."""

    __slots__ = ("_roots",)

    def __init__(self, roots: list[Mapping]) -> None:
        self._roots = roots

    def defined(self, kind: str) -> Iterator[tuple[Scalar, Mapping]]:
        """Everything of a kind (``routers``, ``services``), with its name."""
        for root in self._roots:
            held = root.get("http", kind)
            for key, value in held.entries if isinstance(held, Mapping) else ():
                if isinstance(value, Mapping):
                    yield key, value

    def find(self, kind: str, name: str) -> Mapping | None:
        """What a name with an optional provider (``name@file``) stands for; None where another provider has it."""
        wanted, _, provider = name.partition("@")
        if provider not in ("", "file"):
            return None
        return next((value for key, value in self.defined(kind) if key.text == wanted), None)

    def balancers(self, name: str, depth: int) -> Iterator[Mapping]:
        """The load balancers behind a service; a weighted one has several."""
        service = self.find("services", name)
        balancer = service.get("loadBalancer") if service is not None else None
        if isinstance(balancer, Mapping):
            yield balancer
        several = service.get("weighted", "services") if service is not None else None
        if isinstance(several, Sequence) and depth < 4:
            for each in several.items[:20]:
                inner = each.get("name") if isinstance(each, Mapping) else None
                if isinstance(inner, Scalar):
                    yield from self.balancers(inner.text, depth + 1)

    def middlewares(self, router: Mapping, depth: int) -> Iterator[Mapping]:
        """The middlewares of a router, with those of its chains."""
        node = router.get("middlewares")
        for item in node.items[:50] if isinstance(node, Sequence) else ():
            found = self.find("middlewares", item.text) if isinstance(item, Scalar) else None
            if found is None:
                continue
            yield found
            chain = found.get("chain")
            if isinstance(chain, Mapping) and depth < 4:
                yield from self.middlewares(chain, depth + 1)


def dynamic_of(workspace: Workspace, service: Service, static: Static) -> Dynamic:
    """What the files of the static configuration's file provider define."""
    paths: list[str] = []
    folder, single = static.text("providers.file.directory"), static.text("providers.file.filename")
    files = Files(workspace, service, service.filesystem, "yaml")
    if folder:
        paths = [path for ending in ("yml", "yaml", "toml") for path in files.matching(f"{folder}/*.{ending}")]
    elif single:
        paths = [single]
    roots = []
    for path in paths:
        format = "toml" if path.endswith(".toml") else "yaml"
        root = Files(workspace, service, service.filesystem, format).root(path)
        if isinstance(root, Mapping):
            roots.append(root)
    return Dynamic(roots)
