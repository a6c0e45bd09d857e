"""Regular expressions that are compiled when they are first used.

Compiling one takes about a million instructions, a tenth of what starting the interpreter does beside its imports; a run
over one file meets modules with dozens of them and uses a few.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from typing import Any, AnyStr

_METHODS = ("match", "fullmatch", "search", "finditer", "findall", "split", "sub", "subn")


class _Pattern:
    """Stands for ``re.Pattern``: its first use compiles it and puts the compiled methods in its place."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        import re

        compiled = re.compile(self._text, self._flags)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


if TYPE_CHECKING:

    def regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
        """A pattern for a module's constant; an error in it shows when it is first used, so a test compiles them all."""
        raise NotImplementedError

else:
    regex = lambda text, flags=0: _Pattern(text, flags)  # noqa: E731
