"""What an application reads: its settings by release, their types, defaults and bounds, as rules/profiles/ tells.

``choice`` recognises the application of a container; ``Profile.apply`` turns its environment into facts of the
vocabulary. Names are looked up as the application does (``case_sensitive``), a value is read as the application reads it,
and a variable that is not set has the default of the installed release, which is Unknown where releases differ and the
release is not known.
"""

from __future__ import annotations

from gwaudit.resolve.fact import ABSENT, Fact, Source, Unknown
from gwaudit.resolve.profile.values import Refused, read
from gwaudit.resolve.profile.version import order, within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gwaudit.resolve.environment import Environment
    from gwaudit.resolve.model import Subject

# Facts whose variable is a fact of its own, because messages name it.
_VARIABLES = {
    "database.url": "database.variable",
    "redis.url": "redis.variable",
    "jwt.key": "jwt.key_variable",
    "app.stage": "app.stage_variable",
}

# What a profile says of one release is the same for every service that runs it.
_rows_of_release: dict[tuple[str, str | None], tuple[dict[str, Any], dict[str, dict[str, Any]]]] = {}


class Profile:
    """One application in one release; ``version`` is a fact whose value may be Unknown."""

    __slots__ = ("_folded", "_rows", "data", "name", "title", "version")

    def __init__(self, data: dict[str, Any], version: Fact | None = None) -> None:
        self.data = data
        self.name: str = data["name"]
        self.title: str = data["title"]
        self.version = version or Fact("app.version", Unknown(f"the release of {self.title} is not known"))
        self._rows: dict[str, dict[str, Any]] | None = None
        self._folded: dict[str, str] | None = None

    @property
    def release(self) -> str | None:
        return str(self.version.value) if self.version.known else None

    @property
    def complete(self) -> bool:
        """Whether the profile lists every variable that the application reads."""
        return bool(self.data.get("complete"))

    @property
    def memory(self) -> dict[str, Any] | None:
        """The memory model: ``measured``, ``measured_preload`` (``base_mib``, ``worker_mib``) and ``documented`` (in MB)."""
        return self.data.get("memory")

    @property
    def env_file(self) -> str | None:
        """The file in the working directory that the application reads below its process environment."""
        return self.data.get("env_file")

    @property
    def known_names(self) -> Iterable[str]:
        """The variables of this release."""
        return self.rows().keys()

    def rows(self) -> dict[str, dict[str, Any]]:
        """The settings of this release by variable."""
        if self._rows is None:
            key = (self.name, self.release)
            kept = _rows_of_release.get(key)
            if kept is None or kept[0] is not self.data:
                rows = {name: self._at_release(row) for name, row in self.data["variables"].items()}
                kept = self.data, {name: row for name, row in rows.items() if row is not None}
                _rows_of_release[key] = kept
            self._rows = kept[1]
        return self._rows

    def _at_release(self, row: dict[str, Any]) -> dict[str, Any] | None:
        version = self.release
        if not within(version, row):
            return None
        older = row.get("was")
        if not older:
            return row
        found = order(version) if version else None
        if found is None:
            if any("default" in past for past in older):
                defaults = [row.get("default"), *(past["default"] for past in older if "default" in past)]
                return {**row, "default": self._undecided(defaults)}
            return row
        for past in older:
            if found <= (order(past["to"]) or found):
                return {**row, **past}
        return row

    def _undecided(self, values: list[Any]) -> Unknown:
        numbers = [v for v in values if isinstance(v, (int, float)) and not isinstance(v, bool)]
        low, high = (min(numbers), max(numbers)) if len(numbers) == len(values) else (None, None)
        reason = f"the default differs between releases of {self.title}, and the release is not known"
        return Unknown(reason, ("app.version",), low, high, values if low is None else ())

    def row(self, name: str) -> tuple[str, dict[str, Any]] | None:
        """The canonical name and the setting that a variable of that name sets; None where it sets none."""
        rows = self.rows()
        if name in rows:
            return name, rows[name]
        if self._folded is None:
            self._folded = {
                alias.upper(): known for known in rows for alias in (known, *rows[known].get("aliases", ()))
            }
        known = self._folded.get(name.upper())
        if known is None or (self.data.get("case_sensitive", True) and name not in rows[known].get("aliases", ())):
            return None
        return known, rows[known]

    def reads(self, name: str) -> bool:
        """Whether the application, its launcher or a library that it is known to use reads the variable."""
        if self.row(name) is not None:
            return True
        also = self.data.get("also_reads", {})
        prefixes = [*also.get("prefixes", ())]
        prefixes += [row["prefix"] for row in also.get("past_prefixes", ()) if within(self.release, row)]
        return name in also.get("names", ()) or name.startswith(tuple(prefixes))

    def suggest(self, name: str) -> str | None:
        """The variable that ``name`` probably stands for; None where the name is read or none is near."""
        from gwaudit.resolve.profile.names import nearest

        return None if self.reads(name) else nearest(name, self.known_names)

    def problem(self, name: str, value: Any) -> str | None:
        """Why the application does not accept the value of that variable, without the value; None where it does."""
        refused = self._read(name, value)
        return refused.problem if isinstance(refused, Refused) else None

    def expected(self, name: str, value: Any) -> str | None:
        """What it would accept instead, in words."""
        refused = self._read(name, value)
        return refused.expected if isinstance(refused, Refused) else None

    def _read(self, name: str, value: Any) -> Any:
        found = self.row(name)
        if found is None or not isinstance(value, str) or self.data.get("validation") != "pydantic":
            return None
        if found[1].get("consumer") in ("launcher", "gunicorn"):
            return None
        return read(found[1], value)

    def refused(self, name: str, value: Any, stage: str | None) -> tuple[str, str] | None:
        """Why this release refuses to start with that secret and since which release; None where it starts."""
        from gwaudit.resolve.profile.refusal import refusal

        found = self.row(name)
        if found is None or not isinstance(value, str):
            return None
        return refusal(self.data, found[0], value, self.release, stage)

    def setting(self, environment: Environment, name: str) -> Fact:
        """The effective setting ``env.NAME``: the variable as the application reads it, else the release's default.

        ABSENT where nothing sets it and it has no default; Unknown where its text is refused.
        """
        found = self.row(name)
        if found is None:
            return Fact(f"env.{name}", Unknown(f"{self.title} has no setting {name}", (f"env.{name}",)))
        name, row = found
        secret = bool(row.get("secret"))
        fact = self._variable(environment, name, row)
        if fact.value is ABSENT:
            follows = row.get("follows") or self.data.get("follows", {}).get(name)
            if follows:
                lead = self.setting(environment, follows)
                return Fact(
                    f"env.{name}", lead.value, lead.source, (), (lead,), f"{name} follows {follows}", secret=secret
                )
            default = row.get("default", ABSENT) if "default" in row else ABSENT
            if default is None:
                default = ABSENT
            if isinstance(default, list):
                default = tuple(default)
            return Fact(f"env.{name}", default, Source("profile"), inputs=(fact,), assumed=fact.assumed, secret=secret)
        if isinstance(fact.value, str):
            value = read(row, fact.value)
            if isinstance(value, Refused):
                value = Unknown(f"{name} {value.problem}", (fact.name,))
            fact = fact.with_value(value)
        if secret and not fact.secret:
            fact = Fact(fact.name, fact.value, fact.source, fact.shadowed, fact.inputs, fact.derivation, secret=True)
        return fact

    def _variable(self, environment: Environment, name: str, row: dict[str, Any]) -> Fact:
        """The variable, by its name, its aliases, and in another case where the application ignores case."""
        names = (name, *row.get("aliases", ()))
        for known in names:
            fact = environment.get(known)
            if fact.value is not ABSENT:
                return fact
        if not self.data.get("case_sensitive", True):
            for spelled in environment.spellings(known.upper() for known in names):
                fact = environment.get(spelled)
                if fact.value is not ABSENT:
                    return fact
        return environment.get(name)

    def apply(self, environment: Environment, subject: Subject | None = None) -> list[Fact]:
        """The facts of the vocabulary that the application's settings and its nature decide."""
        from gwaudit.resolve.profile.meaning import constants, derived

        facts = {fact.name: fact for fact in constants(self)}
        if self.version.value is not ABSENT:
            facts["app.version"] = self.version
        settings: dict[str, Fact] = {}
        for name, row in self.rows().items():
            target = row.get("fact")
            if target is None or (target in facts and facts[target].known):
                continue
            fact = settings[name] = self.setting(environment, name)
            if fact.value is ABSENT and "default" not in row:
                continue
            if row.get("scale") and fact.known:
                fact = fact.with_value(fact.value * row["scale"])
            facts[target] = fact.renamed(target)
            if target in _VARIABLES:
                facts[_VARIABLES[target]] = Fact(_VARIABLES[target], name, fact.source)
        for fact in derived(self, environment, facts):
            if self.complete or fact.value is not ABSENT:  # conventions cannot say that nothing else does it
                facts[fact.name] = fact
        return list(facts.values())
