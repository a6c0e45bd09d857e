"""What Caddy's ``reverse_proxy`` does with a request: its time limits, retries, buffering and the size that it takes.

A limit that nobody sets is none. Source: caddyserver.com/docs/caddyfile (directives/reverse_proxy, directives/request_body,
options#timeouts).
"""

from __future__ import annotations

import re

from gwaudit.pattern import regex
from gwaudit.resolve.compose.units import integer_of, seconds_of
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.proxy.words import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.parse.nginx import Directive
    from gwaudit.resolve.proxy.caddy_config import Config
    from gwaudit.resolve.proxy.model import Passage

_SIZE = regex(r"([0-9]{1,15})(?:\.[0-9]+)?[ ]?([kKmMgGtT]?)(i?)[bB]?")
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_STICKY = frozenset(("ip_hash", "client_ip_hash", "uri_hash", "cookie", "header"))
_AUTHENTICATING = frozenset(("basic_auth", "basicauth", "forward_auth", "jwtauth", "authenticate", "authorize"))


def put_limits(
    config: Config, passage: Passage, inner: list[Directive], directive: Directive, defaults: dict[str, Any]
) -> None:
    """The time limits of the transport and of the server; the application's answer has to begin before the first."""
    for key, name in (
        ("response_header_timeout", "hop.read_timeout"),
        ("dial_timeout", "hop.connect_timeout"),
        ("read_timeout", "hop.idle_timeout"),
        ("keepalive", "hop.keepalive"),
    ):
        written = next((d for d in reversed(inner) if d.name == key and d.words), None)
        if written is None:
            fact = Fact(name, float(defaults[key]), Source("platform", None, directive.location))
        elif written.words[0].text == "off":
            fact = Fact(name, ABSENT, Source("config-file", "off", written.location))
        else:
            fact = _setting(config, written, name)
        passage.put(_limited(fact))
    # A body is waited for as long as a read may take: the earlier of both limits ends a request that stays silent.
    head, silence = passage.facts["hop.read_timeout"], passage.facts["hop.idle_timeout"]
    if silence.known and (not head.known or silence.value < head.value) and not isinstance(head.value, Unknown):
        passage.put(silence.renamed("hop.read_timeout"))
    for key, name in (("write", "hop.request_timeout"), ("read_body", "hop.receive_timeout")):
        written = config.server_timeout(key)
        fact = Fact(name, 0.0, Source("platform", None, directive.location))
        passage.put(_limited(_setting(config, written, name) if written is not None else fact))


def put_handling(
    config: Config,
    passage: Passage,
    block: list[Directive],
    levels: list[Directive],
    directive: Directive,
    defaults: dict[str, Any],
) -> None:
    """Buffering, affinity, retries, authentication and the largest body; ``levels`` are the directives around it too."""
    platform = Source("platform", None, directive.location)
    buffers = next((d for d in block if d.name in ("response_buffers", "buffer_responses")), None)
    place = Source("config-file", buffers.name, buffers.location) if buffers is not None else platform
    passage.put(Fact("hop.buffering", buffers is not None, place))
    policy = next((d for d in block if d.name == "lb_policy" and d.words), None)
    sticky = policy is not None and policy.words[0].text in _STICKY
    chosen = Source("config-file", policy.words[0].text, policy.location) if policy is not None else platform
    passage.put(Fact("hop.affinity", sticky, chosen))
    retries = next((d for d in block if d.name == "lb_retries" and d.words), None)
    count = integer_of(retries.words[0].text) if retries is not None else defaults["retries"]
    at = Source("config-file", None, retries.location) if retries is not None else platform
    passage.put(Fact("hop.retries", count if count is not None else Unknown("not a number"), at))
    matched = any(d.name == "lb_retry_match" for d in block)
    unknown = Unknown("lb_retry_match decides it")
    passage.put(Fact("hop.retries_non_idempotent", unknown if matched else False, at))
    asks = next((d for d in levels if d.name in _AUTHENTICATING), None)
    told = Source("config-file", asks.name, asks.location) if asks is not None else platform
    passage.put(Fact("hop.authenticates", asks is not None, told))
    for body in (d for d in levels if d.name == "request_body"):
        most = next((d for d in body.block or () if d.name == "max_size" and d.words), None)
        if most is not None and "hop.max_body" not in passage.facts:
            passage.put(read(config.text(most.words[0]), "hop.max_body", size_of))
    passage.facts.setdefault("hop.max_body", Fact("hop.max_body", 0, platform))


def _setting(config: Config, directive: Directive, name: str) -> Fact:
    fact = read(config.text(directive.words[0]), name, seconds_of)
    source = Source(
        fact.source.layer, f"{directive.name} {fact.source.raw or ''}".strip(), fact.location, fact.source.via
    )
    return Fact(name, fact.value, source, inputs=fact.inputs)


def _limited(fact: Fact) -> Fact:
    return fact.with_value(ABSENT) if fact.known and fact.value == 0 else fact


def size_of(text: str) -> int | None:
    """Bytes of ``10MB``, ``5MiB``, ``1000`` (github.com/dustin/go-humanize: MB counts in thousands, MiB in 1024s)."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        return None
    base = 1024 if match[3] else 1000
    return int(float(re.sub(r"[^0-9.]", "", text)) * base ** _POWERS[match[2].lower()])
