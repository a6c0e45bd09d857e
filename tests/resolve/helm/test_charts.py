"""Small charts, one idea each: rendered as the real helm renders them, leaf by leaf."""

from __future__ import annotations

import pathlib
import sys
import textwrap

import pytest

from gwaudit.resolve.helm.chart import load, read_values
from gwaudit.resolve.helm.library import Files
from gwaudit.resolve.helm.render import Rendering, render
from gwaudit.tree import Tree

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "oracles"))
from compare_helm import compare, helm_objects, plain

MAIN = 'apiVersion: v2\nname: shop\nversion: 0.1.0\nappVersion: "2.0"\n'
DEPLOYMENT = """
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: {{ .Release.Name }}
      labels:
        {{- include "shop.labels" . | nindent 4 }}
    spec:
      replicas: {{ .Values.replicas }}
      template:
        spec:
          containers:
            - name: app
              image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
              {{- with .Values.resources }}
              resources:
                {{- toYaml . | nindent 12 }}
              {{- end }}
              env:
                {{- range $name, $value := .Values.env }}
                - name: {{ $name }}
                  value: {{ $value | quote }}
                {{- end }}
"""
VALUES = """
    replicas: 2
    image: {repository: example.com/shop, tag: ""}
    resources:
      limits: {cpu: "2", memory: 1Gi}
    env:
      WORKERS: 4
      TIMEOUT: "30"
"""
HELPERS = """
    {{- define "shop.labels" -}}
    app: {{ .Chart.Name }}
    chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
    {{- end }}
"""
SUB = "apiVersion: v2\nname: {name}\nversion: 1.2.3\n"
SHOW = "kind: Show\nvalues: {{ .Values | toJson | quote }}\nname: {{ .Chart.Name }}\n"

CHARTS: dict[str, dict[str, str]] = {
    "deployment": {"templates/d.yaml": DEPLOYMENT, "templates/_helpers.tpl": HELPERS, "values.yaml": VALUES},
    "profiles": {
        "templates/d.yaml": DEPLOYMENT,
        "templates/_helpers.tpl": HELPERS,
        "values.yaml": VALUES,
        "values-prod.yaml": "replicas: 6\nresources: {limits: {cpu: null, memory: 4Gi}}\nenv: {TIMEOUT: null, NEW: x}\n"
        "image: {tag: v3}\n",
        "values-flat.yaml": "resources: null\nenv: {WORKERS: null}\n",
    },
    "subcharts": {
        "Chart.yaml": MAIN
        + "dependencies:\n- {name: db, version: 1.x.x, condition: db.enabled}\n"
        "- {name: cache, version: 1.2.3, tags: [fast]}\n"
        "- {name: db, version: '>=1.0', alias: replica, condition: replica.enabled,db.enabled}\n",
        "values.yaml": "tags: {fast: false}\nglobal: {zone: a, deep: {x: 1}}\ndb: {enabled: true, size: 5, gone: null}\n"
        "replica: {size: 9}\n",
        "values-all.yaml": "tags: {fast: true}\nreplica: {enabled: false}\nglobal: {deep: {y: 2}}\n",
        "templates/show.yaml": SHOW + "subs: {{ keys .Subcharts | sortAlpha | join \",\" }}\n",
        "charts/db/Chart.yaml": SUB.format(name="db"),
        "charts/db/values.yaml": "size: 1\nkind: postgres\ngone: here\nglobal: {deep: {x: 0, z: 3}}\n",
        "charts/db/templates/show.yaml": SHOW,
        "charts/cache/Chart.yaml": SUB.format(name="cache"),
        "charts/cache/values.yaml": "ttl: 10\n",
        "charts/cache/templates/show.yaml": SHOW,
        "charts/loose/Chart.yaml": SUB.format(name="loose"),
        "charts/loose/templates/show.yaml": SHOW,
        "charts/_hidden/Chart.yaml": SUB.format(name="hidden"),
        "charts/_hidden/templates/show.yaml": SHOW,
    },
    "imports": {
        "Chart.yaml": MAIN
        + "dependencies:\n- name: db\n  version: 1.2.3\n  import-values:\n  - shared\n"
        + "  - {child: settings, parent: taken.here}\n",
        "values.yaml": "own: 1\ntaken: {here: {b: mine}}\nlevel: top\n",
        "templates/show.yaml": SHOW,
        "charts/db/Chart.yaml": SUB.format(name="db"),
        "charts/db/values.yaml": "exports: {shared: {level: sub, extra: 2}}\nsettings: {a: 1, b: theirs}\n",
        "charts/db/templates/show.yaml": SHOW,
    },
    "library": {
        "Chart.yaml": MAIN + "dependencies:\n- {name: common, version: 1.2.3}\n",
        "templates/use.yaml": 'kind: Use\ntext: {{ include "common.name" . }}\nover: {{ include "shared" . }}\n',
        "templates/_over.tpl": '{{ define "shared" }}parent{{ end }}{{ define "emptied" }}{{ end }}',
        "charts/common/Chart.yaml": SUB.format(name="common") + "type: library\n",
        "charts/common/templates/_name.tpl": '{{ define "common.name" }}{{ .Release.Name }}-{{ .Chart.Name }}{{ end }}',
        "charts/common/templates/_shared.tpl": '{{ define "shared" }}library{{ end }}{{ define "emptied" }}kept{{ end }}',
        "charts/common/templates/shown.yaml": "kind: Never\n",
        "templates/emptied.yaml": 'kind: Emptied\ntext: {{ include "emptied" . | quote }}\n',
    },
    "files": {
        "files/a.conf": "a = 1\nb = {{ .Values.b }}\n",
        "files/deep/b.conf": "deep\n",
        "files/skipped.bak": "no\n",
        ".helmignore": "# comment\n*.bak\n/secret/\n",
        "secret/x.conf": "no\n",
        "values.yaml": "b: two\n",
        "templates/files.yaml": """
            kind: ConfigMap
            metadata: {name: files}
            data:
              {{- (.Files.Glob "files/**.conf").AsConfig | nindent 2 }}
              rendered: |
                {{- tpl (.Files.Get "files/a.conf") . | nindent 4 }}
              lines: {{ .Files.Lines "files/a.conf" | join "/" | quote }}
              {{- range $path, $_ := .Files.Glob "**.{bak,conf}" }}
              {{ base $path }}-path: {{ $path }}
              {{- end }}
            binaryData:
              {{- (.Files.Glob "files/deep/*").AsSecrets | nindent 2 }}
        """,
    },
    "scopes": {
        "values.yaml": "items: [{name: a, on: true}, {name: b}, {name: c, on: true}]\nmap: {z: 1, a: {k: v}}\n",
        "templates/s.yaml": """
            {{- $found := dict }}
            {{- $count := 0 }}
            {{- range $i, $item := .Values.items }}
              {{- if not $item.on }}{{ continue }}{{ end }}
              {{- $_ := set $found $item.name $i }}
              {{- $count = add $count 1 }}
            {{- end }}
            kind: Scopes
            found: {{ toJson $found }}
            count: {{ $count }}
            {{- with .Values.map }}
            inner: {{ .a.k }}-{{ $.Release.Name }}
            {{- range $k, $v := . }}
            {{ $k }}: {{ kindOf $v }}
            {{- end }}
            {{- end }}
            {{- define "local" }}{{ . | default "none" }}{{ end }}
            local: {{ template "local" }}
            block: {{ block "inline" .Values.items }}{{ len . }}{{ end }}
            mutated: {{ $_ := set .Values "added" "yes" }}{{ .Values.added }}
        """,
        "templates/t.yaml": "kind: After\nadded: {{ .Values.added | default \"no\" }}\n",
    },
    "text": {
        "values.yaml": 'script: |\n  #!/bin/sh\n  echo "hi"\n\n  exit 0\nplain: "a: b # c"\nnumber: "0123"\n',
        "templates/t.yaml": """
            kind: Text
            folded: >-
              {{ .Values.script | nindent 2 }}
            literal: |
              {{- .Values.script | nindent 2 }}
            yaml: {{ toYaml .Values | nindent 2 }}
            quoted: {{ .Values.script | quote }}
            squoted: {{ .Values.plain | squote }}
            json: {{ .Values | toJson }}
            flow: [{{ .Values.number }}, {{ .Values.number | quote }}]
            sum: {{ include (print $.Template.BasePath "/t2.yaml") . | sha256sum }}
        """,
        "templates/t2.yaml": "kind: Two\nvalue: {{ .Values.plain | quote }}\n---\nkind: Three\n---\n# nothing\n",
        "templates/NOTES.txt": "kind: Never {{ .Values.plain }}",
    },
    "anchors": {
        "values.yaml": "base: &base {a: 1, b: 2}\nuse: {<<: *base, b: 3}\nlist: [*base]\nyes: no\n1: one\n1.5: half\n",
        "templates/show.yaml": SHOW,
    },
    "numbers": {
        "values.yaml": "big: 10000000\nport: 8080\nratio: 0.25\noctal: 0644\nexp: 1e3\nlong: 12345678901234567890\n",
        "templates/n.yaml": """
            kind: Numbers
            {{- range $k, $v := .Values }}
            {{ $k }}: ["{{ $v }}", "{{ $v | int64 }}", "{{ toYaml $v }}", {{ quote $v }}, "{{ printf "%.2f" $v }}"]
            {{- end }}
        """,
    },
    "merging": {
        "values.yaml": "defaults: {probe: {path: /, port: 80, on: true}, list: [1]}\n"
        "apps: {a: {probe: {port: 8080, on: false}}, b: {list: []}}\n",
        "templates/m.yaml": """
            {{- range $name, $app := .Values.apps }}
            ---
            kind: Merged
            metadata: {name: {{ $name }}}
            merged: {{ merge (deepCopy $app) $.Values.defaults | toJson }}
            over: {{ mergeOverwrite (deepCopy $.Values.defaults) $app | toJson }}
            dug: {{ dig "probe" "path" "none" $app }}
            yaml: {{ merge (dict) $app | toYaml | fromYaml | toJson }}
            {{- end }}
        """,
    },
    "capabilities": {
        "templates/c.yaml": """
            kind: Capabilities
            {{- if .Capabilities.APIVersions.Has "networking.k8s.io/v1" }}
            ingress: networking.k8s.io/v1
            {{- end }}
            {{- if .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}
            monitor: true
            {{- end }}
            {{- if semverCompare ">=1.23-0" .Capabilities.KubeVersion.GitVersion }}
            new: true
            {{- end }}
            helm: {{ .Capabilities.HelmVersion.Version }}
            text: {{ .Capabilities.KubeVersion }}
            chart: {{ .Chart.Name }} {{ .Chart.AppVersion }} {{ .Chart.Maintainers | len }} {{ .Chart.Keywords }}
        """,
    },
}  # fmt: skip


def write(folder: pathlib.Path, files: dict[str, str]) -> pathlib.Path:
    for name, text in {"Chart.yaml": MAIN, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            textwrap.dedent(text).lstrip("\n") if name.startswith("templates/") or "values" in name else text
        )
    return folder


def rendered(folder: pathlib.Path, values: str | None = None) -> Rendering:
    tree = Tree(str(folder))
    chart = load(tree, ".")
    assert chart is not None
    given = read_values(tree.source(values))[0] if values else {}
    return render(chart, given, Files())


CASES = [
    (name, values)
    for name, files in CHARTS.items()
    for values in [None, *(path for path in files if path.startswith("values-"))]
]


@pytest.mark.parametrize(("name", "values"), CASES)
def test_chart_as_helm_renders_it(oracle, tmp_path: pathlib.Path, name: str, values: str | None) -> None:
    folder = write(tmp_path, {"values.yaml": "", **CHARTS[name]})
    theirs = helm_objects(str(oracle("helm")), folder, "shop", folder / values if values else None)
    assert isinstance(theirs, list), theirs
    found = rendered(folder, values)
    counts = compare(found, theirs)
    assert counts.different == []
    assert counts.unknown == 0
    assert counts.equal > 0
    assert found.notes == []


def test_a_declared_sub_chart_that_is_not_there_is_noted(tmp_path: pathlib.Path) -> None:
    folder = write(
        tmp_path, {**CHARTS["deployment"], "Chart.yaml": MAIN + "dependencies:\n- {name: db, version: 1.0.0}\n"}
    )
    found = rendered(folder)
    assert [(str(place), text) for place, text in found.notes] == [
        ("Chart.yaml:6:3", "the sub-chart db is not in the tree: its objects are not known")
    ]
    assert [plain(node)["kind"] for node in found.nodes] == ["Deployment"]
    assert not found.complete


def test_a_packed_sub_chart(oracle, tmp_path: pathlib.Path) -> None:
    import io
    import tarfile

    folder = write(tmp_path, {"templates/show.yaml": SHOW, "values.yaml": "db: {size: 3}\n"})
    (folder / "charts").mkdir()
    with tarfile.open(folder / "charts" / "db-1.2.3.tgz", "w:gz") as archive:
        for name, text in {
            "Chart.yaml": SUB.format(name="db"),
            "values.yaml": "size: 1\nx: y\n",
            "templates/s.yaml": SHOW,
        }.items():
            member = tarfile.TarInfo(f"db/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    theirs = helm_objects(str(oracle("helm")), folder, "shop", None)
    assert isinstance(theirs, list), theirs
    found = rendered(folder)
    assert compare(found, theirs).different == []
    packed = next(node for node in found.nodes if plain(node)["name"] == "db")
    assert str(packed.get("kind").location) == "charts/db-1.2.3.tgz"
