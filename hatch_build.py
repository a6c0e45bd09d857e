"""Builds the wheel's compiled data: every section of ``gwaudit.bundle`` as a file beside the YAML it was made from.

An editable installation reads the checkout and compiles into the user's cache instead.
"""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledData(BuildHookInterface):  # type: ignore[type-arg]
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        sys.path.insert(0, os.path.join(self.root, "src"))
        try:
            from gwaudit import bundle
        finally:
            sys.path.pop(0)
        self.folder = tempfile.TemporaryDirectory()
        for name in bundle.write_all(self.folder.name):
            build_data["force_include"][os.path.join(self.folder.name, name)] = f"gwaudit/data/{bundle.COMPILED}/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        folder = getattr(self, "folder", None)
        if folder is not None:
            folder.cleanup()
