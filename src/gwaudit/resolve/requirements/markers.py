"""Whether a requirement applies in a Linux container, as far as its environment marker can be decided."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_LINUX = {
    "os_name": "posix",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "platform_python_implementation": "CPython",
    "implementation_name": "cpython",
}


def applies(marker: str, python: str | None, extras: Iterable[str] = ()) -> bool | None:
    """True or False where the marker can be decided for Linux and that Python, None where it depends on something else."""
    if not marker:
        return True
    from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName

    try:
        parsed = Marker(marker)
        answers = set()
        for version in (python,) if python else ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"):
            for machine in ("x86_64", "aarch64") if "platform_machine" in marker else ("x86_64",):
                environment = {
                    **_LINUX,
                    "python_version": ".".join(str(version).split(".")[:2]),
                    "python_full_version": str(version) if str(version).count(".") > 1 else f"{version}.0",
                    "implementation_version": f"{version}.0",
                    "platform_machine": machine,
                    "platform_release": "",
                    "platform_version": "",
                    "extra": "",
                }
                names = list(extras) or [""]
                answers.add(any(parsed.evaluate({**environment, "extra": extra}) for extra in names))
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName, ValueError, RecursionError):
        return None
    return answers.pop() if len(answers) == 1 else None
