"""The number of CPUs, in all the ways a configuration file asks for it."""

from __future__ import annotations

from gwaudit.resolve.fact import Absent, Fact, Source
from gwaudit.resolve.python.value import Opaque, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.python.machine import Builtin, Frame, Machine
CPU_COUNTS = frozenset(
    (
        "os.cpu_count", "multiprocessing.cpu_count", "os.process_cpu_count", "psutil.cpu_count",
        "loky.cpu_count", "joblib.cpu_count", "multiprocessing.context.cpu_count",
    )
)  # fmt: skip


def cpus(m: Machine) -> Value:
    """The number of CPUs: the user's assumption, else unknown and at least 1."""
    assumed = m.assume.get("cpus")
    if assumed is not None:
        if m.cpus is None:
            m.cpus = Fact("cpus", int(assumed), Source("assumed", str(assumed)), assumed=True)
        return Value(int(assumed), (m.cpus,))
    return Value(Opaque("the number of CPUs is known at run time only", ("cpus",), 1, None, (), "int"))


def stated_cpus(m: Machine) -> Value | None:
    """PYTHON_CPU_COUNT, which ``os.cpu_count`` answers from Python 3.13 on; None where it says nothing."""
    if "PYTHON_CPU_COUNT" not in m.environment:
        return None
    fact = m.environment.get("PYTHON_CPU_COUNT")
    if isinstance(fact.value, Absent) or fact.value in ("", "default"):
        return None
    version = m.assume.get("python")
    numbers = [int(part) for part in str(version or "").split(".")[:2] if part.isdigit()]
    if version is not None and numbers < [3, 13]:
        return None
    text = fact.value
    if version is not None and isinstance(text, str) and text.isdigit() and int(text[:9]) > 0:
        return Value(int(text[:9]), (fact,))
    return Value(Opaque("PYTHON_CPU_COUNT counts from Python 3.13 on", ("python",), 1, None, (), "int"), (fact,))


def _affinity(m: Machine, args: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return Value(Opaque("the CPUs of the process are known at run time only", ("cpus",), None, None, (), "cpu-set"))


FUNCTIONS: dict[str, Builtin] = {
    "os.sched_getaffinity": _affinity,
}
