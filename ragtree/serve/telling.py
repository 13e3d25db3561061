"""What a client is told of an error: its HTTP status, and one line that names nothing of this machine."""

from __future__ import annotations

import logging

from ..errors import NotFoundError, QueryError, RagtreeError, StoreError
from .collections import BusyError

logger = logging.getLogger(__name__)


def status_of(error: RagtreeError) -> int:
    """The HTTP status that says best what an error means for a client."""
    if isinstance(error, BusyError):
        return 429
    if isinstance(error, NotFoundError):
        return 404
    if isinstance(error, QueryError):
        return 400
    return 503 if isinstance(error, StoreError) else 502


def told(error: RagtreeError) -> str:
    """What a client is told of an error, in one line. What is wrong on this side may name paths and addresses of the
    machine: that is logged instead."""
    status = status_of(error)
    if status < 500:
        return " ".join(str(error).split())
    logger.warning("a request failed: %s", error)
    return "the index cannot be used now" if status == 503 else "the language model failed; the server's log says why"
