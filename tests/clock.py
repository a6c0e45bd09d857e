"""A limit on processor time that a slow or busy machine does not break."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

# Processor time differs by a factor of three between machines and by as much under load. The inputs are of a size for which
# an algorithm that grows too fast takes minutes, so a generous factor loses nothing.
FACTOR = 8


@contextlib.contextmanager
def ends_soon(seconds: float, what: str = "") -> Iterator[None]:
    """Fails when the block takes more than ``FACTOR`` times the ``seconds`` of processor time of a quiet machine."""
    start = time.process_time()
    yield
    taken = time.process_time() - start
    assert taken < FACTOR * seconds, f"{what[:40]} took {taken:.1f} s of processor time"
