"""RUN: packages that are installed, and places whose content nobody knows afterwards."""

from __future__ import annotations

import posixpath
import re

from gwaudit.parse.shell import Script, syntax
from gwaudit.parse.shell.syntax import Raw
from gwaudit.resolve.fact import Fact, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gwaudit.parse.dockerfile.syntax import Instruction
    from gwaudit.parse.shell.syntax import Node
    from gwaudit.resolve.image.stage import Stage
    from gwaudit.source import Location

_FAMILIES = {
    "apt-get": "apt", "apt": "apt", "apk": "apk", "dnf": "dnf", "yum": "dnf", "microdnf": "microdnf", "zypper": "zypper",
}  # fmt: skip
MAX_COMMANDS = 400


def build_step(stage: Stage, instruction: Instruction) -> None:
    """One RUN."""
    from gwaudit.resolve.image.known import table
    from gwaudit.resolve.requirements.installs import install_of

    plain = table()["harmless"]
    directory = stage.directory
    for words, start, end, written in commands_of(stage, instruction):
        place = instruction.locate(start, end) if start >= 0 else instruction.location
        known = [word for word in words if word is not None]
        name = (words[0] or "").rsplit("/", 1)[-1] if words else ""
        if name == "cd" and len(words) > 1:
            target = words[1]
            directory = posixpath.normpath(posixpath.join(directory or "/", target)) if target else None
            continue
        if name == "mkdir":
            for word in known[1:]:
                if not word.startswith("-") and (directory is not None or word.startswith("/")):
                    stage.image.filesystem.make(posixpath.join(directory or "/", word))
            continue
        family = _FAMILIES.get(name)
        if family is not None:
            stage.image.family = family
            _system_python(stage, known, place)
        found = install_of(words, directory, place)
        if found is not None:
            stage.image.installs.append(found)
            continue
        hidden = list(written)
        if name not in plain and not name.startswith("python"):
            hidden.extend(word for word in known[1:] if word.startswith("/") and len(word) > 1)
            if name in (
                "git",
                "tar",
                "unzip",
                "curl",
                "wget",
                "cp",
                "mv",
                "ln",
                "install",
                "sed",
                "make",
                "envsubst",
                "patch",
            ):
                last = known[-1] if len(known) > 1 else ""
                if last and not last.startswith("-") and name in ("cp", "mv", "ln", "install", "sed", "patch"):
                    hidden.append(posixpath.normpath(posixpath.join(directory or "/", last)))
                elif directory not in (None, "/"):
                    hidden.append(directory or "/")
        if name in ("ln", "cp", "mv") and len(known) > 2:
            shell = next((s for s in ("bash", "dash") if known[-2].endswith("/" + s)), None)
            if shell is not None and known[-1] == "/bin/sh":
                stage.image.sh = shell
        for path in hidden:
            stage.image.filesystem.hide(path, f"a build step writes {path}")


def _system_python(stage: Stage, words: list[str], place: Location) -> None:
    """``dnf install python3.12`` names the Python of an image that had none."""
    if stage.image.python_version is not None or ("install" not in words and "add" not in words):
        return
    for word in words:
        match = re.fullmatch(r"python-?(3\.\d+)(-minimal|-full)?", word)
        if match is not None:
            stage.image.python_version = Fact("python.version", match.group(1), Source("image", word, place))


def commands_of(stage: Stage, instruction: Instruction) -> Iterator[tuple[list[str | None], int, int, list[str]]]:
    """The simple commands of a RUN: words (None where unknown), their stretch of the value, files that they write."""
    if instruction.words is not None:
        yield [token.text for token in instruction.words], 0, len(instruction.value), []
        return
    scripts: list[tuple[str, bool]] = [(instruction.value, True)]
    if instruction.heredocs and instruction.value.lstrip().startswith("<<"):
        scripts = [(heredoc.text, False) for heredoc in instruction.heredocs]
    for text, placed in scripts:
        script = Script(text, lambda _s, _e: instruction.location)
        for count, (node, assigned) in enumerate(simple_commands(script.body)):
            if count > MAX_COMMANDS:
                break
            words = [word_text(stage, assigned, w.text) for w in node.words if isinstance(w, Raw)]
            written = [
                word
                for r in node.redirects
                if r.operator in (">", ">>", "&>", ">|")
                and (word := word_text(stage, assigned, r.target.text)) is not None
            ]
            written = [
                posixpath.normpath(posixpath.join(stage.directory or "/", w)) for w in written if w != "/dev/null"
            ]
            yield words, node.start if placed else -1, node.end, written


def simple_commands(root: Node) -> Iterator[tuple[syntax.Simple, dict[str, str]]]:
    """Every simple command below a node, in order, whatever decides whether it runs; with the plain variables set before."""
    assigned: dict[str, str] = {}
    stack: list[Node] = [root]
    while stack:
        node = stack.pop()
        children: list[Node] = []
        if isinstance(node, syntax.Simple):
            if node.words:
                yield node, assigned
            for item in node.assigns:
                if item.value is not None and "$" not in item.value.text and not node.words:
                    assigned[item.name] = item.value.text.strip("\"'")
        elif isinstance(node, syntax.Sequence):
            children = [item for item, _ in node.items]
        elif isinstance(node, syntax.AndOr):
            children = [node.first, *(item for _, item in node.rest)]
        elif isinstance(node, syntax.Pipeline):
            children = list(node.stages)
        elif isinstance(node, syntax.Group):
            children = [node.body]
        elif isinstance(node, syntax.If):
            for test, body in node.branches:
                children.extend((test, body))
            if node.otherwise is not None:
                children.append(node.otherwise)
        elif isinstance(node, (syntax.For, syntax.CountingFor)):
            children = [node.body]
        elif isinstance(node, syntax.While):
            children = [node.test, node.body]
        elif isinstance(node, syntax.Case):
            children = [body for _, body, _ in node.items]
        elif isinstance(node, syntax.Function):
            children = [node.body]
        stack.extend(reversed(children))


def word_text(stage: Stage, assigned: dict[str, str], raw: str) -> str | None:
    """A word of a RUN with its quotes taken away and its build variables replaced; None where a part is not known."""
    found: list[str] = []
    index, size = 0, len(raw)
    single = False
    while index < size:
        char = raw[index]
        if char == "'":
            single = not single
        elif single:
            found.append(char)
        elif char == '"':
            pass
        elif char == "\\" and index + 1 < size:
            index += 1
            found.append(raw[index])
        elif char == "`":
            return None
        elif char == "$":
            rest = raw[index + 1 :]
            braced = rest.startswith("{")
            name = ""
            for c in rest[braced:]:
                if not (c.isalnum() or c == "_"):
                    break
                name += c
            end = index + 1 + braced + len(name)
            if not name or (braced and raw[end : end + 1] != "}"):
                return None
            fact = stage.scope.get(name)
            value = assigned.get(name) or (str(fact.value) if fact is not None and fact.known else None)
            if value is None:
                return None
            found.append(value)
            index = end + braced
            continue
        else:
            found.append(char)
        index += 1
    return "".join(found)
