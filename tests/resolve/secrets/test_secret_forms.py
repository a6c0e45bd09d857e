"""Secrets found by their own form. Tokens are put together here, so that no scanner takes them for real."""

from __future__ import annotations

import base64
import json
import random
import re
import string
import zlib

import pytest
from clock import ends_soon

from gwaudit.bundle import section
from gwaudit.resolve.secrets.checksums import fits
from gwaudit.resolve.secrets.forms import forms
from gwaudit.resolve.secrets.webtoken import described

DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
TOKENS = section("platforms/providers")["tokens"]


def drawn(count: int, alphabet: str = DIGITS, seed: int = 3) -> str:
    generator = random.Random(seed)
    return "".join(generator.choice(alphabet) for _ in range(count))


def issued(prefix: str) -> str:
    """A token with the checksum that GitHub and npm describe."""
    body = drawn(30)
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = DIGITS[digit] + digits
    return f"{prefix}_{body}{digits}"


def token(payload: dict[str, object], alg: str = "HS256") -> str:
    parts = [json.dumps({"alg": alg, "typ": "JWT"}), json.dumps(payload)]
    return ".".join(base64.urlsafe_b64encode(p.encode()).decode().rstrip("=") for p in parts) + "." + drawn(43)


def found(text: str) -> list[tuple[str, str | None]]:
    return [(one.kind, one.provider) for one in forms(text.encode())[1]]


def test_table_is_large_and_its_ids_are_unique() -> None:
    assert len(TOKENS) >= 120
    assert len({entry["id"] for entry in TOKENS}) == len(TOKENS)


@pytest.mark.parametrize("entry", TOKENS, ids=lambda entry: entry["id"])
def test_every_pattern_is_bounded_and_begins_with_its_literal(entry: dict[str, object]) -> None:
    pattern = str(entry["pattern"])
    assert not re.search(r"(?<!\\)[*+](?![^\[]*\])", re.sub(r"\[[^\]]*\]", "x", pattern)), "an unbounded repeat"
    assert "starts" in entry or "back" in entry


def test_a_checksum_decides() -> None:
    good = issued("ghp")
    assert fits("crc32-base62", good)
    assert found(f"x = '{good}'") == [("provider-token", "GitHub personal access token")]
    wrong = good[:-1] + ("0" if good[-1] != "0" else "1")
    assert found(f"x = '{wrong}'") == []


def test_escapes_and_word_boundaries() -> None:
    good = issued("npm")
    assert found(f'"a\\n{good}"') == [("provider-token", "npm access token")]
    assert found(f"x{good}") == []
    assert found(f"{good}x") == []


def test_small_and_large_files_answer_alike() -> None:
    text = f"a: {issued('ghp')}\nurl: postgres://shop:{drawn(20)}@db/shop\n"
    padding = "plain text without anything\n" * 2_000
    assert (
        found(text)
        == found(padding + text)
        == [
            ("provider-token", "GitHub personal access token"),
            ("connection-string", None),
        ]
    )


def test_places_count_characters() -> None:
    good = issued("ghp")
    text, secrets = forms(f"naïve – ü\n{good}\n".encode())
    assert text[secrets[0].start : secrets[0].end] == good


def test_aws_keys_are_a_pair() -> None:
    account = "AKIA" + drawn(16, string.ascii_uppercase + "234567", 5)
    assert found(f"aws_access_key_id = {account}\n") == []
    assert found(f"id = {account}\nkey = {drawn(40, DIGITS + '+/')}\n") == [("provider-token", "AWS secret key")]


@pytest.mark.parametrize(
    ("payload", "alg", "expected"),
    [
        ({"sub": "load"}, "HS256", "HS256, never expires"),
        ({"sub": "load", "exp": 1_900_000_000}, "RS256", "RS256, expires 2030-03-17"),
        ({"sub": "load", "exp": 1_500_000_000}, "HS256", None),
        ({"sub": "1234567890", "name": "John Doe"}, "HS256", None),
        ({"role": "anon", "iss": "supabase"}, "HS256", None),
        ({"sub": "load"}, "none", None),
        ({"sub": "load", "exp": 1e400}, "HS256", "HS256, never expires"),
    ],
)
def test_web_tokens(payload: dict[str, object], alg: str, expected: str | None) -> None:
    assert described(token(payload, alg), today="2026-11-22") == expected


@pytest.mark.parametrize(
    ("head", "body", "count"),
    [
        ("RSA PRIVATE KEY", drawn(400, DIGITS + "+/"), 1),
        ("PRIVATE KEY", drawn(400, DIGITS + "+/"), 1),
        ("ENCRYPTED PRIVATE KEY", drawn(400, DIGITS + "+/"), 0),
        ("PUBLIC KEY", drawn(400, DIGITS + "+/"), 0),
        ("RSA PRIVATE KEY", "...", 0),
        ("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n" + drawn(400), 0),
        ("OPENSSH PRIVATE KEY", base64.b64encode(b"openssh-key-v1\0\0\0\0\4none" + drawn(300).encode()).decode(), 1),
        (
            "OPENSSH PRIVATE KEY",
            base64.b64encode(b"openssh-key-v1\0\0\0\0\naes256-ctr" + drawn(300).encode()).decode(),
            0,
        ),
    ],
)
def test_private_keys(head: str, body: str, count: int) -> None:
    assert len(found(f"-----BEGIN {head}-----\n{body}\n-----END {head}-----\n")) == count


@pytest.mark.parametrize(
    "unit",
    [
        "ghp_",
        "-----BEGIN PRIVATE KEY-----",
        "eyJ",
        "-eyJa.eyJ",
        "://a:b@",
        "://:",
        "T3BlbkFJ",
        "-us1",
        "glpat-",
        "AKIA",
        ":AA",
    ],
)
def test_hostile_files_take_linear_time(unit: str) -> None:
    data = (unit * (2_000_000 // len(unit))).encode()
    with ends_soon(3):
        forms(data)
