"""The collections as vector stores: lists, searches, and their files."""

from __future__ import annotations

from typing import Any

from openai.types import VectorStore, VectorStoreSearchResponse
from openai.types.vector_store import FileCounts
from openai.types.vector_store_search_response import Content
from openai.types.vector_stores import VectorStoreFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ...gather.base import DocumentEntry
from ...types import Hit
from ..collections import Collection
from .citations import attributes_of, place_of
from .error_replies import RequestError
from .event_stream import until_client_leaves
from .files import FileId, seconds
from .paging import page_of
from .question_service import QuestionService
from .request_bodies import SearchForm, read

_PREFIX = "vs_"


def store_id(collection: Collection) -> str:
    """The id of a collection as a vector store."""
    return _PREFIX + collection.name


def collection_of(service: QuestionService, key: str) -> Collection:
    """The collection that a vector store's id means. Raises RequestError where there is none."""
    for collection in service.collections:
        if store_id(collection) == key:
            return collection
    names = ", ".join(map(store_id, service.collections))
    raise RequestError(
        f"there is no vector store {key!r}; there are: {names}", "vector_store_id", "not_found", status=404
    )


async def _vector_store(collection: Collection) -> VectorStore:
    entries = await collection.tree.entries()
    times = sorted(seconds(entry.modified) for entry in entries if entry.modified is not None) or [0]
    return VectorStore(
        id=store_id(collection),
        object="vector_store",
        name=collection.name,
        created_at=times[0],
        last_active_at=times[-1],
        file_counts=FileCounts(completed=len(entries), total=len(entries), cancelled=0, failed=0, in_progress=0),
        status="completed" if collection.progress is None else "in_progress",
        usage_bytes=sum(entry.size for entry in entries),
        metadata={},
    )


async def listing(request: Request, service: QuestionService) -> Response:
    """GET /v1/vector_stores."""
    found = [await _vector_store(collection) for collection in service.collections]
    return JSONResponse(page_of(found, request, most=100, default=20))


async def retrieve(request: Request, service: QuestionService) -> Response:
    """GET /v1/vector_stores/{store}."""
    return JSONResponse((await _vector_store(collection_of(service, request.path_params["store"]))).to_dict())


def _file(collection: Collection, entry: DocumentEntry) -> VectorStoreFile:
    return VectorStoreFile(
        id=str(FileId(collection.name, entry.id)),
        object="vector_store.file",
        created_at=seconds(entry.modified),
        status="completed",
        usage_bytes=entry.size,
        vector_store_id=store_id(collection),
        attributes=attributes_of(dict(entry.metadata)),
    )


async def files(request: Request, service: QuestionService) -> Response:
    """GET /v1/vector_stores/{store}/files."""
    collection = collection_of(service, request.path_params["store"])
    wanted = request.query_params.get("filter", "completed")  # the index holds nothing else
    entries = await collection.tree.entries() if wanted == "completed" else ()
    found = [_file(collection, entry) for entry in entries]
    return JSONResponse(page_of(found, request, most=100, default=20))


def joined(filters: dict[str, Any] | None, where: dict[str, Any] | None) -> dict[str, Any] | None:
    """OpenAI's filter and ragtree's as one. Raises RequestError if both name the same key."""
    if filters and where and (twice := filters.keys() & where.keys()):
        raise RequestError(f"filters and where both have {min(twice)!r}; name it in one of them", "where")
    return {**(filters or {}), **(where or {})} or None


async def search(request: Request, service: QuestionService) -> Response:
    """POST /v1/vector_stores/{store}/search: passages, best first. Each has its place in the field `ragtree`."""
    collection = collection_of(service, request.path_params["store"])
    form = await read(request, SearchForm)
    where = {"level": 0, **(joined(form.filters, form.where) or {})}  # summaries stand in no file
    found: dict[str, Hit] = {}

    async def searched() -> None:
        for query in form.query:
            for hit in await collection.tree.search(query, form.max_num_results, form.mode, where):
                if hit.node.id not in found or found[hit.node.id].score < hit.score:
                    found[hit.node.id] = hit

    await until_client_leaves(request.receive, searched())
    least = form.ranking_options.score_threshold if form.ranking_options is not None else None
    hits = [hit for hit in found.values() if hit.node.document_id and (least is None or hit.score >= least)]
    if len(form.query) > 1:  # of one query they have their order, which not only the score makes
        hits.sort(key=lambda hit: -hit.score)
    page = {
        "object": "vector_store.search_results.page",
        "search_query": form.query,
        "data": [result_of(collection, hit) for hit in hits[: form.max_num_results]],
        "has_more": False,
        "next_page": None,
    }
    return JSONResponse(page)


def result_of(collection: Collection, hit: Hit) -> dict[str, object]:
    """A hit as a result of a search."""
    node = hit.node
    result = VectorStoreSearchResponse(
        file_id=str(FileId(collection.name, node.document_id)),
        filename=node.source,
        score=hit.score,
        attributes=attributes_of(dict(node.metadata)),
        content=[Content(type="text", text=node.text)],
    )
    place = place_of(collection, node.document_id, node.source, node.span, node.location)
    also = [place_of(collection, one.document_id, one.source, one.span, one.location) for one in hit.also]
    return {**result.to_dict(), "ragtree": {**place, "node_id": node.id, "also": also}}
