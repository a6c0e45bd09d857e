"""What a value is: a real secret, a placeholder, a published weak value, a reference, a digest, or nothing secret.

The decision needs no key: ``holds_secret`` says whether the key asks for it. No text of a value leaves this module but the
entry of the published list that it equals.
"""

from __future__ import annotations

import re

from gwaudit.bundle import section
from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_LENGTH = 20_000
_URL = regex(r"[A-Za-z][A-Za-z0-9+.-]{1,30}://([^\s/@:]{0,200}):([^\s/@]{1,400})@[^\s/]{1,300}")
_JWT = regex(r"eyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{2,6000}\.[A-Za-z0-9_-]{0,1200}")
_PEM = regex(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_CAMEL = regex(r"(?<=[a-z])(?=[A-Z][a-z])")
_PARTS = regex(r"[^A-Za-z0-9]+")
_tables: dict[str, re.Pattern[str]] = {}


class Judgement:
    """``what``: real, placeholder, weak, reference, digest, harmless or empty.

    ``kind``: password, signing-key, token, api-key, connection-string, private-key, jwt. ``weak_name`` is the published
    entry that a weak value equals. ``inner`` is the password inside a URL's user-info, which was the thing judged.
    """

    __slots__ = ("inner", "kind", "weak_name", "what")

    def __init__(self, what: str, kind: str, weak_name: str | None = None, inner: str | None = None) -> None:
        self.what = what
        self.kind = kind
        self.weak_name = weak_name
        self.inner = inner


def judge(value: str, kind: str = "password") -> Judgement:
    """Judge a value that stands where a secret would: under a secret's name, or found by its own form."""
    text = value.strip()
    if not text:
        return Judgement("empty", kind)
    if len(text) > MAX_LENGTH:
        return Judgement("harmless", kind)
    if _PEM.search(text):
        return Judgement("real", "private-key")
    url = _URL.match(text)
    if url is not None:
        inner = judge(_unquoted(url.group(2)), "password")
        return Judgement(inner.what, "connection-string", inner.weak_name, url.group(2))
    if "://" in text[:40]:
        return Judgement("reference" if _is("references", text) else "harmless", "connection-string")
    if _JWT.fullmatch(text):
        return Judgement("real" if _opens(text) else "harmless", "jwt")
    for what in ("references", "digests", "harmless"):
        if _is(what, text):
            return Judgement({"references": "reference", "digests": "digest"}.get(what, what), kind)
    lower = text.lower()
    if lower in _weak():
        return Judgement("weak", kind, lower)
    if (
        _is("placeholders", text)
        or len(set(lower)) <= 2
        or _is_published(text)
        or _is_sample(_CAMEL.sub("-", text).lower())
    ):
        return Judgement("placeholder", kind)
    if _interpolated(text):
        return Judgement("reference", kind)
    return Judgement("real", kind)


def kind_of_name(name: str) -> str:
    """The kind of secret that a name tells."""
    upper = name.upper()
    for word, kind in (
        ("API_KEY", "api-key"), ("APIKEY", "api-key"), ("ACCESS_KEY", "api-key"), ("TOKEN", "token"), ("JWT", "signing-key"),
        ("SIGNING", "signing-key"), ("PRIVATE_KEY", "private-key"), ("PASS", "password"), ("PWD", "password"),
        ("SECRET", "signing-key"), ("SALT", "signing-key"), ("ENCRYPTION", "signing-key"), ("DSN", "connection-string"),
    ):  # fmt: skip
        if word in upper:
            return kind
    return "password"


def is_placeholder(value: str) -> bool:
    return judge(value).what == "placeholder"


def url_password(value: str) -> str | None:
    """The password in a URL's user-info, None where there is none."""
    found = _URL.match(value.strip())
    return found.group(2) if found is not None else None


def is_generated(value: str) -> bool:
    """Whether a value looks drawn at random: long, of many characters, and no phrase of words."""
    text = value.strip()
    if len(text) < 16 or len(set(text)) < 8:
        return False
    for part in _PARTS.split(text):
        digits = sum(char.isdigit() for char in part)
        letters = sum(char.isalpha() for char in part)
        mixed = part.lower() != part and part.upper() != part
        if len(part) >= 12 and ((digits >= 2 and letters >= 2) or (mixed and len(part) >= 16)):
            return True
    return len(text) >= 32 and _is_of_all_signs(text)


def _is_of_all_signs(text: str) -> bool:
    """Whether signs of every kind alternate, as in the keys that Django draws: too short between two of them for a part."""
    signs = {char for char in text if char.isascii() and not char.isalnum() and not char.isspace()}
    digits = sum(char.isdigit() for char in text)
    return len(signs) >= 5 and digits >= 2 and " " not in text and len(set(text)) >= 22


def _is_sample(lower: str) -> bool:
    """A phrase of words one of which says that it is for development, tests or examples (``keycloak-dev-secret``)."""
    parts = [part for part in _PARTS.split(lower) if part]
    if len(parts) < 2 or not all(_is_word(part) for part in parts):
        return False
    return not _samples().isdisjoint(parts)


def _is_word(part: str) -> bool:
    """Letters, a number in order, or a word with a digit or two in it (``passw0rd``)."""
    return (
        part.isalpha()
        or len(part) <= 4
        or part in "12345678901234567890"
        or (len(part) <= 9 and sum(char.isdigit() for char in part) == 1)
    )


def _opens(token: str) -> bool:
    """Whether a web token opens anything: it is signed, no published sample, and has not expired."""
    from gwaudit.resolve.secrets.webtoken import described

    return described(token) is not None


def _is_published(text: str) -> bool:
    """A key that a manual prints, or one of an issuer whose own checksum says that it was made up."""
    data = section("platforms/providers")
    if text in data["published"]:
        return True
    if "_" not in text[:12]:
        return False
    entry = next((one for one in data["tokens"] if "checksum" in one and text.startswith(tuple(one["starts"]))), None)
    if entry is None or re.fullmatch(entry["pattern"], text) is None:
        return False
    from gwaudit.resolve.secrets.checksums import fits

    return not fits(entry["checksum"], text)


def _samples() -> frozenset[str]:
    return frozenset(_data()["sample_words"])


def _interpolated(text: str) -> bool:
    """A part of the value is put in later (``pre-${X}``)."""
    return "${" in text or "{{" in text or "$(" in text


def _unquoted(text: str) -> str:
    if "%" not in text:
        return text
    from urllib.parse import unquote

    return unquote(text)


def _weak() -> frozenset[str]:
    return frozenset(_data()["weak"])


def _is(table: str, text: str) -> bool:
    pattern = _tables.get(table)
    if pattern is None:
        flags = re.IGNORECASE if table != "references" else 0
        pattern = _tables[table] = re.compile("|".join(f"(?:{item})" for item in _data()[table]), flags | re.DOTALL)
    return pattern.fullmatch(text) is not None


def _data() -> dict[str, Any]:
    data: dict[str, Any] = section("platforms/secrets")
    return data
