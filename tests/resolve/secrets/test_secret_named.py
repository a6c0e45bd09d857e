"""Secrets found by the name they are assigned to."""

from __future__ import annotations

import base64

import pytest
from clock import ends_soon

from gwaudit.resolve.secrets.named import named

REAL = "tq9Zr4Wm2LxQ7bN3vK8s"


def keys(text: str, format: str) -> list[str | None]:
    return [one.key for one in named(text.encode(), format)[1]]


@pytest.mark.parametrize(
    ("format", "text"),
    [
        ("yaml", f"db:\n  password: {REAL}\n"),
        ("yaml", f"db:\n  password: '{REAL}'  # of the shop\n"),
        ("yaml", f"- name: DB_PASSWORD\n  value: {REAL}\n"),
        ("yaml", f"env: [{{name: DB_PASSWORD, value: {REAL}}}]\n"),
        ("json", f'{{"db": {{"password": "{REAL}"}}}}'),
        ("toml", f'db_password = "{REAL}"\n'),
        ("text", f"password={REAL}\n"),
        ("text", f"password: {REAL} ; of the shop\n"),
        ("shell", f"export DB_PASSWORD={REAL}\n"),
        ("shell", f'DB_PASSWORD="{REAL}" # old\n'),
        ("dockerfile", f"ENV DB_PASSWORD={REAL}\n"),
        ("dockerfile", f"ENV DB_PASSWORD {REAL}\n"),
        ("python", f'SECRET_KEY = "{REAL}"\n'),
        ("yaml", f"kind: Secret\ndata:\n  password: {base64.b64encode(REAL.encode()).decode()}\n"),
    ],
)
def test_found(format: str, text: str) -> None:
    found = named(text.encode(), format)[1]
    assert [(one.value, one.generated) for one in found] == [(REAL, True)]


@pytest.mark.parametrize(
    ("format", "text"),
    [
        ("yaml", "password: ${DB_PASSWORD}\n"),
        ("yaml", "password: {{ .Values.password }}\n"),
        ("yaml", "password: |\n  text\n"),
        ("yaml", "password: !vault abc\n"),
        ("yaml", "passwordSecretName: shop-0a1b2c3d4e5f6a7b\n"),
        ("yaml", "kind: Secret\ndata:\n  password: bXlwYXNzd29yZA==\n  username: c2hvcC11c2VyLTAxMjM0\n"),
        ("yaml", "tokenizer: a1b2c3d4e5f6a7b8c9d0\n"),
        ("shell", "TOKEN=$(cat /run/token)\n"),
        ("shell", "token_of a1b2c3d4e5f6a7b8c9d0\n"),
        ("python", f'    password = "{REAL}"\n'),
        ("python", f"password = load('{REAL}')\n"),
        ("python", "SECRET_KEY = os.environ['SECRET_KEY']\n"),
        ("json", '{"password": "<password>"}'),
        ("json", '{"apiKey": "0123456789abcdef0123456789abcdef"}'),
        ("text", "# password is a word of this sentence with 12345 digits\n"),
    ],
)
def test_not_found(format: str, text: str) -> None:
    assert [one.key for one in named(text.encode(), format)[1] if one.generated] == []


def test_long_lines_and_many_lines_are_bounded() -> None:

    with ends_soon(4):
        named(b"password: " * 200_000, "yaml")
        named(b"password: a1b2c3d4e5f6a7b8\n" * 70_000, "yaml")
        named(b'"password": "' * 150_000, "json")
