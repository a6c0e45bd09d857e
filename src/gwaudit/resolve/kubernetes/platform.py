"""The platform's own defaults, caps and well-known names, read from rules/platforms."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def kubernetes() -> dict[str, Any]:
    return _section("kubernetes")


def knative() -> dict[str, Any]:
    return _section("knative")


def kustomize() -> dict[str, Any]:
    return _section("kustomize")


def stages() -> dict[str, Any]:
    return _section("stage")


def ingress() -> dict[str, Any]:
    return _section("ingress")


def _section(name: str) -> dict[str, Any]:
    from gwaudit.bundle import section

    found: dict[str, Any] = section(f"platforms/{name}")
    return found
