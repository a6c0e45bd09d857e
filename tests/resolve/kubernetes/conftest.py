"""Targets of a tree written by a test."""

from __future__ import annotations

import pathlib
from collections.abc import Callable

import pytest

from gwaudit.resolve.model import Assumptions, TargetDraft
from gwaudit.resolve.workspace import Workspace
from gwaudit.tree import Tree


@pytest.fixture
def drafts(tmp_path: pathlib.Path) -> Callable[[dict[str, str]], list[TargetDraft]]:
    """Write files and answer the targets of plain manifests."""

    def make(files: dict[str, str]) -> list[TargetDraft]:
        from gwaudit.resolve.kubernetes import targets

        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        return targets(Workspace(Tree(str(tmp_path)), Assumptions()))

    return make
