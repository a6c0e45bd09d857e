"""The environment of a container: envFrom in order, then env in order, ``$(VAR)`` expansion (kubelet semantics).

Source: kubelet ``makeEnvironmentVariables`` and ``third_party/forked/golang/expansion``: every envFrom comes first, env
entries override them one after the other, ``$(NAME)`` sees envFrom and *earlier* entries only, ``$$`` gives ``$``, and a
reference to nothing stays as it is written. Service variables (``NAME_SERVICE_HOST``) lie below everything.
"""

from __future__ import annotations

from gwaudit.parse.document import Scalar
from gwaudit.resolve.fact import ABSENT, Fact, Source, Step, Unknown
from gwaudit.resolve.kubernetes.fields import field_value, resource_value
from gwaudit.resolve.kubernetes.platform import kubernetes
from gwaudit.resolve.kubernetes.reading import at, fact_of, hidden, items, text, text_at
from gwaudit.resolve.model import Reference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.parse.document import Node
    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.kubernetes.context import Context
    from gwaudit.resolve.kubernetes.objects import Object
    from gwaudit.resolve.model import Container


MAX_VALUE = 131_072  # bytes of one variable that Linux hands to a process (MAX_ARG_STRLEN)
MAX_SERVICE_VARIABLES = 2_000


def fill_environment(container: Container, spec: Node, owner: Object, pod: Node, context: Context) -> None:
    """Fill ``container.environment`` from its spec."""
    environment = container.environment
    if not context.spend(len(items(spec, "env")) + len(items(spec, "envFrom"))):
        environment.opaque("the deployment sets more variables than are read")
        context.note(container.place, "the environment is not read: the deployment sets too many variables")
        return
    if text_at(pod, "spec", "enableServiceLinks") != "false":
        for name, source in context.service_variables(owner.namespace)[:MAX_SERVICE_VARIABLES]:
            reason = "a variable that Kubernetes sets for a Service of the namespace"
            environment.put(Fact(f"env.{name}", Unknown(reason, (f"env.{name}",)), source))
    opaque = hidden(at(spec, "envFrom"))
    if opaque:
        environment.opaque(opaque)
    for item in items(spec, "envFrom"):
        _add_all(environment, item, owner, context)
    opaque = hidden(at(spec, "env"))
    if opaque:
        environment.opaque(opaque)
    for item in items(spec, "env"):
        unnamed = hidden(item) or hidden(at(item, "name"))
        if unnamed:
            environment.opaque(unnamed)
            continue
        written = text_at(item, "name")
        if written:
            _add_one(container, written, item, owner, pod, context)


def _add_all(environment: Environment, item: Node, owner: Object, context: Context) -> None:
    """One entry of envFrom."""
    if hidden(item):
        environment.opaque(hidden(item) or "")
        return
    for field, secret in (("configMapRef", False), ("secretRef", True)):
        reference = at(item, field)
        if reference is None:
            continue
        name_node = at(reference, "name")
        unknown = hidden(reference) or hidden(name_node)
        bundle = None
        if isinstance(name_node, Scalar):
            bundle = context.store.bundle(secret, name_node.text, owner.namespace)
            if not unknown or bundle is not None:
                _refer(secret, name_node, bundle is not None, reference, owner, context)
        kind = "Secret" if secret else "ConfigMap"
        if bundle is None:
            shown = name_node.text if isinstance(name_node, Scalar) and not unknown else None
            environment.opaque(unknown or f"{kind} {shown or ''} is not in the tree".replace("  ", " "))
            continue
        prefix_node = at(item, "prefix")
        if hidden(prefix_node):
            environment.opaque(hidden(prefix_node) or "")
            continue
        prefix = prefix_node.text if isinstance(prefix_node, Scalar) else ""
        if bundle.open:
            environment.opaque(bundle.open)
        if not context.spend(len(bundle.nodes)):
            environment.opaque(f"{kind} {bundle.name} has more keys than are read")
            continue
        for key in bundle.nodes:
            fact = bundle.fact(key, f"env.{prefix}{key}", "manifest")
            environment.put(_via(fact, reference, f"envFrom {kind} {bundle.name}"))


def _add_one(container: Container, name: str, item: Node, owner: Object, pod: Node, context: Context) -> None:
    """One entry of env: a value (expanded) or a reference."""
    environment = container.environment
    full = f"env.{name}"
    value = at(item, "value")
    source = at(item, "valueFrom")
    if isinstance(value, Scalar) and (value.text or value.origin.unknown):
        fact = fact_of(value, full, text)
        environment.put(expanded(fact, environment))
        return
    if source is None:
        where = (value or at(item, "name") or item).origin
        environment.put(Fact(full, "", Source("manifest", "", where.location, [Step(at_) for at_ in where.via])))
        return
    place = Source("manifest", None, source.location)
    if hidden(source):
        environment.put(Fact(full, Unknown(hidden(source) or "", (full,)), place))
        return
    for field, secret in (("configMapKeyRef", False), ("secretKeyRef", True)):
        reference = at(source, field)
        if reference is not None:
            found = _from_key(full, reference, secret, owner, context)
            if found is not None:
                environment.put(found)
            return
    field_path = text_at(source, "fieldRef", "fieldPath")
    if field_path is not None:
        environment.put(field_value(full, field_path, at(source, "fieldRef") or source, owner, pod))
        return
    resource = at(source, "resourceFieldRef")
    if resource is not None:
        environment.put(resource_value(full, resource, container))
        return
    environment.put(Fact(full, Unknown("set from a source that is not read", (full,)), place))


def _from_key(full: str, reference: Node, secret: bool, owner: Object, context: Context) -> Fact | None:
    kind = "Secret" if secret else "ConfigMap"
    name_node, key_node = at(reference, "name"), at(reference, "key")
    unknown = hidden(reference) or hidden(name_node) or hidden(key_node)
    place = Source("manifest", None, reference.location)
    if not isinstance(name_node, Scalar) or not isinstance(key_node, Scalar):
        return Fact(full, Unknown(unknown or f"the {kind} reference is incomplete", (full,)), place, secret=secret)
    bundle = context.store.bundle(secret, name_node.text, owner.namespace)
    if bundle is None:
        if not unknown:
            _refer(secret, name_node, False, reference, owner, context)
        reason = unknown or f"{kind} {name_node.text} is not in the tree"
        return Fact(full, Unknown(reason, (full,)), Source("manifest", None, name_node.location), secret=secret)
    _refer(secret, name_node, True, reference, owner, context)
    key = key_node.text
    if key in bundle.nodes:
        return _via(bundle.fact(key, full, "manifest"), reference, f"{kind} {bundle.name}")
    if bundle.open or unknown:
        reason = bundle.open or unknown or ""
        return Fact(full, Unknown(reason, (full,)), place, secret=secret)
    optional = text_at(reference, "optional") == "true"
    named = "secret" if secret else "config-map"
    context.refer(Reference(named, f"{bundle.name} key {key}", False, optional, key_node.location, owner.name))
    if optional:
        return None  # an optional key that the object does not have leaves the variable as it was
    return Fact(full, Unknown(f"{kind} {bundle.name} has no key {key}", (full,)), place, secret=secret)


def _refer(secret: bool, name: Scalar, found: bool, reference: Node, owner: Object, context: Context) -> None:
    kind = "secret" if secret else "config-map"
    defined: bool | None = True if found else None
    if not found and not secret:
        if name.text in kubernetes()["well_known_config_maps"]:
            defined = True
        elif context.complete:
            defined = False
    optional = text_at(reference, "optional") == "true"
    context.refer(Reference(kind, name.text, defined, optional, name.location, owner.name))


def _via(fact: Fact, reference: Node, label: str) -> Fact:
    """The same value, reached through ``reference``."""
    source = fact.source.through(reference.location, label)
    return Fact(fact.name, fact.value, source, fact.shadowed, fact.inputs, fact.derivation, secret=fact.secret)


def expanded(fact: Fact, environment: Environment) -> Fact:
    """``fact`` with ``$(NAME)`` replaced by what ``environment`` holds so far; an unknown part makes it Unknown."""
    if not isinstance(fact.value, str) or "$" not in fact.value:
        return fact
    out, used, reason = expand(fact.value, environment)
    value: Any = out if reason is None else Unknown(reason, tuple(each.name for each in used))
    secret = fact.secret or any(each.secret for each in used)
    return Fact(fact.name, value, fact.source, fact.shadowed, used, fact.derivation, secret=secret)


def expand(value: str, environment: Environment) -> tuple[str, list[Fact], str | None]:
    """The text with its references replaced, the variables used, and why the result is unknown (None where it is known)."""
    out: list[str] = []
    used: list[Fact] = []
    reason: str | None = None
    index = length = 0
    while index < len(value):
        at_ = value.find("$", index)
        if at_ < 0 or at_ + 1 >= len(value):
            out.append(value[index:])
            break
        out.append(value[index:at_])
        following = value[at_ + 1]
        if following == "$":
            out.append("$")
            index = at_ + 2
            continue
        end = value.find(")", at_ + 2) if following == "(" else -1
        if end < 0:
            out.append("$" + following)
            index = at_ + 2
            continue
        name = value[at_ + 2 : end]
        fact = environment.get(name)
        index = end + 1
        if isinstance(fact.value, str):
            used.append(fact)
            out.append(fact.value)
            length += len(fact.value)
            if length > MAX_VALUE:
                return "", used[:8], "it is longer than a variable can be"
        elif fact.value is ABSENT:
            out.append(f"$({name})")
        else:
            used.append(fact)
            reason = reason or f"it contains $({name}), which is unknown"
            out.append(f"$({name})")
    return "".join(out), used, reason
