"""Generated projects that inherit (extends, include, anchors, merge keys, ``!reset``, ``!override``) against two programs.

docker-compose 1.29 knows ``extends``; podman-compose knows the others (it loses fields where one extended service extends
another, and keeps a port twice: neither is compared with it). Neither needs an engine to print a configuration:
podman-compose only asks for the version of podman.
"""

from __future__ import annotations

import importlib.util
import os
import pathlib
import random
import shlex
import shutil
import subprocess
import sys
from typing import Any

import pytest
import yaml

from gwaudit.resolve.compose import _draft
from gwaudit.resolve.compose.load import load
from gwaudit.resolve.model import Assumptions
from gwaudit.resolve.workspace import Workspace
from gwaudit.tree import Tree

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from compose_view import UNKNOWN, of_draft, same
from test_compose_v1 import TOOL

NAMES = ["A", "B", "C", "D_1"]
TEXTS = ["1", "x y", "", "true", "a=b", "${SET}", "${NONE:-d}", "${EMPTY-d}", "$$SET", "p${SET}s"]
COMMANDS: list[Any] = ["run --x 1", ["a", "b c"], 'q "x y" z', "run ${SET}"]
PORTS = ["80:80", "8080:80", "127.0.0.1:81:81", "9000:${PORT}"]
COMPARED = ("image", "environment", "labels", "command", "entrypoint", "user", "working_dir", "ports", "grace")


class Generator:
    """A base file, a file that services extend, an included file and an override.

    ``tags``: what podman-compose knows (include, !reset, !override), else what docker-compose does (extends).
    """

    def __init__(self, seed: int, tags: bool) -> None:
        self.chance = random.Random(seed)
        self.tags = tags

    def some(self, values: list[Any], most: int) -> list[Any]:
        return self.chance.sample(values, self.chance.randint(0, min(most, len(values))))

    def pairs(self) -> dict[str, str]:
        return {name: self.chance.choice(TEXTS) for name in self.some(NAMES, 4)}

    def service(self) -> dict[str, Any]:
        makers: dict[str, Any] = {
            "image": lambda: self.chance.choice(["x", "y:${SET}"]),
            "environment": self.pairs,
            "labels": self.pairs,
            "command": lambda: self.chance.choice(COMMANDS),
            "entrypoint": lambda: self.chance.choice(COMMANDS),
            "ports": lambda: self.some(PORTS, 2) or ["80:80"],
            "user": lambda: self.chance.choice(["1000", "root"]),
            "working_dir": lambda: self.chance.choice(["/a", "/b/c"]),
            "stop_grace_period": lambda: self.chance.choice(["5s", "1m30s"]),
        }
        return {name: make() for name, make in makers.items() if self.chance.random() < 0.5}

    def text(self, service: dict[str, Any], merged: str | None = None, below: tuple[str, ...] = ()) -> str:
        """A service as YAML; ``merged``: its environment starts with the pairs of that anchor, ``below``: may have tags."""
        lines: list[str] = []
        for name, value in service.items():
            tag = ""
            if name in below and name in ("ports", "command", "user"):
                # podman-compose knows !override of lists only, and neither where there is nothing below.
                tag = self.chance.choice(["", "!reset ", "!override " if isinstance(value, list) else ""])
            if tag == "!reset ":
                lines.append(f"{name}: !reset null")
            elif name == "environment" and merged:
                lines.append(f"environment:\n  <<: *{merged}")
                lines += [f"  {key}: {_quoted(each)}" for key, each in value.items()]
            else:
                shown = yaml.safe_dump(value, default_flow_style=True, width=1000).removesuffix("...\n").strip()
                lines.append(f"{name}: {tag}{_quoted(value) if isinstance(value, str) else shown}")
        return "\n".join(lines) or "{}"

    def files(self) -> dict[str, str]:
        far = {name: {"image": "far", **self.service()} for name in ("f0", "f1")}
        base = [f"x-common: &common {yaml.safe_dump(self.pairs() or {'Z': 'z'}, default_flow_style=True).strip()}"]
        if self.tags:
            base.append("include: [more.yml]")
        base.append("services:")
        stated: list[tuple[str, ...]] = []
        for number in range(8):
            service = {"image": "base", **self.service()}
            if number and not self.tags:
                here, file = f"service: s{number - 1}", f"file: far.yml, service: f{number % 2}"
                chosen = self.chance.choice([None, here, file])
                if chosen:
                    base_image = service.pop("image")
                    service = {**({"image": base_image} if self.chance.random() < 0.3 else {}), **service}
            else:
                chosen = None
            stated.append(tuple(service) if self.tags else ())
            base.append(f"  s{number}:")
            base += [f"    extends: {{{chosen}}}"] if chosen else []
            merged = "common" if self.chance.random() < 0.5 else None
            if chosen or service:
                text = self.text(service, merged) if service else ""
                base += [f"    {line}" for line in text.splitlines()]
        over = ["services:"]
        for number in range(8):
            service = self.service() or {"user": "7"}
            over.append(f"  s{number}:")
            over += [f"    {line}" for line in self.text(service, below=stated[number]).splitlines()]
        return {
            "base.yml": "\n".join(base) + "\n",
            "over.yml": "\n".join(over) + "\n",
            "far.yml": yaml.safe_dump({"services": far}, sort_keys=False),
            "more.yml": yaml.safe_dump({"services": {"m0": {"image": "more", **self.service()}}}, sort_keys=False),
            ".env": "SET=set\nEMPTY=\nPORT=99\n",
        }


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def view(service: dict[str, Any]) -> dict[str, Any]:
    """The compared fields of a service that a program printed."""

    def text(value: Any) -> str:
        return UNKNOWN if value is None else str(value).replace("$$", "$")

    def pairs(value: Any) -> dict[str, str]:
        if isinstance(value, list):
            value = {each.partition("=")[0]: each.partition("=")[2] for each in value}
        return {name: text(each) for name, each in (value or {}).items()}

    def words(value: Any) -> Any:
        split = shlex.split(value) if isinstance(value, str) else value
        return [word.replace("$$", "$") for word in split] if split else None

    ports = []
    for port in service.get("ports") or ():
        if isinstance(port, dict):
            ports.append([port.get("host_ip", ""), str(port.get("published") or ""), int(port["target"])])
        else:
            parts = str(port).partition("/")[0].split(":")
            ports.append([parts[0] if len(parts) == 3 else "", parts[-2], int(parts[-1])])
    grace = str(service.get("stop_grace_period") or "10s")
    return {
        "image": service.get("image"),
        "environment": pairs(service.get("environment")),
        "labels": pairs(service.get("labels")),
        "command": words(service.get("command")),
        "entrypoint": words(service.get("entrypoint")),
        "user": service.get("user"),
        "working_dir": service.get("working_dir"),
        "ports": [port for i, port in enumerate(sorted(ports)) if port not in sorted(ports)[:i]],
        "grace": {"5s": 5.0, "1m30s": 90.0, "10s": 10.0}[grace],
    }


def docker_compose(folder: pathlib.Path) -> list[str]:
    if TOOL is None:
        pytest.skip("ORACLE MISSING: docker-compose 1.29 is not installed (apt-get install docker-compose)")
    return [TOOL]


def podman_compose(folder: pathlib.Path) -> list[str]:
    if importlib.util.find_spec("podman_compose") is None:
        pytest.skip("ORACLE MISSING: podman-compose is not installed (pip install -e '.[dev]')")
    if shutil.which("podman") is None:
        podman = folder / "podman"
        podman.write_text("#!/bin/sh\necho podman version 5.0.0\n")
        podman.chmod(0o755)
    return [sys.executable, "-m", "podman_compose"]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("program", [docker_compose, podman_compose], ids=["docker-compose", "podman-compose"])
def test_inherited_like(
    program: Any, seed: int, tmp_path: pathlib.Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tools = tmp_path_factory.mktemp("tools")
    command = program(tools)
    files = Generator(seed, tags=program is podman_compose).files()
    for path, text in files.items():
        (tmp_path / path).write_text(text)
    shown = subprocess.run(
        [*command, "-f", "base.yml", "-f", "over.yml", "config"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PATH": f"{tools}{os.pathsep}/usr/bin:/bin", "HOME": str(tools)},
    )  # fmt: skip
    assert shown.returncode == 0, shown.stderr
    theirs = yaml.safe_load(shown.stdout)["services"]
    given = ("base.yml", "over.yml")
    draft = _draft(load(Workspace(Tree(str(tmp_path)), Assumptions()), given), given)
    assert draft is not None
    ours = of_draft(draft)
    assert ours.keys() == theirs.keys()
    for name, service in theirs.items():
        wanted = view(service)
        different = {key: (ours[name][key], wanted[key]) for key in COMPARED if not same(ours[name][key], wanted[key])}
        assert not different, name
