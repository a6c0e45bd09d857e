"""The binding of libyaml without PyYAML around it: the same answers, and a later import gets the whole package."""

from __future__ import annotations

import subprocess
import sys

import pytest

ALONE = """
import sys
from gwaudit.parse.yaml import parse_documents
from gwaudit.source import SourceFile

for text in ({texts}):
    for found in parse_documents(SourceFile("a.yaml", text)):
        print(repr(found.message) + str(found.location) if hasattr(found, "message") else found.root)
print("yaml" in sys.modules)
import yaml
print(yaml.safe_load("a: [1, {{b: 2}}]"), yaml.load("a: 1", yaml.CSafeLoader), yaml.dump([1], Dumper=yaml.CSafeDumper))
try:
    yaml.safe_load("a: [")
except yaml.YAMLError as error:
    print(type(error).__name__)
try:
    yaml.load("a: [", yaml.CSafeLoader)
except yaml.YAMLError as error:
    print(type(error).__name__)
"""
TEXTS = [
    "a: 1\n---\n- x\n",
    "a: [",
    "a: \x00",
    "\ta: b",
    "a: &x [*x]",
    "a: *y",
    "%YAML 9.9\n---\na",
    "a: !<x",
    "k: 'open",
    "\x85: \x07",
]


def run(before: str) -> list[str]:
    code = before + ALONE.format(texts=", ".join(map(repr, TEXTS)))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("first", ["import yaml\n", "import yaml.error\n"])
def test_answers_are_those_of_the_whole_package(first: str) -> None:
    alone, whole = run(""), run(first)
    at = alone.index("False")
    assert alone[:at] == whole[:at]
    assert any("not valid YAML" in line for line in alone)
    assert whole[at] == "True"
    assert alone[at + 1 :] == whole[at + 1 :]
