"""Ways from clients to a service: chains of hops, what is public, where TLS ends, the ladder of limits."""

from __future__ import annotations

import pathlib

from gwaudit.resolve.fact import ABSENT
from gwaudit.resolve.model import Assumptions, Subject
from gwaudit.resolve.targets import resolve
from gwaudit.resolve.workspace import Workspace
from gwaudit.tree import Tree

APP = "FROM python:3.12-slim\nWORKDIR /srv\nCOPY . .\nRUN pip install gunicorn==23.0.0 flask\n"
RUN = 'CMD ["gunicorn", "-b", "0.0.0.0:8000", "--timeout", "50", "shop:app"]\n'
NGINX = "server {{ listen {listen}; location / {{ proxy_pass http://{to}; proxy_read_timeout {limit}; }} }}\n"
POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: "example/shop:1", command: [gunicorn, -b, "127.0.0.1:8000", --timeout, "50", "shop:app"]}
        - name: nginx
          image: nginx:1.27.1
          volumeMounts: [{name: conf, mountPath: /etc/nginx/conf.d}]
      volumes: [{name: conf, configMap: {name: nginx}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: nginx}
data:
  default.conf: |
    server {
      listen 8080;
      location / {
        proxy_pass http://localhost:8000;
        proxy_read_timeout 55s;
      }
    }
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  ingressClassName: nginx
  tls: [{hosts: [shop.example.com], secretName: tls}]
  rules:
    - http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
"""


def service(folder: pathlib.Path, files: dict[str, str], name: str = "web") -> Subject:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    for target in resolve(Workspace(Tree(str(folder)), Assumptions()), Subject("repository", ".")):
        for subject in target.subject.walk("container"):
            if subject.name == name:
                return subject
    raise AssertionError(f"no container {name}")


def test_two_proxies_one_behind_the_other(tmp_path: pathlib.Path) -> None:
    compose = (
        "services:\n  edge:\n    image: nginx:1.27.1\n    ports: ['80:80', '443:443']\n"
        "    volumes: ['./edge.conf:/etc/nginx/conf.d/default.conf']\n"
        "  inner:\n    image: nginx:1.27.1\n    volumes: ['./inner.conf:/etc/nginx/conf.d/default.conf']\n"
        "  web:\n    build: .\n"
    )
    files = {
        "compose.yaml": compose,
        "edge.conf": NGINX.format(listen="443 ssl", to="inner:8080", limit="70s"),
        "inner.conf": NGINX.format(listen="8080", to="web:8000", limit="60s"),
        "Dockerfile": APP + RUN,
    }
    web = service(tmp_path, files)
    routes = list(web.walk("route"))
    assert [route.known("route.hops") for route in routes] == [
        ("published port 443", "nginx (edge) location /", "nginx (inner) location /")
    ]
    assert routes[0].known("route.ladder") == (
        "nginx (edge) location / 70 > nginx (inner) location / 60 > gunicorn timeout 50"
    )
    assert routes[0].known("route.inversions") == 0
    assert routes[0].known("route.tls") is True
    assert web.known("http.smallest_timeout") == 60.0
    assert web.known("http.tls_ends_at") == "nginx (edge)"
    assert web.known("http.tls_proxy_is_local") is False
    assert web.known("workload.public") is True
    assert web.known("http.has_sidecar_proxy") is False


def test_a_proxy_in_the_pod_behind_an_ingress(tmp_path: pathlib.Path) -> None:
    web = service(tmp_path, {"web.yaml": POD})
    route = next(web.walk("route"))
    assert route.known("route.hops") == ("Ingress web (ingress-nginx)", "nginx (web) location /")
    assert web.known("http.has_sidecar_proxy") is True
    assert web.known("http.reached_from_outside") is False
    assert web.known("http.tls") is True
    assert web.known("http.smallest_timeout") == 55.0
    place = web.fact("http.smallest_timeout").location
    assert place is not None and (place.path, place.line) == ("web.yaml", 25)


def test_a_published_port_has_no_limit_and_the_server_decides_on_tls(tmp_path: pathlib.Path) -> None:
    compose = "services:\n  web:\n    build: .\n    ports: ['8000:8000']\n"
    web = service(tmp_path, {"compose.yaml": compose, "Dockerfile": APP + RUN})
    assert web.value("http.smallest_timeout") is ABSENT
    assert web.known("http.tls") is False
    assert web.known("http.reached_from_outside") is True
    assert web.known("workload.public") is True


def test_nobody_outside_reaches_it(tmp_path: pathlib.Path) -> None:
    compose = "services:\n  web:\n    build: .\n    ports: ['127.0.0.1:8000:8000']\n"
    web = service(tmp_path, {"compose.yaml": compose, "Dockerfile": APP + RUN})
    assert web.known("workload.public") is False


def test_nginx_beside_a_unit(tmp_path: pathlib.Path) -> None:
    unit = "[Service]\nWorkingDirectory=/srv\nExecStart=/srv/bin/gunicorn -b 127.0.0.1:8000 shop:app\n"
    files = {"deploy/web.service": unit, "deploy/nginx.conf": NGINX.format(listen=80, to="127.0.0.1:8000", limit="45s")}
    web = service(tmp_path, files)
    assert web.known("http.local_proxy") == "nginx location /"
    assert web.known("http.smallest_timeout") == 45.0


def test_proxies_that_call_each_other_end(tmp_path: pathlib.Path) -> None:
    compose = (
        "services:\n  a:\n    image: nginx:1.27.1\n    volumes: ['./a.conf:/etc/nginx/conf.d/default.conf']\n"
        "  b:\n    image: nginx:1.27.1\n    volumes: ['./b.conf:/etc/nginx/conf.d/default.conf']\n  web:\n    build: .\n"
    )
    both = "location /x {{ proxy_pass http://{}:80; }}"
    files = {
        "compose.yaml": compose,
        "a.conf": f"server {{ listen 80; {both.format('b')} location / {{ proxy_pass http://web:8000; }} }}",
        "b.conf": f"server {{ listen 80; {both.format('a')} location / {{ proxy_pass http://web:8000; }} }}",
        "Dockerfile": APP + RUN,
    }
    assert 0 < len(list(service(tmp_path, files).walk("route"))) < 100


def test_haproxy_limits_come_from_its_defaults(tmp_path: pathlib.Path) -> None:
    compose = (
        "services:\n  lb:\n    image: haproxy:3.0\n    ports: ['80:80']\n    environment: {WAIT: 40s}\n"
        "    volumes: ['./haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro']\n  web:\n    build: .\n"
    )
    config = (
        'defaults\n  timeout client 90s\n  timeout server "${WAIT}"\n  timeout connect 5000\n'
        "frontend http\n  bind :80\n  default_backend web\nbackend web\n  server one web:8000 check\n"
    )
    web = service(tmp_path, {"compose.yaml": compose, "haproxy.cfg": config, "Dockerfile": APP + RUN})
    link = next(one for one in web.walk("link") if one.known("link.kind") == "hop")
    assert link.known("outer.read_timeout") == 40.0
    assert link.known("outer.connect_timeout") == 5.0
    assert link.known("outer.idle_timeout") == 40.0
    place = link.fact("outer.read_timeout").location
    assert place is not None and (place.path, place.line) == ("compose.yaml", 5)
