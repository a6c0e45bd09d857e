"""Patterns that are compiled when they are first used: what stands for one, and that every one compiles."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import Any

import pytest

import gwaudit
from gwaudit.pattern import regex

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(gwaudit.__path__, "gwaudit.")
    if not module.name.endswith("__main__")
)


def test_a_pattern_answers_as_a_compiled_one() -> None:
    pattern = regex(r"(?P<key>[a-z]+)=(\d+)", re.IGNORECASE)
    assert pattern.fullmatch("A=1") is not None
    assert pattern.findall("a=1 b=2") == [("a", "1"), ("b", "2")]
    assert pattern.sub("x", "a=1") == "x"
    assert pattern.groupindex == {"key": 1}


def test_an_error_shows_at_the_first_use() -> None:
    pattern = regex("(")
    with pytest.raises(re.error):
        pattern.match("")


@pytest.mark.parametrize("name", MODULES)
def test_every_constant_compiles(name: str) -> None:
    module: Any = importlib.import_module(name)
    for value in vars(module).values():
        if type(value).__name__ == "_Pattern":
            value.match(b"" if isinstance(value._text, bytes) else "")
