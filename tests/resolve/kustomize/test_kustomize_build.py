"""Builds against ``kubectl kustomize``: the same objects with the same values (the hash of generated names left out)."""

from __future__ import annotations

import base64
import binascii
import os
import pathlib
import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from gwaudit.parse.document import Mapping, Node, Sequence
from gwaudit.parse.yaml import parse_documents, value
from gwaudit.resolve.kustomize.build import Build, build
from gwaudit.resolve.model import Assumptions
from gwaudit.resolve.workspace import Workspace
from gwaudit.source import SourceFile
from gwaudit.tree import Tree

DATA = yaml.safe_load((pathlib.Path(__file__).parents[2] / "data" / "kustomize" / "cases.yaml").read_text())
UNKNOWN = object()
HASH = re.compile(r"-[a-z0-9]{10}$")


def write(folder: pathlib.Path, case: dict[str, Any]) -> str:
    for path, text in {**DATA["shared"], **case}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return "overlay"


def plain(node: Node) -> Any:
    if node.origin.unknown:
        return UNKNOWN
    if isinstance(node, Mapping):
        return {key.text: plain(child) for key, child in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return value(node)


def settled(item: Any) -> Any:
    """Without nulls and empty maps of labels and annotations, which mean nothing."""
    if isinstance(item, dict):
        found = {key: settled(child) for key, child in item.items() if child is not None}
        return {k: child for k, child in found.items() if child != {} or k not in ("annotations", "labels")}
    return [settled(child) for child in item] if isinstance(item, list) else item


def readable(item: dict[str, Any]) -> dict[str, Any]:
    """A Secret with its values as text, however they are written."""
    if item.get("kind") != "Secret":
        return item
    data = dict(item.pop("stringData", None) or {})
    for key, text in (item.pop("data", None) or {}).items():
        try:
            data.setdefault(key, base64.b64decode(text or "", validate=True).decode())
        except (binascii.Error, ValueError):
            data.setdefault(key, text)
    return {**item, "data": data}


def renamed(item: Any, names: dict[str, str]) -> Any:
    if isinstance(item, dict):
        return {key: renamed(child, names) for key, child in item.items()}
    if isinstance(item, list):
        return [renamed(child, names) for child in item]
    return names.get(item, item) if isinstance(item, str) else item


def by_identity(items: list[dict[str, Any]]) -> dict[tuple[str, ...], dict[str, Any]]:
    return {
        (each["apiVersion"], each["kind"], each["metadata"].get("namespace") or "", each["metadata"]["name"]): each
        for each in items
    }


def equal(real: Any, ours: Any) -> bool:
    """Equal values of equal types, or unknown on our side."""
    if ours is UNKNOWN:
        return True
    if isinstance(real, dict) and isinstance(ours, dict):
        return real.keys() == ours.keys() and all(equal(real[key], ours[key]) for key in real)
    if isinstance(real, list) and isinstance(ours, list):
        return len(real) == len(ours) and all(map(equal, real, ours))
    return bool(real == ours) and type(real) is type(ours)


@pytest.mark.parametrize("name", sorted(DATA["cases"]))
def test_as_kubectl_builds_it(name: str, tmp_path: pathlib.Path, oracle: Callable[[str], str]) -> None:
    folder = write(tmp_path, DATA["cases"][name])
    command = [oracle("kubectl"), "kustomize", str(tmp_path / folder)]
    outcome = subprocess.run(command, capture_output=True, text=True, env={"HOME": str(tmp_path)}, check=False)
    assert outcome.returncode == 0, outcome.stderr
    made = build(Workspace(Tree(str(tmp_path)), Assumptions()), folder)
    assert made.notes == []
    assert not made.open
    hashed = {each.name for each in made.resources if each.hashed}
    parsed = parse_documents(SourceFile("real", outcome.stdout))
    real = [plain(document.root) for document in parsed]  # type: ignore[union-attr]
    names = {
        each["metadata"]["name"]: HASH.sub("", each["metadata"]["name"])
        for each in real
        if HASH.sub("", each["metadata"]["name"]) in hashed
    }
    wanted = by_identity([settled(readable(renamed(each, names))) for each in real])
    ours = by_identity([settled(readable(plain(each.node))) for each in made.resources])
    assert sorted(wanted) == sorted(ours)
    for key, expected in wanted.items():
        assert equal(expected, ours[key]), (key, expected, ours[key])


def overlay(tmp_path: pathlib.Path, case: str | dict[str, str]) -> Build:
    write(tmp_path, DATA["cases"][case] if isinstance(case, str) else case)
    return build(Workspace(Tree(str(tmp_path)), Assumptions()), "overlay")


def deployment(made: Build) -> Mapping:
    return next(each.node for each in made.resources if each.kind == "Deployment")


def test_a_patch_shadows_what_it_replaces(tmp_path: pathlib.Path) -> None:
    replicas = deployment(overlay(tmp_path, "strategic merge")).get("spec", "replicas")
    assert replicas is not None
    assert str(replicas.location) == "overlay/patch.yaml:5:13"
    assert [str(each.location) for each in replicas.shadowed] == ["base/deployment.yaml:7:13"]


def test_an_inline_patch_has_its_place_in_the_kustomization(tmp_path: pathlib.Path) -> None:
    made = deployment(overlay(tmp_path, "strategic merge replaces"))
    arguments = made.get("spec", "template", "spec", "containers")
    assert isinstance(arguments, Sequence)
    word = arguments.items[0].get("args").items[0]  # type: ignore[attr-defined]
    assert str(word.location) == "overlay/kustomization.yaml:13:24"


def test_an_image_is_edited_where_its_tag_is_written(tmp_path: pathlib.Path) -> None:
    containers = deployment(overlay(tmp_path, "images")).get("spec", "template", "spec", "containers")
    assert isinstance(containers, Sequence)
    image = containers.items[0].get("image")  # type: ignore[attr-defined]
    assert str(image.location) == "overlay/kustomization.yaml:3:58"
    assert [each.path for each in image.origin.via] == ["base/deployment.yaml"]


def test_generated_values_stand_in_their_files(tmp_path: pathlib.Path) -> None:
    made = overlay(tmp_path, "config map generator")
    data = next(each for each in made.resources if each.name == "made").node.get("data")
    assert data is not None
    assert str(data.get("INDENTED").location) == "overlay/vars.env:3:3"  # type: ignore[attr-defined]
    assert data.get("app.conf").location.path == "overlay/app.conf"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("resources: [https://example.com/x.yaml]", "fetched from elsewhere"),
        ("resources: [github.com/a/b//c?ref=v1]", "fetched from elsewhere"),
        ("resources: [../../outside]", "is not there"),
        ("resources: [.]", "includes itself"),
        ("helmCharts: [{name: c}]", "charts of a kustomization"),
    ],
)
def test_what_is_not_read_is_noted(tmp_path: pathlib.Path, text: str, message: str) -> None:
    made = overlay(tmp_path, {"overlay/kustomization.yaml": text})
    assert any(message in note for _, note in made.notes)


def test_a_circle_ends(tmp_path: pathlib.Path) -> None:
    files = {"overlay/kustomization.yaml": "resources: [../b]", "b/kustomization.yaml": "resources: [../overlay]"}
    assert any("includes itself" in note for _, note in overlay(tmp_path, files).notes)


def test_nothing_outside_the_root_is_read(tmp_path: pathlib.Path) -> None:
    (tmp_path / "secret.env").write_text("A=1\n")
    inner = tmp_path / "tree"
    inner.mkdir()
    (inner / "kustomization.yaml").write_text("configMapGenerator: [{name: x, envs: [../secret.env]}]")
    os.symlink("../secret.env", inner / "link.env")
    (inner / "sub").mkdir()
    (inner / "sub" / "kustomization.yaml").write_text("configMapGenerator: [{name: x, envs: [../link.env]}]")
    workspace = Workspace(Tree(str(inner)), Assumptions())
    for folder in ("", "sub"):
        made = build(workspace, folder)
        assert made.resources[0].node.get("data") is None
        assert made.notes


def test_aliases_that_unfold_without_end_are_not_built(tmp_path: pathlib.Path) -> None:
    lines = ["apiVersion: v1", "kind: ConfigMap", "metadata: {name: x}", "a0: &a0 [1,2,3,4,5,6,7,8,9]"]
    lines += [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    made = overlay(tmp_path, {"overlay/kustomization.yaml": "resources: [x.yaml]", "overlay/x.yaml": "\n".join(lines)})
    assert any("too many objects or nodes" in note for _, note in made.notes)


def test_a_base_that_doubles_at_every_level_is_not_built(tmp_path: pathlib.Path) -> None:
    files = {"overlay/kustomization.yaml": "resources: [../k0, ../j0]"}
    for level in range(16):
        for name in "kj":
            below = f"resources: [../k{level + 1}, ../j{level + 1}]\nnamePrefix: {name}-"
            files[f"{name}{level}/kustomization.yaml"] = below
    for name in "kj":
        files[f"{name}16/kustomization.yaml"] = "resources: [../base]"
    assert any("too many objects" in note for _, note in overlay(tmp_path, files).notes)


def test_a_slow_pattern_is_not_evaluated(tmp_path: pathlib.Path) -> None:
    text = "resources: [../base]\npatches: [{target: {name: '(a+)+$'}, patch: '[{op: remove, path: /spec}]'}]"
    made = overlay(tmp_path, {"overlay/kustomization.yaml": text})
    assert any("not evaluated" in note for _, note in made.notes)
