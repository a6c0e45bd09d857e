"""The three readers of env files: a table of where they differ, python-dotenv itself, recorded answers of compose-go."""

from __future__ import annotations

import io
import json
import pathlib
import random

import pytest
from clock import ends_soon

from gwaudit.resolve.env_file import READERS, apply, differences, read
from gwaudit.resolve.environment import Environment
from gwaudit.resolve.fact import ABSENT, Fact, Source, Step, Unknown
from gwaudit.source import Location, SourceFile

TABLE = json.loads((pathlib.Path(__file__).parents[1] / "data" / "compose" / "dotenv.json").read_text())
HOST = TABLE["environment"]
REFUSED = "<refused>"
HOSTS = "<host>"


def look(name: str) -> Fact | None:
    return Fact(f"env.{name}", HOST[name], Source("interpolation")) if name in HOST else None


def values(text: str, reader: str) -> dict[str, str | None] | str:
    reading = read(SourceFile("x.env", text), reader)
    if reading.failure is not None:
        return REFUSED
    shown: dict[str, str | None] = {}
    for name, entry in reading.last().items():
        if isinstance(entry.value, Unknown):
            shown[name] = HOSTS
        else:
            shown[name] = None if entry.value is ABSENT else entry.value
    return shown


# text, then what python-dotenv, Compose and docker make of it
ROWS = [
    ('A="x y"', {"A": "x y"}, {"A": "x y"}, {"A": '"x y"'}),
    ("A=a #c", {"A": "a"}, {"A": "a"}, {"A": "a #c"}),
    ("A=a\t#c", {"A": "a"}, {"A": "a\t#c"}, {"A": "a\t#c"}),
    ("A= # c", {"A": ""}, {"A": "# c"}, {"A": " # c"}),
    ("A=#c", {"A": "#c"}, {"A": "#c"}, {"A": "#c"}),
    ("A=a#b", {"A": "a#b"}, {"A": "a#b"}, {"A": "a#b"}),
    ("A: 1", {}, {"A": "1"}, REFUSED),
    (r'A="\$x"', {"A": r"\$x"}, {"A": "$x"}, {"A": r'"\$x"'}),
    (r'A="\0101"', {"A": r"\0101"}, {"A": "A"}, {"A": r'"\0101"'}),
    (r'A="a\nb"', {"A": "a\nb"}, {"A": "a\nb"}, {"A": r'"a\nb"'}),
    ("A=${X-d}", {"A": ""}, {"A": "d"}, {"A": "${X-d}"}),
    ("A=${X:-d}", {"A": "d"}, {"A": "d"}, {"A": "${X:-d}"}),
    ("A=${X:?e}", {"A": "${X:?e}"}, {"A": HOSTS}, {"A": "${X:?e}"}),
    ("A=${X:+e}", {"A": "${X:+e}"}, {"A": ""}, {"A": "${X:+e}"}),
    ("A=${X:-${Y:-d}}", {"A": "${Y:-d}"}, {"A": "d"}, {"A": "${X:-${Y:-d}}"}),
    ("B=1\nA=$B", {"B": "1", "A": "$B"}, {"B": "1", "A": "1"}, {"B": "1", "A": "$B"}),
    ("A=$$B", {"A": "$$B"}, {"A": "$B"}, {"A": "$$B"}),
    ("B=1\nA='${B}'", {"B": "1", "A": "1"}, {"B": "1", "A": "${B}"}, {"B": "1", "A": "'${B}'"}),
    ('A="abc\nB=2\n', {"B": "2"}, REFUSED, {"A": '"abc', "B": "2"}),
    ('A="x"y\n', {}, {"A": "x", "y": HOSTS}, {"A": '"x"y'}),
    ("A\n", {"A": None}, {"A": HOSTS}, {"A": HOSTS}),
    ("A=1\nA\n", {"A": None}, {"A": "1"}, {"A": HOSTS}),
    ("export A=1", {"A": "1"}, {"A": "1"}, REFUSED),
    ("A = 1", {"A": "1"}, {"A": "1"}, REFUSED),
    ("A=1  ", {"A": "1"}, {"A": "1"}, {"A": "1  "}),
    ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}, {"A": "1", "B": "2"}, {"A": "1", "B": "2"}),
    ("a/b=1", {"a/b": "1"}, REFUSED, {"a/b": "1"}),
    ("a.b-c=1", {"a.b-c": "1"}, {"a.b-c": "1"}, {"a.b-c": "1"}),
    ("=1", {}, {}, REFUSED),
    ("\ufeffA=1", {"A": "1"}, {"A": "1"}, {"A": "1"}),
]


@pytest.mark.parametrize(("text", "dotenv", "compose", "docker"), ROWS, ids=[repr(row[0]) for row in ROWS])
def test_where_the_readers_differ(text: str, dotenv: object, compose: object, docker: object) -> None:
    assert values(text, "python-dotenv") == dotenv
    assert values(text, "compose") == compose
    assert values(text, "docker") == docker


def test_recorded_answers_of_compose_go() -> None:
    assert len(TABLE["cases"]) >= 1000
    for text, expected in TABLE["cases"]:
        reading = read(SourceFile("x.env", text), "compose", look)
        taken = None
        if reading.failure is None:
            taken = {n: e.value for n, e in reading.last().items() if not isinstance(e.value, Unknown)}
        wanted = None if expected is None else {name: value for name, value in expected.items() if name}
        assert taken == wanted, text


def test_python_dotenv_is_the_oracle(monkeypatch: pytest.MonkeyPatch) -> None:
    dotenv = pytest.importorskip("dotenv")
    for name in list(__import__("os").environ):
        monkeypatch.delenv(name, raising=False)
    for name, value in HOST.items():
        monkeypatch.setenv(name, value)
    texts = [case[0] for case in TABLE["cases"]] + [row[0] for row in ROWS] + list(_quoted())
    for text in texts:
        with_text_mode = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
        reading = read(SourceFile("x.env", text), "python-dotenv", look)
        ours = {n: None if e.value is ABSENT else e.value for n, e in reading.last().items()}
        assert ours == dict(dotenv.dotenv_values(stream=with_text_mode)), text


def _quoted() -> list[str]:
    """Texts full of quotes, escapes and comments: where a statement ends is hardest to tell there."""
    chance = random.Random(7)
    tokens = [
        "A='",
        "'",
        '"',
        'B="',
        "\\'",
        '\\"',
        "\\\\",
        "\\",
        "\n",
        "x",
        " #",
        "C=",
        "\r\n",
        " ",
        "export ",
        "\t",
        "'K'=",
    ]
    return ["".join(chance.choice(tokens) for _ in range(chance.randint(2, 14))) for _ in range(3000)]


def test_differences_are_exposed() -> None:
    file = SourceFile("app.env", 'SAME=1\nKEY="abc"\nTAB=8\t# workers\n')
    found = {each.name: each for each in differences(file)}
    assert set(found) == {"KEY", "TAB"}
    assert found["KEY"].values == {"python-dotenv": "abc", "compose": "abc", "docker": '"abc"'}
    assert str(found["TAB"].location) == "app.env:3:1"
    assert differences(file, ("python-dotenv", "compose"))[0].name == "TAB"
    refused = differences(SourceFile("x.env", "A: 1\n"), READERS)[0]
    assert refused.values == {"python-dotenv": ABSENT, "compose": "1", "docker": None}


def test_a_reading_becomes_a_layer() -> None:
    environment = Environment()
    environment.set("A", "low", Source("image"))
    step = Step(Location("compose.yaml"), "env_file of web")
    apply(read(SourceFile("x.env", "A=1\nB=${A}2\nEMPTY\n"), "compose"), environment, "env-file", (step,))
    fact = environment.get("A")
    assert fact.value == "1" and fact.source.layer == "env-file" and str(fact.location) == "x.env:1:1"
    assert fact.shadowed[0].value == "low" and fact.source.via == (step,)
    assert environment.get("B").value == "12" and environment.get("B").inputs[0].name == "env.A"
    apply(read(SourceFile("y.env", "A='open\n"), "compose"), environment, "env-file")
    assert isinstance(environment.get("A").value, Unknown) and isinstance(environment.get("Z").value, Unknown)


@pytest.mark.parametrize("reader", READERS)
def test_hostile_files_take_linear_time(reader: str) -> None:
    for text in (
        "A=" + " " * 300_000 + "x",
        "A=" + "${" * 200_000,
        "A=" + "${B:" * 200_000,
        'A="' + "\\" * 400_000 + '"',
        "A='x\n" * 5_000 + 'B="\n' * 5_000,
        "=\n" * 100_000,
        "# c\n" * 200_000,
        "A=1\n" * 19_000,
    ):
        with ends_soon(2.5, text[:20]):
            read(SourceFile("x.env", text), reader)
