"""Values as people read them: units, bounds, and credentials as their kind and length."""

from __future__ import annotations

from gwaudit.report.redact import covered, masked, scrub
from gwaudit.resolve.fact import Absent, Unknown
from gwaudit.resolve.secrets.spoken import of_name, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.fact import Fact

_UNITS = (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10))


def text_of(fact: Fact) -> str:
    """A value as people read it; a secret is its kind and length."""
    value = fact.value
    if isinstance(value, Unknown):
        bounds = ""
        if value.low is not None or value.high is not None:
            low, high = ("?" if bound is None else _plain(bound) for bound in (value.low, value.high))
            bounds = f", {low}..{high}"
        return f"unknown ({value.reason}{bounds})"
    if isinstance(value, Absent):
        return "not set"
    if isinstance(value, tuple) and (shown := words_of(fact)) is not None:
        return " ".join("<?>" if word is None else word for word in shown)
    if fact.secret:
        return f"[secret, {len(str(value))} characters]"
    return _value(fact.name, value)


def words_of(fact: Fact) -> list[str | None] | None:
    """The words of a command or list without its credentials, what is unknown of it as None.

    None for a secret list in which none was found, so that no word of it may be shown.
    """
    given = [one.value for one in fact.inputs if fact.secret and one.secret and isinstance(one.value, str)]
    shown: list[str | None] = []
    hides = False
    for word, spans in zip(fact.value, words(fact.value), strict=True):
        if isinstance(word, Unknown):
            shown.append(None)
            continue
        text = str(word)
        new = masked(covered(text, spans, counted=True), given)
        new = new if spans else scrub(new)
        hides = hides or new != text
        shown.append(new)
    return shown if hides or not fact.secret else None


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "none"}[value]
    if isinstance(value, int) and name.rsplit(".", 1)[-1].startswith("memory") and value >= 1 << 20:
        unit, factor = next((unit, factor) for unit, factor in _UNITS if value >= factor)
        return f"{_plain(round(value / factor, 2))} {unit}"
    if isinstance(value, (int, float)):
        return _plain(value)
    text = str(value)
    return scrub(covered(text, of_name(name[4:] if name.startswith("env.") else "", text), counted=True)) or "(empty)"


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else str(number)
