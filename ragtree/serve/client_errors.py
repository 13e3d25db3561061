"""What a client is told of an error: its HTTP status, and one line that names nothing of this machine."""

from __future__ import annotations

import logging

from ..errors import ModelError, NotFoundError, QueryError, RagtreeError, StoreError
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


def client_message(error: RagtreeError) -> str:
    """What a client is told of an error, in one line. What is wrong on this side may name paths and addresses of the
    machine: that is logged instead."""
    status = status_of(error)
    if status < 500:
        return " ".join(str(error).split())
    logger.warning("a request failed: %s", error)
    if status == 503:
        return "the index cannot be used now"
    what = "a model failed" if isinstance(error, ModelError) else "this server is not set up completely"
    return f"{what}; the server's log says why"
