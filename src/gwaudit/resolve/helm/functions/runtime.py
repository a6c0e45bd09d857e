"""Functions whose answer exists only when the chart is installed, functions on paths, and those that run templates."""

from __future__ import annotations

import posixpath

from gwaudit.parse.gotemplate import SyntaxFailure, parse
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.helm.errors import EvaluationError
from gwaudit.resolve.helm.functions.signature import expect, plain, text, unknown
from gwaudit.resolve.helm.library import Overlay
from gwaudit.resolve.helm.machine import Template
from gwaudit.resolve.helm.provenance import Builder, Value, blend, hidden, reason, runs_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.helm.machine import Machine, Native


def _random(what: str) -> Native:
    return lambda machine, args: hidden(f"{what} is made when the chart is installed", blend(args), filled=True)


def _certificate(machine: Machine, args: list[Value]) -> Value:
    made = hidden("a certificate is made when the chart is installed", None, filled=True)
    return Value({"Cert": made, "Key": made})


def _include(machine: Machine, args: list[Value]) -> Value:
    expect(args, 2, 2)
    why = reason(args[0])
    if why:
        return unknown(why, args)
    return machine.include(text(args[0]), args[1])


def _tpl(machine: Machine, args: list[Value]) -> Value:
    """The text of a template that stands in a value; what it defines is seen by itself only."""
    expect(args, 2, 2)
    if isinstance(args[0].data, Unknown):
        return args[0]
    body = text(args[0])
    if "{{" not in body:
        return args[0]
    machine.spend(1 + (len(body) >> 4))
    try:
        parsed = parse(body)
    except SyntaxFailure as error:
        raise EvaluationError(f"cannot parse template: {error.message}") from None
    runs = runs_of(body, args[0].trace)
    outer = machine.library
    if parsed.defines:
        machine.library = Overlay(outer, {name: Template(name, part, None, runs) for name, part in parsed.defines})
    out = Builder()
    try:
        machine.execute(Template("tpl", parsed.body, None, runs), args[1], out)
    finally:
        machine.library = outer
    found = out.value()
    if "<no value>" in found.data:
        from gwaudit.resolve.helm.functions.strings import FUNCTIONS as STRINGS

        return STRINGS["replace"](machine, [Value("<no value>"), Value(""), found])
    return found


def _lookup(machine: Machine, args: list[Value]) -> Value:
    """No cluster is asked: nothing is found, as in ``helm template``."""
    return Value({})


def _clean(path: str) -> str:
    return posixpath.normpath(path).replace("//", "/") if path else "."


def _base(path: str) -> str:
    stripped = path.rstrip("/")
    return posixpath.basename(stripped) or ("/" if path else ".")


def _extension(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    return name[name.rindex(".") :] if "." in name else ""


def _htpasswd(machine: Machine, args: list[Value]) -> Value:
    return hidden("a salted hash is made when the chart is installed", blend(args), filled=True)


def _host(machine: Machine, args: list[Value]) -> Value:
    return Value("")


def _call(machine: Machine, args: list[Value]) -> Value:
    raise EvaluationError("call of something that is no function")


_NOW = _random("the date")
_PATHS: dict[str, Native] = {
    "base": plain(_base, "s"),
    "dir": plain(lambda path: _clean(posixpath.dirname(path)) if path else ".", "s"),
    "clean": plain(_clean, "s"),
    "ext": plain(_extension, "s"),
    "isAbs": plain(lambda path: path.startswith("/"), "s"),
}

_RANDOM = (
    "randAlphaNum randAlpha randAscii randNumeric randBytes randInt shuffle uuidv4 genPrivateKey derivePassword encryptAES "
    "decryptAES"
)
_CERTIFICATES = (
    "genCA genCAWithKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey buildCustomCert"
)
_DATES = (
    "now date dateInZone date_in_zone dateModify date_modify mustDateModify must_date_modify htmlDate htmlDateInZone ago "
    "toDate mustToDate unixEpoch duration durationRound"
)

FUNCTIONS: dict[str, Native] = {
    **dict.fromkeys(_RANDOM.split(), _random("a random value")),
    **dict.fromkeys(_CERTIFICATES.split(), _certificate),
    **dict.fromkeys(_DATES.split(), _NOW),
    "bcrypt": _htpasswd,
    "htpasswd": _htpasswd,
    "getHostByName": _host,
    "lookup": _lookup,
    "include": _include,
    "tpl": _tpl,
    "call": _call,
    **_PATHS,
    **{"os" + name[0].upper() + name[1:]: function for name, function in _PATHS.items()},
}
