"""The options of ``docker run`` and ``podman run`` as statements about the container.

Source: docs.docker.com/reference/cli/docker/container/run.
"""

from __future__ import annotations

import posixpath

from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.model import Endpoint, Mount
from gwaudit.resolve.processes.common import size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.model import Container, TargetDraft, Workload
    from gwaudit.resolve.processes.run_words import RunWord
    from gwaudit.resolve.workspace import Workspace
    from gwaudit.source import Location


def put_option(
    workspace: Workspace,
    draft: TargetDraft,
    workload: Workload,
    container: Container,
    option: str,
    given: RunWord | None,
    word: RunWord,
    path: str,
) -> None:
    """What one option states; ``given`` is its value, ``word`` the word that names it; other options state nothing."""
    text = given.text if given is not None else None
    place = given.location if given is not None else word.location
    source = Source("manifest", text, place)
    if option in ("-e", "--env"):
        raw = given.raw.strip("\"'") if given is not None else ""
        name, equals, value = (text if text is not None else raw).partition("=")
        if name.isidentifier():
            known = (
                value if equals and text is not None else Unknown(f"{name} is taken from the shell", (f"env.{name}",))
            )
            container.environment.set(name, known, Source("manifest", value if text else None, place))
    elif option == "--env-file":
        file = (
            posixpath.normpath(posixpath.join(posixpath.dirname(path), text))
            if text and not text.startswith("/")
            else None
        )
        found = next((f for f in (file, text) if f and workspace.tree.is_file(f)), None)
        source_file = workspace.source(found) if found is not None else None
        if source_file is None:
            container.environment.opaque(f"the env file {text or 'of a variable'} is not in the tree")
        else:
            from gwaudit.resolve.env_file import apply, note_reader, read

            note_reader(workspace, source_file.path, "docker")
            apply(read(source_file, "docker"), container.environment, "env-file")
    elif option in ("-p", "--publish") and text is not None:
        _publish(draft, workload, text, place)
    elif option == "--cpus" and text is not None and text.replace(".", "", 1).isdigit():
        container.state("container.cpu_limit", float(text), source)
    elif option in ("-m", "--memory") and text is not None and size(text) is not None:
        container.state("container.memory_limit", size(text), source)
    elif option == "--memory-reservation" and text is not None and size(text) is not None:
        container.state("container.memory_request", size(text), source)
    elif option == "--restart" and text is not None:
        workload.state("workload.restart", text, source)
    elif option in ("-u", "--user") and text is not None:
        from gwaudit.resolve.image.known import is_root

        container.state("container.user", text, source)
        container.state("container.runs_as_root", is_root(text), source)
    elif option in ("-w", "--workdir") and text is not None:
        container.working_dir = Fact("container.working_dir", text, source)
    elif option == "--entrypoint":
        container.entrypoint = Fact("container.entrypoint", (text,) if text else Unknown("a variable"), source)
    elif option == "--read-only":
        container.state("container.read_only_root", text != "false", source)
    elif option == "--privileged":
        container.state("container.privileged", text != "false", source)
    elif option == "--init":
        container.state("container.init", text != "false", source)
    elif option == "--stop-timeout" and text is not None and text.isdigit() and len(text) < 9:
        workload.state("workload.grace_period", float(text), source)
    elif option == "--stop-signal" and text is not None:
        workload.state("workload.stop_signal", text if text.startswith("SIG") else f"SIG{text}", source)
    elif option in ("-v", "--volume") and text is not None:
        container.mounts.append(_mount(path, text, place))
    elif option == "--tmpfs" and text is not None:
        container.mounts.append(Mount(text.split(":")[0], "tmpfs", location=place))
    elif option in ("--network", "--net") and text == "host":
        workload.state("workload.host_network", True, source)


def _publish(draft: TargetDraft, workload: Workload, text: str, place: Location) -> None:
    """``[address:]host:container[/protocol]``."""
    body = text.split("/", maxsplit=1)[0]
    address, _, rest = body.rpartition(":")
    host_address, _, outer = address.rpartition(":")
    inner = int(rest) if rest.isdigit() and len(rest) < 6 else None
    port = int(outer) if outer.isdigit() and len(outer) < 6 else None
    public = host_address not in ("127.0.0.1", "localhost", "[::1]")
    draft.endpoints.append(Endpoint("published-port", workload.name, inner, port, public, host_address or None, place))


def _mount(path: str, text: str, place: Location) -> Mount:
    parts = text.split(":")
    if len(parts) == 1:
        return Mount(parts[0], "volume", location=place)
    read_only = len(parts) > 2 and "ro" in parts[2].split(",")
    if parts[0].startswith("."):
        source = posixpath.normpath(posixpath.join(posixpath.dirname(path), parts[0]))
        return Mount(parts[1], "bind", source, read_only, location=place)
    kind = "unknown" if parts[0].startswith(("/", "~", "$")) else "volume"
    return Mount(parts[1], kind, parts[0], read_only, location=place)
