"""Lines of env files that one reader takes otherwise than they look."""

from __future__ import annotations

import pytest

from gwaudit.parse.dotenv import parse_documents
from gwaudit.resolve.traps import quotes_kept, traps
from gwaudit.source import SourceFile


@pytest.mark.parametrize(
    ("text", "compose", "docker"),
    [
        ('A="abc"', None, "quotes-kept"),
        ("A='abc'", None, "quotes-kept"),
        ("A=8 # workers", None, "comment-kept"),
        ("A=8\t# workers", "comment-kept", "comment-kept"),
        ("A= # none", "comment-kept", "comment-kept"),
        ("A=x  ", None, "trailing-space"),
        ("A= x", None, "spaces-around-equals"),
        ("A = x", None, "spaces-around-equals"),
        ("export A=x", None, "export-kept"),
        ("A=pa$word", "dollar-expanded", None),
        ("A=pa$$word", "dollar-expanded", None),
        ("A='pa$word'", None, None),
        ("A=${B:-x}", None, None),
        ("A=x#y", None, None),
        ("A=x", None, None),
        ('A="it\'s"', None, "quotes-kept"),
        ("A=x\r\n", None, None),
        ("A", None, None),
    ],
)
def test_traps(text: str, compose: str | None, docker: str | None) -> None:
    file = SourceFile("x.env", text)
    root = parse_documents(file)[0].root  # type: ignore[union-attr]
    for reader, expected in (("compose", compose), ("docker", docker)):
        found = traps(file, reader, root)
        assert [trap.kind for trap in found] == ([expected] if expected else []), reader


def test_an_effect_shows_no_value() -> None:
    file = SourceFile("x.env", 'S="hunter2"\nT=hunter2\t# hunter2\nU=hun$ter2\n')
    root = parse_documents(file)[0].root  # type: ignore[union-attr]
    for reader in ("compose", "docker"):
        assert all("hunter2" not in trap.effect for trap in traps(file, reader, root))


def test_quotes_kept() -> None:
    assert quotes_kept('"a"') == '"' and quotes_kept("'") is None and quotes_kept("\"a'") is None
