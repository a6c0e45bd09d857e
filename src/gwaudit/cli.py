"""The command line: argument vector -> options -> the work -> a reporter -> exit status. The only module that prints.

Findings and answers go to standard output, everything else to standard error. Exit status: 0 clean, 1 findings at or
above ``--fail-on``, 2 the job could not be done.
"""

from __future__ import annotations

import gc
import os
import sys

from gwaudit import __version__
from gwaudit.errors import ConfigurationError, debugged, described

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gwaudit.options import Options


# A run makes facts by the hundred thousand and drops few of them in cycles: with the interpreter's own thresholds an eighth
# of its time goes into looking through facts that are all still in use.
COLLECTED = (20_000, 10, 10)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit status."""
    before = gc.get_threshold()
    gc.set_threshold(*COLLECTED)
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    finally:
        gc.set_threshold(*before)


def _run(given: Sequence[str]) -> int:
    from gwaudit.options import plain

    options = plain(given)
    if options is None:
        from gwaudit.arguments import parse

        options = parse(given)
    try:
        return _COMMANDS[options.command](options)
    except ConfigurationError as error:
        _say(_describe(error))
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the reader went away; say nothing at exit
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if debugged():
            raise
        _say(_own_bug(f"failed: {described(error)}"))
        return 2


def _check(options: Options) -> int:
    from gwaudit.audit import audit
    from gwaudit.finding import SEVERITIES
    from gwaudit.report import render

    report = audit(options)
    if options.update_baseline and report.baseline is not None and not report.bugs:
        if os.path.islink(report.baseline.path):
            raise ConfigurationError(f"{report.baseline.path} is a link: the baseline is not written through it")
        _write(report.baseline.path, report.baseline.updated(report))
        _say(f"{report.baseline.path}: the findings of this run are written down.")
        return 0
    for format, path in options.reports:
        _write(path, render(format, report, options, colored=False))
    text = render(options.output_format, report, options, _colored(options))
    if options.output_file is not None:
        _write(options.output_file, text)
    else:
        _print(text)
    if not options.quiet:
        from gwaudit.report.redact import printable

        for warning in report.warnings:
            _say(f"warning: {printable(warning)}")
        from gwaudit.report.summary import summary

        _say(summary(report, options))
    if _told(report.bugs):
        return 2
    worst = report.worst()
    failed = worst is not None and SEVERITIES.index(worst) >= SEVERITIES.index(options.fail_on)
    return 1 if failed and not options.exit_zero else 0


def _show(options: Options) -> int:
    from gwaudit.audit import prepare
    from gwaudit.report.show import render

    workspace, _ = prepare(options)
    text = render(workspace, options, _colored(options))
    if options.output_file is not None:
        _write(options.output_file, text)
    else:
        _print(text)
    return 2 if _told(workspace.bugs) else 0


def _rule(options: Options) -> int:
    from gwaudit.config import load
    from gwaudit.report.explain import explain
    from gwaudit.root import open_tree
    from gwaudit.rules.load import rules_for

    tree = open_tree()
    _print(explain(options, rules_for(load(tree, options), options, tree), _colored(options)))
    return 0


def _version(options: Options) -> int:
    _print(f"gwaudit {__version__}\n")
    return 0


_COMMANDS = {"check": _check, "show": _show, "rule": _rule, "version": _version}


def _print(text: str) -> None:
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.stdout.write(text)
    sys.stdout.flush()


def _say(text: str) -> None:
    if text:
        sys.stderr.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        print(text, file=sys.stderr)


def _write(path: str, text: str) -> None:
    try:
        with open(path, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
            stream.write(text)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror or error}") from None


def _colored(options: Options) -> bool:
    """Colour on a terminal, unless the user or the environment says otherwise."""
    if options.color != "auto":
        return options.color == "always"
    if options.output_file is not None or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _describe(error: ConfigurationError) -> str:
    """``error: message`` with a frame around the place, where there is one; no value of it that may be a secret."""
    from gwaudit.report.redact import without_keys

    lines = [f"error: {without_keys(error.message)}"]
    if error.location is not None:
        lines.append(f"  --> {error.location}")
        span = error.location.span
        if error.text is not None and span is not None:
            number = str(span.line)
            gutter = " " * len(number)
            end = span.end_column if span.end_line == span.line else len(error.text) + 1
            caret = " " * (span.column - 1) + "^" * max(1, end - span.column)
            lines += [f" {gutter} |", f" {number} | {without_keys(error.text)}", f" {gutter} | {caret}"]
    if error.hint:
        lines.append(f"  = help: {error.hint}")
    return "\n".join(lines)


def _told(bugs: dict[str, str]) -> bool:
    """Say which steps of ours failed, each with the deployment that it failed on; whether there are any."""
    from gwaudit.report.redact import printable

    for what, target in bugs.items():
        _say(_own_bug(f"could not judge all of {printable(target)}: {what}"))
    return bool(bugs)


def _own_bug(what: str) -> str:
    return (
        f"gwaudit {__version__} {what}. This is a bug in gwaudit, not in your files.\n"
        "Please report it with this line; GWAUDIT_DEBUG=1 shows the whole traceback (it may hold values of your files)."
    )


if __name__ == "__main__":
    sys.exit(main())
