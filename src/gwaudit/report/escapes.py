"""How the formats of reports write a text: what must not be shown is looked for in each of these forms."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKDOWN = r"\`*_{}[]()#+-.!|<>~"


def escaped(value: str) -> Iterator[str]:
    """The value itself, and as JSON, XML, Markdown and a workflow command of GitHub write it."""
    from json import dumps

    from gwaudit.report.redact import printable

    yield value
    yield printable(value)
    yield dumps(value)[1:-1]
    yield dumps(printable(value))[1:-1]
    xml = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    yield xml
    yield xml.replace('"', "&quot;")
    yield xml.replace('"', "&quot;").replace("'", "&#x27;")
    yield "".join(f"\\{char}" if char in _MARKDOWN else char for char in value)
    yield value.replace("%", "%25")
    yield value.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
