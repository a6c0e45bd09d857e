"""Volumes of a pod and where its containers mount them, in the model's kinds of mounts."""

from __future__ import annotations

import posixpath

from gwaudit.parse.document import Node, Scalar
from gwaudit.resolve.kubernetes.platform import kubernetes
from gwaudit.resolve.kubernetes.reading import at, entries, hidden, items, text_at
from gwaudit.resolve.model import Mount, Reference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.kubernetes.context import Context
    from gwaudit.resolve.kubernetes.objects import Object
    from gwaudit.resolve.model import Container


class Volume:
    """``kind`` and ``access`` as in ``model.Mount``; ``object`` is the config map, secret or claim behind it."""

    __slots__ = ("access", "kind", "name", "node", "object", "read_only")

    def __init__(self, name: str, kind: str, node: Node, object: str | None = None) -> None:
        self.name = name
        self.kind = kind
        self.node = node
        self.object = object
        self.access: tuple[str, ...] = ()
        self.read_only = False


def volumes_of(owner: Object, pod: Node, context: Context) -> dict[str, Volume]:
    """The pod's volumes by name, the claim templates of a StatefulSet among them."""
    found: dict[str, Volume] = {}
    for item in items(pod, "spec", "volumes"):
        name = text_at(item, "name")
        if name:
            found[name] = _volume(name, item, owner, context)
    for template in items(owner.node, "spec", "volumeClaimTemplates"):
        name = text_at(template, "metadata", "name")
        if name:
            found[name] = _claimed(Volume(name, "persistent", template, name), template, context)
    return found


def _volume(name: str, item: Node, owner: Object, context: Context) -> Volume:
    kinds = kubernetes()["volume_kinds"]
    for key, value in entries(item):
        if key.text == "name":
            continue
        if key.text == "emptyDir":
            return Volume(name, "memory" if text_at(value, "medium") == "Memory" else "empty-dir", item)
        if key.text == "persistentVolumeClaim":
            return _claim(name, item, owner, context)
        if key.text == "ephemeral":
            template = at(value, "volumeClaimTemplate")
            volume = Volume(name, "volume", item)
            return _claimed(volume, template, context) if template is not None else volume
        if key.text in ("configMap", "secret"):
            return _object_volume(name, key.text, item, owner, context)
        if key.text == "csi":
            driver = (text_at(value, "driver") or "").lower()
            for part, kind in kubernetes()["csi_drivers"].items():
                if part in driver:
                    return Volume(name, kind, item)
            return Volume(name, "unknown", item)
        if key.text == "projected":
            for source in items(value, "sources"):
                for field in ("configMap", "secret"):
                    if at(source, field) is not None:
                        _refer_object(field, at(source, field, "name"), source, field, owner, context)
            secret = any(at(source, "secret") is not None for source in items(value, "sources"))
            return Volume(name, "secret" if secret else "config-map", item)
        if key.text in kinds:
            return Volume(name, kinds[key.text], item)
        return Volume(name, "unknown", item)
    return Volume(name, "unknown" if hidden(item) else "empty-dir", item)


def _claim(name: str, item: Node, owner: Object, context: Context) -> Volume:
    node = at(item, "persistentVolumeClaim", "claimName")
    volume = Volume(name, "persistent", item)
    if not isinstance(node, Scalar):
        return volume
    volume.object = node.text
    claim = context.store.find("PersistentVolumeClaim", node.text, owner.namespace)
    if claim is None:
        if node.origin.unknown is None:
            context.refer(Reference("volume", node.text, None, False, node.location, owner.name))
        return volume
    return _claimed(volume, claim.node, context)


def _claimed(volume: Volume, claim: Node, context: Context) -> Volume:
    """Access modes and storage class of a claim: a shared class is a network file system."""
    modes = [mode.text for mode in items(claim, "spec", "accessModes") if isinstance(mode, Scalar)]
    volume.access = tuple(modes)
    network = any(mode in kubernetes()["shared_access"] for mode in volume.access)
    storage_class = text_at(claim, "spec", "storageClassName") or ""
    if storage_class:
        known = context.store.find("StorageClass", storage_class, None)
        provisioner = text_at(known.node, "provisioner") if known is not None else None
        looks = f"{storage_class} {provisioner or ''}".lower()
        network = network or any(part in looks for part in kubernetes()["network_storage"])
    if network and volume.kind == "persistent":
        volume.kind = "network"
    return volume


def _object_volume(name: str, field: str, item: Node, owner: Object, context: Context) -> Volume:
    key = "name" if field == "configMap" else "secretName"
    node = at(item, field, key)
    volume = Volume(name, "config-map" if field == "configMap" else "secret", item)
    volume.read_only = True
    if isinstance(node, Scalar):
        volume.object = node.text
        _refer_object(field, node, item, field, owner, context)
    return volume


def _refer_object(field: str, node: Node | None, item: Node, below: str, owner: Object, context: Context) -> None:
    if not isinstance(node, Scalar) or node.origin.unknown is not None:
        return
    secret = field == "secret"
    found = context.store.bundle(secret, node.text, owner.namespace) is not None
    defined: bool | None = True if found else None
    if not found and not secret:
        if node.text in kubernetes()["well_known_config_maps"]:
            defined = True
        elif context.complete:
            defined = False
    optional = text_at(item, below, "optional") == "true"
    kind = "secret" if secret else "config-map"
    context.refer(Reference(kind, node.text, defined, optional, node.location, owner.name))


def put_mounts(container: Container, spec: Node, volumes: dict[str, Volume], owner: Object, context: Context) -> None:
    """The container's mounts, and the places of config map keys inside it (``Container.texts``)."""
    for item in items(spec, "volumeMounts"):
        path_node, name_node = at(item, "mountPath"), at(item, "name")
        path, name = text_at(item, "mountPath"), text_at(item, "name")
        if path is None or path_node is None:
            continue
        volume = volumes.get(name or "")
        if volume is None:
            if name and isinstance(name_node, Scalar) and at(owner.node, "kind") is not None:
                context.refer(Reference("volume", name, False, False, name_node.location, owner.name))
            container.mounts.append(Mount(path, "unknown", name, location=path_node.location))
            continue
        read_only = text_at(item, "readOnly") == "true" or volume.kind in ("config-map", "secret")
        # What a hostPath binds is a path of the node, not of the repository.
        source = None if volume.kind == "bind" else volume.object or volume.name
        container.mounts.append(Mount(path, volume.kind, source, read_only, volume.access, path_node.location))
        if volume.kind == "config-map" and volume.object is not None:
            _place_files(container, path, item, volume, owner, context)


def _place_files(container: Container, path: str, item: Node, volume: Volume, owner: Object, context: Context) -> None:
    bundle = context.store.bundle(False, volume.object or "", owner.namespace)
    if bundle is None:
        return
    chosen = {text_at(each, "key"): text_at(each, "path") for each in items(volume.node, "configMap", "items")}
    sub_path = text_at(item, "subPath")
    for key, node in bundle.nodes.items():
        relative = chosen.get(key) if chosen else key
        if node is None or relative is None:
            continue
        if sub_path is not None:
            if sub_path.strip("/") != relative:
                continue
            container.texts[path] = node
        else:
            container.texts[posixpath.join(path, relative)] = node
