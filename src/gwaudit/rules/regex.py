"""Which regular expressions a rule may use: those that cannot take more than a moment on a short text."""

from __future__ import annotations

import re
import sys
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_REPEATS = 2


def why_not_linear(pattern: str) -> str | None:
    """Why a pattern is refused, in a reader's words; None where it is accepted.

    Refused: repeats inside repeats, back references, looking around, conditions, and more than two unbounded repeats.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
            if sys.version_info >= (3, 11):
                from re import _parser  # type: ignore[attr-defined]

                tree: Any = _parser.parse(pattern)
            else:
                import sre_parse

                tree = sre_parse.parse(pattern)
    except (re.error, Warning, RecursionError, OverflowError) as error:
        return f"not a regular expression: {error}"
    counted = [0]
    problem = _walk(tree, False, counted)
    if problem is None and counted[0] > MAX_REPEATS:
        return f"a regular expression has at most {MAX_REPEATS} unbounded repeats here"
    return problem


def _walk(tree: Any, inside: bool, counted: list[int]) -> str | None:
    for operation, argument in tree:
        name = str(operation)
        if name in ("GROUPREF", "GROUPREF_EXISTS", "ASSERT", "ASSERT_NOT"):
            return "back references and looking around are not part of the rule language"
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            _, high, body = argument
            many = high > 20
            if many and inside:
                return "a repeat inside a repeat can take exponential time"
            counted[0] += many
            problem = _walk(body, inside or high > 1, counted)
            if problem:
                return problem
        elif name == "SUBPATTERN":
            problem = _walk(argument[3], inside, counted)
            if problem:
                return problem
        elif name == "BRANCH":
            for branch in argument[1]:
                problem = _walk(branch, inside, counted)
                if problem:
                    return problem
        elif name == "ATOMIC_GROUP":
            problem = _walk(argument, inside, counted)
            if problem:
                return problem
    return None
