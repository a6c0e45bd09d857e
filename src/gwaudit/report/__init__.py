"""Reports: one module for each output. ``REPORTERS`` maps a format to the module whose ``render`` writes it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.finding import Report
    from gwaudit.options import Options

REPORTERS = {
    "full": "text",
    "concise": "concise",
    "json": "json",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
    "markdown": "markdown",
}


def render(format: str, report: Report, options: Options, colored: bool) -> str:
    """The report in one of ``REPORTERS``' formats, without any secret value that the run came across."""
    from importlib import import_module

    from gwaudit.report.redact import masked

    text: str = import_module(f"gwaudit.report.{REPORTERS[format]}").render(report, options, colored)
    return masked(text, report.hidden)
