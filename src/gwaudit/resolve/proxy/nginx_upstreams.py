"""nginx: the addresses that a location passes requests on to, itself or through an ``upstream`` block.

Source: nginx.org, ngx_http_proxy_module and its siblings, ngx_http_upstream_module.
"""

from __future__ import annotations

from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.proxy.model import Upstream
from gwaudit.resolve.proxy.nginx_config import UNKNOWN
from gwaudit.resolve.proxy.words import address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gwaudit.parse.nginx import Word
    from gwaudit.resolve.proxy.model import Passage
    from gwaudit.resolve.proxy.nginx_config import Config, Level
    from gwaudit.resolve.proxy.nginx_settings import Backend


def put_upstreams(
    config: Config, backends: dict[str, Backend], passage: Passage, word: Word, levels: Sequence[Level], kind: str
) -> Backend | None:
    """Fill the passage's upstreams; the ``upstream`` block it names, where it names one."""
    spoken = {"proxy": "http", "grpc": "http"}.get(kind, kind)
    text = config.text(word)
    place = Source("config-file", text.source.raw, text.source.location, text.source.via)
    fact = Fact("hop.host", str(text.value), place, inputs=text.inputs)
    named: Backend | None = None
    texts = [UNKNOWN] if isinstance(text.value, Unknown) else config.choices(text.value, levels)
    for each in texts:
        scheme, host, port, path = address(each)
        scheme = {"grpc": "http", "grpcs": "https"}.get(scheme, scheme or spoken)
        authority = (each.partition("://")[2] or each).partition("/")[0]
        if authority in backends:
            named = backends[authority]
            _servers(config, passage, scheme, named[1], path)
        elif UNKNOWN in authority or host is None:
            passage.upstreams.append(Upstream(scheme, None, None, fact))
        else:
            upstream = Upstream(scheme, host, port, _written(config, word, each, fact))
            upstream.path = path
            passage.upstreams.append(upstream)
    scheme = passage.upstreams[0].scheme if passage.upstreams else "http"
    if kind in ("uwsgi", "fastcgi"):
        scheme = kind  # through a socket file as well
    sure = len({upstream.scheme for upstream in passage.upstreams}) == 1
    passage.put(Fact("hop.scheme", scheme if sure else Unknown("it depends on the request"), place, inputs=(fact,)))
    return named


def _written(config: Config, word: Word, text: str, fact: Fact) -> Fact:
    """Where an address that a variable holds is written."""
    if word.text == text:
        return fact
    row = config.values.get((word.text.strip("${}"), text))
    if row is None:
        return Fact(fact.name, text, fact.source, inputs=(fact,))
    place = config.text(row).source
    return Fact(fact.name, text, place.through(word.location, word.text))


def _servers(config: Config, passage: Passage, scheme: str, level: Level, path: str) -> None:
    """The servers of an ``upstream`` block, those marked ``down`` left out."""
    for server in level.every("server"):
        if not server.words or "down" in server.texts[1:]:
            continue
        text = config.text(server.words[0])
        place = Source("config-file", f"server {text.source.raw}", text.source.location, text.source.via)
        fact = Fact("hop.host", str(text.value), place, inputs=text.inputs)
        if isinstance(text.value, Unknown):
            passage.upstreams.append(Upstream(scheme, None, None, fact))
            continue
        kind, host, port, _ = address(text.value, 80)
        upstream = Upstream("unix" if kind == "unix" else scheme, host, port, fact, "backup" in server.texts[1:])
        upstream.path = path
        passage.upstreams.append(upstream)
