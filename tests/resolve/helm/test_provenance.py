"""Every rendered field leads back to the line where a person edits it, and the unknown stays within its own field."""

from __future__ import annotations

import pathlib
import textwrap

import pytest

from gwaudit.parse.document import Node, Scalar
from gwaudit.resolve.helm.chart import load, read_values
from gwaudit.resolve.helm.library import Files
from gwaudit.resolve.helm.render import Rendering, render
from gwaudit.tree import Tree

CHART = "apiVersion: v2\nname: shop\nversion: 0.1.0\nappVersion: '2.0'\n"
VALUES = """\
replicas: 2
image:
  repository: example.com/shop
  tag: v1
resources:
  limits:
    cpu: "2"
    memory: 1Gi
env:
  WORKERS: 4
  LONG: "a: b"
words: [one, two]
hidden: c2VjcmV0
name: ""
template: "{{ .Values.image.tag }}-{{ .Release.Name }}"
args: |
  first
  second
"""


def rendering(
    folder: pathlib.Path, template: str, values: str = VALUES, top: str | None = None, **files: str
) -> Rendering:
    texts = {"Chart.yaml": CHART, "values.yaml": values, "templates/t.yaml": textwrap.dedent(template).lstrip("\n")}
    texts.update({name.replace("__", "/").replace("_tpl", ".tpl"): text for name, text in files.items()})
    if top is not None:
        texts["values-prod.yaml"] = top
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    tree = Tree(str(folder))
    chart = load(tree, ".")
    assert chart is not None
    given = read_values(tree.source("values-prod.yaml"))[0] if top is not None else {}
    return render(chart, given, Files())


def origin(node: Node | None) -> tuple[str, list[str], str | None]:
    assert node is not None
    found = node.origin
    return str(found.location), [str(place) for place in found.via], found.unknown


ORIGINS = [
    ("{{ .Values.replicas }}", "2", "values.yaml:1:11"),
    ("{{ .Values.image.tag | quote }}", "v1", "values.yaml:4:8"),
    ('"{{ .Values.image.repository }}:{{ .Values.image.tag }}"', "example.com/shop:v1", "values.yaml:3:15"),
    ('{{ printf "%s:%s" .Values.image.repository .Values.image.tag }}', "example.com/shop:v1", "values.yaml:3:15"),
    ("{{ .Values.missing | default .Values.image.tag }}", "v1", "values.yaml:4:8"),
    ("{{ .Values.missing | default 5 }}", "5", "templates/t.yaml:2:4"),
    ("{{ .Values.replicas | int }}", "2", "values.yaml:1:11"),
    ("{{ .Values.image.tag | b64enc }}", "djE=", "values.yaml:4:8"),
    ("{{ .Values.image.repository | trunc 7 }}", "example", "values.yaml:3:15"),
    ("{{ .Values.image.tag | trimPrefix \"v\" }}", "1", "values.yaml:4:8"),
    ("{{ tpl .Values.template . }}", "v1-shop", "values.yaml:4:8"),
    ("{{ index .Values.words 1 }}", "two", "values.yaml:12:14"),
    ("{{ join \",\" .Values.words }}", "one,two", "values.yaml:12:9"),
    ("{{ first .Values.words | upper }}", "ONE", "values.yaml:12:9"),
    ("{{ get .Values.env \"WORKERS\" }}", "4", "values.yaml:10:12"),
    ("{{ (dict \"a\" .Values.env.WORKERS).a }}", "4", "values.yaml:10:12"),
    ("{{ ternary \"a\" \"b\" (eq .Values.image.tag \"v1\") }}", "a", "values.yaml:4:8"),
    ("{{ add .Values.replicas 1 }}", "3", "values.yaml:1:11"),
    ("{{ .Values.hidden | b64dec }}", "secret", "values.yaml:13:9"),
    ("{{ .Values.image.tag | replace \"v\" \"x\" }}", "x1", "values.yaml:4:8"),
    ("{{ .Values.words | toJson | quote }}", '["one","two"]', "values.yaml:12:9"),
    ("{{ include \"own\" . }}", "v1", "values.yaml:4:8"),
    ("{{ .Chart.AppVersion }}", "2.0", "Chart.yaml:4:13"),
    ("{{ .Release.Name }}", "shop", "templates/t.yaml:2:4"),
    ("{{ include \"release\" . }}", "shop-x", "templates/t.yaml:2:4"),
    ("{{ include \"literal\" . }}", "fixed", "templates/_h.tpl:3:25"),
    ("plain", "plain", "templates/t.yaml:2:4"),
    ("\"x{{ 1 }}\"", "x1", "templates/t.yaml:2:4"),
]  # fmt: skip
HELPERS = (
    '{{ define "own" }}{{ .Values.image.tag }}{{ end }}\n'
    '{{ define "release" }}{{ .Release.Name }}-x{{ end }}\n{{ define "literal" -}} fixed {{- end }}'
)


@pytest.mark.parametrize(("expression", "text", "place"), ORIGINS)
def test_origin_of_a_field(tmp_path: pathlib.Path, expression: str, text: str, place: str) -> None:
    found = rendering(tmp_path, f"kind: X\na: {expression}\n", templates___h_tpl=HELPERS)
    node = found.nodes[0].get("a")
    assert isinstance(node, Scalar)
    assert node.text == text
    assert origin(node)[0] == place
    assert origin(node)[2] is None


def test_the_way_leads_through_the_template(tmp_path: pathlib.Path) -> None:
    found = rendering(
        tmp_path, 'kind: X\na: {{ include "own" . }}\nb: {{ .Values.replicas }}\n', templates___h_tpl=HELPERS
    )
    node = found.nodes[0]
    assert origin(node.get("a")) == ("values.yaml:4:8", ["templates/_h.tpl:1:19", "templates/t.yaml:2:4"], None)
    assert origin(node.get("b")) == ("values.yaml:1:11", ["templates/t.yaml:3:4"], None)


def test_to_yaml_keeps_every_scalar_apart(tmp_path: pathlib.Path) -> None:
    template = """
        kind: X
        spec:
          resources:
            {{- toYaml .Values.resources | nindent 4 }}
          env:
            {{- range $name, $value := .Values.env }}
            - name: {{ $name }}
              value: {{ $value | quote }}
            {{- end }}
          again: {{ fromYaml (toYaml .Values.env) | toJson }}
    """
    node = rendering(tmp_path, template).nodes[0].get("spec")
    assert origin(node.get("resources"))[0].startswith("values.yaml:6:3")
    assert origin(node.get("resources", "limits", "cpu"))[0] == "values.yaml:7:10"
    assert origin(node.get("resources", "limits", "memory"))[0] == "values.yaml:8:13"
    names = {item.get("name").text: item for item in node.get("env").items}
    assert origin(names["WORKERS"].get("value"))[0] == "values.yaml:10:12"
    assert origin(names["LONG"].get("value"))[0] == "values.yaml:11:9"
    assert origin(names["LONG"].get("name"))[0] == "values.yaml:11:3"
    assert origin(node.get("again", "WORKERS"))[0] == "values.yaml:10:12"


def test_what_a_values_file_overrides_is_shadowed(tmp_path: pathlib.Path) -> None:
    template = "kind: X\na: {{ .Values.replicas }}\nb: {{ .Values.image.tag | quote }}\n"
    template += "c: {{ .Values.resources | toYaml | nindent 2 }}\n"
    top = "replicas: 6\nresources: {limits: {memory: 4Gi, cpu: null}}\n"
    node = rendering(tmp_path, template, top=top).nodes[0]
    assert origin(node.get("a"))[0] == "values-prod.yaml:1:11"
    assert [(str(lower.location), lower.text) for lower in node.get("a").shadowed] == [("values.yaml:1:11", "2")]
    assert node.get("b").shadowed == ()
    memory = node.get("c", "limits", "memory")
    assert origin(memory)[0] == "values-prod.yaml:2:30"
    assert [str(lower.location) for lower in memory.shadowed] == ["values.yaml:8:13"]
    assert node.get("c", "limits", "cpu") is None


UNKNOWN = [
    ("{{ randAlphaNum 10 }}", "a random value is made when the chart is installed"),
    ("{{ randAlphaNum 10 | b64enc | quote }}", "a random value is made when the chart is installed"),
    ('"{{ .Values.image.tag }}-{{ uuidv4 }}"', "a random value is made when the chart is installed"),
    ('{{ now | date "2006" }}', "the date is made when the chart is installed"),
    ('{{ (genCA "x" 10).Cert | b64enc }}', "a certificate is made when the chart is installed"),
    ('{{ required "set it" .Values.name }}', "a required value is not set: set it"),
    ("{{ .Values.a.b.c }}", "nil pointer: .Values.a is not set, so it has no .b"),
    ("{{ nowhere 1 }}", "the function nowhere is not evaluated"),
    ('{{ include "missing" . }}', 'no template "missing"'),
    ("{{ toYaml (dict \"a\" (randAlpha 3)) | nindent 2 }}", None),
    ("{{ if randAlpha 3 | eq \"x\" }}yes{{ end }}", "a random value is made when the chart is installed"),
    ("{{ list (randAlpha 3) | join \"-\" | trunc 4 }}", "a random value is made when the chart is installed"),
    ("{{ printf \"%v\" (list (randAlpha 3)) }}", "made from a value that is not known"),
    ("x{{ if false }}{{ .Values.a.b }}{{ end }}", None),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "why"), UNKNOWN)
def test_the_unknown_stays_in_its_field(tmp_path: pathlib.Path, expression: str, why: str | None) -> None:
    found = rendering(tmp_path, f"kind: X\na: {expression}\nb: {{{{ .Values.replicas }}}}\n")
    node = found.nodes[0]
    assert origin(node.get("b")) == ("values.yaml:1:11", ["templates/t.yaml:3:4"], None)
    if why is not None:
        assert origin(node.get("a"))[2] == why
    elif "toYaml" in expression:
        assert origin(node.get("a", "a"))[2] == "a random value is made when the chart is installed"


def test_a_random_value_is_not_empty(tmp_path: pathlib.Path) -> None:
    template = '{{ $p := randAlphaNum 8 | b64enc }}{{ if $p }}kind: X\n{{ end }}a: {{ $p | default "weak" | quote }}\n'
    node = rendering(tmp_path, template).nodes[0]
    assert node.get("kind").text == "X"
    assert origin(node.get("a"))[2] is not None


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ('{{ fail "no way" }}', "the template is not rendered: the chart refuses these values: no way"),
        ("{{ if required \"x\" .Values.name }}\na: 1\n{{ end }}",
         "the template is not rendered: a condition cannot be decided: a required value is not set: x"),
        ("{{ if .Values.a.b }}x{{ end }}",
         "the template is not rendered: nil pointer: .Values.a is not set, so it has no .b"),
        ("{{ if }}", "the template is not read: missing value for a command"),
        ("a: [", "what the template makes is not read: not valid YAML: did not find expected node content while parsing a "
         "flow node"),
    ],
)  # fmt: skip
def test_a_template_that_fails_leaves_the_others(tmp_path: pathlib.Path, template: str, message: str) -> None:
    found = rendering(tmp_path, template, templates__other="kind: Other\n")
    assert [node.get("kind").text for node in found.nodes] == ["Other"]
    assert [text for _, text in found.notes] == [message]
    assert found.notes[0][0].path == "templates/t.yaml"
    assert not found.complete
