"""The documents as files: their ids, lists of them, and their texts."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from openai.types import FileObject
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ...errors import NotFoundError
from ...gather.base import DocumentEntry
from ..collections import Collection
from .error_replies import RequestError
from .paging import page_of
from .question_service import QuestionService

_PREFIX = "file-"
_PURPOSE: Final = "assistants"


@dataclass(frozen=True, slots=True)
class FileId:
    """What a file id stands for."""

    collection: str
    document_id: str

    def __str__(self) -> str:
        named = f"{self.collection}\0{self.document_id}".encode()
        return _PREFIX + base64.urlsafe_b64encode(named).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> FileId:
        """The id that a client sends. Raises RequestError for one that was not made here."""
        coded = text.removeprefix(_PREFIX)
        try:
            named = base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
        except (binascii.Error, ValueError):
            named = ""
        collection, _, document = named.partition("\0")
        found = cls(collection, document)
        if str(found) != text:
            raise _missing(text)
        return found


def _missing(file_id: str) -> RequestError:
    return RequestError(f"there is no file {file_id!r}", "file_id", "not_found", 404)


def seconds(moment: datetime | None) -> int:
    """Seconds since 1970; 0 if the moment is not known."""
    return int(moment.astimezone(UTC).timestamp()) if moment is not None else 0


def _file_object(collection: Collection, entry: DocumentEntry) -> FileObject:
    return FileObject(
        id=str(FileId(collection.name, entry.id)),
        object="file",
        bytes=entry.size,
        created_at=seconds(entry.modified),
        filename=entry.source,
        purpose=_PURPOSE,
        status="processed",
    )


async def listing(request: Request, service: QuestionService) -> Response:
    """GET /v1/files: the documents of all collections, by collection and path."""
    wanted = request.query_params.get("purpose", _PURPOSE)
    found = []
    for collection in service.collections if wanted == _PURPOSE else ():
        found += [_file_object(collection, entry) for entry in await collection.tree.entries()]
    return JSONResponse(page_of(found, request, most=10_000, default=10_000))


async def _found(request: Request, service: QuestionService) -> tuple[Collection, str]:
    """The collection and the document that a request names."""
    text = request.path_params["file_id"]
    named = FileId.parse(text)
    try:
        return service.collections.get(named.collection), named.document_id
    except NotFoundError:
        raise _missing(text) from None


async def retrieve(request: Request, service: QuestionService) -> Response:
    """GET /v1/files/{file_id}."""
    collection, key = await _found(request, service)
    entry = next((entry for entry in await collection.tree.entries() if entry.id == key), None)
    if entry is None:
        raise _missing(request.path_params["file_id"])
    return JSONResponse(_file_object(collection, entry).to_dict())


async def content(request: Request, service: QuestionService) -> Response:
    """GET /v1/files/{file_id}/content: the text of a document as the index holds it, also of a PDF."""
    collection, key = await _found(request, service)
    document = await collection.tree.document(key)
    if document is None:
        raise _missing(request.path_params["file_id"])
    name = quote(f"{document.source.rsplit('/', 1)[-1]}.txt", safe="")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}"}  # a browser shows nothing of it
    return Response(document.text.encode(), media_type="text/plain; charset=utf-8", headers=headers)
