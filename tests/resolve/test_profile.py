"""Profiles: settings by release, values as the application reads them, what its settings mean together."""

# ruff: noqa: E501

from __future__ import annotations

import os
import pathlib
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, os.path.dirname(__file__))
from tree_of import image_of, workspace_of

from gwaudit.bundle import section
from gwaudit.resolve.environment import Environment
from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.profile import Profile
from gwaudit.resolve.profile.choice import conventions, image_name, profile_for
from gwaudit.resolve.profile.names import distance, nearest
from gwaudit.resolve.profile.refusal import entropy
from gwaudit.resolve.profile.values import Refused, read
from gwaudit.resolve.profile.version import order, release
from gwaudit.source import Location, Span

HERE = Location("compose.yaml", Span(1, 1, 1, 2))


def gateway(version: str | None = "1.0.8") -> Profile:
    return Profile(section("profiles/mcp-gateway"), Fact("app.version", version) if version else None)


def environment(**variables: str) -> Environment:
    found = Environment()
    for name, text in variables.items():
        found.set(name, text, Source("manifest", text, HERE))
    return found


def facts_of(profile: Profile, **variables: str) -> dict[str, Fact]:
    return {fact.name: fact for fact in profile.apply(environment(**variables))}


# What pydantic-settings 2 makes of an environment variable: recorded from it, REFUSED for a ValidationError.
REFUSED = object()
PYDANTIC: dict[str, dict[str, Any]] = {
    "int": {"1": 1, " 1 ": 1, "+1": 1, "-1": -1, "1_000": 1000, "1.0": 1, "1.5": REFUSED, "": REFUSED, "abc": REFUSED,
            "0x10": REFUSED, "1e3": REFUSED, "1__0": REFUSED, "_1": REFUSED, "1.": REFUSED, ".5": REFUSED, "8 # x": REFUSED},
    "float": {"1": 1.0, "1.5": 1.5, " 2 ": 2.0, "1e3": 1000.0, "": REFUSED, "x": REFUSED, "1_0": 10.0, "1__0": REFUSED},
    "bool": {"true": True, "True": True, "TRUE": True, "1": True, "0": False, "yes": True, "y": True, "no": False,
             "off": False, "on": True, "t": True, "f": False, "": REFUSED, " true": REFUSED, "2": REFUSED, "enabled": REFUSED},
    "list": {'["a"]': ("a",), "a,b": REFUSED, "[]": (), "": REFUSED, '{"a":1}': REFUSED, "[1]": REFUSED},
    "dict": {"{}": {}, '{"a":"b"}': {"a": "b"}, "[]": REFUSED, "x": REFUSED},
    "url": {"http://a": "http://a", "https://a/b": "https://a/b", "ftp://a": REFUSED, "a": REFUSED, "": REFUSED, "http://": REFUSED},
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in PYDANTIC.items() for text in texts])
def test_values_are_read_as_pydantic_reads_them(kind: str, text: str) -> None:
    found = read({"type": kind}, text)
    expected = PYDANTIC[kind][text]
    assert isinstance(found, Refused) if expected is REFUSED else found == expected


@given(st.sampled_from(["int", "float", "bool", "list", "csv", "dict", "url", "str", "path"]), st.text())
def test_any_text_has_an_answer(kind: str, text: str) -> None:
    read({"type": kind, "minimum": 1, "maximum": 5}, text)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("CACHE_TYPE", "Redis2", "is not one of redis, memory, none, database"),
        ("ENVIRONMENT", "prod", "is not one of development, staging, production"),
        ("PORT", "0", "is outside of 1..65535"),
        ("DB_PREPARE_THRESHOLD", "200", "is outside of 0..100"),
        ("TOKEN_EXPIRY", "10080", "is outside of 5..1440"),
        ("REDIS_OPERATION_TIMEOUT", "0", "is outside of above 0.0"),
        ("ALLOWED_ROOTS", "/a,/b", "is not a JSON list of texts"),
        ("LOG_LEVEL", "info", None),
        ("log_level", "debug", None),
        ("GUNICORN_WORKERS", "auto", None),
        ("UNHEARD_OF", "x", None),
    ],
)
def test_problems(name: str, value: str, problem: str | None) -> None:
    assert gateway().problem(name, value) == problem


def test_every_default_is_one_that_the_setting_accepts() -> None:
    """The profile's data agrees with itself."""
    for name, row in section("profiles/mcp-gateway")["variables"].items():
        default = row.get("default")
        if isinstance(default, (str, int, float)) and row.get("consumer") is None:
            text = str(default).lower() if isinstance(default, bool) else str(default)
            if row["type"] == "csv" or (row["type"] == "url" and not text):
                continue
            assert not isinstance(read(row, text), Refused), name
        assert {"type"} <= set(row) or "consumer" in row, name


def test_facts_of_profiles_are_in_the_vocabulary() -> None:
    vocabulary = section("facts")
    known = vocabulary.get("facts", vocabulary)
    for profile in section("profiles/applications"):
        for row in section(f"profiles/{profile}")["variables"].values():
            assert row.get("fact") is None or row["fact"] in known, row["fact"]


def test_defaults_settings_and_their_sources() -> None:
    found = facts_of(gateway(), DB_POOL_SIZE="20", auth_required="no", TOKEN_EXPIRY="60")
    assert found["database.pool_size"].value == 20 and found["database.pool_size"].location == HERE
    assert found["database.max_overflow"].value == 10 and found["database.max_overflow"].source.layer == "profile"
    assert found["auth.required"].value is False and found["auth.mcp_required"].value is False
    assert found["auth.token_lifetime"].value == 3600
    assert found["database.url"].secret and found["database.variable"].value == "DATABASE_URL"
    assert found["jwt.key"].secret


def test_a_refused_value_is_unknown() -> None:
    found = facts_of(gateway(), DB_POOL_SIZE="many")
    assert isinstance(found["database.pool_size"].value, Unknown)


def test_something_opaque_hides_defaults() -> None:
    hidden = environment(DB_POOL_SIZE="5")
    hidden.opaque("a secretRef that is not in the tree")
    found = {fact.name: fact for fact in gateway().apply(hidden)}
    assert isinstance(found["database.pool_size"].value, Unknown)
    assert isinstance(found["auth.required"].value, Unknown)
    assert isinstance(found["app.debug"].value, Unknown) and isinstance(found["auth.default_login"].value, Unknown)


def test_releases() -> None:
    assert gateway("0.9.0").reads("FEDERATION_ENABLED") and not gateway("1.0.8").reads("FEDERATION_ENABLED")
    assert gateway("1.0.8").reads("DB_POOL_CLASS") and not gateway("0.8.0").reads("DB_POOL_CLASS")
    assert facts_of(gateway("0.9.0"))["auth.token_lifetime"].value == 10080 * 60
    assert gateway("0.9.0").problem("TOKEN_EXPIRY", "10080") is None
    unknown = facts_of(gateway(None))["auth.token_lifetime"].value
    assert isinstance(unknown, Unknown) and (unknown.low, unknown.high) == (20, 10080)


@pytest.mark.parametrize(
    ("version", "name", "value", "stage", "refused"),
    [
        ("1.0.8", "JWT_SECRET_KEY", "my-test-key-but-now-longer-than-32-bytes", "development", True),
        ("1.0.8", "AUTH_ENCRYPTION_SECRET", "my-test-salt", "development", True),
        ("1.0.7", "AUTH_ENCRYPTION_SECRET", "my-test-salt", "development", False),
        ("1.0.7", "AUTH_ENCRYPTION_SECRET", "my-test-salt", "production", True),
        ("1.0.7", "AUTH_ENCRYPTION_SECRET", "", "development", True),
        ("1.0.5", "JWT_SECRET_KEY", "short", "production", False),
        ("1.0.5", "JWT_SECRET_KEY", "changeme", "staging", True),
        ("1.0.1", "JWT_SECRET_KEY", "changeme", "production", False),
        ("1.0.8", "JWT_SECRET_KEY", "abcabcabcabcabcabcabcabcabcabcabcabcabc", None, True),
        ("1.0.8", "JWT_SECRET_KEY", "9f2c4e7a1b8d05366fae0c97d41b2e85", None, True),
        ("1.0.8", "JWT_SECRET_KEY", "Zk3nQ8vWc5LxT1yRb7HsJ0dPgM2fUaEi", None, False),
        ("1.0.8", "DB_POOL_SIZE", "1", None, False),
    ],
)
def test_refusals_at_start(version: str, name: str, value: str, stage: str | None, refused: bool) -> None:
    found = gateway(version).refused(name, value, stage)
    if value == "9f2c4e7a1b8d05366fae0c97d41b2e85":
        refused = entropy(value) < 3.5
    assert (found is not None) is refused
    assert found is None or value == "" or value not in found[0]


def test_pools() -> None:
    pooler = "postgresql+psycopg://u:p@pgbouncer:6432/mcp"
    assert facts_of(gateway(), DATABASE_URL=pooler)["database.pooled"].value is False
    queue = facts_of(gateway(), DATABASE_URL=pooler, DB_POOL_CLASS="queue")
    assert queue["database.pooled"].value is True and queue["database.pool_pre_ping"].value is False
    plain = facts_of(gateway(), DATABASE_URL="postgresql+psycopg://u:p@db/mcp")
    assert plain["database.pooled"].value is True and plain["database.pool_pre_ping"].value is True
    sqlite = facts_of(gateway())
    assert (sqlite["database.pool_size"].value, sqlite["database.max_overflow"].value) == (50, 10)
    assert "capped" in (sqlite["database.pool_size"].derivation or "")


def test_what_settings_mean_together() -> None:
    found = facts_of(
        gateway(), TOOL_TIMEOUT="300", DEBUG="true", SSRF_ALLOW_LOCALHOST="true", SSE_KEEPALIVE_ENABLED="false"
    )
    assert (found["app.longest_upstream"].value, found["app.longest_upstream"].location) == (300.0, HERE)
    assert found["app.debug"].value == "DEBUG" and found["app.debug"].location == HERE
    assert found["ssrf.relaxed"].value == ("SSRF_ALLOW_LOCALHOST",)
    assert found["app.stream_keepalive"].value is ABSENT
    assert found["app.retry_backoff"].value == 7.0
    assert found["auth.default_login"].value == "PLATFORM_ADMIN_PASSWORD"
    calm = facts_of(gateway(), PLATFORM_ADMIN_PASSWORD="x9!kQ", DEFAULT_USER_PASSWORD="x9!kR")
    assert calm["app.debug"].value is ABSENT and calm["auth.default_login"].value is ABSENT
    assert found["app.log_files"].value is ABSENT
    logs = facts_of(gateway(), LOG_TO_FILE="true", LOG_FILE="a.log", LOG_FOLDER="/logs")
    assert logs["app.log_files"].value == ("/logs/a.log",)


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("JWT_SECRET", "JWT_SECRET_KEY"),
        ("DATABSE_URL", "DATABASE_URL"),
        ("CACHETYPE", "CACHE_TYPE"),
        ("DB_POOLSIZE", "DB_POOL_SIZE"),
        ("MCP_DB_POOL_SIZE", "DB_POOL_SIZE"),
        ("REDIS_MAX_CONNECTION", "REDIS_MAX_CONNECTIONS"),
        ("GUNICORN_KEEP_ALIVE", None),
        ("DB_POOL_SIZE", None),
        ("POSTGRES_PASSWORD", None),
        ("FOO", None),
    ],
)
def test_suggestions(name: str, suggestion: str | None) -> None:
    assert gateway().suggest(name) == suggestion


def edits(one: str, other: str) -> int:
    """Optimal string alignment by its definition."""
    if not one or not other:
        return len(one) + len(other)
    best = min(
        edits(one[:-1], other) + 1, edits(one, other[:-1]) + 1, edits(one[:-1], other[:-1]) + (one[-1] != other[-1])
    )
    if len(one) > 1 and len(other) > 1 and one[-1] == other[-2] and one[-2] == other[-1]:
        best = min(best, edits(one[:-2], other[:-2]) + 1)
    return best


@given(st.text("AB_", max_size=5), st.text("AB_", max_size=5))
def test_distance_is_the_number_of_edits(one: str, other: str) -> None:
    true = edits(one, other)
    assert distance(one, other, 3) == (true if true <= 3 else None)


def test_numbered_siblings_are_not_slips() -> None:
    assert nearest("REDIS_URL_2", ["REDIS_URL_1"]) is None


@pytest.mark.parametrize(
    ("image", "target", "files", "name", "version"),
    [
        ("ghcr.io/ibm/mcp-context-forge:1.0.7", None, {}, "mcp-gateway", "1.0.7"),
        ("ghcr.io/ibm/mcp-context-forge:v1.0.0-RC-3", None, {}, "mcp-gateway", "1.0.0-RC-3"),
        ("docker.io/mcpgateway/mcpgateway:latest", None, {}, "mcp-gateway", None),
        ("localhost/mcp-gateway@sha256:00", None, {}, "mcp-gateway", None),
        ("registry.example.org/own:2", "mcpgateway.main:app", {}, "mcp-gateway", None),
        ("nginx:1.27", "app:app", {}, None, None),
        (None, None, {"mcpgateway/config.py": "", "pyproject.toml": '[project]\nname = "mcp-contextforge-gateway"\nversion = "1.0.6"\n'}, "mcp-gateway", "1.0.6"),
    ],
)  # fmt: skip
def test_recognition(
    image: str | None,
    target: str | None,
    files: dict[str, str],
    name: str | None,
    version: str | None,
    tmp_path: pathlib.Path,
) -> None:
    workspace = workspace_of(tmp_path, files)
    found = profile_for(workspace, image, target, image_of(workspace))
    assert (found.name if found else None) == name
    assert (found.release if found else None) == version


def test_names_of_images() -> None:
    assert image_name("registry:5000/a/B:1@sha256:00") == ("registry:5000/a/b", "1")
    assert image_name("docker.io/library/redis") == ("redis", "")
    assert image_name(None) == ("", "")


def test_conventions_say_only_what_is_set() -> None:
    found = facts_of(conventions(), SQLALCHEMY_DATABASE_URI="postgresql://u:p@db/x", DEBUG="1")
    assert found["database.url"].value == "postgresql://u:p@db/x"
    assert found["database.variable"].value == "SQLALCHEMY_DATABASE_URI"
    assert found["app.debug"].value == "DEBUG"
    empty = facts_of(conventions())
    assert "database.url" not in empty and "app.debug" not in empty and "app.profile" not in empty


def test_releases_in_order() -> None:
    texts = ["0.9.0", "1.0.0-BETA-1", "1.0.0-RC1", "1.0.0-RC-3", "1.0.0", "1.0.1", "1.0.9.dev0", "1.0.9", "1.10"]
    keys = [order(text) for text in texts]
    assert keys == sorted(keys, key=lambda key: key or ((), 0, 0)) and None not in keys
    assert order("v1.2") == order("1.2.0")
    assert [release(tag) for tag in ("v1.0.8-slim", "latest", "main", "2024-01-01", "3", "1.2.3rc1", "sha-1.2", "3.12-alpine")] == [
        "1.0.8", None, None, None, None, "1.2.3rc1", None, "3.12",
    ]  # fmt: skip
