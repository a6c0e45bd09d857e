"""Go templates (``text/template``, as Helm uses them) as a tree with places. Syntax only; nothing is evaluated here."""

from __future__ import annotations

from gwaudit.parse.gotemplate.lexer import SyntaxFailure
from gwaudit.parse.gotemplate.parser import Parsed, parse

__all__ = ["Parsed", "SyntaxFailure", "parse"]
