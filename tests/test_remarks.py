"""What was read and not understood is said under -v and in JSON, and is no finding."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gwaudit.cli import main

Capture = pytest.CaptureFixture[str]

CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n"
    "  - name: common\n    version: 1.x.x\n    repository: https://charts.example\n",
    "chart/values.yaml": "image: shop:1\n",
    "chart/templates/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n"
    '  labels: {{ include "common.labels" . | nindent 4 }}\n    app: shop\nspec:\n  template:\n    spec:\n'
    "      containers:\n        - name: web\n          image: {{ .Values.image }}\n",
}
FLUX = {
    "apps/kustomization.yaml": "resources: [release.yaml]\n",
    "apps/release.yaml": "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: shop\nspec: {}\n",
}
SCRIPT = {
    "Dockerfile": 'FROM example/base:1\nCOPY run.sh /run.sh\nENTRYPOINT ["/run.sh"]\n',
    "run.sh": "#!/bin/sh\n. /opt/start.sh\n",
    "compose.yaml": "services:\n  web:\n    build: .\n    ports: ['80:80']\n",
}


@pytest.mark.parametrize(
    ("files", "place", "message"),
    [
        (CHART, ("chart/Chart.yaml", 5), "the sub-chart common is not in the tree: its objects are not known"),
        (FLUX, ("apps/release.yaml", 4), "HelmRelease shop installs a chart: its objects are not known"),
        (SCRIPT, ("run.sh", 2), "/opt/start.sh is sourced and cannot be read"),
    ],
)
def test_what_was_not_understood(
    files: dict[str, str], place: tuple[str, int], message: str, tmp_path: Path, capsys: Capture
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    main(["check", str(tmp_path), "--output-format", "json", "--isolated"])
    found = json.loads(capsys.readouterr().out)["coverage"]["not_understood"]
    assert any((each["path"], each["line"]) == place and each["message"].startswith(message) for each in found), found
    main(["check", str(tmp_path), "-v", "--isolated"])
    shown = capsys.readouterr()
    line = next(line for line in (shown.out + shown.err).splitlines() if line.startswith(f"Not understood: {message}"))
    assert f"{place[0]}:{place[1]}" in line
