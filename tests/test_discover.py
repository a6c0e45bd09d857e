"""What names tell: formats and roles."""

from __future__ import annotations

from pathlib import Path

import pytest
from clock import ends_soon

from gwaudit.discover import discover, format_of, role_of
from gwaudit.glob import matches
from gwaudit.tree import Tree

FORMATS = """
dotenv            .env  .env.production  deploy/.env.local  prod.env  prod.env.example  env.example  config/app.env
dockerfile        Dockerfile  Dockerfile.prod  Containerfile.lite  docker/gateway.Dockerfile  dockerfile  Dockerfile-dev
requirements      requirements.txt  requirements-prod.txt  dev-requirements.in  constraints.txt  requirements/base.txt
pyproject         pyproject.toml
lock              uv.lock  poetry.lock  Pipfile  Pipfile.lock  pylock.toml  pylock.prod.toml
procfile          Procfile  Procfile.dev
makefile          Makefile  GNUmakefile  tools/x.mk
systemd           gateway.service
supervisor        supervisord.conf  supervisor.conf  supervisor/gateway.conf  conf.d/gateway.ini
haproxy           haproxy.cfg  haproxy-prod.conf
pgbouncer         pgbouncer.ini
postgresql        postgresql.conf
redis             redis.conf  redis-prod.conf
nginx             nginx.conf  nginx-ssl.conf  nginx.conf.template  nginx/conf.d/default.conf  sites-enabled/gateway  infra/nginx/upstream.conf
nomad             gateway.nomad  gateway.nomad.hcl  gateway.nomad.json  web.job.hcl
terraform         main.tf  prod.tfvars  main.tf.json
fly               fly.toml  fly.prod.toml
helm-chart        Chart.yaml  charts/x/chart.yml
helm-template     charts/x/templates/deployment.yaml  templates/_helpers.tpl  charts/x/templates/tests/t.yaml
kustomization     kustomization.yaml  overlays/prod/kustomization.yml  Kustomization
compose           compose.yaml  docker-compose.yml  docker-compose.prod.yml  compose-dev.yaml  compose_ci.yaml  podman-compose.yml
shell             run.sh  docker-entrypoint  entrypoint  scripts/start.bash
gunicorn          gunicorn.conf.py  gunicorn_config.py  gunicorn.py  conf/gunicorn/config.py  my_gunicorn_settings.py  gunicorn.config.py
python            app.py  src/conf.py  gunicorns/app.py
yaml              values.yaml  k8s/deployment.yml
json              package.json  task-definition.json
toml              gwaudit.toml  config.toml
text              README.md  LICENSE  src/app.rs  index.html  compose.md  notenv  .env.patch  Dockerfile.diff
"""  # noqa: E501


@pytest.mark.parametrize("row", FORMATS.strip().splitlines(), ids=lambda row: row.split()[0])
def test_formats(row: str) -> None:
    format, *paths = row.split()
    assert {path: format_of(path) or "text" for path in paths} == dict.fromkeys(paths, format)
    assert {path: format_of(f"some/where/{path}") or "text" for path in paths} == dict.fromkeys(paths, format)


ROLES = """
deployment     .env  compose.yaml  deploy/prod/values.yaml  overlays/test/kustomization.yaml  deploy/tests/.env
deployment     latest/compose.yaml  contest/compose.yaml  docker-compose.test.yml
test           tests/compose.yaml  a/test/fixtures/.env  src/testdata/x.yaml  pkg/test_gunicorn.py  e2e/compose.yaml
documentation  docs/compose.yaml  doc/x/.env  README.md
template       examples/compose.yaml  .env.example  .env.sample  compose.yaml.j2  templates/compose.yaml  mcp/{{cookiecutter.name}}/Dockerfile  prod.env.template
vendored       node_modules/x/compose.yaml  vendor/a/.env  third_party/b/Dockerfile  vendor/tests/x.yaml
"""  # noqa: E501


@pytest.mark.parametrize("row", ROLES.strip().splitlines(), ids=lambda row: row.split()[0])
def test_roles(row: str) -> None:
    role, *paths = row.split()
    assert {path: role_of(path) for path in paths} == dict.fromkeys(paths, role)


def test_a_folder_that_the_user_names_is_a_deployment() -> None:
    assert role_of("docs/deploy/compose.yaml", ["docs/deploy"]) == "deployment"
    assert role_of("docs/deploy/tests/.env", ["docs/deploy"]) == "test"
    assert role_of(".env.example", [".env.example"]) == "deployment"


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.env", "a/b/prod.env", True),
        ("*.env", "prod.env.example", False),
        ("deploy/*.env", "deploy/prod.env", True),
        ("deploy/*.env", "deploy/x/prod.env", False),
        ("deploy/**/*.env", "deploy/x/y/prod.env", True),
        ("deploy/**/*.env", "deploy/prod.env", True),
        ("deploy/**", "deploy/x", True),
        ("deploy/", "deploy/x/y", True),
        ("deploy", "a/deploy/x/y", True),
        ("/deploy", "a/deploy/x/y", False),
        ("./deploy", "deploy/x", True),
        ("**/tests/**", "a/tests/b", True),
        ("prod.[ey]*", "prod.env", True),
        ("prod.[!e]*", "prod.env", False),
        ("[a-c]?.txt", "b1.txt", True),
        ("[a-c]?.txt", "d1.txt", False),
        ("[", "[", True),
        ("a*b*c", "axxbyyc", True),
        ("a*b*c", "axxcyyb", False),
        ("*", "x", True),
    ],
)
def test_globs(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


def test_a_hostile_glob_takes_no_time() -> None:
    with ends_soon(1):
        matches("*a" * 200 + "b", "a" * 4000)
        matches("**/" * 200 + "b", "a/" * 2000 + "c")


def test_a_script_without_an_extension_is_told_by_its_first_line(tmp_path: Path) -> None:
    shells = {"run": "bin/bash", "deploy": "usr/bin/env -S bash -e", "init": "usr/bin/with-contenv sh", "old": "bin/sh"}
    others = {"other": "usr/bin/env python3", "fish": "usr/bin/fish", "a.x": "bin/sh"}
    (tmp_path / "LICENSE").write_text("sh")
    for name, program in {**shells, **others}.items():
        (tmp_path / name).write_text(f"#!/{program}\n")
    found = discover(Tree(str(tmp_path)))
    assert found["shell"] == ["deploy", "init", "old", "run"]
