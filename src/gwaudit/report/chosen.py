"""Which services and facts ``show`` was asked for, and what was probably meant where there is none of that name."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.options import Options
    from gwaudit.resolve.fact import Fact
    from gwaudit.resolve.model import Subject


def facts_of(service: Subject, options: Options) -> Iterator[Fact]:
    """The facts of a service that the options ask for, by name: its own, its workload's, and its variables."""
    found: dict[str, Fact] = {}
    subject: Subject | None = service
    while subject is not None and subject.kind in ("container", "workload"):
        for name, fact in subject.facts.items():
            found.setdefault(name, fact)
        subject = subject.parent
    for fact in service.environment or ():
        found.setdefault(fact.name, fact)
    wanted = options.setting
    for name in sorted(found):
        if wanted is None or name == wanted or name.partition(".")[2] == wanted:
            yield found[name]


def services_of(target: Subject, options: Options) -> Iterator[Subject]:
    """The containers of a target that the options ask for, by their own name or their workload's."""
    for service in target.walk("container"):
        if options.service is None or options.service in (
            service.name,
            service.parent.name if service.parent else None,
        ):
            yield service


def named(target: Subject, options: Options, names: set[str]) -> Subject:
    """The target, whose names that could have been meant were added: of services, or of settings and variables."""
    for service in target.walk("container") if options.service or options.setting else ():
        above = service.parent
        if options.service:
            names.add(service.name)
            if above is not None:
                names.add(above.name)
        if options.setting and options.service in (None, service.name, above.name if above is not None else None):
            facts = [
                *service.facts.values(),
                *(above.facts.values() if above is not None else ()),
                *(service.environment or ()),
            ]
            names.update(part for fact in facts for part in (fact.name, fact.name.partition(".")[2]))
    return target


def meant(options: Options, names: set[str]) -> str:
    """``: did you mean timeout?``, of what was asked for and is not there."""
    from gwaudit.errors import near

    for asked in (options.service, options.setting):
        if asked is not None and asked not in names:
            hint = near(asked, sorted(names))
            return f": {hint}" if hint else "."
    return "."
