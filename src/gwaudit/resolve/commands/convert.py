"""What options mean: CPUs, sizes and times as the platforms' command lines write them."""

from __future__ import annotations

from gwaudit.resolve.compose.units import integer_of, seconds_of
from gwaudit.resolve.kubernetes.quantity import cpus, whole_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def convert(kind: str, text: str) -> Any:
    """The value of a text by ``kind``: cpu (CPUs), memory (bytes), seconds, integer, port; None where it is none."""
    match kind:
        case "cpu":
            return cpus(text)
        case "memory":
            return whole_bytes(text)
        case "seconds":
            return seconds_of(text)
        case "port":
            # Cloud Run and Code Engine take NAME:PORT too (h2c:8080).
            number = integer_of(text.rpartition(":")[2])
            return number if number is not None and 0 < number < 65536 else None
    return integer_of(text)
