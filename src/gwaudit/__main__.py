"""``python -m gwaudit``: the working directory leaves ``sys.path`` first, because it may be the audited tree."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    if not getattr(sys.flags, "safe_path", False):
        del sys.path[0]
    from gwaudit.cli import main

    sys.exit(main())
