"""Many fixed texts looked for at once in the bytes of a file."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

_SMALL = 30_000  # bytes: below that, a plain search for each text is faster than building the automaton
_FEW = 60  # files: as long as no more were searched


class Literals:
    """``hits`` answers index and offset (bytes) of every occurrence; the automaton is built for a large file or many."""

    __slots__ = ("_asked", "_automaton", "_texts", "lengths")

    def __init__(self, texts: Iterable[bytes]) -> None:
        self._texts = list(texts)
        self.lengths = [len(text) for text in self._texts]
        self._automaton: Any = None
        self._asked = 0

    def hits(self, data: bytes) -> Iterable[tuple[int, int]]:
        if self._automaton is None:
            self._asked += 1
            if len(data) <= _SMALL and self._asked <= _FEW:
                return self._plain(data)
            import ahocorasick_rs

            kind = ahocorasick_rs.Implementation.DFA  # twice as fast as the default, for a few hundred kilobytes
            self._automaton = ahocorasick_rs.BytesAhoCorasick(self._texts, implementation=kind)
        found = self._automaton.find_matches_as_indexes(data, overlapping=True)
        return [(index, start) for index, start, _ in found]

    def _plain(self, data: bytes) -> Iterator[tuple[int, int]]:
        for index, text in enumerate(self._texts):
            at = data.find(text)
            while at >= 0:
                yield index, at
                at = data.find(text, at + 1)
