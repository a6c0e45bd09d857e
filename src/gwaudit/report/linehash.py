"""GitHub's ``primaryLocationLineHash``: how code scanning follows a line from one upload to the next.

The algorithm is that of github/codeql-action (``src/fingerprints.ts``): a rolling polynomial hash over the 100 UTF-16 code
units, blanks left out, that begin at the start of a line. A value that differs from GitHub's own would be kept with a
warning for each result, so it has to be exact.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

BLOCK = 100
MOD = 37
_MASK = (1 << 64) - 1
_FIRST = pow(MOD, BLOCK, 1 << 64)
_SPACE, _TAB, _LF, _CR, _EOF = 32, 9, 10, 13, 65535


def line_hashes(text: str, wanted: Iterable[int]) -> dict[int, str]:
    """The hashes ``hex:count`` of the wanted lines (1-based). ``text`` is the file's, a byte order mark included."""
    missing = set(wanted)
    found: dict[int, str] = {}
    if not missing:
        return found
    counts: dict[int, int] = {}
    window = [0] * BLOCK
    lines = [-1] * BLOCK
    index = value = line = 0
    at_start = True
    for unit in _units(text):
        if lines[index] != -1:
            counts[value] = count = counts.get(value, 0) + 1
            if lines[index] in missing:
                missing.discard(lines[index])
                found[lines[index]] = f"{value:x}:{count}"
                if not missing:
                    break
            lines[index] = -1
        if at_start:
            at_start = False
            line += 1
            lines[index] = line
        if unit == _LF:
            at_start = True
        begin = window[index]
        window[index] = unit
        value = (MOD * value + unit - _FIRST * begin) & _MASK
        index = (index + 1) % BLOCK
    return found


def _units(text: str) -> Iterable[int]:
    """UTF-16 code units without blanks, every line end as one line feed, then the end mark and a window of zeros."""
    encoded = text.encode("utf-16-le", "surrogatepass")
    after_return = False
    for at in range(0, len(encoded), 2):
        unit = encoded[at] | encoded[at + 1] << 8
        if unit in (_SPACE, _TAB) or (after_return and unit == _LF):
            after_return = False
            continue
        after_return = unit == _CR
        yield _LF if after_return else unit
    yield _EOF
    yield from (0 for _ in range(BLOCK))
