"""Keeps secret values out of every output: facts whose name or form says that they hold one are marked before printing."""

from __future__ import annotations

from gwaudit.resolve.fact import Fact, Source
from gwaudit.resolve.secrets.names import holds_secret
from gwaudit.resolve.secrets.values import judge, url_password

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.environment import Environment

_OPEN = ("reference", "harmless", "empty")


def is_secret(name: str, value: object) -> bool:
    """Whether a variable's value must not be shown: a secret name with a value of its own, or a URL with a password."""
    if isinstance(value, (tuple, list)):
        return any(is_secret(name, item) for item in value)
    if not isinstance(value, str):
        return False
    if url_password(value) is not None or "PRIVATE KEY-----" in value:
        return True
    if "=" in value and not holds_secret(name):
        inner, _, rest = value.partition("=")
        return inner.replace("_", "").isalnum() and len(inner) < 80 and is_secret(inner, rest)
    return holds_secret(name) and judge(value).what not in _OPEN


def marked(fact: Fact, name: str | None = None) -> Fact:
    """The fact, with ``secret`` set on it and on what it overrode where a secret stands; its raw text is dropped."""
    name = name or fact.name.rsplit(".", 1)[-1]
    secret = fact.secret or is_secret(name, fact.value) or any(item.secret for item in fact.inputs)
    shadowed = tuple([marked(low, name) for low in fact.shadowed])
    source = fact.source
    if secret and source.raw is not None:
        source = Source(source.layer, None, source.location, source.via)
    elif secret == fact.secret and all(new is old for new, old in zip(shadowed, fact.shadowed, strict=True)):
        return fact
    return Fact(fact.name, fact.value, source, shadowed, fact.inputs, fact.derivation, fact.assumed, secret)


def keep(environment: Environment) -> None:
    """Mark the variables of an environment in place."""
    environment.replace(lambda fact: marked(fact, fact.name[4:]))
