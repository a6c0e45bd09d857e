"""Load-test results that ``--latency`` names, inside the audited tree or anywhere else."""

from __future__ import annotations

from gwaudit.errors import ConfigurationError
from gwaudit.imports.given import embed, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gwaudit.source import SourceFile
    from gwaudit.tree import Tree

MAX_BYTES = 4_000_000


def files(tree: Tree, paths: Iterable[str]) -> list[SourceFile]:
    """The files, each known to hold a result. Raises ``ConfigurationError`` for one that cannot be read or holds none."""
    from gwaudit.parse.loadtest import results

    found: dict[str, SourceFile] = {}
    for path in paths:
        file = embed(tree, path, read(path, MAX_BYTES, "--latency"))
        if not results(file):
            raise ConfigurationError(
                f"--latency {path}: no load-test result is recognised in it",
                hint="hey, oha, wrk, ab, vegeta, k6, locust, autocannon and siege write results that are",
            )
        found[file.path] = file
    return list(found.values())
