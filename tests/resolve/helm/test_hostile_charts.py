"""Charts that mean harm: work, depth and text are bounded, and nothing ends in a traceback."""

from __future__ import annotations

import pathlib

import pytest
from clock import ends_soon
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gwaudit.parse.gotemplate import SyntaxFailure, parse
from gwaudit.resolve.helm.chart import load
from gwaudit.resolve.helm.errors import EvaluationError, Exhausted
from gwaudit.resolve.helm.functions import FUNCTIONS
from gwaudit.resolve.helm.library import Files, Library
from gwaudit.resolve.helm.machine import Machine, Template
from gwaudit.resolve.helm.provenance import Builder, Value
from gwaudit.resolve.helm.render import render
from gwaudit.tree import Tree

_TWO = '{{ $x = dict "a" $x "b" $x }}'
_GROW = "{{ range until 40 }}" + _TWO + "{{ end }}"

BOMBS = {
    "endless recursion": '{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}',
    "recursion in two": '{{ define "a" }}{{ include "b" . }}{{ include "b" . }}{{ end }}'
    '{{ define "b" }}{{ include "a" . }}{{ end }}{{ template "a" }}',
    "endless tpl": '{{ $t := "{{ tpl .t . }}" }}{{ tpl $t (dict "t" $t) }}',
    "nested ranges": "{{ range until 9999 }}{{ range until 9999 }}{{ range until 9999 }}x{{ end }}{{ end }}{{ end }}",
    "huge range": "{{ range 999999999999 }}x{{ end }}",
    "huge until": "{{ until 999999999 }}",
    "huge seq": "{{ seq 999999999 }}",
    "huge repeat": '{{ repeat 999999999 "x" }}',
    "doubling text": '{{ $x := "xxxxxxxx" }}{{ range until 60 }}{{ $x = print $x $x }}{{ end }}{{ $x }}',
    "doubling list": "{{ $x := list 1 2 }}{{ range until 60 }}{{ $x = concat $x $x }}{{ end }}",
    "doubling dict": '{{ $x := dict "a" 1 }}{{ range until 60 }}{{ $x = dict "a" $x "b" $x }}{{ end }}{{ toYaml $x }}',
    "printed dict": '{{ $x := dict "a" 1 }}' + _GROW + '{{ $x }}',
    "hashed dict": '{{ $x := dict "a" 1 }}' + _GROW + '{{ toJson $x | sha256sum }}',
    "compared dict": '{{ $x := dict }}' + _GROW + '{{ deepEqual $x (deepCopy $x) }}',
    "cyclic dict": '{{ $x := dict }}{{ $_ := set $x "x" $x }}{{ toYaml $x }}{{ $x }}{{ deepCopy $x }}{{ merge $x $x }}',
    "cyclic range": '{{ $x := dict }}{{ $_ := set $x "x" $x }}{{ define "w" }}{{ range . }}{{ include "w" . }}{{ end }}'
    '{{ end }}{{ include "w" $x }}',
    "wide indent": '{{ indent 1000 (repeat 100000 "\\n") }}',
    "wide printf": '{{ printf "%999999999d" 1 }}{{ printf "%.999999999f" 1.5 }}{{ printf "%[999999999]d" 1 }}',
    "replace": '{{ replace "" (repeat 10000 "y") (repeat 100000 "x") }}',
    "regex": '{{ regexMatch "(x+x+)+y" (repeat 100000 "x") }}',
    "regex size": '{{ regexMatch "((a{1000}){1000}){1000}" "a" }}',
    "regex replace": '{{ regexReplaceAll "x*" (repeat 100000 "x ") (repeat 1000 "y") }}',
    "long integer": '{{ int "9999999999999999999999999999999999999999" }}{{ mul 9223372036854775807 9223372036854775807 }}',
    "glob": '{{ .Files.Glob "*a*a*a*a*a*a*a*a*a*a*b" }}{{ .Files.Glob "**/**/**/**/**/**/**" }}',
    "semver": '{{ semverCompare (repeat 100000 ">1 ") "1.2.3" }}',
    "from yaml": '{{ fromYaml (repeat 20000 "[") }}{{ fromYaml "a: &a [x,x]\\nb: &b [*a,*a]\\nc: &c [*b,*b]" }}',
    "from json": '{{ fromJson (repeat 100000 "[") }}',
    "base": '{{ index (list 1) 9999999999999999999999 }}{{ slice (list 1) 5 }}{{ substr 5 1 "abc" }}{{ trunc -1 "" }}',
    "split": '{{ splitList "" (repeat 100000 "x") | len }}{{ split "" (repeat 100000 "x") | len }}',
    "wrap": '{{ wrap 1 (repeat 100000 "x ") }}{{ wrapWith 0 "" (repeat 100000 "x") }}',
    "deep list": '{{ $x := list }}{{ range until 5000 }}{{ $x = list $x }}{{ end }}{{ $x }}{{ toJson $x }}{{ toYaml $x }}',
    "merge deep": '{{ $x := dict }}{{ range until 3000 }}{{ $x = dict "a" $x }}{{ end }}{{ merge $x (deepCopy $x) }}',
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_end_soon(tmp_path: pathlib.Path, name: str) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: bomb\nversion: 0.1.0\n")
    (tmp_path / "templates" / "t.yaml").write_text(f"a: {BOMBS[name]}\n")
    (tmp_path / ("a" * 200)).write_text("x")
    chart = load(Tree(str(tmp_path)), ".")
    assert chart is not None
    with ends_soon(1):
        found = render(chart, {}, Files())
    assert sum(len(file.text) for file in found.files) < 9_000_000


def test_a_values_bomb_of_aliases(tmp_path: pathlib.Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: bomb\nversion: 0.1.0\n")
    (tmp_path / "values.yaml").write_text("\n".join(lines))
    (tmp_path / "templates" / "t.yaml").write_text("a: {{ toYaml .Values | nindent 2 }}\n")
    with ends_soon(1):
        chart = load(Tree(str(tmp_path)), ".")
        assert chart is not None
        found = render(chart, {}, Files())
    assert [text for _, text in found.notes] == ["the values are not read: more than 100,000 values"]


def test_an_archive_bomb(tmp_path: pathlib.Path) -> None:
    import gzip

    (tmp_path / "templates").mkdir()
    (tmp_path / "charts").mkdir()
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: bomb\nversion: 0.1.0\n")
    (tmp_path / "templates" / "t.yaml").write_text("kind: X\n")
    (tmp_path / "charts" / "bomb.tgz").write_bytes(gzip.compress(b"\0" * 200_000_000))
    (tmp_path / "charts" / "broken.tgz").write_bytes(b"nothing of the kind")
    chart = load(Tree(str(tmp_path)), ".")
    assert chart is not None
    notes = {place.path: text for place, text in render(chart, {}, Files()).notes}
    assert notes["charts/bomb.tgz"] == "the packed chart is not read: larger than 12,000,000 bytes when unpacked"
    assert notes["charts/broken.tgz"].startswith("the packed chart is not read: ")


ARGUMENTS = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 70_000),
        st.floats(allow_nan=True),
        st.text(alphabet="ab-.,:%s{}[]()*+?\\$1 \n\ue000é", max_size=12),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "name"]), inner, max_size=3),
    max_leaves=6,
)


def _value(data: object) -> Value:
    if isinstance(data, dict):
        return Value({key: _value(item) for key, item in data.items()})
    if isinstance(data, list):
        return Value([_value(item) for item in data])
    return Value(data)


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(FUNCTIONS)), st.lists(ARGUMENTS, max_size=4))
def test_any_arguments_give_a_value_or_an_error(name: str, arguments: list[object]) -> None:
    machine = Machine(Library(Files()), FUNCTIONS)
    try:
        found = FUNCTIONS[name](machine, [_value(argument) for argument in arguments])
    except (EvaluationError, Exhausted):
        return
    assert isinstance(found, Value)
    if isinstance(found.data, str) and isinstance(found.trace, tuple):
        assert [run[0] for run in found.trace] == sorted(run[0] for run in found.trace)
        assert not found.trace or found.trace[-1][0] == len(found.data)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.sampled_from([
            "{{ .a }}", "{{ .b.c.d }}", "{{- if .a }}", "{{ else }}", "{{ end }}", "{{ range $i, $v := .l -}}",
            "{{ with .b }}", "{{ $x := .a }}", "{{ $x }}", "{{ $x = 1 }}", "{{ break }}", "{{ uuidv4 }}",
            "{{ .l | toYaml | nindent 2 }}",
            "{{ define \"t\" }}", "{{ include \"t\" . }}", "{{ tpl .t . }}", "text\n", "{{ index .l 1 }}",
            "{{ .a | quote }}",
        ]),
        max_size=12,
    )
)  # fmt: skip
def test_any_template_gives_text_or_an_error(parts: list[str]) -> None:
    try:
        parsed = parse("".join(parts))
    except SyntaxFailure:
        return
    machine = Machine(Library(Files()), FUNCTIONS)
    out = Builder()
    root = _value({"a": 1, "b": {"c": {}}, "l": ["x", {"y": 2}, None], "t": "{{ .a }}{{ .b }}"})
    try:
        machine.execute(Template("t", parsed.body, None), root, out)
    except (EvaluationError, Exhausted):
        return
    assert out.size == sum(map(len, out.parts))
