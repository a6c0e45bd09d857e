"""gunicorn's command line as argparse reads it: flags, abbreviations, values, the application; what is wrong is recorded."""

from __future__ import annotations

from gwaudit.pattern import regex
from gwaudit.resolve.fact import Unknown
from gwaudit.resolve.gunicorn.given import Arguments, Occurrence, auto_int, unknown_int
from gwaudit.resolve.gunicorn.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from gwaudit.resolve.command import Word
    from gwaudit.resolve.gunicorn.settings import Release, Setting

_NEGATIVE = regex(r"^-\d+$|^-\d*\.\d+$")
_HELP = {"-h": "help", "--help": "help", "-v": "version", "--version": "version"}


def parse(words: Sequence[Word], release: Release) -> Arguments:
    """Read the words after ``gunicorn``."""
    return _Parser(words, release).run()


class _Parser:
    def __init__(self, words: Sequence[Word], release: Release) -> None:
        self.words = words
        self.release = release
        self.result = Arguments()
        self.index = 0
        self.closed = False  # the run of positional words has ended: argparse refuses further ones
        self.all_flags = (*release.flags, *_HELP)

    def run(self) -> Arguments:
        in_run = False
        free: list[Word] = []
        while self.index < len(self.words):
            word = self.words[self.index]
            self.index += 1
            if word.text == "--":
                for rest in self.words[self.index :]:
                    self._positional(rest, in_run)
                    in_run = True
                break
            if word.text is None:
                if word.optional is not None and any(fact.assumed for fact in word.inputs):
                    continue  # further flags that whoever starts the image may give: taken as none
                free.append(word)
                self.result.unread.append((len(self.result.occurrences), word))
                continue
            if self._is_flag(word.text):
                if in_run:
                    self.closed, in_run = True, False
                self._flag(word, word.text)
            else:
                self._positional(word, in_run)
                in_run = True
        # A word that surely is one word, where no application is named, is the application.
        sure = [word for word in free if word.optional is None]
        if not self.result.positional and len(sure) == 1 and len(free) == 1:
            self.result.positional.append(sure[0])
            self.result.unread.clear()
        return self.result

    def _is_flag(self, text: str) -> bool:
        """Whether argparse takes the word for a flag (``_parse_optional``)."""
        if len(text) < 2 or text[0] != "-":
            return False
        if text in self.all_flags or ("=" in text and text.split("=", 1)[0] in self.all_flags):
            return True
        if self._candidates(text):
            return True
        return not (_NEGATIVE.match(text) or " " in text)

    def _candidates(self, text: str) -> list[tuple[str, str | None]]:
        """Flags that the word may abbreviate, each with the value attached to it."""
        if text.startswith("--"):
            prefix, equals, value = text.partition("=")
            return [(flag, value if equals else None) for flag in self.all_flags if flag.startswith(prefix)]
        found: list[tuple[str, str | None]] = []
        for flag in self.all_flags:
            if flag == text[:2]:
                found.append((flag, text[2:]))
            elif flag.startswith(text):
                found.append((flag, None))
        return found

    def _positional(self, word: Word, in_run: bool) -> None:
        if self.closed:
            message = f"unrecognized arguments: {word.text or '?'}"
            glued = next((one for one in self.result.positional if self._is_glued(one.text or "")), None)
            if glued is not None:  # what made this word one too many
                message += f" ({(glued.text or '')[:60]!r} is one word, and so no flag)"
            self._problem("unrecognized-argument", word.text or "", message, glued or word)
        else:
            self.result.positional.append(word)

    def _is_glued(self, text: str) -> bool:
        """Whether one word holds a flag and its value, with a blank between them."""
        return " " in text and text.split(" ", 1)[0] in self.all_flags

    def _problem(self, kind: str, name: str, message: str, word: Word, suggestion: str | None = None) -> None:
        self.result.problems.append(Problem(kind, name, message, word.source.location, suggestion))

    def _flag(self, word: Word, text: str) -> None:
        flag, value = text, None
        if text not in self.all_flags:
            head, equals, tail = text.partition("=")
            if equals and head in self.all_flags:
                flag, value = head, tail
            else:
                options = self._candidates(text)
                settings = {self.release.flags.get(option, option) for option, _ in options}
                if len(options) > 1:
                    names = ", ".join(sorted(option for option, _ in options))
                    message = f"ambiguous option: {head} could match {names}"
                    self._problem("ambiguous-flag", head, message, word)
                    return
                if not options or not settings:
                    self._unknown(word, head)
                    return
                flag, value = options[0]
        if flag in _HELP:
            if value:
                self._problem("bad-flag", flag, f"argument {flag}: ignored explicit argument {value!r}", word)
            self.result.leaves = True
            return
        self._store(word, flag, value)

    def _unknown(self, word: Word, flag: str) -> None:
        elsewhere = self.release.elsewhere.get(flag)
        if elsewhere is not None:
            kind = "removed-flag" if elsewhere.startswith("removed") else "unknown-flag"
            self._problem(kind, flag, f"gunicorn {self.release.version} has no {flag}: {elsewhere}", word)
            return
        from gwaudit.resolve.gunicorn.problem import nearest

        suggestion = nearest(flag, self.all_flags)
        self._problem("unknown-flag", flag, f"unrecognized arguments: {word.text}", word, suggestion)

    def _store(self, word: Word, flag: str, attached: str | None) -> None:
        setting = self.release.flags[flag]
        if setting.action in ("store_true", "store_const"):
            constant = True if setting.action == "store_true" else setting.const
            while attached is not None:
                follower = f"-{attached[:1]}"
                if flag.startswith("--") or follower not in self.all_flags or not attached:
                    self._problem("bad-flag", flag, f"argument {flag}: ignored explicit argument {attached!r}", word)
                    return
                self._add(setting, flag, constant, word, word.optional)
                if follower in _HELP:
                    if attached[1:]:
                        message = f"argument {follower}: ignored explicit argument {attached[1:]!r}"
                        self._problem("bad-flag", follower, message, word)
                    self.result.leaves = True
                    return
                flag, setting = follower, self.release.flags[follower]
                attached = attached[1:] or None
                if setting.action not in ("store_true", "store_const"):
                    self._value(word, flag, setting, attached)
                    return
                constant = True if setting.action == "store_true" else setting.const
            self._add(setting, flag, constant, word, word.optional)
            return
        self._value(word, flag, setting, attached)

    def _value(self, word: Word, flag: str, setting: Setting, attached: str | None) -> None:
        if attached is not None:
            self._add(setting, flag, attached, word, word.optional)
            return
        following = self.words[self.index] if self.index < len(self.words) else None
        if following is None or (
            following.text is not None and (following.text == "--" or self._is_flag(following.text))
        ):
            if setting.nargs == "?":
                self._add(setting, flag, setting.const, word, word.optional)
            else:
                self._problem("bad-flag", flag, f"argument {flag}: expected one argument", word)
            return
        self.index += 1
        value = following.text if following.text is not None else following.value
        self._add(setting, flag, value, following, word.optional or following.optional)

    def _add(self, setting: Setting, flag: str, value: Any, word: Word, optional: str | None) -> None:
        if setting.type is not None and isinstance(value, str):
            try:
                value = int(value[:5000]) if setting.type == "int" else auto_int(value)
            except ValueError:
                message = f"argument {'/'.join(setting.flags)}: invalid {setting.type} value: {value[:60]!r}"
                self._problem("invalid-value", setting.name, message, word)
                value = Unknown(f"gunicorn refuses it: {message}")
        elif setting.type is not None and isinstance(value, Unknown):
            value = unknown_int(value)
        self.result.occurrences.append(Occurrence(setting, flag, value, word, optional))
