"""Writes what docs/ has from data: the rules, the facts, the functions, the configuration's schema.

``--check`` only compares, and answers with exit status 1 where a file differs.
"""

from __future__ import annotations

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from config_schema import schema  # noqa: E402

from gwaudit import bundle  # noqa: E402
from gwaudit.rules import page  # noqa: E402
from gwaudit.rules.load import builtin  # noqa: E402

OPEN, CLOSE = "<!-- functions -->\n", "<!-- /functions -->"


def pages() -> dict[pathlib.Path, str]:
    """Every generated file with its text."""
    docs = ROOT / "docs"
    rules = builtin()
    made = {docs / "rules" / f"{rule.id}.md": page.markdown(rule) for rule in rules.values()}
    made[docs / "rules" / "README.md"] = page.contents(rules.values())
    made[docs / "facts.md"] = page.facts(bundle.section("facts"))
    parameters = {
        rule.id: {name: entry.get("doc", "") for name, entry in rule.page["params"].items()} for rule in rules.values()
    }
    made[docs / "gwaudit.schema.json"] = schema(rules.values(), parameters)
    guide = docs / "writing-rules.md"
    text = guide.read_text()
    head, tail = text[: text.index(OPEN) + len(OPEN)], text[text.index(CLOSE) :]
    made[guide] = head + page.functions() + tail
    return made


def main() -> int:
    made = pages()
    stray = set((ROOT / "docs" / "rules").glob("*.md")) - set(made)
    wrong = [path for path, text in made.items() if not path.exists() or path.read_text() != text] + sorted(stray)
    if "--check" in sys.argv[1:]:
        for path in wrong:
            print(f"{path.relative_to(ROOT)} is not as generated: run python tools/rule_pages.py")
        return 1 if wrong else 0
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in stray:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
