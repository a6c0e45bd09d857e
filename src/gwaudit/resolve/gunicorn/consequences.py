"""What follows from the settings: the application, the directory and the environment of the workers."""

from __future__ import annotations

import posixpath

from gwaudit.resolve.fact import Fact, Source, Step, Unknown
from gwaudit.resolve.gunicorn.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.gunicorn.config_layer import ConfigLayer
    from gwaudit.resolve.gunicorn.given import Arguments
    from gwaudit.resolve.gunicorn.run import GunicornRun


def conclude(run: GunicornRun, given: Arguments | None, layer: ConfigLayer | None) -> None:
    """Complete the run by what its settings, the flags and the configuration file imply."""
    workers = run.settings["workers"]
    unknown = workers.value if isinstance(workers.value, Unknown) else None
    run.cpu_derived = (unknown is not None and "cpus" in unknown.depends_on) or any(
        fact.name == "cpus" for fact in workers.inputs
    )
    _application(run, given)
    _environment(run, layer)
    folder = run.settings["chdir"].value
    if isinstance(folder, str):
        run.directory = posixpath.normpath(folder)
    elif isinstance(folder, Unknown) and run.settings["chdir"].source.layer != "default":
        run.directory = None


def _application(run: GunicornRun, given: Arguments | None) -> None:
    stated = run.settings.get("wsgi_app")
    if given is not None and given.positional:
        word = given.positional[0]
        source = Source("command-line", word.source.raw, word.source.location, word.source.via)
        fact = Fact("gunicorn.app", word.value, source, inputs=word.inputs)
        if word.optional is not None:
            fact = Fact("gunicorn.app", Unknown(word.optional), source, inputs=word.inputs)
        run.app = fact.over(stated.renamed("gunicorn.app") if stated is not None and stated.value else None)
        return
    if stated is not None and stated.value is not None:
        run.app = stated.renamed("gunicorn.app")
        return
    leaves = given is not None and (given.leaves or given.unread)
    paste = run.settings.get("paste")
    if given is not None and not leaves and (paste is None or paste.value is None):
        run.problems.append(Problem("no-application", "", "No application module specified."))


def _environment(run: GunicornRun, layer: ConfigLayer | None) -> None:
    """What workers inherit: the file's own changes, then ``raw_env`` (set after the settings are read)."""
    raw = run.settings["raw_env"]
    if (layer is None or not layer.environment) and not raw.value:
        return
    environment = run.environment.copy()
    if layer is not None:
        for fact in layer.environment:
            environment.put(fact)
    if isinstance(raw.value, tuple):
        for item in raw.value:
            name, equals, text = str(item).partition("=")
            if not equals:
                message = f"environment setting {str(item)[:40]!r} invalid"
                run.problems.append(Problem("invalid-value", "raw_env", message, raw.location))
                continue
            source = Source(raw.source.layer, text, raw.location, (*raw.source.via, *_step(raw)))
            environment.put(Fact(f"env.{name}", text, source, inputs=raw.inputs, secret=raw.secret))
    elif isinstance(raw.value, Unknown):
        environment.opaque(f"raw_env of gunicorn: {raw.value.reason}")
    run.environment = environment


def _step(raw: Fact) -> tuple[Step, ...]:
    return (Step(raw.location, "raw_env"),) if raw.location is not None else ()
