"""Generated projects (base, override, .env, env files) against ``docker-compose config`` of version 1.

Version 1 is another program than the one that compose-go is, with the same rules for what is generated here. It is wrong on
nested defaults, knows no ``!reset`` and reads an env_file again that base and override both name: none is generated.
"""

from __future__ import annotations

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
from gwaudit.resolve.compose.units import bytes_of, seconds_of
from gwaudit.resolve.model import Assumptions
from gwaudit.resolve.workspace import Workspace
from gwaudit.tree import Tree

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from compose_view import UNKNOWN, of_draft, same


def _tool() -> str | None:
    """docker-compose, if it is version 1: the later ones print another form."""
    program = shutil.which("docker-compose")
    if program is None:
        return None
    shown = subprocess.run([program, "version", "--short"], capture_output=True, text=True, check=False)
    return program if shown.stdout.startswith("1.") else None


TOOL = _tool()
NAMES = ["A", "B", "C", "D_1", "LONG_NAME"]
TEXTS = [
    "1",
    "x",
    "a b",
    "",
    "true",
    "a=b",
    "${SET}",
    "${SET:-d}",
    "${NONE:-d}",
    "${NONE-d}",
    "$$SET",
    "p${SET}s",
    "${EMPTY:-d}",
    "${EMPTY-d}",
]
SIZES = ["64m", "1g", "512k", "104857600", "2gb"]
TIMES = ["5s", "1m30s", "500ms", "1h", "0s"]
COMMANDS: list[Any] = ["run --x 1", "sh -c 'a && b'", ["a", "b c"], 'q "x y" z', "run ${SET}", "run ${NONE:-dflt} b"]
PORTS = ["80:80", "8080:80", "127.0.0.1:80:80", "3000", "5000-5002:6000-6002", "53:53/udp", "${PORT}:1234"]


class Generator:
    """Random services of what both programs know; numbers and truth values are written as strings."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def some(self, values: list[Any], most: int) -> list[Any]:
        return self.chance.sample(values, self.chance.randint(0, min(most, len(values))))

    def pairs(self) -> Any:
        found = {name: self.chance.choice(TEXTS) for name in self.some(NAMES, 4)}
        return found if self.chance.random() < 0.5 else [f"{name}={value}" for name, value in found.items()]

    def service(self, base: bool) -> dict[str, Any]:
        made: dict[str, Any] = {"image": self.chance.choice(["x", "y:${SET}", "z:${NONE:-latest}"])} if base else {}
        fields: dict[str, Any] = {
            "environment": self.pairs,
            "labels": self.pairs,
            "command": lambda: self.chance.choice(COMMANDS),
            "entrypoint": lambda: self.chance.choice(COMMANDS),
            "ports": lambda: self.some(PORTS, 4),
            "env_file": lambda: (self.some(["one.env", "two.env"], 2) or "one.env") if base else ["three.env"],
            "mem_limit": lambda: self.chance.choice(SIZES),
            "cpus": lambda: self.chance.choice([1, 0.5, 2.25]),
            "stop_grace_period": lambda: self.chance.choice(TIMES),
            "user": lambda: self.chance.choice(["1000", "root", "1:2"]),
            "working_dir": lambda: self.chance.choice(["/a", "/b/c"]),
            "healthcheck": self.health,
            "deploy": self.deploy,
        }
        for name, make in fields.items():
            if self.chance.random() < (0.6 if base else 0.4):
                made[name] = make()
        return made

    def health(self) -> dict[str, Any]:
        made: dict[str, Any] = {"test": self.chance.choice(["curl x", ["CMD", "a", "b"], ["CMD-SHELL", "a || b"]])}
        for name in ("interval", "timeout", "start_period"):
            if self.chance.random() < 0.5:
                made[name] = self.chance.choice(TIMES[:4])
        if self.chance.random() < 0.5:
            made["retries"] = self.chance.randint(1, 9)
        return made

    def deploy(self) -> dict[str, Any]:
        made: dict[str, Any] = {"resources": {"limits": {"cpus": self.chance.choice(["0.5", "2"])}}}
        if self.chance.random() < 0.5:
            made["replicas"] = self.chance.randint(1, 5)
        if self.chance.random() < 0.5:
            made["resources"]["reservations"] = {"memory": self.chance.choice(SIZES)}
        return made

    def files(self) -> dict[str, str]:
        names = [f"s{i}" for i in range(12)]
        base = {"services": {name: self.service(True) for name in names}}
        over = {"services": {name: self.service(False) for name in self.some(names, 12)} or {"s0": {"user": "5"}}}
        return {
            "docker-compose.yml": yaml.safe_dump(base, sort_keys=False),
            "over.yml": yaml.safe_dump(over, sort_keys=False),
            ".env": "SET=set\nEMPTY=\nPORT=99\n",
            "one.env": "A=one\nE=one\n",
            "two.env": "A=two\nF=f\n",
            "three.env": "A=three\nG=g\n",
        }


def of_v1(service: dict[str, Any]) -> dict[str, Any]:
    """The fields that are compared, from the YAML that ``docker-compose config`` prints."""

    def words(value: Any) -> Any:
        return (
            [word.replace("$$", "$") for word in (shlex.split(value) if isinstance(value, str) else value)]
            if value
            else None
        )

    def text(value: Any) -> str:
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        return UNKNOWN if value is None else shown.replace("$$", "$")

    resources = (service.get("deploy") or {}).get("resources") or {}
    limits = resources.get("limits") or {}
    check = service.get("healthcheck")
    health = None
    if check:
        test = check["test"]
        command = [test] if isinstance(test, str) else test[1:]
        times = {n: seconds_of(str(check[n])) if n in check else None for n in ("interval", "timeout", "start_period")}
        health = [command, times["interval"], times["timeout"], check.get("retries"), times["start_period"]]
    ports = []
    for port in service.get("ports") or ():
        if isinstance(port, dict):
            ports.append(["", str(port.get("published") or ""), port["target"]])
        else:
            parts = port.partition("/")[0].split(":")
            ports.append([parts[0] if len(parts) == 3 else "", parts[-2] if len(parts) > 1 else "", int(parts[-1])])
    memory = (resources.get("reservations") or {}).get("memory")
    return {
        "environment": {name: text(value) for name, value in (service.get("environment") or {}).items()},
        "labels": {name: text(value) for name, value in (service.get("labels") or {}).items()},
        "command": words(service.get("command")),
        "entrypoint": words(service.get("entrypoint")),
        "image": service["image"],
        "ports": sorted(ports),
        "cpu_limit": float(limits.get("cpus") or service.get("cpus") or 0) or None,
        "memory_limit": bytes_of(str(service["mem_limit"])) if "mem_limit" in service else None,
        "memory_request": bytes_of(str(memory)) if memory else None,
        "grace": seconds_of(service["stop_grace_period"]) if "stop_grace_period" in service else 10.0,
        "replicas": (service.get("deploy") or {}).get("replicas", 1),
        "health": health,
        "user": service.get("user"),
        "working_dir": service.get("working_dir"),
    }


@pytest.mark.skipif(
    TOOL is None, reason="ORACLE MISSING: docker-compose 1.29 is not installed (apt-get install docker-compose)"
)
@pytest.mark.parametrize("seed", range(12))
def test_like_docker_compose_1(seed: int, tmp_path: pathlib.Path) -> None:
    files = Generator(seed).files()
    for path, text in files.items():
        (tmp_path / path).write_text(text)
    command = [str(TOOL), "-f", "docker-compose.yml", "-f", "over.yml", "config"]
    shown = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"}
    )
    assert shown.returncode == 0, shown.stderr
    theirs = yaml.safe_load(shown.stdout)["services"]
    given = ("docker-compose.yml", "over.yml")
    draft = _draft(load(Workspace(Tree(str(tmp_path)), Assumptions()), given), given)
    assert draft is not None
    ours = of_draft(draft)
    assert ours.keys() == theirs.keys()
    for name, service in theirs.items():
        wanted = of_v1(service)
        different = {key: (ours[name][key], value) for key, value in wanted.items() if not same(ours[name][key], value)}
        assert not different, name
