"""What gunicorn makes of a command, a configuration file and its environment."""

from __future__ import annotations

from gwaudit.resolve.fact import Fact, Unknown
from gwaudit.resolve.filesystem import Filesystem
from gwaudit.resolve.secrets.keeping import keep, marked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.service import Service
    from gwaudit.resolve.workspace import Workspace


HOST_CPUS = 16  # a common size of node, for the example in a message


def take_server(workspace: Workspace, service: Service) -> None:
    if service.command is None or service.server != "gunicorn":
        return
    from gwaudit.resolve.gunicorn.effective import effective

    version = service.subject.fact("gunicorn.version")
    service.gunicorn = run = effective(workspace, service.command, _configuration_files(service), version)
    run.launched = service.subject.known("target.kind") != "directory"
    for fact in run.settings.values():
        service.subject.put(marked(fact))
    service.subject.put(run.config_file.renamed("gunicorn.config_file"))
    service.subject.put(run.app.renamed("app.object"))
    if not isinstance(run.config_file.value, Unknown):  # a file that nobody can read seldom changes the environment
        keep(run.environment)
        service.environment = run.environment
        service.subject.environment = run.environment
    if run.cpu_derived and isinstance(run.settings["workers"].value, Unknown):
        _on_host(workspace, service, run.settings["workers"])


def _configuration_files(service: Service) -> Filesystem:
    """Where gunicorn looks for its configuration file; the launch that a profile tells names its file, or none is read."""
    if service.launch is not None or service.command is None:
        return service.filesystem
    named = any(word.text == "--config" for word in service.command.words)
    return service.filesystem if named else Filesystem(service.filesystem.tree)


def _on_host(workspace: Workspace, service: Service, workers: Fact) -> None:
    """``gunicorn.workers_on_host``: the workers that the same command would start on a machine of a common size."""
    from gwaudit.resolve.gunicorn.effective import effective

    assumed = dict(workspace.assume.values)
    workspace.assume.values["cpus"] = HOST_CPUS
    try:
        command = service.command
        if command is not None and any(isinstance(word.value, Unknown) for word in command.words):
            kept, facts = (service.launch, service.command, service.server), dict(service.subject.facts)
            from gwaudit.resolve.service.start import follow_command

            follow_command(workspace, service)
            command = service.command
            service.launch, service.command, service.server = kept
            service.subject.facts = facts
        if command is not None:
            version = service.subject.fact("gunicorn.version")
            count = effective(workspace, command, _configuration_files(service), version).settings["workers"]
            if count.known:
                text = f"{count.value} on {HOST_CPUS} cores"
                service.subject.set("gunicorn.workers_on_host", text, workers.source)
    finally:
        workspace.assume.values.clear()
        workspace.assume.values.update(assumed)
