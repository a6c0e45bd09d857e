"""The limits of one nginx location as facts ``hop.*``: what is written on any level around it, else nginx's defaults."""

from __future__ import annotations

from gwaudit.bundle import section
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.gunicorn.settings import parse_version
from gwaudit.resolve.proxy.nginx_cache import shared_cache
from gwaudit.resolve.proxy.nginx_config import absent
from gwaudit.resolve.proxy.words import read, seconds, size, switch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from gwaudit.parse.nginx import Directive
    from gwaudit.resolve.proxy.nginx_config import Config, Level
    from gwaudit.resolve.service import Service
    from gwaudit.source import Location

    Backend = tuple[Directive, Level]

_PLAIN: tuple[tuple[str, str, Any], ...] = (
    ("read_timeout", "hop.read_timeout", seconds),
    ("send_timeout", "hop.send_timeout", seconds),
    ("connect_timeout", "hop.connect_timeout", seconds),
    ("buffering", "hop.buffering", switch),
)


def version_of(service: Service | None) -> Fact:
    """``hop.version``: nginx's version, from the tag of its image or of the image it is built on."""
    name = "hop.version"
    unknown = Fact(name, Unknown("the version of nginx is not known", (name,)), Source("manifest"))
    if service is None:
        return unknown
    images = section("platforms/proxies")["nginx"]["images"]
    candidates = [service.container.image]
    if service.image is not None and service.image.local:
        candidates = [service.image.base]
    for fact in candidates:
        if fact is None or not isinstance(fact.value, str):
            continue
        path, _, tag = fact.value.partition("@")[0].rpartition(":")
        version = tag.partition("-")[0]
        if path.rsplit("/", 1)[-1] not in images or not version.replace(".", "").isdigit():
            continue
        early = version.count(".") == 1 and parse_version(version) < parse_version("1.29")
        if version.count(".") == 2 or early:
            return Fact(name, version, fact.source, inputs=(fact,))
    return unknown


def settings(
    config: Config, levels: Sequence[Level], given: Directive, backend: Backend | None, version: Fact, kind: str
) -> Iterator[Fact]:
    """Every ``hop.*`` fact of a location; ``given`` is its ``proxy_pass``, the place of what nobody wrote.

    ``kind`` is the protocol's module (proxy, uwsgi, fastcgi, grpc); they share their settings and defaults.
    """
    defaults = section("platforms/proxies")["nginx"]["defaults"]
    place = given.location
    found: dict[str, Fact] = {}
    for name, fact, convert in _PLAIN:
        default = defaults[f"proxy_{name}"]
        if kind == "grpc" and name == "buffering":  # the module has no such setting: it passes on what comes
            found[fact] = Fact(fact, False, Source("platform", None, place))
            continue
        found[fact] = _or_default(config, levels, f"{kind}_{name}", fact, convert, default, place)
    body, most = "hop.max_body", "client_max_body_size"
    found[body] = _or_default(config, levels, most, body, size, defaults[most], place)
    found["hop.idle_timeout"] = found["hop.read_timeout"].renamed("hop.idle_timeout")
    found["hop.version"] = version
    if kind == "proxy":
        found["hop.http_version"] = _http_version(config, levels, version, place)
        found["hop.keepalive"] = _keepalive(config, levels, backend, found["hop.http_version"], version, place)
    elif kind != "grpc":
        found["hop.keepalive"] = _kept(config, levels, backend, kind, place)
    yield from found.values()
    yield from _retries(config, levels, backend, kind, place)
    yield _authenticates(levels, place)
    yield _affinity(backend, place)
    yield _header_size(config, levels, place)
    yield shared_cache(config, levels, place)


def _or_default(
    config: Config,
    levels: Sequence[Level],
    name: str,
    fact: str,
    convert: Callable[[str], Any],
    default: Any,
    place: Location,
) -> Fact:
    return config.setting(levels, name, fact, convert) or Fact(fact, default, Source("platform", None, place))


def _http_version(config: Config, levels: Sequence[Level], version: Fact, place: Location) -> Fact:
    name, data = "hop.http_version", section("platforms/proxies")["nginx"]["http_version"]
    written = config.setting(levels, "proxy_http_version", name, lambda text: text)
    if written is not None:
        return written
    if not isinstance(version.value, str):
        return Fact(
            name, Unknown("the version of nginx is not known", ("hop.version",)), Source("platform", None, place)
        )
    old = parse_version(version.value) < parse_version(data["before"])
    return Fact(name, data["old"] if old else data["new"], Source("platform", None, place), inputs=(version,))


def _keepalive(
    config: Config, levels: Sequence[Level], backend: Backend | None, http: Fact, version: Fact, place: Location
) -> Fact:
    """How long an idle connection to the upstream is kept; ABSENT where each is closed after its request.

    It takes ``keepalive`` in the upstream block, HTTP/1.1 and an empty Connection header; from nginx 1.29.7 on all three are
    the default.
    """
    name, data = "hop.keepalive", section("platforms/proxies")["nginx"]
    directive = backend[1].last("keepalive") if backend is not None else None
    modern: bool | None = None
    if isinstance(version.value, str):
        modern = parse_version(version.value) >= parse_version(data["http_version"]["before"])
    header = next(
        (
            h
            for h in config.list_setting(levels, "proxy_set_header")
            if h.texts[:1] and h.texts[0].lower() == "connection"
        ),
        None,
    )
    closes = header is not None and header.texts[1:2] not in ([""], ["keep-alive"]) and "$" not in header.texts[-1]
    if closes or http.value == "1.0":
        return absent(name, place)
    if directive is None or header is None:
        if modern is False:
            return absent(name, place)
        if directive is None:
            unknown = Unknown("whether nginx reuses connections depends on its version", ("hop.version",))
            return Fact(name, unknown, Source("platform", None, place))
    if header is not None and "$" in header.texts[-1]:
        return Fact(name, Unknown("the Connection header depends on the request"), Source("config-file", None, place))
    if isinstance(http.value, Unknown) or (header is None and modern is None):
        return Fact(name, Unknown("whether nginx reuses connections depends on its version"), Source("platform"))
    assert backend is not None and directive is not None
    if directive.texts[:1] == ["0"]:
        return absent(name, directive.location)
    written = config.setting([backend[1]], "keepalive_timeout", name, seconds)
    source = Source("config-file", f"keepalive {' '.join(directive.texts)}", directive.location)
    return written or Fact(name, data["defaults"]["upstream_keepalive_timeout"], source)


def _kept(config: Config, levels: Sequence[Level], backend: Backend | None, kind: str, place: Location) -> Fact:
    """Connections of other protocols: FastCGI's are kept where ``fastcgi_keep_conn`` and ``keepalive`` say so."""
    name = "hop.keepalive"
    keeps = config.setting(levels, f"{kind}_keep_conn", name, switch)
    if backend is None or backend[1].last("keepalive") is None or keeps is None or keeps.value is False:
        return absent(name, place)
    written = config.setting([backend[1]], "keepalive_timeout", name, seconds)
    default = section("platforms/proxies")["nginx"]["defaults"]["upstream_keepalive_timeout"]
    return written or Fact(name, default, keeps.source)


def _retries(
    config: Config, levels: Sequence[Level], backend: Backend | None, kind: str, place: Location
) -> Iterator[Fact]:
    """``hop.retries``, ``hop.retry_time`` and ``hop.retries_non_idempotent``: the other servers, each at most once."""
    tries = config.setting(
        levels, f"{kind}_next_upstream_tries", "hop.retries", lambda t: int(t) if t.isdigit() else None
    )
    policy = next((found for level in levels if (found := level.last(f"{kind}_next_upstream")) is not None), None)
    texts = policy.texts if policy is not None else ["error", "timeout"]
    source = (
        Source("config-file", " ".join(texts), policy.location)
        if policy is not None
        else Source("platform", None, place)
    )
    servers = len(backend[1].every("server")) if backend is not None else 1
    others = 0 if "off" in texts else max(servers - 1, 0)
    if tries is not None and isinstance(tries.value, int) and tries.value > 0:
        yield tries.with_value(min(tries.value - 1, others))
    else:
        yield Fact("hop.retries", others, source)
    yield Fact("hop.retries_non_idempotent", "non_idempotent" in texts, source)
    limit = config.setting(levels, f"{kind}_next_upstream_timeout", "hop.retry_time", seconds)
    yield limit if limit is not None and limit.value else absent("hop.retry_time", place)


def _authenticates(levels: Sequence[Level], place: Location) -> Fact:
    """Whether this location asks who the client is: auth_request, auth_basic, auth_jwt, a required client certificate."""
    for name in ("auth_request", "auth_basic", "auth_jwt", "auth_oidc", "ssl_verify_client"):
        for level in levels:
            directive = level.last(name)
            if directive is not None:
                if directive.texts[:1] not in (["off"], ["optional"], ["optional_no_ca"]):
                    return Fact("hop.authenticates", True, Source("config-file", name, directive.location))
                break
    return Fact("hop.authenticates", False, Source("platform", None, place))


def _affinity(backend: Backend | None, place: Location) -> Fact:
    for name in ("ip_hash", "hash", "sticky"):
        directive = backend[1].last(name) if backend is not None else None
        if directive is not None:
            return Fact("hop.affinity", True, Source("config-file", name, directive.location))
    return Fact("hop.affinity", False, Source("platform", None, place))


def _header_size(config: Config, levels: Sequence[Level], place: Location) -> Fact:
    """``large_client_header_buffers NUMBER SIZE``: a request line or header field fits into one buffer (default 8k)."""
    for level in levels:
        directive = level.last("large_client_header_buffers")
        if directive is not None and len(directive.words) == 2:
            return read(config.text(directive.words[1]), "hop.max_header", size)
    return Fact("hop.max_header", 8192, Source("platform", None, place))
