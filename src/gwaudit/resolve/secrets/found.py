"""A secret that was found in a text by its own form or by the name it is assigned to."""

from __future__ import annotations


class Found:
    """``start``..``end`` are offsets of the value in the text; ``value`` never leaves memory.

    ``key`` is the name it is assigned to, ``provider`` who issued it, ``verified`` whether its own checksum proves that,
    ``detail`` what may be said of it (``HS256, never expires``), ``generated`` whether it is key material by its form.
    """

    __slots__ = ("detail", "end", "generated", "key", "kind", "provider", "start", "value", "verified")

    def __init__(
        self,
        value: str,
        kind: str,
        start: int,
        end: int,
        key: str | None = None,
        provider: str | None = None,
        detail: str | None = None,
        verified: bool = False,
        generated: bool = True,
    ) -> None:
        self.value = value
        self.kind = kind
        self.start = start
        self.end = end
        self.key = key
        self.provider = provider
        self.detail = detail
        self.verified = verified
        self.generated = generated

    def __repr__(self) -> str:
        return f"Found({self.kind} of {len(self.value)} characters at {self.start})"
