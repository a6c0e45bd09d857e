"""Computed facts: arithmetic and joins inside one container, each carrying its derivation as text.

``DERIVATIONS`` is the order: a function may use what the ones before it put. Adding a computed fact is one function.
"""

from __future__ import annotations

from gwaudit.resolve.derive.auth import auth
from gwaudit.resolve.derive.cache import cache
from gwaudit.resolve.derive.database import database
from gwaudit.resolve.derive.files import files
from gwaudit.resolve.derive.image import image
from gwaudit.resolve.derive.listening import listening
from gwaudit.resolve.derive.memory import memory
from gwaudit.resolve.derive.shutdown import shutdown
from gwaudit.resolve.derive.storage import storage
from gwaudit.resolve.derive.worker_class import worker_class
from gwaudit.resolve.derive.workers import workers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.resolve.service import Service

DERIVATIONS = (image, workers, worker_class, listening, storage, database, cache, auth, memory, files, shutdown)


def derive(service: Service) -> None:
    """Add every computed fact of one container."""
    for derivation in DERIVATIONS:
        derivation(service)
