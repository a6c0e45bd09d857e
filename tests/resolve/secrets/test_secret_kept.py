"""Secrets in files that exist to keep them, and in command lines. The values are drawn here."""

from __future__ import annotations

import base64
import random
import string

import pytest
from clock import ends_soon

from gwaudit.bundle import section
from gwaudit.resolve.secrets.sweep import search

DATA = section("platforms/secrets")


def drawn(count: int, alphabet: str = string.ascii_letters + string.digits, seed: int = 5) -> str:
    generator = random.Random(seed)
    return "".join(generator.choice(alphabet) for _ in range(count))


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def found(path: str, text: str) -> list[str]:
    """The values, where only what is reported whatever the stage counts."""
    places = search(path, text.encode(), lambda path: "deployment", dotenv=True)
    return [place.found.value for place in places if place.found.generated]


WORD = "tq9Zr4Wm2LxQ"
HEX = drawn(32, "0123456789abcdef")


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        (".netrc", f"machine git.shop login ci password {WORD}\n", WORD),
        ("home/_netrc", f"machine git.shop\n  login ci\n  password {WORD}\n", WORD),
        ("db/.pgpass", f"# hosts\ndb.shop:5432:shop:shop:{WORD}\n", WORD),
        (".docker/config.json", f'{{"auths": {{"r.shop": {{"auth": "{encoded("ci:" + WORD)}"}}}}}}', WORD),
        ("deploy/.dockercfg", f'{{"r.shop": {{"auth": "{encoded("ci:" + WORD)}"}}}}', WORD),
        (".npmrc", f"//npm.shop/:_authToken={HEX}\n", HEX),
        (".npmrc", f"_auth = {encoded('ci:' + WORD)}\n", WORD),
        (".npmrc", f"//npm.shop/:_password={encoded(WORD)}\n", WORD),
        (".pypirc", f"[shop]\nusername = ci\npassword = {WORD}\n", WORD),
        (".git-credentials", f"https://ci:{WORD}@git.shop\n", WORD),
        (".my.cnf", f"[client]\nuser = shop\npassword = {WORD}\n", WORD),
        (".config/hub", f'github.com:\n- user: ci\n  oauth_token: "{HEX}"\n', HEX),
        ("config/master.key", f"{HEX}\n", HEX),
        ("config/initializers/secret_token.rb", f"Shop.config.secret_key_base = '{HEX}'\n", HEX),
        ("wp-config.php", f"define( 'DB_PASSWORD', '{WORD}' );\n", WORD),
        ("config.php", f"<?php $dbPassword = '{HEX}';\n", HEX),
        ("NuGet.Config", f'<add key="ClearTextPassword" value="{WORD}" />\n', WORD),
        ("pom-settings.xml", f"<server><apiToken>\n  {HEX}\n</apiToken></server>\n", HEX),
        ("main.tf", f'variable "db_password" {{\n  type    = string\n  default = "{HEX}"\n}}\n', HEX),
        ("prod.tfvars", f'db_password = "{HEX}"\n', HEX),
        ("a.mk", f'API_TOKEN ::= "{HEX}"\n', f"{HEX}"),
        ("settings.py", f"SECRET_KEY = 'k3!(b^x_7w=q{drawn(12)}&v@0z+m8-{drawn(14, seed=9)}#'\n", None),
        ("up.sh", f"curl -s -u ci:{HEX} https://api.shop/\n", HEX),
        ("up.sh", f'curl -X POST \\\n  --user "ci:{HEX}" https://api.shop/\n', HEX),
        ("up.sh", f"curl -H 'Authorization: Basic {encoded('ci:' + HEX)}' https://api.shop/\n", HEX),
        ("up.sh", f'curl -H "Authorization: Bearer {HEX}" https://api.shop/\n', HEX),
        ("up.sh", f"curl -H 'PRIVATE-TOKEN: {HEX}' https://git.shop/\n", HEX),
        ("up.sh", f"docker exec -e PGPASSWORD={HEX} db psql\n", HEX),
        ("up.sh", f"mysql -u root -p{HEX} shop\n", HEX),
        ("up.sh", f"sshpass -p {HEX} ssh ci@shop\n", HEX),
        ("up.sh", f"redis-cli -h cache -a {HEX} ping\n", HEX),
        ("up.sh", f"echo | docker login -u ci -p {HEX} r.shop\n", HEX),
        ("up.sh", f"kubectl create secret generic shop --from-literal=password={HEX}\n", HEX),
        ("up.sh", f"deploy --api-key {HEX}\n", HEX),
        ("Dockerfile", f"RUN PIP_TOKEN={HEX} pip install shop\n", HEX),
        ("ci.yaml", f"run: psql --dbname shop && API_KEY={HEX} make\n", HEX),
        ("a.json", f'{{"cloud-init": "SHOP_TOKEN={HEX}\\nDEBUG=false"}}', HEX),
    ],
)
def test_found(path: str, text: str, value: str | None) -> None:
    values = found(path, text)
    assert len(values) == 1, values
    assert value is None or values == [value]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".netrc", "machine git.shop login ci password <password>\n"),
        (".netrc", "machine git.shop login ci password ${TOKEN}\n"),
        (".pgpass", "#hostname:port:database:username:password\nlocalhost:5432:shop:shop:password\n"),
        (".docker/config.json", '{"auths": {"r.shop": {}}, "credsStore": "desktop"}'),
        ("app/config.json", '{"auths": 3}'),
        (".npmrc", "//npm.shop/:_authToken=${NPM_TOKEN}\n"),
        (".htpasswd", "ci:$apr1$pk4XhZ0v$0lH3vX0lq7sGmQ0E3m2vd1\n"),
        ("up.sh", 'curl -u "$USER:$PASSWORD" https://api.shop/\n'),
        ("up.sh", "curl -u <user:password> https://api.shop/\n"),
        ("up.sh", 'curl -H "Authorization: Bearer $TOKEN" https://api.shop/\n'),
        ("up.sh", "curl -H 'Authorization: Bearer YOUR_TOKEN_GOES_IN_HERE' https://api.shop/\n"),
        ("up.sh", "mysql -u root -p shop\nmysql -uroot -p$PASSWORD\nredis-cli -a $PASS ping\n"),
        ("up.sh", "docker login -u ci --password-stdin r.shop\n"),
        ("up.sh", f"API_TOKEN=prefix-of-all-{'tokens'}-${{SUFFIX}} deploy\n"),
        ("up.sh", f"GIT_COMMIT={HEX} make\nIMAGE=shop@sha256:{HEX}{HEX}\n"),
        ("settings.py", "SECRET_KEY = 'django-insecure-k3!(b^x_7w=qzzhjwr&v@0z+m8-1kd9s#5f'\n"),
        ("main.tf", 'variable "db_password" {\n  type = string\n}\n'),
        ("config.yaml", "url: https://ci:tq9Zr4Wm2LxQ7bN3@example.com/\n"),
        ("config.yaml", "api_token: {ApiToken}\n"),
    ],
)
def test_silent(path: str, text: str) -> None:
    assert found(path, text) == []


def test_places_are_those_of_the_value() -> None:
    (place,) = search(
        "up.sh", f"# start\ncurl -s \\\n  -u ci:{HEX} https://api.shop/\n".encode(), lambda path: "deployment"
    )
    assert (place.location.line, place.location.span.column if place.location.span else 0) == (3, 9)


@pytest.mark.parametrize("entry", [*DATA["kept"], *DATA["commands"]], ids=lambda entry: entry["pattern"][:40])
def test_every_pattern_is_bounded(entry: dict[str, str]) -> None:
    import re

    plain = re.sub(r"\\.", "x", re.sub(r"\[(?:\\.|[^\]\\])*\]", "x", entry["pattern"]))
    assert "value" in entry["pattern"]
    assert not re.search(r"\w[*+]", plain.replace("x*$", "")), plain


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("a.sh", "curl -u "),
        ("a.sh", "curl \\\n"),
        ("a.sh", "authorization: basic "),
        ("a.sh", "token=aaaaaaaaaaaa "),
        ("a.sh", "\\\n"),
        ("a.sh", "docker login -p\n"),
        ("a.sh", "mysql "),
        ("a.tf", 'variable "token" {\n'),
        ("a.xml", "<token a"),
        ("a.xml", "<token>"),
        ("config.php", "define(define(token\n"),
        (".netrc", "password "),
        (".pgpass", "a:1:"),
        (".docker/config.json", '"auth":'),
        ("wp-config.php", "define('AUTH_KEY',"),
        (".git-credentials", "https://a:b@"),
    ],
)
def test_hostile_files_take_linear_time(path: str, unit: str) -> None:
    data = (unit * (1_000_000 // len(unit))).encode()
    with ends_soon(5):
        list(search(path, data, lambda path: "deployment"))


def test_an_unfinished_line_ends() -> None:
    with ends_soon(1):
        assert found("up.sh", "curl -H 'Authorization: Basic YWE6YmI=' \\") == []
