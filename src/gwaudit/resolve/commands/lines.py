"""Command lines with places: in scripts, in recipes of Makefiles, in the scripts inside CI files."""

from __future__ import annotations

from gwaudit.discover import format_of
from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.parse.shell import Script
from gwaudit.parse.shell.syntax import Assign, Node, Raw, Simple
from gwaudit.pattern import regex
from gwaudit.resolve.commands.words import Variables, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

    from gwaudit.parse import document
    from gwaudit.parse.makefile import Makefile
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location, SourceFile

_PROGRAMS = regex(r"ibmcloud|gcloud|\baz\b")
_EXPRESSION = regex(r"\$\{\{[^}\n]{0,200}\}\}|\$\([A-Za-z][A-Za-z0-9_.]{0,80}\)")
_SHELLS = ("sh", "bash", "dash", "zsh")
_COMMAND_OPTIONS = ("-c", "-lc", "-ec", "-euc", "-exc")
MAX_LINES = 500


class CommandLine:
    """The words of one simple command; ``label`` is its Makefile target, ``variables`` what its words may hold."""

    __slots__ = ("label", "place", "variables", "words")

    def __init__(self, words: list[Word], place: Location, label: str | None, variables: Variables) -> None:
        self.words = words
        self.variables = variables
        self.place = place
        self.label = label


def command_lines(workspace: Workspace, path: str, programs: re.Pattern[str] = _PROGRAMS) -> list[CommandLine]:
    """The lines of a file that may start one of the programs, in the order written; ``sh -c`` is looked into."""
    found: list[CommandLine] = []
    for script, label, variables in _scripts(workspace, path, programs):
        variables.read(script, _simples(script.body))
        pending = [(script, node) for node in _simples(script.body)]
        while pending and len(found) < MAX_LINES:
            inside, node = pending.pop(0)
            words = [word for word in node.words if isinstance(word, Raw)]
            given = _given_script(words)
            if given is not None and programs.search(given.text) is not None and inside is script:
                inner = Script(given.text[1:-1], _from_inner(script, given))
                pending[:0] = [(inner, below) for below in _simples(inner.body)]
            elif words and any(programs.search(word.text) for word in words[:4]):
                resolved = [variables.word(word.text, _from_word(inside, word)) for word in words]
                found.append(CommandLine(resolved, inside.place(node.start, node.end), label, variables))
    return found


def _given_script(words: list[Raw]) -> Raw | None:
    """The quoted text after ``sh -c``."""
    for at, word in enumerate(words[:8]):
        if word.text.rpartition("/")[2] in _SHELLS and len(words) > at + 2 and words[at + 1].text in _COMMAND_OPTIONS:
            given = words[at + 2]
            return given if given.text[:1] in ("'", '"') and given.text[-1:] == given.text[:1] else None
    return None


def _from_inner(script: Script, word: Raw) -> Callable[[int, int], Location]:
    return lambda start, end: script.place(word.start + 1 + start, word.start + 1 + end)


def _scripts(
    workspace: Workspace, path: str, programs: re.Pattern[str]
) -> Iterator[tuple[Script, str | None, Variables]]:
    format = format_of(path)
    if format == "makefile":
        document = workspace.document(path, "makefile")
        root: Makefile | None = document.root if document is not None else None
        for rule in root.rules if root is not None else ():
            for recipe in rule.recipes:
                if programs.search(recipe.text) is not None:
                    yield Script(recipe.text, _from(recipe.file, recipe.start)), rule.targets[0], Variables(root)
    elif format == "shell" or (format is None and "." not in path.rpartition("/")[2]):  # told by its first line
        document = workspace.document(path, "shell")
        if document is not None:
            yield document.root, None, Variables()
    else:
        for each in workspace.documents(path):
            for scalar in _scalars(each.root):
                if programs.search(scalar.text) is not None:
                    # What the CI service fills in becomes a variable that nobody sets, as long as it was.
                    text = _EXPRESSION.sub(lambda match: "${" + "_" * (len(match.group()) - 3) + "}", scalar.text)
                    yield Script(text, _inside(scalar)), None, Variables()


def _from_word(script: Script, word: Raw) -> Callable[[int, int], Location]:
    return lambda start, end: script.place(word.start + start, word.start + end)


def _from(file: SourceFile, begin: int) -> Callable[[int, int], Location]:
    return lambda start, end: file.location(begin + start, begin + end)


def _inside(scalar: Scalar) -> Callable[[int, int], Location]:
    """Places in a scalar's text: exact in block scalars that keep lines and where the text stands as it is."""
    file, raw = scalar.file, scalar.raw
    if scalar.style in ("plain", "single", "double"):
        at = raw.find(scalar.text)
        return _from(file, scalar.start + at) if at >= 0 else lambda _start, _end: scalar.location
    if scalar.style != "literal":
        return lambda _start, _end: scalar.location
    written = raw.split("\n")
    first = next((line for line in written[1:] if line.strip()), "")
    indent = len(first) - len(first.lstrip(" "))
    starts = [scalar.start + len(written[0]) + 1]
    for line in written[1:]:
        starts.append(starts[-1] + len(line) + 1)

    def place(start: int, end: int) -> Location:
        def offset(at: int) -> int:
            line = scalar.text.count("\n", 0, at)
            column = at - (scalar.text.rfind("\n", 0, at) + 1)
            return min(starts[min(line, len(starts) - 1)] + indent + column, scalar.end)

        return file.location(offset(start), offset(end))

    return place


def _scalars(root: object) -> Iterator[Scalar]:
    """Every scalar of a tree, in order."""
    stack: list[document.Node | object] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Scalar):
            yield node
        elif isinstance(node, Mapping):
            stack.extend(value for _, value in reversed(node.entries))
        elif isinstance(node, Sequence):
            stack.extend(reversed(node.items))


def _simples(root: Node) -> Iterator[Simple]:
    """Every simple command below a node, assignments alone included, whatever decides whether it runs."""
    stack: list[object] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Simple):
            yield node
        elif isinstance(node, Node):
            stack.extend(getattr(node, name) for name in reversed(type(node).__slots__))
        elif isinstance(node, (list, tuple)) and not isinstance(node, (Raw, Assign)):
            stack.extend(reversed(node))
