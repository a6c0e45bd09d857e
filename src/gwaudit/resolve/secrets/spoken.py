"""Credentials by the words around them, in any text that leaves: after an option, a name, a scheme, in a URL's user-info.

Wider than what is reported as a secret: a word too much that is not shown costs less than one that is. What stands for a
vague name (``CREDS``, ``STRIPE_KEY``) must look drawn; what follows ``--password`` need not.
"""

from __future__ import annotations

from gwaudit.pattern import regex
from gwaudit.resolve.fact import Pairs
from gwaudit.resolve.secrets.names import holds_secret, words_of
from gwaudit.resolve.secrets.values import judge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gwaudit.resolve.fact import Fact

MIN_KNOWN = 6  # a shorter value is too common a text to be looked for everywhere
MAX_TEXT = 20_000
_NAMED = ("env.", "gunicorn.", "build.")  # facts whose last part is the name that somebody gave a value
_OPEN = ("reference", "harmless", "empty")
_VAGUE = frozenset(
    ("AUTH", "CREDS", "DSN", "KEY", "MASTERAUTH", "PASS", "PAT", "PGPASS", "PW", "REQUIREPASS", "TOKENS")
)
_MARKS = regex(r"[=:@]|--|earer |asic |oken |-u ")
# An option or a name with its value; the value ends at a blank, a quote or a separator of a list.
_GIVEN = regex(
    r"(?<![\w.$-])(?P<option>--?)?(?P<name>[A-Za-z_][\w.-]{1,100})(?(option)(?:=|[ ]{1,3})|=)"
    r"\\?[\"']?(?=(?P<value>[^\s\"'`;,|<>(){}\\\[\]$-][^\s\"'`;,|<>(){}\\]{2,400}))"
)
_QUOTED = regex(
    r"\"(?P<name>[A-Za-z_][\w.-]{1,100})\\?\"[ ]{0,2}:[ ]{0,2}\\?\"(?P<value>[^\s\"\\\[${][^\s\"\\]{2,400})"
)
# The default of a variable that is put in, with the name that takes it.
_DEFAULT = regex(
    r"(?:(?P<key>[\w.-]{1,80})[\"']?[ ]{0,2}[:=][ ]{0,3}[\"']?)?"
    r"\$\{(?P<name>\w{1,100}):?[-=](?P<value>[^\s\"'{}$]{3,400})"
)
_SCHEME = regex(r"\b(?i:bearer|basic|token)[ ]{1,3}(?P<value>[A-Za-z0-9._~+/=-]{6,2000})")
_HEADER = regex(r"(?P<name>[A-Za-z][\w-]{1,60}):[ ]{1,2}(?P<value>[^\s\"'`,;]{6,400})")
_USERINFO = regex(r"://(?P<user>[^\s/@:\"'<>`]{0,200})(?::(?P<value>[^\s/@\"'<>`]{1,400}))?@(?=[\w\[.$-])")
_BARE = regex(r"(?<![\w/:@.-])[\w.-]{1,60}:(?P<value>[^\s/@:\"'<>`]{6,200})@(?=[\w-])")
_LOGIN = regex(r"(?<![\w-])(?:-u|-U|--user|--proxy-user)[ =]{0,2}[\"']?[\w.@-]{1,80}:(?P<value>[^\s\"'`]{3,300})")
_PAIR = regex(r"[\w.@-]{1,80}:(?P<value>[^\s:/@]{6,300})$")
_CLIENTS = ("curl", "wget", "http ", "https ")


def parts(text: str) -> list[tuple[int, int]]:
    """Where credentials stand in the text: start and end of each, in order, none inside another."""
    if len(text) > MAX_TEXT or _MARKS.search(text) is None:
        return []
    found = sorted(set(_parts(text)), key=lambda span: (span[0], -span[1]))
    kept: list[tuple[int, int]] = []
    for start, end in found:
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def words(argv: Sequence[object]) -> list[list[tuple[int, int]]]:
    """The credentials of each word of a command; what follows an option is told by the option."""
    found: list[list[tuple[int, int]]] = []
    before = ""
    client = any(str(word).rpartition("/")[2] in ("curl", "wget") for word in argv[:8])
    for word in argv:
        text = word if isinstance(word, str) else ""
        spans = parts(text)
        if (
            before.startswith("-")
            and "=" not in before
            and not text.startswith("-")
            and _is_kept(before.lstrip("-"), text)
        ):
            spans = [(0, len(text))]
        elif before in ("-u", "-U", "--user", "--proxy-user") and (pair := _PAIR.match(text)) is not None:
            spans = [pair.span("value")] if client or is_drawn(pair["value"]) else spans
        found.append(spans)
        before = text
    return found


def of_name(name: str, value: str) -> list[tuple[int, int]]:
    """The credentials in a value of that name: the whole of it, what follows the user in ``user:password``, or parts."""
    inside = parts(value)
    if "${" in value and holds_secret(name):
        inside = sorted({*inside, *[match.span("value") for match in _DEFAULT.finditer(value)]})
    if inside or not _is_kept(name, value):
        return inside
    pair = _PAIR.match(value)
    return [pair.span("value")] if pair is not None else [(0, len(value))]


def is_drawn(value: str) -> bool:
    """Whether a text has letters and digits, or capitals in its midst, as words seldom do."""
    if len(value) < MIN_KNOWN:
        return False
    if any(char.isdigit() for char in value) and any(char.isalpha() for char in value):
        return True
    return len(value) >= 12 and sum(char.isupper() for char in value[1:]) >= 3 and any(map(str.islower, value))


def _is_kept(name: str, value: str) -> bool:
    if holds_secret(name):
        return judge(value).what not in _OPEN
    named = words_of(name)
    if not named or not (named[-1] in _VAGUE or any(word in ("CREDS", "REQUIREPASS", "MASTERAUTH") for word in named)):
        return False
    return len(value) >= 8 and is_drawn(value) and judge(value.rpartition(":")[2]).what not in (*_OPEN, "placeholder")


def _parts(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_GIVEN, _QUOTED):
        for match in pattern.finditer(text):
            if _is_kept(match["name"], match["value"]):
                yield match.span("value")
    for match in _DEFAULT.finditer(text) if "${" in text else ():
        if any(name and _is_kept(name, match["value"]) for name in (match["name"], match["key"])):
            yield match.span("value")
    for match in _SCHEME.finditer(text):
        if is_drawn(match["value"]):
            yield match.span("value")
    for match in _HEADER.finditer(text):
        if _is_kept(match["name"], match["value"]) and is_drawn(match["value"]):
            yield match.span("value")
    if "@" in text:
        for match in _USERINFO.finditer(text):
            group = "value" if match["value"] else "user"
            secret = match[group]
            if secret[:1] not in ("$", "{", "<", "[") and (
                group == "value" or (len(secret) >= 16 and is_drawn(secret))
            ):
                yield match.span(group)
        for match in _BARE.finditer(text):
            if is_drawn(match["value"]):
                yield match.span("value")
    for match in _LOGIN.finditer(text):
        known = any(client in text for client in _CLIENTS) or is_drawn(match["value"])
        if known and match["value"][:1] not in ("$", "{", "<", "["):
            yield match.span("value")


def gather(fact: Fact, hidden: set[str], seen: set[object]) -> None:
    """Add the credentials that a fact holds to those that no output may show; only values that nobody has published.

    ``seen`` are the texts that were looked at: most facts of a run repeat those of another target.
    """
    value, raw = fact.value, fact.source.raw
    if raw is not None and (fact.name, raw) not in seen:
        seen.add((fact.name, raw))
        name = fact.name.rsplit(".", 1)[-1] if "${" in raw and fact.name.startswith(_NAMED) else ""
        _keep(hidden, [raw[start:end] for start, end in of_name(name, raw)])
    if isinstance(value, str):
        name = fact.name.rsplit(".", 1)[-1] if fact.secret or fact.name.startswith(_NAMED) else ""
        if fact.secret or (name, value) not in seen:
            seen.add((name, value))
            _keep(hidden, [value[start:end] for start, end in of_name(name, value)])
            if fact.secret:
                _keep(hidden, [value])
    elif isinstance(value, Pairs):
        for key, item in value:
            if isinstance(key, str) and isinstance(item, str):
                _keep(hidden, [item[start:end] for start, end in of_name(key, item)])
    elif isinstance(value, tuple) and value and isinstance(value[0], str) and value not in seen:
        seen.add(value)
        for word, spans in zip(value, words(value), strict=True):
            _keep(hidden, [word[start:end] for start, end in spans])


def _keep(hidden: set[str], values: list[str]) -> None:
    for value in values:
        for text in {value, value.strip("\"'")}:
            if is_drawn(text) and "\n" not in text:
                judgement = judge(text)
                known = judgement.inner or text  # a URL's password may be a word where the URL is none
                if judgement.what == "real" and is_drawn(known):
                    hidden.add(known)
