"""Functions that write or read other notations: YAML, JSON, TOML, base64, digests, URLs, HTML."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.helm.errors import EvaluationError
from gwaudit.resolve.helm.functions.signature import expect, made, plain, text, unknown
from gwaudit.resolve.helm.jsontext import TooDeep as JsonTooDeep
from gwaudit.resolve.helm.jsontext import to_json
from gwaudit.resolve.helm.provenance import Mark, Value, blend, cut, hidden, mark_of, reason, runs_of
from gwaudit.resolve.helm.reading import Reader
from gwaudit.resolve.helm.yamltext import TooDeep, to_yaml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gwaudit.parse.document import Node
    from gwaudit.resolve.helm.machine import Machine, Native


def _to_yaml(machine: Machine, args: list[Value]) -> Value:
    expect(args, 1, 1)
    machine.spend()
    if isinstance(args[0].data, Unknown):
        return args[0]
    try:
        found = to_yaml(_plain_data(args[0]))
    except (TooDeep, RecursionError):
        raise EvaluationError("nested too deep for toYaml") from None
    machine.spend(len(found.data) >> 6)
    return found


def _plain_data(value: Value) -> Value:
    """Helm's own objects as maps."""
    data = value.data
    return Value({key.data: item for key, item in data.pairs()}, value.trace) if hasattr(data, "pairs") else value


def _to_json(indent: int, html: bool) -> Native:
    def call(machine: Machine, args: list[Value]) -> Value:
        expect(args, 1, 1)
        if isinstance(args[0].data, Unknown):
            return args[0]
        try:
            found = to_json(_plain_data(args[0]), indent, html)
        except (JsonTooDeep, RecursionError):
            raise EvaluationError("nested too deep for toJson") from None
        machine.spend(len(found.data) >> 6)
        return found

    return call


def _from_yaml(kind: type) -> Native:
    """``fromYaml`` and ``fromYamlArray``: every value keeps the trace of the text it was read from."""

    def call(machine: Machine, args: list[Value]) -> Value:
        from gwaudit.parse.document import ParseFailure
        from gwaudit.parse.yaml import parse
        from gwaudit.source import SourceFile

        expect(args, 1, 1)
        if isinstance(args[0].data, Unknown):
            return args[0]
        body = text(args[0])
        machine.spend(len(body) >> 5)
        runs = runs_of(body, args[0].trace)

        def mark(node: Node) -> Mark | None:
            best = None
            for _, found, at in cut(runs, node.start, max(node.end, node.start + 1)):
                if found is None:
                    continue
                if found.linear and at >= 0:
                    found = Mark(found.file, at, at + node.end - node.start, via=found.via)
                if found.unknown:
                    return found
                if found.node is not None:
                    return found
                best = best or found
            return best

        document = parse(SourceFile("", body))
        if isinstance(document, ParseFailure):
            error = hidden(document.message, mark_of(args[0]))
            return Value({"Error": error} if kind is dict else [error])
        value = Reader(mark).value(document.root if document is not None else None)
        if value.data is None:
            return Value(kind(), mark_of(args[0]))
        if not isinstance(value.data, kind):
            message = hidden("the text is of another kind", mark_of(args[0]))
            return Value({"Error": message} if kind is dict else [message])
        return value

    return call


def _from_json(kind: type | None) -> Native:
    def call(machine: Machine, args: list[Value]) -> Value:
        expect(args, 1, 1)
        why = reason(args[0])
        if why:
            return unknown(why, args)
        body = text(args[0])
        machine.spend(len(body) >> 5)
        mark = mark_of(args[0])
        try:
            data = json.loads(body, parse_int=float)
        except (ValueError, RecursionError):
            if kind is None:
                return Value(None, mark)
            error = hidden("not valid JSON", mark)
            return Value({"Error": error} if kind is dict else [error], mark)
        return _valued(data, mark, 0)

    return call


def _valued(data: Any, mark: Mark | None, depth: int) -> Value:
    if depth > 200:
        raise EvaluationError("nested too deep")
    if isinstance(data, dict):
        return Value({k: _valued(v, mark, depth + 1) for k, v in data.items()}, mark)
    if isinstance(data, list):
        return Value([_valued(v, mark, depth + 1) for v in data], mark)
    return Value(data, mark)


def _from_toml(body: str) -> Any:
    import tomli

    try:
        return _valued(tomli.loads(body), None, 0)
    except (ValueError, RecursionError):
        return {"Error": hidden("not valid TOML")}


def _to_toml(machine: Machine, args: list[Value]) -> Value:
    """TOML text is not read back as YAML by anything that is judged: its exact form is left open."""
    return unknown("toToml is not evaluated", args)


def _b64enc(body: str) -> str:
    return base64.b64encode(body.encode("utf-8", "replace")).decode()


def _b64dec(body: str) -> str:
    try:
        return base64.b64decode(body.replace("\n", "").replace("\r", ""), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return "illegal base64 data"


def _b32dec(body: str) -> str:
    try:
        return base64.b32decode(body).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return "illegal base32 data"


def _digest(name: str) -> Native:
    def digest(body: str) -> str:
        return hashlib.new(name, body.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()

    return plain(digest, "s", fills=True)


def _adler(body: str) -> str:
    import zlib

    return str(zlib.adler32(body.encode("utf-8", "replace")))


def _urlquery(*given: Any) -> str:
    from urllib.parse import quote_plus

    return quote_plus("".join(map(str, given)), safe="-_.~")


def _escaper(table: dict[str, str]) -> Callable[..., str]:
    def escape(*given: Any) -> str:
        return "".join(table.get(char, char) for char in "".join(map(str, given)))

    return escape


_HTML = {'"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;", "\0": "\ufffd"}
_JS = {
    "\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D", "\n": "\\u000A",
    "\r": "\\u000D", "\t": "\\u0009",
}  # fmt: skip


def _url_parse(body: str) -> dict[str, str]:
    from urllib.parse import urlsplit

    try:
        found = urlsplit(body)
        host, userinfo = found.netloc.rpartition("@")[2], found.netloc.rpartition("@")[0]
        return {
            "scheme": found.scheme, "host": host, "hostname": found.hostname or "", "path": found.path,
            "query": found.query, "opaque": "", "fragment": found.fragment, "userinfo": userinfo,
        }  # fmt: skip
    except ValueError as error:
        raise EvaluationError(f"unable to parse url: {error}") from None


def _url_join(machine: Machine, args: list[Value]) -> Value:
    from urllib.parse import urlunsplit

    expect(args, 1, 1)
    table = args[0].data
    if not isinstance(table, dict):
        return unknown("urlJoin of something unknown", args)
    values = [table.get(name, Value("")) for name in ("scheme", "userinfo", "host", "path", "query", "fragment")]
    hidden = next((value for value in values if reason(value)), None)
    if hidden is not None:
        return unknown(reason(hidden) or "not known", values)
    scheme, user, host, path, query, fragment = (text(value) for value in values)
    return made(
        urlunsplit((scheme, f"{user}@{host}" if user else host, path, query, fragment)), [Value(None, blend(values))]
    )


_YAML, _JSON, _PRETTY, _RAW = _to_yaml, _to_json(0, True), _to_json(2, True), _to_json(0, False)

FUNCTIONS: dict[str, Native] = {
    "toYaml": _YAML,
    "mustToYaml": _YAML,
    "toYamlPretty": _YAML,
    "fromYaml": _from_yaml(dict),
    "fromYamlArray": _from_yaml(list),
    "toJson": _JSON,
    "mustToJson": _JSON,
    "toPrettyJson": _PRETTY,
    "mustToPrettyJson": _PRETTY,
    "toRawJson": _RAW,
    "mustToRawJson": _RAW,
    "fromJson": _from_json(dict),
    "mustFromJson": _from_json(None),
    "fromJsonArray": _from_json(list),
    "toToml": _to_toml,
    "mustToToml": _to_toml,
    "fromToml": plain(_from_toml, "s"),
    "b64enc": plain(_b64enc, "s", fills=True),
    "b64dec": plain(_b64dec, "s", fills=True),
    "b32enc": plain(lambda body: base64.b32encode(body.encode("utf-8", "replace")).decode(), "s"),
    "b32dec": plain(_b32dec, "s"),
    "sha1sum": _digest("sha1"),
    "sha256sum": _digest("sha256"),
    "sha512sum": _digest("sha512"),
    "adler32sum": plain(_adler, "s"),
    "html": plain(_escaper(_HTML), "a*"),
    "js": plain(_escaper(_JS), "a*"),
    "urlquery": plain(_urlquery, "a*"),
    "urlParse": plain(_url_parse, "s"),
    "urlJoin": _url_join,
}
