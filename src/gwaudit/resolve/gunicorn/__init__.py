"""What gunicorn will really run with: settings by release, its command line, its configuration file, its precedence."""

from __future__ import annotations

from gwaudit.resolve.gunicorn.effective import effective, evaluate_file, gunicorn_words
from gwaudit.resolve.gunicorn.problem import Problem
from gwaudit.resolve.gunicorn.run import GunicornRun
from gwaudit.resolve.gunicorn.worker import kind_of_class, worker_kind

__all__ = ["GunicornRun", "Problem", "effective", "evaluate_file", "gunicorn_words", "kind_of_class", "worker_kind"]
