"""One layer of settings over another: the configuration file's names, and flags in their order."""

from __future__ import annotations

from gwaudit.resolve.fact import Fact, Source, Unknown
from gwaudit.resolve.gunicorn.plain import checked
from gwaudit.resolve.gunicorn.problem import Problem
from gwaudit.resolve.gunicorn.validate.scalars import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.gunicorn.config_layer import ConfigLayer
    from gwaudit.resolve.gunicorn.given import Arguments, Occurrence
    from gwaudit.resolve.gunicorn.run import GunicornRun
    from gwaudit.resolve.gunicorn.settings import Setting


def apply_config(run: GunicornRun, layer: ConfigLayer) -> None:
    """Put what the configuration file sets over what is below."""
    if layer.rest is not None:
        for name, lower in run.settings.items():
            source = Source("config-file", None, run.config_file.location)
            run.settings[name] = Fact(lower.name, layer.rest, source).over(lower)
    for name, fact in layer.facts.items():
        lower = run.settings[name]
        reason = layer.optional.get(name)
        run.settings[name] = fact.over(lower) if reason is None else either(fact, lower, reason)
    run.problems += layer.problems
    run.names = layer.names
    run.hooks = layer.hooks
    run.imports = layer.read
    for variable, where in layer.reads.items():
        run.reads.setdefault(variable, []).extend(where)
    _class_bases(run, layer)


def _class_bases(run: GunicornRun, layer: ConfigLayer) -> None:
    from gwaudit.resolve.python.objects import ClassType, Dotted

    for name in ("worker_class", "logger_class"):
        value = layer.evaluation.names.get(name) if layer.evaluation is not None else None
        cls = value.data if value is not None else None
        for _ in range(10):
            if not isinstance(cls, ClassType) or not cls.bases:
                break
            cls = cls.bases[0].data
        if isinstance(cls, Dotted) and value is not None and isinstance(value.data, ClassType):
            run.class_bases[name] = cls.name


def either(fact: Fact, lower: Fact, reason: str) -> Fact:
    """A fact of which nobody knows whether it is set: its value or the lower one."""
    upper_value, lower_value = fact.value, lower.value
    if type(upper_value) is type(lower_value) and upper_value == lower_value and fact.known:
        return fact.over(lower)
    choices: list[Any] = []
    for value in (upper_value, lower_value):
        choices += value.choices if isinstance(value, Unknown) else (value,)
    complete = all(not isinstance(v, Unknown) or v.choices for v in (upper_value, lower_value))
    lows, highs = [], []
    for value in (upper_value, lower_value):
        if isinstance(value, Unknown):
            lows.append(value.low)
            highs.append(value.high)
        else:
            number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
            lows.append(number)
            highs.append(number)
    low = min(one for one in lows if one is not None) if None not in lows else None
    high = max(one for one in highs if one is not None) if None not in highs else None
    names = [name for v in (upper_value, lower_value) if isinstance(v, Unknown) for name in v.depends_on]
    names += [one.name for one in fact.inputs if one.name not in names]
    unknown = Unknown(reason, tuple(dict.fromkeys(names)), low, high, choices if complete else ())
    joined = Fact(fact.name, unknown, fact.source, (), (*fact.inputs, *lower.inputs), secret=fact.secret)
    return joined.over(lower)


def apply_flags(run: GunicornRun, given: Arguments, layer: str, directory: str | None) -> None:
    """Put the flags of one layer over what is below, in order: the last one wins, lists are collected."""
    run.problems += given.problems
    collected: dict[str, list[Any]] = {}
    fresh: dict[str, Fact] = {}
    below = dict(run.settings)
    for index, one in enumerate(given.occurrences):
        _hide(run, given, index, layer, fresh, below)
        setting = one.setting
        value: Any = one.value
        if setting.action == "append":
            items = collected.setdefault(setting.name, [])
            items.append(value)
            unknown = next((item for item in items if isinstance(item, Unknown)), None)
            value = unknown if unknown is not None else list(items)
        source = Source(layer, one.word.source.raw, one.word.source.location, one.word.source.via)
        fact = _flag_fact(run, setting, one.flag, value, source, one, directory)
        lower = fresh.get(setting.name) or below[setting.name]
        if one.optional is not None:
            fresh[setting.name] = either(fact, lower, one.optional)
            if setting.action == "append":
                collected[setting.name] = [Unknown(one.optional)]
        else:
            fresh[setting.name] = fact.over(lower)
    _hide(run, given, len(given.occurrences), layer, fresh, below)
    run.settings.update(fresh)


def _hide(
    run: GunicornRun, given: Arguments, index: int, layer: str, fresh: dict[str, Fact], below: dict[str, Fact]
) -> None:
    """A word of unknown content stands here: it may hold any flag, and later flags win over it."""
    for at, word in given.unread:
        if at != index or not isinstance(word.value, Unknown):
            continue
        reason = f"the command line holds words that are not known: {word.value.reason}"
        source = Source(layer, word.source.raw, word.source.location, word.source.via)
        for name, fact in below.items():
            lower = fresh.get(name) or fact
            if run.release.settings[name].flags:
                unknown = Unknown(reason, word.value.depends_on)
                fresh[name] = Fact(lower.name, unknown, source, inputs=word.inputs).over(lower)


def _flag_fact(
    run: GunicornRun,
    setting: Setting,
    flag: str,
    value: Any,
    source: Source,
    one: Occurrence,
    directory: str | None,
) -> Fact:
    try:
        result = checked(setting, value, directory)
    except Refused as error:
        run.problems.append(Problem("invalid-value", setting.name, f"{flag}: {error}", source.location))
        result = Unknown(f"gunicorn refuses it: {error}")
    inputs = one.word.inputs
    return Fact(
        f"gunicorn.{setting.name}",
        result,
        source,
        inputs=inputs,
        assumed=any(fact.assumed for fact in inputs),
        secret=any(fact.secret for fact in inputs),
    )
