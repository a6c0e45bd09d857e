"""One ``setting`` subject per gunicorn setting that a layer above the defaults sets, and per name gunicorn does not know."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source
from gwaudit.resolve.model import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.gunicorn import GunicornRun
    from gwaudit.resolve.service import Service

_LAYERS = ("config-file", "cmd-args-env", "command-line")


def describe(service: Service) -> None:
    run = service.gunicorn
    if run is None:
        return
    for fact in run.settings.values():
        if fact.source.layer in _LAYERS:
            _known(service, fact)
    _problems(service, run)


def _known(service: Service, fact: Fact) -> None:
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
        subject.set("setting.differs", fact.value != lower.value if both else _either(fact, lower), fact.source)


def _either(fact: Fact, lower: Fact) -> object:
    from gwaudit.resolve.fact import Unknown

    unknown = fact.value if isinstance(fact.value, Unknown) else lower.value
    return unknown if isinstance(unknown, Unknown) else True


def _problems(service: Service, run: GunicornRun) -> None:
    """Names, flags and values that gunicorn skips or refuses."""
    for problem in run.problems:
        subject = Subject("setting", problem.name, service.subject, problem.location)
        place = Source(problem.layer, None, problem.location, problem.via)
        known = problem.kind in ("invalid-value", "not-in-version")
        subject.set("setting.name", problem.name, place)
        subject.set("setting.written", problem.written, place)
        subject.set("setting.layer", problem.layer, place)
        subject.set("setting.known", known, place)
        subject.set("setting.is_flag", problem.layer in ("command-line", "cmd-args-env"), place)
        subject.set("setting.valid", problem.kind not in ("invalid-value", "ambiguous-flag"), place)
        subject.set("setting.problem", problem.message or ABSENT, place)
        subject.set("setting.suggestion", problem.suggestion or ABSENT, place)
