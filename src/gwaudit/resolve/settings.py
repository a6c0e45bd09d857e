"""One ``setting`` subject per gunicorn setting that a layer above the defaults sets, and per name gunicorn does not know."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.model import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.gunicorn.problem import Problem
    from gwaudit.resolve.gunicorn.run import GunicornRun
    from gwaudit.resolve.service import Service

_IN_FILE = ("unknown-name", "clobbered", "raises", "syntax-error", "not-in-release", "missing-variable")
_KNOWN = ("invalid-value", "not-in-release", "clobbered")
_FLAGS = ("unknown-flag", "removed-flag", "ambiguous-flag", "bad-flag", "unrecognized-argument")
_REFUSED = ("invalid-value", "ambiguous-flag", "bad-flag")
_LAYERS = ("config-file", "cmd-args-env", "command-line")


def describe(service: Service) -> None:
    run = service.gunicorn
    if run is None:
        return
    for fact in run.settings.values():
        if fact.source.layer in _LAYERS:
            _effect(service, run, _known(service, fact))
    _problems(service, run)


def _effect(service: Service, run: GunicornRun, subject: Subject) -> None:
    """``setting.without_effect``, at the place of the setting."""
    from gwaudit.resolve.gunicorn.no_effect import why_no_effect

    kind = service.subject.known("gunicorn.worker_kind")
    why = why_no_effect(run, subject.name, kind)
    place = Source("derived") if isinstance(why, Unknown) else subject.fact("setting.value").source
    subject.set("setting.without_effect", ABSENT if why is None else why, place)


def _known(service: Service, fact: Fact) -> Subject:
    name = fact.name.split(".", 1)[1]
    subject = Subject("setting", name, service.subject, fact.location)
    subject.set("setting.name", name, fact.source)
    subject.set("setting.written", name, fact.source)
    subject.put(fact.renamed("setting.value"))
    subject.set("setting.layer", fact.source.layer, fact.source)
    subject.set("setting.known", True, fact.source)
    lower = next(
        (low for low in fact.shadowed if low.source.layer in _LAYERS and low.source.layer != fact.source.layer), None
    )
    if lower is None:
        for missing in ("setting.shadowed_layer", "setting.shadowed_value"):
            subject.set(missing, ABSENT, fact.source)
        subject.set("setting.differs", False, fact.source)
    else:
        subject.set("setting.shadowed_layer", lower.source.layer, lower.source)
        subject.set("setting.shadowed_value", lower.value, lower.source)
        both = fact.known and lower.known
        differs = fact.value != lower.value if both else _either(fact, lower)
        subject.put(Fact("setting.differs", differs, Source("derived"), (), (fact,)))
    return subject


def _either(fact: Fact, lower: Fact) -> object:
    unknown = fact.value if isinstance(fact.value, Unknown) else lower.value
    return unknown if isinstance(unknown, Unknown) else True


def _problems(service: Service, run: GunicornRun) -> None:
    """Names, flags and values that gunicorn skips or refuses."""
    for problem in run.problems:
        subject = Subject("setting", problem.name, service.subject, problem.location)
        layer = "config-file" if problem.kind in _IN_FILE else "command-line"
        effective = run.settings.get(problem.name)
        if problem.kind == "invalid-value" and effective is not None:
            layer = effective.source.layer
        place = Source(layer, None, problem.location)
        subject.set("setting.name", problem.name, place)
        subject.set("setting.written", problem.name or problem.kind.replace("-", " "), place)
        subject.set("setting.layer", layer, place)
        subject.set("setting.known", problem.kind in _KNOWN, place)
        subject.set("setting.is_flag", problem.kind in _FLAGS, place)
        subject.set("setting.valid", problem.kind not in _REFUSED, place)
        subject.set("setting.problem_kind", problem.kind, place)
        subject.set("setting.problem", problem.message or ABSENT, place)
        subject.set("setting.suggestion", problem.suggestion or ABSENT, place)
        subject.set("setting.variable", _variable(run, problem) or ABSENT, place)
        elsewhere = run.release.elsewhere.get(problem.name)
        fixed: object = elsewhere or ABSENT
        if elsewhere and run.release.assumed:
            fixed = Unknown("the version of gunicorn is not known", ("gunicorn.version",))
        subject.set("setting.in_version", fixed, Source("derived") if isinstance(fixed, Unknown) else place)
        subject.set("setting.harmless", False, place)
        meant = run.release.flags.get(problem.suggestion or "")
        meant_name = meant.name if meant is not None else problem.suggestion
        if meant_name and meant_name in run.settings:
            real = run.settings[meant_name]
            subject.put(Fact("setting.effective_value", real.value, Source(real.source.layer), inputs=()))
            subject.set("setting.harmless", real.known and real.value == problem.value, Source("derived"))


def _variable(run: GunicornRun, problem: Problem) -> str | None:
    """The variable of gunicorn's own whose value is refused: gunicorn reads it for a default, whatever the flags say."""
    setting = run.release.settings.get(problem.name)
    variable = setting.variable if setting is not None else None
    return variable if variable and problem.message.startswith(f"{variable}: ") else None
