"""Whether the application refuses to start with the secrets it gets, those that nobody sets included."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.service import Service


def refusal(service: Service) -> None:
    """``app.refused`` (why), ``app.refused_variable``, ``.refused_since`` and ``.refused_unset`` of the first such variable.

    Without a deployment (an image alone), what nobody sets is no mistake yet: that holds for a default login as well.
    """
    profile, subject = service.profile, service.subject
    bare = subject.known("target.kind") in ("image", "directory")  # no deployment: whoever runs it sets the variables
    login = subject.fact("auth.default_login")
    if bare and login.known and login.source.layer in ("profile", "default"):
        subject.set("auth.default_login", ABSENT)
    if profile is None or not profile.data.get("refusals") or subject.known("container.serves") is not True:
        return
    stage = subject.known("app.stage")
    names = dict.fromkeys(name for rule in profile.data["refusals"] for name in rule["variables"])
    unsure: Fact | None = None
    for name in names:
        fact = profile.setting(service.environment, name)
        if isinstance(fact.value, Unknown):
            unsure = unsure or fact
            continue
        refused = profile.refused(name, fact.value, str(stage) if stage is not None else None)
        if (
            fact.value == "" and subject.known("target.kind") == "helm"
        ):  # left open: the values of the release fill it in
            unsure = unsure or fact
            continue
        unset = fact.source.layer in ("profile", "default")
        if refused is None or (bare and unset):
            continue
        source = Source(fact.source.layer, None, fact.location, fact.source.via)
        hidden = Fact(f"env.{name}", fact.value, source, fact.shadowed, secret=True)
        subject.put(Fact("app.refused", refused[0], source, inputs=() if unset else (hidden,)))
        subject.set("app.refused_variable", name, source)
        subject.set("app.refused_since", refused[1], source)
        subject.set("app.refused_unset", unset, source)
        return
    if unsure is not None:
        subject.set("app.refused", Unknown(f"{unsure.name[4:]} is not known", (unsure.name,)), unsure.source)
    else:
        subject.set("app.refused", ABSENT)
