"""What a load test measured, whichever tool wrote it: seconds, counts, and where in the file each figure stands."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import Location, SourceFile

# Time limits that the tools set themselves when nobody asks (seconds): a latency cannot be measured above them.
CLIENT_TIMEOUTS = {"hey": 20.0, "wrk": 2.0, "wrk2": 2.0, "ab": 30.0, "autocannon": 10.0, "vegeta": 30.0, "k6": 60.0}


class LoadTest:
    """One result.

    ``percentiles`` maps 50, 90, 95, 99, ... to seconds; ``statuses`` maps HTTP status codes to answers; ``transport`` maps
    a kind of transport error (timeout, refused, reset, ...) to its count. ``requests`` counts what was sent, answered or
    not. ``failed`` counts failures that the tool does not tell apart. ``endpoint`` names the row of a result that has
    several. ``censored`` says that the highest bucket is open: the percentile is at least the figure.
    """

    __slots__ = (
        "before", "censored", "client_timeout", "concurrency", "duration", "endpoint", "failed", "file", "mean",
        "percentiles", "requests", "rps", "slowest", "spans", "statuses", "tool", "transport", "url",
    )  # fmt: skip

    def __init__(self, file: SourceFile, tool: str) -> None:
        self.file = file
        self.tool = tool
        self.url: str | None = None
        self.endpoint: str | None = None
        self.requests: int | None = None
        self.duration: float | None = None
        self.concurrency: int | None = None
        self.rps: float | None = None
        self.mean: float | None = None
        self.slowest: float | None = None
        self.percentiles: dict[float, float] = {}
        self.statuses: dict[int, int] = {}
        self.transport: dict[str, int] = {}
        self.failed = 0
        self.censored = False
        self.client_timeout: float | None = CLIENT_TIMEOUTS.get(tool)
        self.spans: dict[str, tuple[int, int]] = {}
        self.before: LoadTest | None = None

    def place(self, figure: str) -> Location:
        """Where a figure (``p99``, ``slowest``, ``errors``, ...) stands; the start of the result where it has no place."""
        start, end = self.spans.get(figure) or self.spans.get("start") or (0, 0)
        return self.file.location(start, end)

    @property
    def errors(self) -> int:
        """Answers 5xx, transport errors and failures of an unknown kind."""
        return (
            sum(n for status, n in self.statuses.items() if status >= 500) + sum(self.transport.values()) + self.failed
        )

    @property
    def error_kinds(self) -> str:
        """``11 x 502, 8 x 504, 2 x timeout``; empty without errors."""
        kinds = [(n, str(status)) for status, n in sorted(self.statuses.items()) if status >= 500]
        kinds += [(n, kind) for kind, n in self.transport.items()]
        if self.failed:
            kinds.append((self.failed, "failed"))
        return ", ".join(f"{n} x {kind}" for n, kind in kinds if n)

    def __repr__(self) -> str:
        return f"LoadTest({self.tool} p99={self.percentiles.get(99)} errors={self.errors}/{self.requests})"


def kind_of_error(message: str) -> str:
    """The kind of transport error that a client's message tells."""
    text = message.lower()
    for word, kind in (
        ("deadline exceeded", "timeout"), ("timeout", "timeout"), ("timed out", "timeout"), ("refused", "refused"),
        ("reset", "reset"), ("eof", "closed"), ("broken pipe", "closed"), ("no such host", "name not found"),
        ("too many open files", "too many open files"), ("certificate", "TLS"), ("tls", "TLS"),
    ):  # fmt: skip
        if word in text:
            return kind
    return "transport error"


_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "secs": 1.0, "m": 60.0, "h": 3600.0}


def seconds(text: str) -> float | None:
    """A duration such as ``381.2ms``, ``1.09s``, ``2m3.5s``, ``97.0000 ms`` in seconds; None where it is none."""
    total, number, found = 0.0, "", False
    rest = text.strip()
    while rest:
        number = ""
        while rest and (rest[0].isdigit() or rest[0] == "."):
            number, rest = number + rest[0], rest[1:]
        rest = rest.lstrip()
        unit = ""
        while rest and not (rest[0].isdigit() or rest[0] in ". "):
            unit, rest = unit + rest[0], rest[1:]
        rest = rest.lstrip()
        if not number or unit not in _UNITS or len(number) > 30:
            return None
        try:
            total += float(number) * _UNITS[unit]
        except ValueError:
            return None
        found = True
    return total if found else None
