"""Commands as they will run: words that remember where they came from, the environment and directory they run in."""

from __future__ import annotations

from gwaudit.resolve.fact import Fact, Source, Step, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.resolve.environment import Environment
    from gwaudit.source import Location


class Word:
    """One word of a command.

    ``inputs`` are the facts (environment variables) it was made from; ``optional`` is the reason why nobody knows whether
    the word is there at all (it was added in a branch that cannot be decided), None for a word that surely is. A word that
    is Unknown and optional may stand for any number of words (an unquoted variable). ``pieces`` are the known and unknown
    stretches of a word that is known in part (``--bind=0.0.0.0:`` and the unknown port), empty otherwise.
    """

    __slots__ = ("inputs", "optional", "pieces", "source", "value")

    def __init__(
        self,
        value: str | Unknown,
        source: Source,
        inputs: Iterable[Fact] = (),
        optional: str | None = None,
        pieces: Iterable[str | Unknown] = (),
    ) -> None:
        self.value = value
        self.source = source
        self.inputs = tuple(inputs)
        self.optional = optional
        self.pieces = tuple(pieces)

    @property
    def text(self) -> str | None:
        return self.value if isinstance(self.value, str) else None

    def __repr__(self) -> str:
        mark = "?" if self.optional else ""
        return f"Word({self.value!r}{mark})"


class Command:
    """A program and its arguments, with everything that decides how it runs.

    ``directory`` is the working directory inside the container (absolute), None where it is unknown. ``foreground`` says
    that the platform's stop signal reaches this process itself: every step on the way was an ``exec``, a forwarding init,
    or the exec form; False where a shell stays in between, None where nobody can tell. ``shell_form`` says that the CMD or
    ENTRYPOINT of an image in shell form started it. ``via`` is the way from the manifest to here.
    """

    __slots__ = ("directory", "environment", "foreground", "init", "location", "piped", "shell_form", "via", "words")

    def __init__(
        self,
        words: Iterable[Word],
        environment: Environment,
        directory: str | None,
        location: Location | None = None,
        via: Iterable[Step] = (),
        foreground: bool | None = True,
        shell_form: bool = False,
        piped: bool = False,
        init: bool = False,
    ) -> None:
        self.words = tuple(words)
        self.environment = environment
        self.directory = directory
        self.location = location
        self.via = tuple(via)
        self.foreground = foreground
        self.shell_form = shell_form
        self.piped = piped
        self.init = init  # an init process (tini, dumb-init, docker --init) stands in front

    @property
    def program(self) -> str | None:
        """The base name of the program, None where it is unknown."""
        first = self.words[0].text if self.words else None
        return first.rsplit("/", 1)[-1] if first else None

    def __repr__(self) -> str:
        return f"Command({' '.join(w.text if w.text is not None else '<?>' for w in self.words)})"
