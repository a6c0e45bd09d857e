"""Computed facts: arithmetic and joins inside one container, each carrying its derivation as text.

``DERIVATIONS`` is the order: a function may use what the ones before it put. Adding a computed fact is one function, in the
module of its name, and its name here. The second word says what a container must have for the function to add anything
(``gunicorn``: a run of gunicorn, else a fact that is known), so that the module is imported only then.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.service import Service

DERIVATIONS = (
    ("image", ""), ("serving", ""), ("workers", ""), ("worker_class", "gunicorn"), ("listening", "process.server"),
    ("storage", ""), ("database", "database.url"), ("cache", ""), ("auth", "jwt.key"), ("memory", "gunicorn"),
    ("files", "gunicorn.worker_kind"), ("checks", ""), ("driver", "database.driver"), ("logs", "gunicorn"),
    ("refusal", "app.profile"), ("shutdown", ""),
)  # fmt: skip


def derive(service: Service) -> None:
    """Add every computed fact of one container."""
    for name, needed in DERIVATIONS:
        if not needed or (service.gunicorn is not None if needed == "gunicorn" else service.subject.fact(needed).known):
            getattr(import_module(f"gwaudit.resolve.derive.{name}"), name)(service)
