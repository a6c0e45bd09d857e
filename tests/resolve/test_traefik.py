"""Traefik in front of a service: static settings in three forms, dynamic files, labels, objects of Kubernetes."""

from __future__ import annotations

import pathlib

import pytest
from clock import ends_soon
from completed import subjects

from gwaudit.resolve.fact import ABSENT, Unknown
from gwaudit.resolve.model import Subject

WEB = """services:
  web:
    image: example/shop:1
    command: gunicorn -b 0.0.0.0:8000 shop:app
"""
LABELS = """    labels:
      - traefik.http.routers.web.rule=Host(`shop.example.com`)
      - traefik.http.routers.web.entrypoints=websecure
      - traefik.http.routers.web.tls.certresolver=le
      - traefik.http.routers.web.middlewares=limit,again@docker
      - traefik.http.middlewares.limit.buffering.maxRequestBodyBytes=1000
      - traefik.http.middlewares.again.retry.attempts=3
      - traefik.http.services.web.loadbalancer.server.port=8000
"""
FLAGS = """  traefik:
    image: traefik:v3.1
    command:
      - --entryPoints.web.address=:80
      - --entrypoints.websecure.address=:443
      - --entrypoints.websecure.transport.respondingTimeouts.writeTimeout=30s
      - --serversTransport.forwardingTimeouts.responseHeaderTimeout=45
    ports: ["80:80", "443:443"]
"""
VARIABLES = """  traefik:
    image: traefik:v3.1
    environment:
      TRAEFIK_ENTRYPOINTS_WEBSECURE_ADDRESS: ":443"
      TRAEFIK_ENTRYPOINTS_WEBSECURE_TRANSPORT_RESPONDINGTIMEOUTS_WRITETIMEOUT: 30s
      TRAEFIK_SERVERSTRANSPORT_FORWARDINGTIMEOUTS_RESPONSEHEADERTIMEOUT: "45"
"""
FILE = """  traefik:
    image: traefik:v2.10
    ports: ["80:80"]
    volumes: ["./{name}:/etc/traefik/{name}:ro", "./dynamic:/dynamic:ro"]
"""
STATIC = """entryPoints:
  web:
    address: ":80"
    transport:
      respondingTimeouts: {readTimeout: 20, writeTimeout: 90s}
providers:
  file: {directory: /dynamic}
"""
TOML = """[entryPoints.web]
address = ":80"
[entryPoints.web.transport.respondingTimeouts]
readTimeout = 20
writeTimeout = "90s"
[providers.file]
directory = "/dynamic"
"""
DYNAMIC = """http:
  routers:
    app: {rule: "PathPrefix(`/`)", service: app, middlewares: [all]}
    long: {rule: "Host(`h`) && PathPrefix(`/long`)", service: both, entryPoints: [web], tls: {}}
  middlewares:
    all: {chain: {middlewares: [auth, body, again]}}
    auth: {basicAuth: {users: ["a:b"]}}
    body: {buffering: {maxRequestBodyBytes: 2000}}
    again: {retry: {attempts: 4}}
  services:
    app:
      loadBalancer:
        sticky: {cookie: {}}
        servers: [{url: "http://web:8000"}]
    slow:
      loadBalancer: {serversTransport: slow, servers: [{url: "http://web:8000/"}]}
    both: {weighted: {services: [{name: slow, weight: 1}]}}
  serversTransports:
    slow:
      forwardingTimeouts: {responseHeaderTimeout: 40s, dialTimeout: 5, idleConnTimeout: 0}
"""


def hops(root: pathlib.Path, files: dict[str, str]) -> dict[str, Subject]:
    found = subjects(root, files, "link")
    return {name: link for name, link in found.items() if link.known("link.kind") == "hop"}


def values(link: Subject, *names: str) -> list[object]:
    return ["?" if isinstance(link.value(f"outer.{name}"), Unknown) else link.value(f"outer.{name}") for name in names]


LIMITS = ("request_timeout", "read_timeout", "receive_timeout", "connect_timeout", "keepalive")


@pytest.mark.parametrize("form", [FLAGS, VARIABLES])
def test_static_settings_reach_the_routes_of_labels(tmp_path: pathlib.Path, form: str) -> None:
    link = hops(tmp_path, {"compose.yaml": WEB + LABELS + form})["route (traefik)"]
    assert values(link, *LIMITS) == [30.0, 45.0, 60.0, 30.0, 90.0]
    assert values(link, "buffering", "max_body", "retries", "limit", "version") == [True, 1000, 2, 30.0, "3.1"]
    place = link.fact("outer.request_timeout").location
    assert place is not None
    assert "respondingtimeouts" in (tmp_path / "compose.yaml").read_text().splitlines()[place.line - 1].lower().replace(
        "_", ""
    )


def test_routes_that_nothing_is_known_of(tmp_path: pathlib.Path) -> None:
    """Another project runs Traefik: its limits are not made up."""
    link = hops(tmp_path, {"compose.yaml": WEB + LABELS})
    assert not link, "a hop without a limit that anybody knows"


@pytest.mark.parametrize(("name", "static"), [("traefik.yml", STATIC), ("traefik.toml", TOML)])
def test_files(tmp_path: pathlib.Path, name: str, static: str) -> None:
    files = {"compose.yaml": WEB + FILE.format(name=name), name: static, "dynamic/app.yml": DYNAMIC}
    found = hops(tmp_path, files)
    assert sorted(found) == ["traefik router app", "traefik router long"]
    app, long = found["traefik router app"], found["traefik router long"]
    assert values(app, *LIMITS) == [90.0, ABSENT, 20.0, 30.0, 90.0]
    assert values(app, "authenticates", "buffering", "max_body", "retries", "affinity") == [True, True, 2000, 3, True]
    assert values(long, *LIMITS) == [90.0, 40.0, 20.0, 5.0, ABSENT]
    assert values(long, "authenticates", "buffering", "max_body", "affinity", "program") == [
        False,
        False,
        0,
        False,
        "traefik",
    ]
    assert str(long.fact("outer.read_timeout").location) == "dynamic/app.yml:20:51"
    route = next(route for name, route in subjects(tmp_path, files, "route").items() if "long" in name)
    assert (route.known("route.port"), route.known("route.tls"), route.known("route.path")) == (80, True, "/long")


@pytest.mark.parametrize(
    ("image", "limit"), [("traefik:v2.11", ABSENT), ("traefik:3.0.1", 60.0), ("traefik:latest", "?"), ("traefik", "?")]
)
def test_defaults_by_version(tmp_path: pathlib.Path, image: str, limit: object) -> None:
    text = WEB + LABELS + FLAGS.replace("traefik:v3.1", image)
    assert values(hops(tmp_path, {"compose.yaml": text})["route (traefik)"], "receive_timeout") == [limit]


def test_a_named_transport(tmp_path: pathlib.Path) -> None:
    label = "      - traefik.http.services.web.loadbalancer.serversTransport=slow@file\n"
    text = WEB + LABELS + label + FILE.format(name="traefik.yml")
    known = {"compose.yaml": text, "traefik.yml": STATIC, "dynamic/app.yml": DYNAMIC}
    assert values(hops(tmp_path, known)["route (traefik)"], "read_timeout") == [40.0]
    unknown = {**known, "dynamic/app.yml": "http: {}\n"}
    assert values(hops(tmp_path, unknown)["route (traefik)"], "read_timeout") == ["?"]


def test_an_image_of_its_own_whose_file_is_read_twice(tmp_path: pathlib.Path) -> None:
    """The static file holds the dynamic part as well, and the file provider names it."""
    built = "    build: {context: ., dockerfile: traefik/Dockerfile}\n    image: shop_traefik\n    ports: ['80:80']\n"
    text = WEB + "  traefik:\n" + built
    static = STATIC.replace("directory: /dynamic", "filename: /etc/traefik/traefik.yml") + DYNAMIC
    dockerfile = "FROM traefik:2.11.3\nRUN mkdir -p /etc/traefik/acme\nCOPY ./traefik/traefik.yml /etc/traefik\n"
    found = hops(tmp_path, {"compose.yaml": text, "traefik/traefik.yml": static, "traefik/Dockerfile": dockerfile})
    assert sorted(found) == ["traefik router app", "traefik router long"]
    assert values(found["traefik router app"], "request_timeout", "version") == [90.0, "2.11.3"]


ROUTE = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: "example/shop:1", command: [gunicorn, -b, "0.0.0.0:8000", "shop:app"]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8000}]}
---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: shop}
spec:
  entryPoints: [websecure]
  routes:
    - match: Host(`shop.example.com`) && PathPrefix(`/api`)
      kind: Rule
      middlewares: [{name: guard}]
      services: [{name: web, port: 80, serversTransport: patient}]
  tls: {secretName: tls}
---
apiVersion: traefik.io/v1alpha1
kind: ServersTransport
metadata: {name: patient}
spec: {forwardingTimeouts: {responseHeaderTimeout: 25s, dialTimeout: 4}}
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: guard}
spec: {forwardAuth: {address: "http://auth"}}
"""


def test_ingress_route(tmp_path: pathlib.Path) -> None:
    link = hops(tmp_path, {"web.yaml": ROUTE})["IngressRoute shop (traefik)"]
    assert values(link, "read_timeout", "connect_timeout", "keepalive", "authenticates", "tls") == [
        25.0,
        4.0,
        90.0,
        True,
        True,
    ]
    route = next(iter(subjects(tmp_path, {"web.yaml": ROUTE}, "route").values()))
    assert (route.known("route.path"), route.known("route.port"), route.known("route.authenticated")) == (
        "/api",
        443,
        True,
    )


def test_a_transport_that_is_not_in_the_tree(tmp_path: pathlib.Path) -> None:
    text = ROUTE.replace("metadata: {name: patient}", "metadata: {name: other}")
    found = subjects(tmp_path, {"web.yaml": text}, "container")
    assert found["web"].known("http.smallest_timeout") is None


@pytest.mark.parametrize(
    "dynamic",
    [
        "http: []\n", "http: {routers: {a: 1, b: {service: [1]}}}\n", "{{ range }}\nhttp:\n",
        "http: {routers: {a: {service: s}}, services: {s: {weighted: {services: [{name: s}]}}}}\n",
        "http: {routers: {a: {service: s, middlewares: [m]}}, middlewares: {m: {chain: {middlewares: [m, m, m]}}}}\n",
        "http: {routers: {a: {service: s}}, services: {s: {loadBalancer: {servers: [{url: 'http://[::1'}, {}, 3]}}}}\n",
    ],
)  # fmt: skip
def test_hostile(tmp_path: pathlib.Path, dynamic: str) -> None:
    with ends_soon(2):
        files = {
            "compose.yaml": WEB + FILE.format(name="traefik.yml"),
            "traefik.yml": STATIC,
            "dynamic/app.yml": dynamic,
        }
        subjects(tmp_path, files)
