"""From what a platform states of a container to what really runs in it.

The way: image (its ENV, ENTRYPOINT, files) -> environment -> command, followed through launch scripts -> server settings
-> application -> profile. Every step adds facts to one container subject; a step that cannot be taken leaves its facts
Unknown with the reason.
"""

from __future__ import annotations

from gwaudit.resolve.fact import Source
from gwaudit.resolve.filesystem import Filesystem
from gwaudit.resolve.model import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.builds import Builds
    from gwaudit.resolve.command import Command
    from gwaudit.resolve.fact import Fact
    from gwaudit.resolve.gunicorn.run import GunicornRun
    from gwaudit.resolve.image import Image
    from gwaudit.resolve.launch import Launch
    from gwaudit.resolve.model import Container
    from gwaudit.resolve.profile import Profile
    from gwaudit.resolve.requirements import Installation
    from gwaudit.resolve.workspace import Workspace


class Service:
    """What was worked out of one container besides its facts: for the steps that join containers and variables."""

    __slots__ = (
        "command", "container", "defaulted", "environment", "filesystem", "gunicorn", "image", "installation", "launch",
        "packages", "profile", "protected", "server", "subject",
    )  # fmt: skip

    def __init__(self, container: Container, subject: Subject, filesystem: Filesystem) -> None:
        self.container = container
        self.subject = subject
        self.environment = container.environment
        self.filesystem = filesystem
        self.image: Image | None = None
        self.launch: Launch | None = None
        self.command: Command | None = None
        self.gunicorn: GunicornRun | None = None
        self.profile: Profile | None = None
        self.packages: dict[str, Fact] = {}
        self.installation: Installation | None = None
        self.server: str | None = None
        self.defaulted: dict[str, str] = {}  # variables set by an interpolation's default, with the one that it asks
        self.protected: frozenset[str] = frozenset()  # variables that come from an object made for secrets


def complete(workspace: Workspace, builds: Builds, container: Container, parent: Subject) -> Service:
    """The container subject below ``parent`` (a workload), with everything that the tree tells of it."""
    from gwaudit.resolve.service.contents import take_image
    from gwaudit.resolve.service.identity import launch_of_profile, take_application, take_profile
    from gwaudit.resolve.service.installed import take_packages
    from gwaudit.resolve.service.server import take_server
    from gwaudit.resolve.service.start import follow_command, take_environment

    subject = Subject("container", container.name, parent, container.env_place or container.place)
    subject.draft = container
    subject.set("container.name", container.name, Source("manifest", container.name, container.place))
    for fact in container.facts.values():
        subject.put(fact)
    service = Service(container, subject, Filesystem(workspace.tree))
    take_image(workspace, builds, service)
    take_environment(workspace, service)
    follow_command(workspace, service)
    take_packages(workspace, service)
    take_profile(workspace, service)
    launch_of_profile(service)
    take_server(workspace, service)
    take_application(workspace, service)
    return service
