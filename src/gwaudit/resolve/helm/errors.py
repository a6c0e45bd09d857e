"""Why a template, or a part of it, has no value."""

from __future__ import annotations


class EvaluationError(Exception):
    """An expression has no value (Helm would stop here): the field it stands in is Unknown for this reason."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class TemplateFailed(EvaluationError):
    """The chart refuses on purpose (``fail``), or a condition cannot be decided: the template as a whole has no text."""


class Exhausted(Exception):
    """The chart asks for more work, depth or text than is spent on it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
