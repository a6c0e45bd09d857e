"""How a machine of Fly starts and stops: image, command, environment, signal.

Source: fly.io/docs/reference/configuration (build, processes, experimental, env, kill_signal).
"""

from __future__ import annotations

import posixpath

from gwaudit.bundle import section
from gwaudit.parse.document import Mapping, Scalar, Sequence
from gwaudit.resolve.compose.units import seconds_of
from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.fly.fields import fact, source
from gwaudit.resolve.model import Build

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.model import Container, Workload
    from gwaudit.resolve.workspace import Workspace


def put_command(container: Container, command: Scalar) -> None:
    """A process group's command is split into words, as a shell would, and takes the place of the image's CMD."""
    import shlex

    name = "container.arguments"
    try:
        words: Any = tuple(shlex.split(command.text))
    except ValueError:
        words = Unknown("its quotes do not match", (name,))
    if words:
        container.arguments = Fact(name, words, source(command))


def put_experimental(container: Container, root: Mapping) -> None:
    """``experimental.cmd`` and ``entrypoint`` take the place of the image's, ``exec`` that of both."""
    for field in ("cmd", "entrypoint", "exec"):
        node = root.get("experimental", field)
        if not isinstance(node, Sequence):
            continue
        words = tuple(item.text for item in node.items if isinstance(item, Scalar))
        if field == "cmd":
            container.arguments = Fact("container.arguments", words, source(node))
        else:
            container.entrypoint = Fact("container.entrypoint", words, source(node))
        if field == "exec":
            container.arguments = Fact("container.arguments", (), source(node))


def put_stop(workload: Workload, root: Mapping, data: dict[str, Any]) -> None:
    """The signal, and how long Fly waits after it."""
    signal, timeout = root.get("kill_signal"), root.get("kill_timeout")
    platform = Source("platform", None, workload.place)
    if signal is not None:
        workload.put(fact("workload.stop_signal", signal, str))
    else:
        workload.state("workload.stop_signal", data["kill_signal"], platform)
    if timeout is None:
        workload.state("workload.grace_period", float(data["kill_timeout"]), platform)
        return
    limit = fact("workload.grace_period", timeout, seconds_of)
    cap = float(data["kill_timeout_cap"])
    workload.put(limit.with_value(min(limit.value, cap)) if limit.known else limit)


def put_image(workspace: Workspace, container: Container, root: Mapping, path: str) -> None:
    """``build.image``, else a build of the folder that the file stands in."""
    image = root.get("build", "image")
    if isinstance(image, Scalar):
        container.image = Fact("container.image", image.text, source(image))
        return
    folder = posixpath.dirname(path)
    named, stage = root.get("build", "dockerfile"), root.get("build", "build-target")
    if isinstance(named, Scalar):
        file: str | None = posixpath.normpath(posixpath.join(folder, named.text))
        place = named.location
    else:
        choices = [posixpath.join(folder, name) for name in section("platforms/fly")["dockerfiles"]]
        file = next((choice for choice in choices if workspace.tree.is_file(choice)), None)
        place = container.place or root.location
    if file is None or file.startswith(("/", "..")):
        unknown = Unknown("a buildpack or a Dockerfile outside of the tree makes the image", ("container.image",))
        container.image = Fact("container.image", unknown, Source("manifest", None, place))
        return
    arguments = root.get("build", "args")
    given = {
        key.text: Fact(key.text, value.text, source(value))
        for key, value in (arguments.entries if isinstance(arguments, Mapping) else ())
        if isinstance(value, Scalar)
    }
    container.build = Build(folder or ".", file, stage.text if isinstance(stage, Scalar) else None, given, place)


def put_environment(container: Container, root: Mapping) -> None:
    """``[env]``; any other variable may be one of the secrets that Fly keeps outside of the tree."""
    container.environment.opaque("a secret kept by Fly may set it")
    env = root.get("env")
    if isinstance(env, Mapping):
        container.env_place = env.location
        for key, value in env.entries:
            if isinstance(value, Scalar):
                container.environment.set(key.text, value.text, source(value))
