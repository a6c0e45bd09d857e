"""Files that the user names on the command line to be read as data, inside the audited tree or anywhere else."""

from __future__ import annotations

import os

from gwaudit.errors import ConfigurationError
from gwaudit.source import SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.tree import Tree


def read(path: str, limit: int, option: str) -> bytes:
    """The content of a file, of at most ``limit`` bytes. Raises ``ConfigurationError`` naming the option."""
    try:
        with open(path, "rb") as stream:
            data = stream.read(limit + 1)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{option} {path}: {getattr(error, 'strerror', None) or error}") from None
    if len(data) > limit:
        raise ConfigurationError(f"{option} {path}: larger than {limit:,} bytes")
    return data


def path_in(tree: Tree, path: str) -> str:
    """The path as places show it: relative to the root for a file inside, else as given, and never that of another file."""
    real = os.path.realpath(path)
    if real.startswith(tree.root.rstrip(os.sep) + os.sep):
        return os.path.relpath(real, tree.root).replace(os.sep, "/")
    shown = os.path.normpath(path).replace(os.sep, "/")
    return real.replace(os.sep, "/") if tree.exists(shown) else shown


def embed(tree: Tree, path: str, data: bytes) -> SourceFile:
    """The file as the tree knows it from now on, so that reports can show its lines."""
    shown = path_in(tree, path)
    file = tree.source(shown) if tree.is_file(shown) else None
    if file is None:
        file = SourceFile(shown, data.decode("utf-8", "replace"))
        tree.embed(shown, file)
    return file
