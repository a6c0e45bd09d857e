"""What tests share: the real programs that they compare with."""

from __future__ import annotations

import os
import pathlib
import shutil
from collections.abc import Callable

import pytest
from hypothesis import settings

# A run repeats itself: the same examples each time, and no stop-watch on a busy machine. GWAUDIT_EXPLORE=1 looks for
# new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("exploring", deadline=None)
settings.load_profile("exploring" if os.environ.get("GWAUDIT_EXPLORE") else "repeatable")


# A bug of ours ends a test with its traceback, wherever a run would note it and go on.
os.environ["GWAUDIT_DEBUG"] = "1"


@pytest.fixture(scope="session")
def oracle() -> Callable[[str], str]:
    """The path of a program (``helm``, ``kubectl``); the test is skipped, with the reason, where there is none.

    Looked for in ``$GWAUDIT_ORACLES``, ``.oracles`` of the repository and the PATH.
    """

    def find(program: str) -> str:
        here = pathlib.Path(__file__).resolve().parents[1]
        for folder in (os.environ.get("GWAUDIT_ORACLES"), str(here / ".oracles")):
            if folder and os.access(os.path.join(folder, program), os.X_OK):
                return os.path.join(folder, program)
        found = shutil.which(program)
        if found is None:
            pytest.skip(f"{program} is missing: run python tests/oracles/fetch_helm_kubectl.py")
        return found

    return find
