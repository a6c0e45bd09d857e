"""Record what the real helm writes for every expression of ``tests/data/helm/expressions.txt``.

    python tests/oracles/record_helm_expressions.py

The answers go to ``expressions.json`` beside the table: the text, or null where helm refuses the expression. The tests
compare this project's evaluation with the record, and the record with helm where it is there.
"""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

DATA = pathlib.Path(__file__).resolve().parents[1] / "data" / "helm"
RECORD = DATA / "expressions.json"


def expressions() -> list[str]:
    lines = (DATA / "expressions.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def chart_with(folder: pathlib.Path, table: dict[int, str]) -> pathlib.Path:
    """A copy of the chart with a template for each expression; its text is written as JSON, so that nothing is folded."""
    chart = folder / "expressions"
    shutil.copytree(DATA / "expressions", chart)
    for index, expression in table.items():
        define = f'{{{{ define "e{index}" }}}}{{{{ {expression} }}}}{{{{ end }}}}'
        body = f'kind: E{index}\n{define}text: {{{{ include "e{index}" . | toJson }}}}\n'
        (chart / "templates" / f"e{index}.yaml").write_text(body, "utf-8")
    return chart


def helm_texts(helm: str, table: dict[int, str]) -> dict[int, str | None]:
    """What helm writes for each; None where it refuses. A refusal stops a whole chart, so halves are tried then."""
    with tempfile.TemporaryDirectory() as scratch:
        chart = chart_with(pathlib.Path(scratch), table)
        command = [helm, "template", "release", str(chart), "--namespace", "default"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode == 0:
        texts: dict[int, str | None] = {}
        kind = -1
        for line in done.stdout.splitlines():
            if line.startswith("kind: E"):
                kind = int(line[7:])
            elif line.startswith("text: "):
                texts[kind] = json.loads(line[6:])
        return texts
    if len(table) == 1:
        return dict.fromkeys(table)
    keys = list(table)
    half = len(keys) // 2
    found: dict[int, str | None] = {}
    for part in (keys[:half], keys[half:]):
        found.update(helm_texts(helm, {key: table[key] for key in part}))
    return found


def main() -> int:
    from compare_helm import helm_program

    helm = helm_program()
    if helm is None:
        print("helm is not there: run tests/oracles/fetch_helm_kubectl.py", file=sys.stderr)
        return 2
    table = expressions()
    found = helm_texts(helm, dict(enumerate(table)))
    record = {expression: found[index] for index, expression in enumerate(table)}
    RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"{len(record)} expressions, {sum(text is None for text in record.values())} refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
