"""Errors in OpenAI's form."""

from __future__ import annotations

import logging

from starlette.responses import JSONResponse

from ...errors import QueryError, RagtreeError
from ..client_errors import client_message, status_of
from ..guard import error_body

logger = logging.getLogger(__name__)


class RequestError(QueryError):
    """A request that cannot be answered. `field` is the part of it that is wrong, `code` is OpenAI's word for it."""

    def __init__(self, message: str, field: str | None = None, code: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.field = field
        self.code = code
        self.status = status


class ClientLeftError(Exception):
    """The client has closed the connection before it had its reply."""


def reply_to(error: Exception) -> JSONResponse:
    """The reply that tells a client of an error."""
    if isinstance(error, RequestError):
        status = error.status
    else:
        status = status_of(error) if isinstance(error, RagtreeError) else 500
    headers = {"retry-after": "5"} if status in (429, 503) else None
    return JSONResponse(body_of(error), status, headers=headers)


def body_of(error: Exception) -> dict[str, object]:
    """What a client is told of an error. What is wrong on this side is logged, and not told."""
    if not isinstance(error, RagtreeError):
        logger.error("a request failed", exc_info=error)
        return error_body("the server failed; its log says why", 500, "server_error")
    if not isinstance(error, RequestError):
        status = status_of(error)
        return error_body(client_message(error), status, {404: "not_found", 429: "rate_limit_exceeded"}.get(status))
    body = error_body(client_message(error), error.status, error.code)
    fields = body["error"]
    assert isinstance(fields, dict)
    fields["param"] = error.field
    return body
