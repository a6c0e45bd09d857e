"""Why an application refuses to start with a secret: its own checks at start-up, by release."""

from __future__ import annotations

from gwaudit.resolve.profile.version import within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def refusal(
    data: dict[str, Any], name: str, value: str, version: str | None, stage: str | None
) -> tuple[str, str] | None:
    """The reason in words and the first release that refuses; None where it starts, or nobody can tell.

    ``version`` None stands for the latest release of the profile; ``stage`` None for a stage that is not known.
    """
    for rule in data.get("refusals", ()):
        if name not in rule["variables"] or not within(version or data.get("latest"), rule):
            continue
        if "environments" in rule and stage not in rule["environments"]:
            continue
        for check in rule["checks"]:
            reason = _CHECKS[check](data, value)
            if reason:
                return reason, rule["since"]
    return None


def entropy(text: str) -> float:
    """Shannon entropy of the characters, in bits per character."""
    from math import log2

    total = len(text)
    counts = {char: text.count(char) for char in set(text)}
    return -sum(count / total * log2(count / total) for count in counts.values()) if total else 0.0


def _empty(data: dict[str, Any], value: str) -> str | None:
    return None if value.strip() else "it is empty"


def _short(data: dict[str, Any], value: str) -> str | None:
    least = int(data["minimum_secret_length"])
    return f"it has {len(value)} characters, {least} are required" if len(value) < least else None


def _placeholder(data: dict[str, Any], value: str) -> str | None:
    return "it is an unset placeholder" if value.lower().startswith(data["placeholder_prefix"]) else None


def _weak(data: dict[str, Any], value: str) -> str | None:
    return "it is on the published list of weak values" if value.lower() in data["weak_secrets"] else None


def _low_entropy(data: dict[str, Any], value: str) -> str | None:
    least = float(data["minimum_entropy"])
    return f"its entropy is below {least} bits per character" if entropy(value) < least else None


_CHECKS = {"empty": _empty, "short": _short, "placeholder": _placeholder, "weak": _weak, "low-entropy": _low_entropy}
