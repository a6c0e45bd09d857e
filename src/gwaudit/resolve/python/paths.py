"""Paths and files: ``os.path`` and ``pathlib`` on POSIX text, and what of the file system the audited tree can tell."""

from __future__ import annotations

import posixpath

from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.python.choices import lift
from gwaudit.resolve.python.failure import Raised
from gwaudit.resolve.python.objects import Bound, PathValue
from gwaudit.resolve.python.value import MISSING, NONE, Value, blur, made, merge_inputs, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.python.machine import Frame, Machine


def text_of(value: Value) -> Any:
    """A path's text: str, or the value's own data where it is something else."""
    return value.data.text if isinstance(value.data, PathValue) else value.data


def as_text(value: Value) -> Value:
    return made(value.data.text, value) if isinstance(value.data, PathValue) else value


def join_paths(m: Machine, *parts: Value) -> Value:
    """``Path(...) / ...``."""
    result = lift(m, posixpath.join, *(as_text(part) for part in parts), kind="str")
    if isinstance(result.data, str):
        return made(PathValue(clean(result.data)), result)
    return result


def clean(text: str) -> str:
    """What pathlib makes of a path's text: no doubled or trailing slashes, no ``.`` parts."""
    root = "/" if text.startswith("/") else ""
    body = "/".join(part for part in text.split("/") if part not in ("", "."))
    return root + body or "."


def path_attribute(m: Machine, owner: Value, name: str) -> Value:
    text = owner.data.text
    if isinstance(owner.data, OpenFile):
        return Value(Bound(owner, name), owner.inputs)
    head, tail = posixpath.split(text)
    stem, suffix = posixpath.splitext(tail)
    if name == "parent":
        return made(PathValue(head or "."), owner)
    if name == "parents":
        current = text
        parents: list[Value] = []
        while len(parts := current.rsplit("/", 1)) == 2 and parts[1] and len(parents) < 100:
            current = parts[0] or "/"
            parents.append(made(PathValue(current), owner))
            if current == "/":
                break
        if not text.startswith("/"):
            parents.append(made(PathValue("."), owner))
        return made(tuple(parents), owner)
    simple = {"name": tail, "stem": stem, "suffix": suffix}
    if name in simple:
        return made(simple[name], owner)
    if name == "parts":
        first = ("/",) if text.startswith("/") else ()
        return made((*map(Value, first), *(Value(p) for p in text.split("/") if p)), owner)
    return Value(Bound(owner, name), owner.inputs)


def path_method(m: Machine, owner: Value, name: str, args: list[Value], frame: Frame) -> Value:
    text = owner.data.text
    if isinstance(owner.data, OpenFile):
        return file_method(m, owner, name)
    if name in ("joinpath", "__truediv__"):
        return join_paths(m, owner, *args)
    if name in ("resolve", "absolute"):
        return as_path(absolute(m, made(text, owner)))
    if name in ("as_posix", "__str__", "__fspath__"):
        return made(text, owner)
    if name in ("with_name", "with_suffix") and args and isinstance(args[0].data, str):
        stem = posixpath.splitext(text)[0] if name == "with_suffix" else posixpath.dirname(text) + "/"
        return made(PathValue(clean(stem + args[0].data)), owner)
    if name in ("exists", "is_file", "is_dir"):
        return exists(m, made(text, owner), name)
    if name == "is_absolute":
        return made(text.startswith("/"), owner)
    if name == "expanduser":
        return made(PathValue(text), owner) if not text.startswith("~") else blur(owner, reason="the home directory")
    if name == "read_text":
        found = file_text(m, text)
        if found is None:
            m.doubt = m.doubt or "a file that is not read"
            return blur(owner, reason=f"{text} is read at run time", kind="str")
        return made(found, owner)
    if name in ("mkdir", "touch", "unlink", "write_text", "chmod"):
        m.doubt = m.doubt or "the file system"
        return NONE
    m.doubt = m.doubt or "a path's method that is not followed"
    return blur(owner, *args, reason=f"Path.{name}() is known at run time only")


def as_path(value: Value) -> Value:
    return made(PathValue(clean(value.data)), value) if isinstance(value.data, str) else value


def absolute(m: Machine, value: Value) -> Value:
    """``os.path.abspath``: symbolic links of the container are not followed."""
    if isinstance(value.data, Unknown):
        return lift(m, _absolute, value, kind="str")
    if not isinstance(value.data, str):
        return blur(value, kind="str")
    if not value.data.startswith("/") and m.loader.directory is None:
        return blur(value, reason="the working directory is not known", kind="str")
    result = made(posixpath.normpath(posixpath.join(m.loader.directory or "/", value.data)), value)
    if value.data.startswith("/") or not m.loader.doubt():
        return result
    return Value(result.data, merge_inputs((value, Value(None, m.loader.doubt()))))


def _absolute(text: Any) -> Any:
    if not isinstance(text, str) or not text.startswith("/"):
        raise TypeError("relative")
    return posixpath.normpath(text)


def exists(m: Machine, value: Value, name: str) -> Value:
    """Whether a path exists where the service runs: what the tree and the image's files tell."""
    if not isinstance(value.data, str):
        return blur(value, kind="bool", reason="whether a file exists is known at run time only")
    answer = m.loader.exists(value.data, name)
    if answer is None:
        m.doubt = m.doubt or "the file system"
        return blur(value, kind="bool", reason=f"whether {value.data} exists is known at run time only")
    return made(answer, value)


def file_text(m: Machine, path: str) -> str | None:
    return m.loader.read_text(path)


def open_file(m: Machine, args: list[Value], keywords: dict[str, Value]) -> Value:
    """``open(path)`` of a file in the tree: an object whose ``read`` answers the text."""
    path = text_of(args[0]) if args else MISSING
    mode = args[1].data if len(args) > 1 else keywords.get("mode", Value("r")).data
    found = file_text(m, path) if isinstance(path, str) and mode in ("r", "rt") else None
    if found is None:
        m.doubt = m.doubt or "a file that is not read"
        shown = path if isinstance(path, str) else "a file"
        return unknown(f"{shown} is read at run time", f"file.{shown}")
    return made(OpenFile(found))


class OpenFile(PathValue):
    """A file opened for reading; ``text`` is its content."""

    __slots__ = ()


def file_method(m: Machine, owner: Value, name: str) -> Value:
    text = owner.data.text
    if name == "read":
        return made(text, owner)
    if name in ("readlines", "__iter__"):
        return m.state.abstract(text.splitlines(keepends=True)[:2000], owner)
    if name == "readline":
        return made(text.splitlines(keepends=True)[0] if text else "", owner)
    if name in ("close", "flush", "__exit__"):
        return NONE
    raise Raised("AttributeError", name)
