"""nginx: from its configuration, wherever it stands, to the passages through it. Times in seconds, sizes in bytes."""

from __future__ import annotations

import posixpath

from gwaudit.bundle import section
from gwaudit.resolve.proxy.files import Files
from gwaudit.resolve.proxy.model import Proxy
from gwaudit.resolve.proxy.nginx_config import Config
from gwaudit.resolve.proxy.nginx_server import Server, listeners_of, serving_of
from gwaudit.resolve.proxy.nginx_settings import version_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.parse.nginx import Directive
    from gwaudit.resolve.filesystem import Filesystem
    from gwaudit.resolve.proxy.nginx_config import Level
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace

MAX_PASSAGES = 400  # of one proxy


def in_service(workspace: Workspace, service: Service) -> Proxy | None:
    """The nginx that a container runs; None where it holds no configuration of one that can be read."""
    data = section("platforms/proxies")["nginx"]
    files = Files(workspace, service, service.filesystem, "nginx")
    main = next((path for path in (*_named(service), *data["main"]) if files.exists(path)), None)
    if main is not None:
        config = Config(files, posixpath.dirname(main), data["harmless"])
        root = files.root(main)
        if not isinstance(root, list):
            return None
        _templates(config, service, data)
        whole = config.level(root)
        http = next((level for _, level in config.blocks(whole, "http")), None)
        stream = next((level for _, level in config.blocks(whole, "stream")), None)
        proxy = _proxy(config, http, service) if http is not None else Proxy("nginx", service)
        if stream is not None:
            from gwaudit.resolve.proxy.nginx_stream import put_stream

            put_stream(proxy, config, stream, service)
        return proxy if http is not None or proxy.passages else None
    return _stock(files, service, data)


def on_host(workspace: Workspace, path: str, filesystem: Filesystem) -> Proxy | None:
    """The proxy of a file beside the processes of a host: a main file, or one of sites."""
    data = section("platforms/proxies")["nginx"]
    document = workspace.document(path, "nginx")
    if document is None:
        return None
    config = Config(Files(workspace, None, filesystem, "nginx"), posixpath.dirname(path), data["harmless"])
    level = config.level(document.root)
    http = next((found for _, found in config.blocks(level, "http")), level)
    return _proxy(config, http, None)


def _named(service: Service) -> list[str]:
    """The main file that the command names (``nginx -c FILE``)."""
    for given in (service.container.arguments, service.container.entrypoint):
        words = list(given.value) if given is not None and given.known and given.value else []
        if any(isinstance(word, str) and word.rsplit("/", 1)[-1] == "nginx" for word in words) and "-c" in words[:-1]:
            path = words[words.index("-c") + 1]
            return [path] if isinstance(path, str) else []
    return []


def _stock(files: Files, service: Service, data: dict[str, Any]) -> Proxy | None:
    """The main file is the image's own: it includes the sites, and templates are made into sites."""
    config = Config(files, "/etc/nginx", data["harmless"])
    directives: list[Directive] = []
    for folder in data["sites"]:
        for path in files.matching(f"{folder}/*" if folder.endswith("sites-enabled") else f"{folder}/*.conf"):
            root = files.root(path)
            directives.extend(root if isinstance(root, list) else ())
    directives.extend(_templates(config, service, data))
    return _proxy(config, config.level(directives), service) if directives else None


def _templates(config: Config, service: Service, data: dict[str, Any]) -> list[Directive]:
    """The directives of templates that the image's entrypoint fills from the environment (envsubst)."""
    rules = data["templates"]
    found: list[Directive] = []
    for path in config.files.matching(f"{rules['directory']}/*{rules['suffix']}"):
        root = config.files.root(path)
        if isinstance(root, list):
            for directive in root:
                config.templated(directive.file, service.environment)
            found.extend(root)
    return found


def _proxy(config: Config, http: Level, service: Service | None) -> Proxy:
    proxy = Proxy("nginx", service)
    version = version_of(service)
    backends = {
        directive.texts[0]: (directive, level)
        for directive, level in config.blocks(http, "upstream")
        if len(directive.words) == 1
    }
    for directive, server in config.blocks(http, "server"):
        reader = Server(config, backends, version, listeners_of(config, server, directive), service)
        places = reader.places([server, http])
        reader.connect(places)
        serving = serving_of(places)
        for passage in reader.passages:
            passage.listeners = reader.listeners
            passage.serves = serving(passage)
            proxy.passages.append(passage)
        proxy.listeners.extend(reader.listeners)
        if len(proxy.passages) > MAX_PASSAGES:
            proxy.notes.append((directive.location, f"more than {MAX_PASSAGES} locations"))
            del proxy.passages[MAX_PASSAGES:]
            break
    proxy.notes.extend(config.notes)
    return proxy
