"""Well-known public images: what their entrypoint, user, environment and shell are, from ``rules/platforms/images.yaml``."""

from __future__ import annotations

import re

from gwaudit.resolve.command import Word
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.filesystem import Filesystem
from gwaudit.resolve.image.record import Image

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.tree import Tree


class Reference:
    """``registry/path:tag@digest`` taken apart; ``name`` without tag and digest, ``key`` without Docker Hub's prefixes."""

    __slots__ = ("digest", "key", "name", "tag")

    def __init__(self, text: str) -> None:
        rest, _, digest = text.partition("@")
        head, slash, last = rest.rpartition("/")
        last, _, tag = last.partition(":")
        self.name = head + slash + last
        self.tag: str | None = tag or None
        self.digest: str | None = digest or None
        self.key = self.name
        for prefix in mirrors():
            if self.key.startswith(prefix):
                self.key = self.key[len(prefix) :]
                break
        self.key = self.key.removeprefix("library/")


def table() -> dict[str, Any]:
    from gwaudit.bundle import section

    found: dict[str, Any] = section("platforms/images")
    return found


def mirrors() -> list[str]:
    found: list[str] = table()["mirrors"]
    return found


def entry_of(reference: Reference) -> dict[str, Any] | None:
    """The record of an image, the most specific tag pattern first; None for an image that is not known."""
    record = next(
        (one for one in table()["images"] if any(re.fullmatch(name, reference.key) for name in one["names"])), None
    )
    if record is None:
        return None
    merged: dict[str, Any] = {k: v for k, v in record.items() if k not in ("names", "tags")}
    for variant in record.get("tags", ()):
        if re.search(variant["match"], reference.tag or "latest"):
            merged.update({k: v for k, v in variant.items() if k != "match"})
            break
    return merged


def known_image(tree: Tree | None, text: str, source: Source) -> Image:
    """The image of a reference; one that is not known has an unknown entrypoint, environment and file system."""
    reference = Reference(text)
    entry = entry_of(reference) if text != "scratch" else {"sh": None, "user": "root", "system": ["/"]}
    if entry is None:
        reason = f"the image {text} is not in the tree"
        image = Image(Filesystem(tree, reason))
        image.unknown = reason
        image.environment.opaque(reason)
        image.entrypoint = Unknown(reason, ("image",))
        image.command = Unknown(reason, ("image",))
        image.working_dir = Fact("container.working_dir", Unknown(reason, ("image",)), source)
        image.user = Fact("container.user", Unknown(reason, ("image",)), source)
    else:
        image = Image(Filesystem(tree))
        _fill(image, entry, reference, text, source)
    image.base = Fact("image.base", text, source)
    return image


def _fill(image: Image, entry: dict[str, Any], reference: Reference, text: str, source: Source) -> None:
    where = Source("image", text, source.location, source.via)
    for path in entry.get("system", table()["system"]):
        image.filesystem.hide(path, f"{path} belongs to the base image {text}")
    for name, value in (entry.get("env") or {}).items():
        found = Unknown(f"{name} is set by the image {text}", (f"env.{name}",)) if value is None else str(value)
        image.environment.set(name, found, where)
    image.entrypoint = _words(entry.get("entrypoint"), where)
    image.command = _words(entry.get("cmd"), where)
    image.working_dir = Fact("container.working_dir", str(entry.get("workdir", "/")), where)
    user = str(entry.get("user", "root"))
    image.user = Fact("container.user", user, where)
    image.runs_as_root = is_root(user)
    image.sh = entry.get("sh")
    image.family = entry.get("family")
    if entry.get("stop_signal"):
        image.stop_signal = Fact("container.stop_signal", str(entry["stop_signal"]), where)
    image.ports = [Fact("container.ports", int(port), where) for port in entry.get("ports", ())]
    image.onbuild = [str(line) for line in entry.get("onbuild", ())]
    pattern = entry.get("python")
    if pattern is True:
        match = re.match(r"(\d+\.\d+)(?=\D|$)", reference.tag or "") or re.search(
            r"python[-_]?(\d+\.\d+)", reference.tag or ""
        )
        if match is not None:
            image.python_version = Fact("python.version", match.group(1), where)
        else:
            image.python_version = Fact(
                "python.version", Unknown(f"the tag of {text} names no Python version", ("image",)), where
            )
    elif isinstance(pattern, str):
        match = re.search(pattern, text)
        if match is not None:
            version = match.group(1)
            version = version if "." in version else f"{version[0]}.{version[1:]}"
            image.python_version = Fact("python.version", version, where)


def _words(value: Any, source: Source) -> tuple[Word, ...] | None:
    return tuple(Word(str(word), source) for word in value) if value else None


def is_root(user: str) -> bool | None:
    """Whether a USER is root: by number, by name; None for a variable or an unknown form."""
    name = user.split(":", maxsplit=1)[0].strip()
    if not name:
        return True
    if name.isdigit():
        return int(name) == 0
    return name == "root"
