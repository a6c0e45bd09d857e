"""How long a stop takes and who hears the stop signal."""

from __future__ import annotations

from gwaudit.resolve.derive.arithmetic import combine, number
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.service import Service


def shutdown(service: Service) -> None:
    """``gunicorn.shutdown_wait`` = preStop sleep + graceful_timeout (seconds); ``container.signal_problem``."""
    subject, command = service.subject, service.command
    if service.gunicorn is not None:
        graceful = subject.fact("gunicorn.graceful_timeout")
        pre_stop = subject.fact("workload.pre_stop")
        if pre_stop.known and pre_stop.value:
            text = f"preStop {number(pre_stop)} s + graceful_timeout {number(graceful)} s"
            subject.put(combine("gunicorn.shutdown_wait", [graceful, pre_stop], lambda g, p: g + p, text))
        else:
            waited = combine(
                "gunicorn.shutdown_wait", [graceful], lambda g: g, f"graceful_timeout {number(graceful)} s"
            )
            subject.put(
                Fact(waited.name, waited.value, graceful.source, graceful.shadowed, (graceful,), waited.derivation)
            )
    if command is None:
        return
    problem: str | None = None
    if command.foreground is False and not command.init:
        shell = "CMD or ENTRYPOINT in shell form" if command.shell_form else "a script that does not exec the server"
        problem = f"{shell}: the shell gets the signal and does not pass it on"
    if command.piped:
        problem = "the server's output is piped: the shell waits for the pipe and gets the signal"
    place = subject.fact("process.argv").source
    commands = service.launch.commands if service.launch is not None else ()
    if problem is not None and any(
        other.foreground is not False for other in commands if other.program == command.program
    ):
        unsure = Unknown("a branch of the launch script decides whether the shell stays in front of the server")
        subject.set("container.signal_problem", unsure, Source("derived"))
        return
    subject.set("container.signal_problem", problem or ABSENT, place)
