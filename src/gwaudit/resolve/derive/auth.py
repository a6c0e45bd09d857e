"""The strength of a signing key: bytes of the key against what RFC 7518 section 3.2 asks for with an HMAC algorithm."""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source
from gwaudit.resolve.secrets.values import judge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.service import Service

_HMAC = {"HS256": 32, "HS384": 48, "HS512": 64}  # bytes: the size of the hash, RFC 7518 section 3.2


def auth(service: Service) -> None:
    """``jwt.key_bytes``, ``jwt.key_bytes_required``, ``jwt.key_variable``; nothing where no key is in the text.

    A placeholder or a reference is no key, and its length says nothing.
    """
    subject = service.subject
    key, algorithm = subject.fact("jwt.key"), subject.fact("jwt.algorithm")
    if not isinstance(key.value, str) or judge(key.value, "signing-key").what not in ("real", "weak", "harmless"):
        return
    source = Source(key.source.layer, None, key.source.location, key.source.via)
    size = len(key.value.encode("utf-8", "surrogatepass"))
    subject.put(Fact("jwt.key_bytes", size, source, key.shadowed, (key,), assumed=key.assumed))
    variable = next((item.name[4:] for item in key.inputs if item.name.startswith("env.")), "JWT_SECRET_KEY")
    subject.set("jwt.key_variable", variable, source)
    if algorithm.known:
        required = _HMAC.get(str(algorithm.value).upper())
        place = algorithm.source
        subject.put(Fact("jwt.key_bytes_required", required or ABSENT, place, inputs=(algorithm,)))
