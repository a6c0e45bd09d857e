"""Caddy: from its Caddyfile to the passages through it.

A site block takes the requests of its addresses; ``handle``, ``handle_path``, ``route`` and matchers lead to a
``reverse_proxy``. Snippets are put in where they are imported, ``{$NAME:default}`` where Caddy reads the file. A limit that
nobody sets is none. Source: caddyserver.com/docs/caddyfile (concepts, options, directives).
"""

from __future__ import annotations

import posixpath
import re

from gwaudit.bundle import section
from gwaudit.pattern import regex
from gwaudit.resolve.compose.units import integer_of, seconds_of
from gwaudit.resolve.fact import ABSENT, Fact, Source, Step, Unknown
from gwaudit.resolve.proxy.files import Files
from gwaudit.resolve.proxy.model import Listener, Passage, Proxy, Upstream
from gwaudit.resolve.proxy.words import Text, address, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from gwaudit.parse.nginx import Directive, Word
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location

MAX_DEPTH = 12
MAX_PASSAGES = 200
MAX_DIRECTIVES = 5_000  # looked at in one file, snippets counted each time
_VARIABLE = regex(r"\{\$([A-Za-z_][A-Za-z0-9_]{0,100})(?::([^}]{0,500}))?\}")
_SIZE = regex(r"([0-9]{1,15})(?:\.[0-9]+)?[ ]?([kKmMgGtT]?)(i?)[bB]?")
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_STICKY = frozenset(("ip_hash", "client_ip_hash", "uri_hash", "cookie", "header"))
_AUTHENTICATING = frozenset(("basic_auth", "basicauth", "forward_auth", "jwtauth", "authenticate", "authorize"))
_HOLDING = frozenset(("handle", "handle_path", "route"))


def in_service(workspace: Workspace, service: Service) -> Proxy | None:
    """The Caddy that a container runs; None where it holds no Caddyfile that can be read."""
    data = section("platforms/proxies")["caddy"]
    files = Files(workspace, service, service.filesystem, "caddy")
    path = next((path for path in (*_named(service), *data["main"]) if files.exists(path)), None)
    root = files.root(path) if path is not None else None
    if path is None or not isinstance(root, list):
        return None
    return _Reader(files, path, root, service, data).proxy()


def _named(service: Service) -> list[str]:
    """The file that the command names (``caddy run --config FILE``)."""
    for given in (service.container.entrypoint, service.container.arguments):
        words = [
            word for word in (given.value if given is not None and given.known else ()) or () if isinstance(word, str)
        ]
        for index, word in enumerate(words):
            if word in ("--config", "-c", "-conf") and index + 1 < len(words):
                return [words[index + 1]]
            if word.startswith("--config="):
                return [word.partition("=")[2]]
    return []


class _Reader:
    __slots__ = (
        "_budget",
        "_data",
        "_files",
        "_folder",
        "_name",
        "_options",
        "_place",
        "_root",
        "_service",
        "_snippets",
    )

    def __init__(self, files: Files, path: str, root: list[Directive], service: Service, data: dict[str, Any]) -> None:
        self._files = files
        self._folder = posixpath.dirname(path)
        self._root = root
        self._service = service
        self._data = data
        self._budget = MAX_DIRECTIVES
        self._snippets = {d.name[1:-1]: d.block or [] for d in root if d.name[:1] == "(" and d.name[-1:] == ")"}
        options = [d.block for d in root if not d.name and d.block is not None]
        self._options: list[Directive] = options[0] if options else []
        parent = service.subject.parent
        self._name = "caddy" if parent is None or parent.name == "caddy" else f"caddy ({parent.name})"
        self._place: Location | None = service.container.place

    def proxy(self) -> Proxy:
        proxy = Proxy("caddy", self._service)
        sites = list(self._sites())
        for site, addresses in sites:
            listeners = [listener for word in addresses if (listener := self._listener(word)) is not None]
            proxy.listeners.extend(listeners)
            found: list[Passage] = []
            self._walk(site, "/", addresses, found, [], 0)
            for passage in found:
                passage.listeners = listeners
                passage.serves = _serving(passage, found)
            proxy.passages.extend(found[: MAX_PASSAGES - len(proxy.passages)])
        return proxy

    def _sites(self) -> Iterator[tuple[list[Directive], list[Word]]]:
        """Each site's directives with its addresses; a file without braces is one site whose first line is the address."""
        from gwaudit.parse.nginx import Word as Plain

        plain = [d for d in self._root if d.name[:1] != "(" and d.name and d.name != "import"]
        if plain and plain[0].block is None:
            first = plain[0]
            name = Plain(first.file, first.start, first.start + len(first.name), first.name, False)
            yield plain[1:], [name, *first.words]
            return
        for directive in self._expanded(self._root, 0):
            if directive.block is None or not directive.name or directive.name[:1] == "(":
                continue
            name = Plain(directive.file, directive.start, directive.start + len(directive.name), directive.name, False)
            yield directive.block, [name, *directive.words]

    def _expanded(self, block: Iterable[Directive], depth: int) -> Iterator[Directive]:
        """The directives with snippets and files put in for their imports."""
        for directive in block:
            self._budget -= 1
            if self._budget < 0:
                return
            if directive.name != "import" or not directive.words:
                yield directive
                continue
            if depth > MAX_DEPTH:
                continue
            named = directive.words[0].text
            if named in self._snippets:
                yield from self._expanded(self._snippets[named], depth + 1)
                continue
            pattern = posixpath.normpath(posixpath.join(self._folder, named))
            for path in self._files.matching(pattern) if "*" in named else [pattern]:
                root = self._files.root(path) if "*" in named or self._files.exists(path) else None
                if isinstance(root, list):
                    yield from self._expanded(root, depth + 1)

    def _walk(
        self,
        block: list[Directive],
        path: str,
        addresses: list[Word],
        found: list[Passage],
        around: list[Directive],
        depth: int,
    ) -> None:
        """The passages of a block; ``around`` are the directives of the blocks around it."""
        directives = list(self._expanded(block, depth))
        matchers = {d.name: _path_of_matcher(d) for d in directives if d.name[:1] == "@"}
        levels = [*directives, *around]
        for directive in directives:
            if len(found) >= MAX_PASSAGES or depth > MAX_DEPTH:
                return
            first = directive.words[0].text if directive.words else ""
            own = first if first[:1] == "/" else matchers.get(first, "") if first[:1] == "@" else ""
            if directive.name in _HOLDING and directive.block is not None:
                self._walk(directive.block, own or path, addresses, found, levels, depth + 1)
            elif directive.name == "reverse_proxy":
                matched = first[:1] in ("/", "@") or first == "*"
                found.append(self._passage(directive, own or path, directive.words[1 if matched else 0 :], levels))

    def _text(self, word: Word) -> Text:
        """A word with the variables of the environment put in; what Caddy fills in for each request stays unknown."""
        source = Source("config-file", word.text, word.location)
        used: list[Fact] = []
        unknown: list[Unknown] = []

        def replace(match: re.Match[str]) -> str:
            fact = self._service.environment.get(match[1])
            used.append(fact)
            if isinstance(fact.value, Unknown):
                unknown.append(fact.value)
            return fact.value if isinstance(fact.value, str) and fact.value else match[2] or ""

        value = _VARIABLE.sub(replace, word.text)
        set_ = [fact for fact in used if fact.location is not None]
        if set_:
            first = set_[0]
            source = Source(first.source.layer, None, first.location, (*first.source.via, Step(word.location)))
        if unknown:
            return Text(unknown[0], source, tuple(used))
        if "{" in value:
            return Text(Unknown("Caddy fills it in for each request"), source, tuple(used))
        return Text(value, source, tuple(used))

    def _listener(self, word: Word) -> Listener | None:
        """An address of a site: TLS is automatic unless it says http, port 80 or no host at all."""
        text = self._text(_spelled(word, word.text.rstrip(",")))
        if isinstance(text.value, Unknown):
            return None
        scheme, host, port, _ = address(text.value)
        automatic = any(d.name == "auto_https" and d.words[:1] and d.words[0].text == "off" for d in self._options)
        tls = scheme == "https" or (scheme != "http" and port in (443, None) and bool(host) and not automatic)
        number = port if port is not None else 443 if tls else 80
        source = Source("config-file", text.value, word.location, text.source.via)
        return Listener(number, tls, False, Fact("hop.port", number, source))

    def _passage(self, directive: Directive, path: str, words: list[Word], levels: list[Directive]) -> Passage:
        prefix = path.rstrip("*").rstrip("/") or "/"
        passage = Passage(f"{self._name} reverse_proxy {path}", prefix, directive.location)
        passage.exact = path != "/" and "*" not in path
        passage.upgrades = True  # WebSockets pass without a setting
        block = list(self._expanded(directive.block or [], 0))
        source = Source("config-file", directive.name, directive.location)
        for name, value in (("name", passage.name), ("kind", "proxy"), ("product", "caddy"), ("path", prefix)):
            passage.put(Fact(f"hop.{name}", value, source))
        targets = [*words, *(word for d in block if d.name == "to" for word in d.words)]
        for word in targets:
            self._upstream(passage, word)
        transport = next((d for d in block if d.name == "transport"), None)
        inner = list(self._expanded(transport.block or [], 0)) if transport is not None else []
        secure = any(d.name.startswith("tls") for d in inner)
        for upstream in passage.upstreams if secure else ():
            upstream.scheme = "https" if upstream.scheme == "http" else upstream.scheme
        scheme = passage.upstreams[0].scheme if passage.upstreams else "http"
        if transport is not None and transport.words and transport.words[0].text == "fastcgi":
            scheme = "fastcgi"
        passage.put(Fact("hop.scheme", scheme, passage.upstreams[0].fact.source if passage.upstreams else source))
        self._limits(passage, inner, directive)
        self._rest(passage, block, levels, directive)
        return passage

    def _upstream(self, passage: Passage, word: Word) -> None:
        text = self._text(word)
        place = Source("config-file", text.source.raw, text.source.location, text.source.via)
        fact = Fact("hop.host", str(text.value), place, inputs=text.inputs)
        if isinstance(text.value, Unknown):
            passage.upstreams.append(Upstream("http", None, None, fact))
            return
        if text.value.startswith("unix/"):
            passage.upstreams.append(Upstream("unix", text.value[5:], None, fact))
            return
        scheme, host, port, _ = address(text.value, 80)
        passage.upstreams.append(Upstream({"h2c": "http"}.get(scheme, scheme or "http"), host, port, fact))

    def _limits(self, passage: Passage, inner: list[Directive], directive: Directive) -> None:
        """The time limits of the transport and of the server; the application's answer has to begin before the first."""
        defaults = self._data["defaults"]
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
                fact = self._setting(written, name)
            passage.put(_limited(fact))
        # A body is waited for as long as a read may take: the earlier of both limits ends a request that stays silent.
        head, silence = passage.facts["hop.read_timeout"], passage.facts["hop.idle_timeout"]
        if silence.known and (not head.known or silence.value < head.value) and not isinstance(head.value, Unknown):
            passage.put(silence.renamed("hop.read_timeout"))
        for key, name in (("write", "hop.request_timeout"), ("read_body", "hop.receive_timeout")):
            written = self._server_timeout(key)
            fact = Fact(name, 0.0, Source("platform", None, directive.location))
            passage.put(_limited(self._setting(written, name) if written is not None else fact))

    def _server_timeout(self, name: str) -> Directive | None:
        for servers in (d for d in self._options if d.name == "servers"):
            for timeouts in (d for d in servers.block or () if d.name == "timeouts"):
                for directive in timeouts.block or ():
                    if directive.name == name and directive.words:
                        return directive
        return None

    def _setting(self, directive: Directive, name: str) -> Fact:
        fact = read(self._text(directive.words[0]), name, seconds_of)
        source = Source(
            fact.source.layer, f"{directive.name} {fact.source.raw or ''}".strip(), fact.location, fact.source.via
        )
        return Fact(name, fact.value, source, inputs=fact.inputs)

    def _rest(self, passage: Passage, block: list[Directive], levels: list[Directive], directive: Directive) -> None:
        platform = Source("platform", None, directive.location)
        buffers = next((d for d in block if d.name in ("response_buffers", "buffer_responses")), None)
        place = Source("config-file", buffers.name, buffers.location) if buffers is not None else platform
        passage.put(Fact("hop.buffering", buffers is not None, place))
        policy = next((d for d in block if d.name == "lb_policy" and d.words), None)
        sticky = policy is not None and policy.words[0].text in _STICKY
        chosen = Source("config-file", policy.words[0].text, policy.location) if policy is not None else platform
        passage.put(Fact("hop.affinity", sticky, chosen))
        retries = next((d for d in block if d.name == "lb_retries" and d.words), None)
        count = integer_of(retries.words[0].text) if retries is not None else self._data["defaults"]["retries"]
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
                passage.put(read(self._text(most.words[0]), "hop.max_body", size_of))
        passage.facts.setdefault("hop.max_body", Fact("hop.max_body", 0, platform))


def _spelled(word: Word, text: str) -> Word:
    """The same word with another text."""
    from gwaudit.parse.nginx import Word as Plain

    return Plain(word.file, word.start, word.end, text, word.quoted)


def size_of(text: str) -> int | None:
    """Bytes of ``10MB``, ``5MiB``, ``1000`` (github.com/dustin/go-humanize: MB counts in thousands, MiB in 1024s)."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        return None
    base = 1024 if match[3] else 1000
    return int(float(re.sub(r"[^0-9.]", "", text)) * base ** _POWERS[match[2].lower()])


def _limited(fact: Fact) -> Fact:
    return fact.with_value(ABSENT) if fact.known and fact.value == 0 else fact


def _path_of_matcher(directive: Directive) -> str:
    """The path that a named matcher takes, empty where it takes another thing."""
    texts = directive.texts
    if texts[:1] == ["path"] and len(texts) > 1:
        return texts[1]
    path = next((d for d in directive.block or () if d.name == "path" and d.words), None)
    return path.words[0].text if path is not None else ""


def _serving(passage: Passage, all_of_site: list[Passage]) -> Any:
    """The longest path takes a request, as Caddy sorts the handlers of a site."""
    longer = [other for other in all_of_site if len(other.path) > len(passage.path)]

    def serves(asked: str) -> bool:
        takes = asked == passage.path if passage.exact else asked.startswith(passage.path)
        return takes and not any(asked.startswith(other.path) for other in longer)

    return serves
