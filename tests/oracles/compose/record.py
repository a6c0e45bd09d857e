"""Record what compose-go makes of our cases: ``python record.py PATH-OF-THE-BUILT-ORACLE`` (see README.md)."""

from __future__ import annotations

import json
import pathlib
import random
import subprocess
import sys
import tempfile
from typing import Any

import yaml

TESTS = pathlib.Path(__file__).parents[2]
DATA = TESTS / "data" / "compose"
sys.path.insert(0, str(TESTS / "resolve" / "compose"))

ENVIRONMENT = {"A": "1", "B": "", "FOO_1": "x y", "J": "${A}", "HOSTED": "h"}
TEMPLATES = [
    "$", "$$", "{", "}", "${", "A", "B", "C", "FOO_1", ":-", "-", ":?", "?", ":+", "+", " ", "\n", "x", "${A}", "${C:-",
    "${B-", "${A:+", "1", "{}", ":", "é", '"', "${C:?", "$A", "${J}",
]  # fmt: skip
DOTENV = [
    "A", "B", "C",
    "HOSTED", "=", "=", ":", "\n", "\n", " ", "\t", "#", " #", "'", '"', "\\", "\\n", "\\0101", "\\012", "\\$",
    "$", "${A}", "${B:-x}", "$$", "export ", "x", "1", "é", "\r\n", ".", "-", "[", "A=", "\nB=", "\nexport C=", "='", "\\\\",
    "\u00a0", "\\0", "A='", 'B="',
]  # fmt: skip


def ask(oracle: str, kind: str, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    lines = "\n".join(json.dumps(item) for item in items)
    answer = subprocess.run([oracle, kind], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in answer.stdout.split("\n") if line]


def texts(oracle: str, kind: str, tokens: list[str], count: int) -> None:
    """Random texts of tokens, as many accepted as refused: [text, value or null]."""
    chance = random.Random(kind)
    made = {"".join(chance.choice(tokens) for _ in range(chance.randint(1, 12))) for _ in range(count * 12)}
    cases = sorted(made, key=lambda text: (len(text), text))
    chance.shuffle(cases)
    answers = ask(oracle, kind, [{"text": text, "env": ENVIRONMENT} for text in cases])
    rows = [
        [text, None if answer.get("error") else answer["value"]] for text, answer in zip(cases, answers, strict=True)
    ]
    accepted = [row for row in rows if row[1] is not None][: count * 2 // 3]
    refused = [row for row in rows if row[1] is None][: count // 3]
    table = {"environment": ENVIRONMENT, "cases": accepted + refused}
    (DATA / f"{kind}.json").write_text(json.dumps(table, indent=0, ensure_ascii=True) + "\n")


def projects(oracle: str) -> None:
    from compose_view import of_compose_go

    recorded = {}
    for case in yaml.safe_load((DATA / "cases.yaml").read_text()):
        with tempfile.TemporaryDirectory() as folder:
            for path, text in case["files"].items():
                target = pathlib.Path(folder, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, newline="")
            given = case.get("given", ["compose.yaml"])
            item = {"dir": folder, "files": [f"{folder}/{path}" for path in given], "env": {}}
            (result,) = ask(oracle, "compose", [item])
            if result.get("error"):
                recorded[case["name"]] = {"refused": result["error"].replace(folder, "")}
            else:
                recorded[case["name"]] = {"services": of_compose_go(result["value"], folder)}
    (DATA / "expected.json").write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n")
    print(len(recorded), "projects,", sum("refused" in each for each in recorded.values()), "refused")


if __name__ == "__main__":
    texts(sys.argv[1], "template", TEMPLATES, 1500)
    texts(sys.argv[1], "dotenv", DOTENV, 1500)
    projects(sys.argv[1])
