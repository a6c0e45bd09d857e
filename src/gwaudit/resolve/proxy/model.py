"""What a proxy does, whatever product it is: where it listens, what it takes, and where it passes that on."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gwaudit.resolve.fact import Fact
    from gwaudit.resolve.service import Service
    from gwaudit.source import Location


class Listener:
    """A port it listens on; ``proxy_protocol`` whether it expects the PROXY protocol there."""

    __slots__ = ("fact", "port", "proxy_protocol", "tls")

    def __init__(self, port: int | None, tls: bool, proxy_protocol: bool, fact: Fact) -> None:
        self.port = port  # None: a socket file, or not known
        self.tls = tls
        self.proxy_protocol = proxy_protocol
        self.fact = fact  # whose place is that of the listener


class Upstream:
    """An address that requests are passed on to.

    ``host`` is a name, an address or the path of a socket (``scheme`` unix); None where only the run time tells. ``spare``
    marks one that is asked only when the others fail.
    """

    __slots__ = ("fact", "host", "path", "port", "proxy_protocol", "scheme", "spare")

    def __init__(self, scheme: str, host: str | None, port: int | None, fact: Fact, spare: bool = False) -> None:
        self.scheme = scheme
        self.host = host
        self.port = port
        self.fact = fact  # whose place is where the address stands
        self.spare = spare
        self.path: str | None = None
        self.proxy_protocol = False  # it is spoken to in the PROXY protocol


class Passage:
    """One rule that passes requests on: a location, a backend.

    ``path`` is what it takes, as written; ``facts`` are ``hop.*``; ``listeners`` are the ports through which it is reached;
    ``serves`` tells for a path whether this passage takes it (None: cannot be told); ``exact`` whether it takes only one.
    """

    __slots__ = (
        "exact", "facts", "host", "listeners", "location", "name", "path", "serves", "static", "upgrades", "upstreams",
    )  # fmt: skip

    def __init__(self, name: str, path: str, location: Location | None) -> None:
        self.name = name
        self.path = path
        self.location = location
        self.facts: dict[str, Fact] = {}
        self.listeners: list[Listener] = []
        self.upstreams: list[Upstream] = []
        self.host: str | None = None  # the one host that it takes, None for any
        self.exact = False
        self.static = False  # it takes files by their endings (images, scripts)
        self.upgrades = False  # it passes WebSocket upgrades on
        self.serves: Callable[[str], bool | None] = lambda path: None

    def put(self, fact: Fact) -> None:
        self.facts[fact.name] = fact

    def __repr__(self) -> str:
        return f"Passage({self.name} -> {[f'{u.host}:{u.port}' for u in self.upstreams]})"


class Proxy:
    """A proxy that runs in a service of the target (None: on a host, beside the processes of the target)."""

    __slots__ = ("listeners", "notes", "passages", "product", "reader", "service")

    def __init__(self, product: str, service: Service | None) -> None:
        self.product = product
        self.service = service
        self.listeners: list[Listener] = []
        self.passages: list[Passage] = []
        self.notes: list[tuple[Location, str]] = []
        self.reader: object = None  # what completes the routes that the platform's labels give it
