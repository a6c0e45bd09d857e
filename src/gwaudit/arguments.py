"""The command line: sub-commands, flags, and how their values are read."""

from __future__ import annotations

import argparse

from gwaudit import __version__
from gwaudit.errors import ConfigurationError
from gwaudit.finding import SEVERITIES
from gwaudit.options import Options
from gwaudit.report import REPORTERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, NoReturn

FORMATS = tuple(REPORTERS)


def parse(arguments: Sequence[str]) -> Options:
    """The options of an argument vector; exits with 2 where it is wrong, as argparse does."""
    given = list(arguments)
    parser = _parser(given[0] if given else None)
    options = Options(**vars(parser.parse_args(given)))
    if not options.command:
        parser.print_help()
        raise SystemExit(2)
    return options


class _Formatter(argparse.HelpFormatter):
    """One width everywhere: argparse makes a formatter for each argument, and imports ``shutil`` to ask the terminal."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=34, width=100)


class _Parser(argparse.ArgumentParser):
    """A mistake is told in one line: the usage of a command with thirty flags would hide it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {message}\n  = help: {self.prog} --help lists what is known\n")


def _parser(command: str | None = None) -> argparse.ArgumentParser:
    """The parser; where the command is known, only its flags are made."""
    parser = _Parser(
        prog="gwaudit",
        description="Read what a deployment says and tell what will really run.",
        epilog="Exit status: 0 clean, 1 findings at or above --fail-on, 2 the job could not be done.",
        allow_abbrev=False,
        formatter_class=_Formatter,
    )
    parser.add_argument("--version", action="version", version=f"gwaudit {__version__}")
    commands = parser.add_subparsers(prog="gwaudit", dest="command", metavar="COMMAND")
    for name, (text, add) in _COMMANDS.items():
        below = commands.add_parser(
            name, help=text, description=f"{text[0].upper()}{text[1:]}.", allow_abbrev=False, formatter_class=_Formatter
        )
        if command not in _COMMANDS or command == name:
            add(below)
    return parser


def _add_check(parser: argparse.ArgumentParser) -> None:
    _add_input(parser)
    parser.add_argument("--history", action="store_true", help="search every commit for secrets as well")
    parser.add_argument(
        "--import", dest="imports", action="append", default=[], metavar="FILE",
        help="findings of another tool as well: SARIF, or JSON of trivy",
    )  # fmt: skip
    parser.add_argument(
        "--no-bandit", dest="bandit", action="store_false", help="do not run bandit on Python that configures services"
    )
    rules = parser.add_argument_group("rules")
    rules.add_argument("--select", type=_names, action="extend", metavar="RULES", help="judge these rules only")
    rules.add_argument("--ignore", type=_names, action="extend", default=[], metavar="RULES", help="leave these out")
    rules.add_argument(
        "--extend-select", type=_names, action="extend", default=[], metavar="RULES", help="judge these as well"
    )
    rules.add_argument(
        "--no-inline-ignores", dest="inline_ignores", action="store_false", help="heed no ignore comments"
    )
    output = parser.add_argument_group("output")
    output.add_argument("--output-format", choices=FORMATS, default="full", help="default: %(default)s")
    output.add_argument("-o", "--output-file", metavar="PATH", help="write there instead of standard output")
    output.add_argument(
        "--report", dest="reports", type=_report, action="append", default=[], metavar="FORMAT=PATH",
        help="write another report as well; may be given several times",
    )  # fmt: skip
    output.add_argument("--show-suppressed", action="store_true", help="show ignored findings with their reasons")
    output.add_argument("--baseline", metavar="FILE", help="known findings, which are not reported")
    output.add_argument(
        "--update-baseline", action="store_true", help="write the findings of this run into the baseline"
    )
    output.add_argument("--fail-on", choices=SEVERITIES, default="low", help="lowest severity that gives exit status 1")
    output.add_argument("-e", "--exit-zero", action="store_true", help="exit with 0 whatever is found")
    _add_screen(parser)


def _add_show(parser: argparse.ArgumentParser) -> None:
    _add_input(parser)
    parser.add_argument("--service", metavar="NAME", help="only services of that name")
    parser.add_argument("--setting", metavar="NAME", help="only this setting or variable: who sets it, which one wins")
    parser.add_argument("--all", action="store_true", help="defaults and unset facts as well")
    parser.add_argument("--output-format", choices=("full", "json"), default="full", help="default: %(default)s")
    parser.add_argument("-o", "--output-file", metavar="PATH", help="write there instead of standard output")
    _add_screen(parser)


def _add_rule(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="a rule, or a group, whose rules are listed; else all are"
    )
    parser.add_argument("--all", action="store_true", help="explain every rule")
    parser.add_argument("--output-format", choices=("full", "json"), default="full", help="default: %(default)s")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: %(default)s")


def _add_nothing(parser: argparse.ArgumentParser) -> None:
    """``version`` has no flags."""


def _add_input(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", default=["."], metavar="PATH", help="files and directories (default: .)")
    files = parser.add_argument_group("input")
    files.add_argument("--tracked-only", action="store_true", help="read only files that git tracks")
    files.add_argument("--config", metavar="FILE", help="configuration file instead of the one in the root")
    files.add_argument("--isolated", action="store_true", help="read no configuration file")
    files.add_argument(
        "--env", type=_pair, action="append", default=[], metavar="NAME=VALUE",
        help="a variable of the host: of a bare process, or what Compose interpolates with",
    )  # fmt: skip
    files.add_argument("--env-file", action="append", default=[], metavar="FILE", help="host variables from a file")
    files.add_argument(
        "--assume", type=_assumption, action="append", default=[], metavar="KEY=VALUE",
        help="an answer that no file gives: cpus, memory, memory_per_worker, stage, gunicorn, python, today",
    )  # fmt: skip
    files.add_argument("--latency", action="append", default=[], metavar="FILE", help="a load-test result to judge by")


def _add_screen(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-v", "--verbose", action="count", default=0, help="say what could not be judged, and why")
    parser.add_argument("-q", "--quiet", action="store_true", help="findings only, no summary")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: %(default)s")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:  # the text is not repeated: it may be the value alone
        raise argparse.ArgumentTypeError("expected NAME=VALUE")
    return name, value


def _report(text: str) -> tuple[str, str]:
    format, path = _pair(text)
    if format not in FORMATS:
        raise argparse.ArgumentTypeError(f"unknown format {format!r} (choose from {', '.join(FORMATS)})")
    return format, path


def _assumption(text: str) -> tuple[str, Any]:
    from gwaudit.assume import assumption

    try:
        return assumption(*_pair(text))
    except ConfigurationError as error:
        raise argparse.ArgumentTypeError(error.message + (f" ({error.hint})" if error.hint else "")) from None


_COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "check": ("audit deployments", _add_check),
    "show": ("print the effective configuration and where every value comes from", _add_show),
    "rule": ("explain a rule", _add_rule),
    "version": ("print the version", _add_nothing),
}
