"""The variables that command lines give an application: written out, from secrets and configuration maps, from files."""

from __future__ import annotations

import posixpath

from gwaudit.parse.document import Mapping, Scalar
from gwaudit.resolve.commands.options import match
from gwaudit.resolve.fact import Fact, Source, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gwaudit.resolve.commands.lines import CommandLine
    from gwaudit.resolve.commands.options import Options
    from gwaudit.resolve.commands.words import Word
    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.model import Container
    from gwaudit.resolve.workspace import Workspace

    Stores = dict[tuple[str, str], Environment]  # by kind (secret, config) and name


def stores(workspace: Workspace, path: str, lines: list[CommandLine], data: dict[str, Any]) -> Stores:
    """The objects with variables that the same file makes."""
    from gwaudit.resolve.environment import Environment

    found: Stores = {}
    for kind, row in data.get("objects", {}).items():
        # The short names of options differ between the commands of one program.
        own = {**data, "options": {name: row[name] for name in ("name", "literal", "file", "content")}, "objects": {}}
        for line in lines:
            options = match(line, own, row["words"])
            name = options.last("name") if options is not None else None
            if options is None or name is None:
                continue
            held = found.setdefault((kind, name.text or name.raw.strip("\"'")), Environment())
            for word in options.all("literal"):
                _assign(held, word, secret=kind == "secret")
            for word in options.all("file"):
                _file(workspace, path, held, word)
            for word in options.all("content"):
                _content(held, word, secret=kind == "secret")
    return found


def _content(held: Environment, word: Word, secret: bool) -> None:
    """``KEY=FILE`` or ``FILE``: what the file holds is the value of the key, else of the file's name."""
    key, equals, file = word.text.partition("=")
    name = key if equals else posixpath.basename(key)
    if not name:
        held.opaque(f"{word.raw[:40]} may set variables")
        return
    unknown = Unknown(f"the file {(file or key)[:60]} holds it", (f"env.{name}",))
    held.put(Fact(f"env.{name}", unknown, word.source(secret), secret=secret))


def put_environment(
    workspace: Workspace,
    path: str,
    container: Container,
    group: list[Options],
    data: dict[str, Any],
    kept: Stores,
    made: bool,
) -> None:
    """The variables of every line in order; an application that other commands made may have more."""
    environment = container.environment
    if not made:
        environment.opaque("the application was made elsewhere, with variables of its own")
    for options in group:
        for word in (each for written in options.all("env") for each in _several(written, data)):
            _assign(environment, word)
        for name, kind in (("from_secret", "secret"), ("from_config", "config")):
            for word in options.all(name):
                _from_store(environment, word, kind, kept)
        for word in (each for written in options.all("secrets") for each in _several(written, data)):
            variable, equals, reference = word.text.partition("=")
            if equals and not variable.startswith("/"):
                unknown = Unknown(f"the secret {reference[:60]} holds it", (f"env.{variable}",))
                environment.put(Fact(f"env.{variable}", unknown, word.source(True), secret=True))
            elif not equals:
                environment.opaque(f"{word.raw[:40]} names secrets that set variables")
        for word in options.all("env_file"):
            _yaml_file(workspace, path, environment, word)
        if options.opaque is not None:
            environment.opaque(f"{options.opaque.raw[:40]} may hold options that set variables")
    last = next((each for options in reversed(group) for each in reversed(options.all("env"))), None)
    if last is not None:
        container.env_place = last.place


def _several(word: Word, data: dict[str, Any]) -> Iterator[Word]:
    """One word of gcloud holds several assignments: ``A=1,B=2``, or ``^;^A=1;B=2`` with a delimiter of its own."""
    if data.get("lists") != "comma":
        yield word
        return
    text = word.text or word.raw.strip("\"'")
    delimiter = ","
    if text.startswith("^") and "^" in text[1:]:
        delimiter, text = text[1:].split("^", 1)
    for piece in (part.strip() for part in text.split(delimiter or ",")):
        if word.text or not isinstance(word.value, Unknown):
            value: str | Unknown = piece
        else:  # a part of the word is not known: what is written without a variable still is
            value = Unknown("a variable makes it", word.value.depends_on) if "$" in piece or "`" in piece else piece
        if piece:
            yield word.part(value, piece)


def _assign(environment: Environment, word: Word, secret: bool = False) -> None:
    """``NAME=VALUE``; a word that is not known still tells the name that it is written with."""
    text = word.text or word.raw.strip("\"'")
    name, equals, value = text.partition("=")
    name = name.strip("\"'")
    if not name.replace("-", "_").replace(".", "_").isidentifier():
        environment.opaque(f"{word.raw[:20]} may set variables")
        return
    if not equals:
        environment.set(name, Unknown(f"{name} is taken from the shell", (f"env.{name}",)), word.source(secret), secret)
        return
    if value.startswith("secretref:"):
        unknown = Unknown(f"the secret {value[10:70]} holds it", (f"env.{name}",))
        environment.put(Fact(f"env.{name}", unknown, word.source(True), secret=True))
        return
    known = value if isinstance(word.value, str) else Unknown(word.value.reason, (f"env.{name}",))
    source = word.source(True)
    raw = value if isinstance(known, str) and not secret else None
    source = Source(source.layer, raw, source.location, source.via)
    environment.put(Fact(f"env.{name}", known, source, assumed=word.assumed, secret=secret))


def _from_store(environment: Environment, word: Word, kind: str, kept: Stores) -> None:
    """``NAME`` (every key), ``PREFIX=NAME`` (every key with a prefix), ``NAME:KEY,VARIABLE=KEY`` (these keys)."""
    text = word.text or word.raw.strip("\"'")
    store, colon, keys = text.partition(":")
    what = "secret" if kind == "secret" else "configuration map"
    if colon:
        held = kept.get((kind, store))
        for piece in keys.split(","):
            variable, equals, key = piece.partition("=")
            fact = held.get(key if equals else variable) if held is not None else None
            if fact is not None and fact.known:
                environment.put(fact.renamed(f"env.{variable}"))
            elif variable.isidentifier():
                unknown = Unknown(f"the {what} {store[:60]} holds it", (f"env.{variable}",))
                environment.put(Fact(f"env.{variable}", unknown, word.source(True), secret=kind == "secret"))
            else:
                environment.opaque(f"{word.raw[:40]} may set variables")
        return
    prefix, _, name = store.rpartition("=")
    held = kept.get((kind, name))
    if held is None:
        environment.opaque(f"the {what} {name[:60]} is not made in this file")
        return
    for reason in held.reasons:
        environment.opaque(reason)
    for fact in held:
        environment.put(fact.renamed(f"env.{prefix}{fact.name[4:]}") if prefix else fact)


def _path_of(workspace: Workspace, path: str, text: str) -> str | None:
    """A file that a command names: below the root, where commands usually run, else beside the script."""
    if not text or text.startswith(("/", "~")):
        return None
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), text))
    return next((each for each in (posixpath.normpath(text), beside) if workspace.tree.is_file(each)), None)


def _file(workspace: Workspace, path: str, environment: Environment, word: Word) -> None:
    found = _path_of(workspace, path, word.text)
    source = workspace.source(found) if found is not None else None
    if source is None:
        environment.opaque(f"the env file {word.text[:60] or 'of a variable'} is not in the tree")
        return
    from gwaudit.resolve.env_file import apply, read

    apply(read(source, "docker"), environment, "env-file")


def _yaml_file(workspace: Workspace, path: str, environment: Environment, word: Word) -> None:
    """A YAML file of ``NAME: value``, as ``--env-vars-file`` reads it."""
    found = _path_of(workspace, path, word.text)
    document = workspace.document(found, "yaml") if found is not None else None
    if document is None or not isinstance(document.root, Mapping):
        environment.opaque(f"the env file {word.text[:60] or 'of a variable'} cannot be read")
        return
    for key, value in document.root.entries:
        if isinstance(value, Scalar):
            environment.set(key.text, value.text, Source("env-file", value.text, value.location))
