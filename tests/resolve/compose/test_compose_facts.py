"""What Compose drafts remember: places, what was overridden, layers, references, endpoints; which files make a project."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from gwaudit.resolve.compose import targets
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.model import Assumptions, Container, TargetDraft, Workload
from gwaudit.resolve.workspace import Workspace
from gwaudit.tree import Tree


def drafts(folder: pathlib.Path, files: dict[str, str], **env: str) -> list[TargetDraft]:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, newline="")
    assumed = {name: Fact(f"env.{name}", value, Source("assumed"), assumed=True) for name, value in env.items()}
    return targets(Workspace(Tree(str(folder)), Assumptions(env=assumed)))


def only(folder: pathlib.Path, files: dict[str, str], name: str = "a", **env: str) -> tuple[Workload, Container]:
    (draft,) = drafts(folder, files, **env)
    workload = next(workload for workload in draft.workloads if workload.name == name)
    return workload, workload.containers[0]


def place(fact: Fact) -> str:
    return str(fact.location)


def test_a_value_from_dotenv_stands_in_dotenv(tmp_path: pathlib.Path) -> None:
    files = {
        ".env": "W=24\nURL_USER=u\n",
        "compose.yaml": "services:\n  a:\n    image: x\n    environment:\n"
        "      WORKERS: ${W:-2}\n      DEFAULTED: ${NONE:-7}\n      URL: pg://${URL_USER}@db\n      - \n",
    }
    files["compose.yaml"] = files["compose.yaml"].replace("      - \n", "      EMPTY: ${NONE}\n")
    _, container = only(tmp_path, files)
    workers = container.environment.get("WORKERS")
    assert (workers.value, place(workers), workers.source.layer) == ("24", ".env:1:1", "interpolation")
    assert [str(step.location) for step in workers.source.via] == ["compose.yaml:5:16"]
    defaulted = container.environment.get("DEFAULTED")
    assert (defaulted.value, place(defaulted), defaulted.source.layer) == ("7", "compose.yaml:6:18", "manifest")
    assert defaulted.inputs[0].value is ABSENT and defaulted.inputs[0].assumed
    url = container.environment.get("URL")
    assert (url.value, place(url), url.inputs[0].name) == ("pg://u@db", "compose.yaml:7:12", "env.URL_USER")
    assert place(url.inputs[0]) == ".env:2:1"
    assert container.environment.get("EMPTY").value == ""


def test_what_was_assumed_lies_on_top_of_dotenv(tmp_path: pathlib.Path) -> None:
    files = {".env": "W=1\n", "compose.yaml": "services: {a: {image: x, environment: {W: $W, P: }}}\n"}
    _, container = only(tmp_path, files, W="9", P="p")
    assert container.environment.get("W").value == "9"
    assert container.environment.get("P").value == "p"


def test_an_override_shadows_what_it_replaces(tmp_path: pathlib.Path) -> None:
    files = {
        "a.env": "K=file\n",
        "compose.yaml": "services:\n  a:\n    image: x\n    env_file: a.env\n    environment: {K: base}\n    cpus: 1\n",
        "compose.override.yaml": "services:\n  a:\n    environment:\n      - K=over\n    cpus: 2\n",
    }
    _, container = only(tmp_path, files)
    fact = container.environment.get("K")
    assert (fact.value, place(fact)) == ("over", "compose.override.yaml:4:11")
    assert [(lower.value, place(lower)) for lower in fact.shadowed] == [
        ("base", "compose.yaml:5:22"),
        ("file", "a.env:1:1"),
    ]
    cpus = container.facts["container.cpu_limit"]
    assert (cpus.value, place(cpus), [place(f) for f in cpus.shadowed]) == (
        2.0,
        "compose.override.yaml:5:11",
        ["compose.yaml:6:11"],
    )


def test_list_items_have_places_of_their_own(tmp_path: pathlib.Path) -> None:
    files = {
        "compose.yaml": "services:\n  a:\n    image: x\n    environment:\n      - A=1\n      - 'B=2'\n      - C=${X:-3}\n"
    }
    _, container = only(tmp_path, files)
    spots = {fact.name: fact.location.span for fact in container.environment if fact.location}
    assert [(s.line, s.column, s.end_column) for s in spots.values() if s] == [(5, 11, 12), (6, 12, 13), (7, 11, 18)]


def test_what_cannot_be_read_makes_everything_below_unknown(tmp_path: pathlib.Path) -> None:
    text = "services: {a: {image: x, env_file: [there.env, gone.env], environment: {TOP: 1}}}\n"
    (draft,) = drafts(tmp_path, {"there.env": "BELOW=1\n", "compose.yaml": text})
    environment = draft.workloads[0].containers[0].environment
    assert isinstance(environment.get("BELOW").value, Unknown) and environment.get("TOP").value == "1"
    assert isinstance(environment.get("ANY").value, Unknown)
    undefined = [(r.kind, r.name, r.optional) for r in draft.references if r.defined is False]
    assert undefined == [("env-file", "gone.env", False)]


def test_an_env_file_outside_the_tree_is_not_read(tmp_path: pathlib.Path) -> None:
    (tmp_path / "secret.env").write_text("S=1\n")
    inner = tmp_path / "repo"
    (draft,) = drafts(inner, {"compose.yaml": "services: {a: {image: x, env_file: ../secret.env}}\n"})
    environment = draft.workloads[0].containers[0].environment
    assert isinstance(environment.get("S").value, Unknown)
    assert next(r for r in draft.references if r.kind == "env-file").defined is None


def test_a_raw_env_file_keeps_its_quotes(tmp_path: pathlib.Path) -> None:
    text = "services: {a: {image: x, env_file: [{path: r.env, format: raw}]}}\n"
    _, container = only(tmp_path, {"r.env": 'K="v" # c\n', "compose.yaml": text})
    assert container.environment.get("K").value == '"v" # c'


def test_dotenv_beside_the_project_is_no_layer_of_the_container(tmp_path: pathlib.Path) -> None:
    _, container = only(tmp_path, {".env": "A=1\n", "compose.yaml": "services: {a: {image: x}}\n"})
    assert container.environment.get("A").value is ABSENT


def test_defaults_of_the_platform(tmp_path: pathlib.Path) -> None:
    workload, container = only(tmp_path, {"compose.yaml": "services:\n  a: {image: x, healthcheck: {test: a}}\n"})
    grace = workload.facts["workload.grace_period"]
    assert (grace.value, grace.source.layer, place(grace)) == (10.0, "platform", "compose.yaml:2:3")
    assert workload.facts["workload.replicas"].value == 1
    checks = [container.facts[f"healthcheck.{n}"].value for n in ("interval", "timeout", "retries", "start_period")]
    assert checks == [30.0, 30.0, 3, 0.0]
    assert container.facts["container.memory_limit"].value is ABSENT
    assert container.facts["container.privileged"].value is False


def test_ports_and_endpoints(tmp_path: pathlib.Path) -> None:
    text = """services:
  a: {image: x, ports: ['80:8000', '127.0.0.1:81:81', '9'], expose: [7]}
  b: {image: x, ports: ['127.0.0.1:1:1']}
"""
    (draft,) = drafts(tmp_path, {"compose.yaml": text})
    facts = draft.workloads[0].containers[0].facts
    assert facts["container.published_ports"].value == ("0.0.0.0:80:8000", "127.0.0.1:81:81", "0.0.0.0::9")
    assert facts["container.ports"].value == (8000, 81, 9, 7)
    assert facts["container.published"].value is True
    assert draft.workloads[1].containers[0].facts["container.published"].value is False
    shown = [(e.workload, e.port, e.outer_port, e.public) for e in draft.endpoints]
    assert shown == [("a", 8000, 80, True), ("a", 81, 81, False), ("a", 9, None, True), ("b", 1, 1, False)]


def test_traefik_labels_are_routes(tmp_path: pathlib.Path) -> None:
    labels = (
        "      - traefik.http.routers.web.rule=Host(`example.org`) && PathPrefix(`/api`)\n"
        "      - traefik.http.routers.web.tls=true\n"
        "      - traefik.http.services.web.loadbalancer.server.port=8000\n"
    )
    (draft,) = drafts(tmp_path, {"compose.yaml": f"services:\n  a:\n    image: x\n    labels:\n{labels}"})
    (route,) = draft.endpoints
    assert (route.kind, route.host, route.path, route.port, route.public) == (
        "route",
        "example.org",
        "/api",
        8000,
        True,
    )
    assert route.facts["hop.tls"].value is True and str(route.location) == "compose.yaml:5:39"


def test_aliases_dependencies_and_jobs(tmp_path: pathlib.Path) -> None:
    text = """services:
  a: {image: x, container_name: named, hostname: host, networks: {n: {aliases: [other]}}, restart: always}
  m: {image: x, command: migrate}
  b:
    image: x
    links: ["a:linked"]
    depends_on: {m: {condition: service_completed_successfully}, gone: {condition: service_started}}
networks: {n: }
"""
    (draft,) = drafts(tmp_path, {"compose.yaml": text})
    found = {workload.name: workload for workload in draft.workloads}
    assert found["a"].aliases == {"a", "named", "host", "other", "linked"}
    assert found["b"].depends_on == ["m", "gone", "a"]
    assert found["m"].facts["workload.is_job"].value is True
    assert found["a"].facts["workload.is_job"].value is False
    assert "workload.is_job" not in found["b"].facts
    assert [(r.kind, r.name) for r in draft.references if r.defined is False] == [("service", "gone")]


def test_references(tmp_path: pathlib.Path) -> None:
    text = """services:
  a:
    image: x
    volumes: [there:/t, gone:/g, ./bind:/b]
    networks: [net, lost]
    secrets: [s, none]
    configs: [c]
volumes: {there: {}}
networks: {net: {external: true}}
secrets: {s: {environment: S}}
configs: {c: {file: conf/c.ini}}
"""
    (draft,) = drafts(tmp_path, {"compose.yaml": text, "conf/c.ini": "x"})
    undefined = {(r.kind, r.name, str(r.location)) for r in draft.references if r.defined is False}
    assert undefined == {
        ("volume", "gone", "compose.yaml:4:25"),
        ("network", "lost", "compose.yaml:5:21"),
        ("secret", "none", "compose.yaml:6:18"),
    }
    assert draft.workloads[0].containers[0].files == {"/c": "conf/c.ini"}


def test_mounts(tmp_path: pathlib.Path) -> None:
    text = """services:
  a:
    image: x
    volumes:
      - ./src:/app
      - ${PWD}/conf:/conf:ro
      - share:/share
      - bound:/bound
      - /etc:/etc
      - plain:/plain
    tmpfs: /tmp
volumes:
  share: {driver_opts: {type: nfs, o: "addr=1.2.3.4", device: ":/x"}}
  bound: {driver_opts: {type: none, o: bind, device: ./data}}
  plain:
"""
    _, container = only(tmp_path, {"sub/compose.yaml": text})
    shown = {mount.path: (mount.kind, mount.source, mount.read_only) for mount in container.mounts}
    assert shown == {
        "/app": ("bind", "sub/src", False),
        "/conf": ("bind", "sub/conf", True),
        "/share": ("network", "share", False),
        "/bound": ("bind", "sub/data", False),
        "/etc": ("bind", None, False),
        "/plain": ("volume", "plain", False),
        "/tmp": ("tmpfs", None, False),
    }


def test_words_of_a_command_with_an_unknown_part(tmp_path: pathlib.Path) -> None:
    text = "services: {a: {image: x, command: 'run --key ${KEY:?needed} --n 2'}}\n"
    _, container = only(tmp_path, {"compose.yaml": text})
    assert container.arguments is not None
    words = container.arguments.value
    assert [w if isinstance(w, str) else "?" for w in words] == ["run", "--key", "?", "--n", "2"]


def test_builds(tmp_path: pathlib.Path) -> None:
    text = "services: {a: {build: {context: app, dockerfile: ../D, target: t, args: {A: 1, B: }}}}\n"
    _, container = only(tmp_path, {".env": "B=b\n", "compose.yaml": text})
    build = container.build
    assert build is not None
    assert (build.context, build.dockerfile, build.stage) == ("app", "D", "t")
    assert {name: fact.value for name, fact in build.arguments.items()} == {"A": "1", "B": "b"}


NAMES: list[tuple[dict[str, str], list[str]]] = [
    (
        {"docker-compose.yml": "A", "docker-compose.override.yml": "O"},
        ["docker-compose.yml+docker-compose.override.yml"],
    ),
    ({"compose.yaml": "A", "docker-compose.yml": "A"}, ["compose.yaml", "docker-compose.yml"]),
    ({"compose.yaml": "A", "compose.prod.yaml": "O"}, ["compose.yaml", "compose.yaml+compose.prod.yaml"]),
    ({"compose.yaml": "A", "compose.other.yaml": "B"}, ["compose.other.yaml", "compose.yaml"]),
    ({"compose.yaml": "A", "deploy/compose.prod.yaml": "O"}, ["compose.yaml", "compose.yaml+compose.prod.yaml"]),
    ({"local.yml": "A", "ci.yml": "X"}, ["local.yml"]),
    ({"compose.yaml": "A", ".env": "COMPOSE_FILE=compose.yaml:x.yml\n", "x.yml": "B"}, ["compose.yaml+x.yml"]),
    (
        {
            "compose.yaml": "A",
            "mon.yml": "B",
            "Makefile": "up:\n\tdocker compose -f compose.yaml \\\n\t -f mon.yml up\n",
        },
        ["compose.yaml", "compose.yaml+mon.yml"],
    ),
    (
        {"compose.yaml": "A", "mon.yml": "B", "run.sh": 'docker compose -f "$COMPOSE_FILE" -f mon.yml up\n'},
        ["compose.yaml", "compose.yaml+mon.yml"],
    ),
    ({"compose.yaml": "I", "parts/p.yaml": "B"}, ["compose.yaml"]),
    ({".github/workflows/compose-test.yml": "A", "compose.yaml": "A"}, ["compose.yaml"]),
]
TEXTS = {
    "A": "services:\n  a:\n    image: x\n",
    "B": "services:\n  b:\n    image: y\n",
    "O": "services:\n  a:\n    cpus: 1\n",
    "I": "include: [parts/p.yaml]\nservices:\n  a:\n    image: x\n",
    "X": "jobs:\n  t:\n    services:\n      image: x\n",
}


@pytest.mark.parametrize(("files", "expected"), NAMES, ids=[str(sorted(files)) for files, _ in NAMES])
def test_which_files_make_a_project(files: dict[str, str], expected: list[str], tmp_path: pathlib.Path) -> None:
    written = {path: TEXTS.get(text, text) for path, text in files.items()}
    assert sorted(draft.name for draft in drafts(tmp_path, written)) == expected


HOSTILE: list[Any] = [
    "services: &a {a: *a}\n",
    "services:\n  a: &x\n    image: x\n    environment: *x\n",
    "x-0: &x0 [a,a,a,a,a,a,a,a,a,a]\n"
    + "".join(f"x-{i}: &x{i} [{','.join([f'*x{i - 1}'] * 10)}]\n" for i in range(1, 9))
    + "services: {a: {image: x, command: *x8}}\n",
    "x-0: &x0 {a: 1}\n"
    + "".join(f"x-{i}: &x{i} {{<<: [*x{i - 1}, *x{i - 1}]}}\n" for i in range(1, 40))
    + "services: {a: *x39}\n",
    "services: {a: {image: x, ports: ['1-65535:1-65535', 'x:y', '::', '-', '1:2:3:4:5'], volumes: [':', '::', 'a:']}}\n",
    "services: {a: [1], b: 2, c: null, d: {image: [x], environment: 5, ports: {a: b}, deploy: [], healthcheck: 3}}\n",
    "services: {a: {image: x, extends: {file: /etc/passwd, service: b}, env_file: /etc/passwd}}\n",
    "include: [/etc/passwd, ../../x, {path: {a: b}}, 'oci://x', 7]\nservices: {a: {image: x}}\n",
    "services: {a: {image: '" + "${A:-" * 3000 + "}" * 3000 + "'}}\n",
    "services:\n" + "".join(f"  s{i}: {{image: x, extends: s{i + 1}}}\n" for i in range(300)) + "  s300: {image: x}\n",
    "[]\n",
    "services: 1\n---\nservices: {a: {image: x}}\n---\n- 1\n",
    "? {a: b}\n: c\nservices: {? [x] : {image: y}}\n",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_files_end_in_notes(text: str, tmp_path: pathlib.Path) -> None:
    for draft in drafts(tmp_path, {"compose.yaml": text}):
        assert draft.kind == "compose"
