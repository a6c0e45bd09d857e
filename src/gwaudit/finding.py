"""What gwaudit says: findings that point at values, with a fingerprint that survives edits."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gwaudit.baseline import Baseline
    from gwaudit.parse.document import ParseFailure
    from gwaudit.source import Location
    from gwaudit.tree import Tree

SEVERITIES = ("low", "medium", "high", "critical")


class Labelled:
    """A place with a few words about it (``overridden here``, ``limits.cpu = 2``)."""

    __slots__ = ("label", "location")

    def __init__(self, location: Location, label: str = "") -> None:
        self.location = location
        self.label = label

    def __repr__(self) -> str:
        return f"{self.location} {self.label}"


class Finding:
    """One mistake.

    ``rule`` is the rule's record (``id``, ``severity``, ``confidence``, ``title``, ``fix``, ...); ``primary`` is where a
    person edits, ``related`` every other place the judgement read. ``service`` is the container or workload, ``targets``
    the deployments it was found in (merged by triage). ``fingerprint`` is made of rule, path, workload, blamed fact and an
    ordinal: never of a line, a value or a message. ``worth`` orders merged findings: the worst is kept. ``redact`` keeps the
    source line of the primary place out of every output, because a secret stands there. ``about`` is the name of the
    subject: several settings may stand at one place, in ``GUNICORN_CMD_ARGS``.
    """

    __slots__ = (
        "about", "blamed", "fixes", "identity", "message", "primary", "redact", "related", "rule", "service", "suppressed",
        "targets", "worth",
    )  # fmt: skip

    def __init__(
        self,
        rule: Any,
        message: str,
        primary: Labelled,
        related: Iterable[Labelled] = (),
        service: str | None = None,
        targets: Iterable[str] = (),
        blamed: str = "",
        worth: float = 0.0,
        redact: bool = False,
        about: str = "",
    ) -> None:
        self.rule = rule
        self.message = message
        self.primary = primary
        self.related = tuple(related)
        self.service = service
        self.targets = tuple(targets)
        self.blamed = blamed
        self.worth = worth
        self.redact = redact
        self.about = about
        self.identity: tuple[str, ...] = ()  # set by triage, among all findings of a run
        self.fixes: tuple[Any, ...] = ()
        self.suppressed: str | None = None  # why it is not reported (inline ignore, configuration, baseline)

    @property
    def fingerprint(self) -> str:
        """The identity as 32 hexadecimal digits; worked out when a report asks, because hashing is slow to import."""
        from hashlib import sha256

        return sha256("\0".join(self.identity).encode("utf-8", "surrogateescape")).hexdigest()[:32]

    def __repr__(self) -> str:
        return f"Finding({self.rule.id} {self.primary.location}: {self.message})"


class Report:
    """The outcome of one run, as reporters take it.

    ``findings`` are sorted, the most severe first; ``suppressed`` carry their reason. ``unjudged`` are (rule id, subject,
    reason) of what could not be judged; ``failures`` could not be read, ``remarks`` (place, message) tell what was read and
    not understood. ``targets`` are (name, kind) of the deployments. ``secret_lines`` are the lines, by path, that no output
    may show; ``hidden`` are the secret values that were found, which no output may hold wherever it got them.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.findings: list[Finding] = []
        self.suppressed: list[Finding] = []
        self.baseline: Baseline | None = None  # where known findings were taken out
        self.unjudged: dict[tuple[str, str, str], None] = {}  # an ordered set
        self.failures: list[ParseFailure] = []
        self.remarks: list[tuple[Location, str]] = []
        self.warnings: list[str] = []  # what the user asked for and nothing answers to
        self.targets: list[tuple[str, str]] = []
        self.bugs: dict[str, str] = {}  # steps of ours that failed, with the deployment that they failed on
        self.secret_lines: dict[str, set[int]] = {}
        self.hidden: set[str] = set()
        self.examined: set[object] = set()  # texts that were looked through for ``hidden``
        self.shown_lines: dict[tuple[str, int, bool], str] = {}  # source lines as they may be shown
        self.formats: dict[str, int] = {}  # files of the walk by format, ``text`` for those that are only searched

    @property
    def files(self) -> int:
        """Files of the walk that can say something about a deployment by their name."""
        return sum(count for format, count in self.formats.items() if format not in ("text", "python", "json", "toml"))

    def worst(self) -> str | None:
        """The highest severity among the findings."""
        return max((f.rule.severity for f in self.findings), key=SEVERITIES.index, default=None)
