"""Whether nginx keeps answers for everybody: a cache whose key tells no client from another.

https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_cache_key
"""

from __future__ import annotations

from gwaudit.pattern import regex
from gwaudit.resolve.fact import Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gwaudit.resolve.proxy.nginx_config import Config, Level
    from gwaudit.source import Location

_NAME = regex(r"\$\{?([A-Za-z0-9_]+)")
_MAX_DEPTH = 4
_SAME_FOR_ALL = frozenset(
    ("scheme", "proxy_host", "host", "http_host", "request_uri", "uri", "document_uri", "request_method", "is_args", "args",
     "query_string", "server_name", "server_port", "https", "http_accept_encoding", "http_upgrade", "http_range",
     "http_pragma", "http_cache_control", "cookie_nocache", "arg_nocache", "arg_comment", "sent_http_content_type",
     "upstream_http_content_type", "upstream_status", "status")
)  # fmt: skip


def shared_cache(config: Config, levels: Sequence[Level], place: Location) -> Fact:
    """``hop.shared_cache``: answers are stored without a word of the application, under keys that name no client.

    Unknown where the key or a condition holds a variable of which nobody knows whether it tells clients apart.
    """
    name = "hop.shared_cache"
    zone = config.setting(levels, "proxy_cache", name, lambda text: text != "off")
    if zone is None:
        return Fact(name, False, Source("platform", None, place))
    if zone.value is not True or not _stores(config, levels) or _anonymous(config, levels):
        return zone if zone.value is not True else zone.with_value(False)
    texts = [text for level in levels if (key := level.last("proxy_cache_key")) is not None for text in key.texts][:1]
    for directive in ("proxy_no_cache", "proxy_cache_bypass"):
        texts += [text for found in config.list_setting(levels, directive) for text in found.texts]
    names = {each.lower() for text in texts for each in _names(text, levels, 0)}
    telling = sorted(names - _SAME_FOR_ALL)
    if not telling:
        return zone
    return zone.with_value(Unknown(f"${telling[0]} may tell the clients of this cache apart"))


def _stores(config: Config, levels: Sequence[Level]) -> bool:
    """Whether successful answers are stored although the application does not say that they may be."""
    rows = [found.texts for found in config.list_setting(levels, "proxy_cache_valid")]
    return any(len(row) == 1 or "200" in row[:-1] or "any" in row[:-1] for row in rows)


def _anonymous(config: Config, levels: Sequence[Level]) -> bool:
    """Whether the application sees no credentials: the header is emptied on the way."""
    headers = config.list_setting(levels, "proxy_set_header")
    return any(h.texts[:1] and h.texts[0].lower() == "authorization" and h.texts[1:2] == [""] for h in headers)


def _names(text: str, levels: Sequence[Level], depth: int) -> Iterable[str]:
    """The variables that a text is made from; of one that a map makes, those that the map looks at."""
    for match in _NAME.finditer(text):
        source = _mapped(match[1], levels) if depth < _MAX_DEPTH else None
        if source is None:
            yield match[1]
        else:
            yield from _names(source, levels, depth + 1)


def _mapped(name: str, levels: Sequence[Level]) -> str | None:
    for level in levels:
        for directive in level.every("map"):
            if len(directive.texts) == 2 and directive.texts[1] == f"${name}":
                rows = directive.block or []
                return " ".join([directive.texts[0], *(text for row in rows for text in row.texts)])
    return None
