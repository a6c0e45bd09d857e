"""Programs that run another program: which of their words are theirs, and what they change."""

from __future__ import annotations

from gwaudit.resolve.shell.chain import Chain
from gwaudit.resolve.shell.state import State
from gwaudit.resolve.shell.text import Text
from gwaudit.resolve.shell.variable import Field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gwaudit.resolve.shell.session import Session

MAX_WRAPPERS = 20


def table() -> dict[str, Any]:
    """The launchers' data: wrappers, their options, and servers."""
    from gwaudit.bundle import section

    found: dict[str, Any] = section("platforms/launchers")
    return found


def base_name(field: Field) -> str:
    return (field.text.known or "").rsplit("/", 1)[-1]


def unwrapped(session: Session, words: list[Field], state: State, chain: Chain) -> tuple[list[Field], Chain]:
    """The words without the wrappers in front; what a wrapper changes is done to ``state`` and ``chain``."""
    wrappers: dict[str, Any] = table()["wrappers"]
    for _ in range(MAX_WRAPPERS):
        if not words or words[0].optional or words[0].many:
            break
        name = base_name(words[0])
        if name == "env":
            rest = environment(words[1:], state)
            if rest is None:
                break
            words = rest
            continue
        key = next(
            (k for k in (f"{name} {_sub(words, 1)}", f"{name} {_sub(words, 1)} {_sub(words, 2)}") if k in wrappers),
            name,
        )
        spec = wrappers.get(key)
        if not isinstance(spec, dict):
            break
        before, rest = words, inner(words[len(key.split()) :], spec)
        if not rest:
            break
        words = rest
        if spec.get("init"):
            chain = Chain(chain.foreground, True, chain.shell_form, chain.via, chain.location)
        elif spec.get("keeps_process") is False:
            chain = chain.behind_shell() if not spec.get("forwards_signals") else chain
        if spec.get("changes_user"):
            named = any(word.text.known in ("root", "0", "root:root", "0:0") for word in rest_of(before, words))
            state.root = None if named or spec["changes_user"] == "maybe" else False
        if spec.get("shell"):
            text = words[0].text
            source = text.source
            words = [Field(Text(("sh",), source)), Field(Text(("-c",), source)), words[0]]
    return words, chain


def rest_of(before: list[Field], after: list[Field]) -> list[Field]:
    """The words that a wrapper took for itself."""
    return before[: len(before) - len(after)]


def _sub(words: list[Field], index: int) -> str:
    return (words[index].text.known or "") if len(words) > index else ""


def inner(words: list[Field], spec: dict[str, Any]) -> list[Field]:
    """The words after a wrapper's own options and operands."""
    valued = set(spec.get("valued", ()))
    separator = spec.get("separator")
    if separator:
        for index, word in enumerate(words):
            if word.text.known == "--":
                return words[index + 1 :]
        if separator == "required":
            return []
    index = 0
    command_option = spec.get("command_option")
    if command_option:  # su: the user's name may stand in front of -c
        at = next((i for i, word in enumerate(words) if word.text.known in command_option), None)
        return [] if at is None else words[at + 1 :]
    while index < len(words):
        known = words[index].text.known
        if known == "--":
            index += 1
            break
        if known is None or words[index].optional or not known.startswith("-") or known == "-":
            break
        index += 2 if known in valued else 1
    return words[index + int(spec.get("operands", 0)) :]


def environment(words: list[Field], state: State) -> list[Field] | None:
    """``env [-i] [-u NAME] [NAME=VALUE] command``; None where its own words are not known."""
    from gwaudit.resolve.environment import Environment

    index = 0
    state.env = state.env.copy()
    while index < len(words):
        known = words[index].text.known
        pieces = words[index].text.pieces
        first = pieces[0] if pieces and isinstance(pieces[0], str) else ""
        if known in ("-i", "-", "--ignore-environment"):
            state.env = Environment()
            state.env.sealed = True
        elif known in ("-u", "--unset", "-C", "--chdir", "-S"):
            index += 1
            argument = words[index].text.known if index < len(words) else None
            if known in ("-u", "--unset") and argument:
                state.env.unset(argument, words[index].text.source)
            elif known in ("-C", "--chdir"):
                state.directory = argument if argument and argument.startswith("/") else None
            elif known == "-S":
                return None
        elif known is not None and known.startswith("-") and "=" not in known.split("-")[-1][:1]:
            if known == "--":
                return words[index + 1 :]
        elif "=" in first and first.split("=", 1)[0].isidentifier():
            name, _, head = first.partition("=")
            text = words[index].text
            value = Text((head, *pieces[1:]), text.source, text.inputs)
            state.env.set(name, value.value(), value.source, any(fact.secret for fact in text.inputs))
        elif known is None and (words[index].optional or words[index].many or not first):
            return None
        else:
            return words[index:]
        index += 1
    return []


def server_of(words: list[Field]) -> str | None:
    """The server that a command is (``gunicorn``, ``uvicorn``, ...), by the table; None for any other program."""
    servers: dict[str, str] = table()["servers"]
    names = [w.text.known or "" for w in words[:4]]
    if not names:
        return None
    base = names[0].rsplit("/", 1)[-1]
    if base.startswith("python") or base == "pypy3":
        index = 1
        while index < len(names) and names[index].startswith("-") and names[index] != "-m":
            index += 2 if names[index] in ("-X", "-W") else 1
        if index + 1 < len(names) and names[index] == "-m":
            return servers.get(names[index + 1].removesuffix(".__main__"))
        if index < len(names) and names[index].rsplit("/", 1)[-1] == "manage.py":
            return servers.get(f"manage.py {names[index + 1]}" if index + 1 < len(names) else "")
        return servers.get(names[index].rsplit("/", 1)[-1]) if index < len(names) and "bin/" in names[index] else None
    if base == "manage.py" or f"{base} {names[1] if len(names) > 1 else ''}" in servers:
        return servers.get(f"{base} {names[1] if len(names) > 1 else ''}")
    return servers.get(base)


def is_server(words: list[Field]) -> bool:
    """Whether a command serves in the foreground, so that nothing after it runs."""
    name = server_of(words)
    if name is None or is_query(words):
        return False
    data = table()
    known = [w.text.known for w in words[1:] if not w.optional]
    if any(word in data["detaching"] for word in known):
        return False
    serving = data["serving"].get(name)
    return serving is None or any(word in serving for word in known)


def is_companion(words: list[Field]) -> bool:
    """Whether a command is a server of another kind (a proxy, a database), or one that leaves the foreground."""
    return base_name(words[0]) in table()["companions"] or (server_of(words) is not None and not is_query(words))


def is_query(words: list[Field]) -> bool:
    """Whether a server is only asked something (``--help``, ``--version``, ``--check-config``)."""
    known = [w.text.known for w in words[1:] if not w.optional]
    if any(word in ("--help", "--version", "--check-config", "--print-config") for word in known):
        return True
    return len(known) == 1 and known[0] in ("-h", "-v", "-V", "-t")
