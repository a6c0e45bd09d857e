"""Parsers: syntax only. ``PARSERS`` is the registry: format -> module with ``parse_documents(file)``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gwaudit.parse.document import Document, ParseFailure
    from gwaudit.source import SourceFile

    Parser = Callable[[SourceFile], Sequence[Document | ParseFailure]]

# Formats that share a module share its name; a module is imported when the first file of its format is met.
PARSERS: dict[str, str] = {
    "dotenv": "dotenv",
    "dockerfile": "dockerfile",
    "gunicorn": "python",
    "python": "python",
    "compose": "yaml",
    "kustomization": "yaml",
    "helm-chart": "yaml",
    "yaml": "yaml",
    "json": "yaml",
    "toml": "toml",
    "fly": "toml",
    "pyproject": "toml",
    "lock": "lock",
    "requirements": "requirements",
    "shell": "shell",
    "makefile": "makefile",
    "procfile": "procfile",
    "systemd": "ini",
    "supervisor": "ini",
    "pgbouncer": "ini",
    "postgresql": "keyvalue",
    "redis": "keyvalue",
    "loadtest": "loadtest",
    "nginx": "nginx",
    "haproxy": "haproxy",
    "caddy": "caddy",
    "nomad": "hcl",
    "terraform": "hcl",
}


def parser_for(format: str) -> Parser | None:
    """The ``parse_documents`` of a format's module; None for a format without a parser."""
    name = PARSERS.get(format)
    if name is None:
        return None
    from importlib import import_module

    parse: Parser = import_module(f"gwaudit.parse.{name}").parse_documents
    return parse
