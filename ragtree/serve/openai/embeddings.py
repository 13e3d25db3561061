"""POST /v1/embeddings."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Callable
from typing import TypeVar, cast

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ...embed.base import Embedder
from ...stopping import Stopped, check_wanted, stopped_by
from ...text.tokens import count_tokens
from ...types import Vectors
from .error_replies import RequestError
from .event_stream import until_client_leaves
from .question_service import QuestionService, model_of
from .request_bodies import EmbeddingsForm, read

Result = TypeVar("Result")


async def create(request: Request, service: QuestionService) -> Response:
    """Vectors of texts by the collection's embedder; a model that is not ragtree's means the first collection."""
    form = await read(request, EmbeddingsForm)
    is_ours = form.model.partition("/")[0] == "ragtree"
    collection = service.collection_of(form.model if is_ours else "ragtree")
    embedder = collection.tree.embedder

    def embedded() -> tuple[Vectors, int]:
        if form.dimensions not in (None, embedder.dimension):
            raise RequestError(
                f"dimensions is {form.dimensions}; vectors of {embedder.name} have {embedder.dimension}", "dimensions"
            )
        if form.input_type == "passage":
            vectors = embedder.embed(form.input, lambda _: check_wanted())
        else:
            vectors = np.stack([_of_query(embedder, text) for text in form.input])
        return vectors, sum(map(count_tokens, form.input))

    vectors, tokens = await until_client_leaves(request.receive, _in_turn(service, embedded))
    data = [
        {"object": "embedding", "index": row, "embedding": _coded(vector, form.encoding_format == "base64")}
        for row, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return JSONResponse({"object": "list", "data": data, "model": model_of(collection), "usage": usage})


async def _in_turn(service: QuestionService, work: Callable[[], Result]) -> Result:
    """The result of work in a thread. If the call is cancelled, the turn lasts until the thread has ended."""
    stop = threading.Event()

    def stoppable() -> Result | None:
        try:
            with stopped_by(stop):
                return work()
        except Stopped:
            return None

    async with service.embedding.turn():
        job = asyncio.ensure_future(asyncio.to_thread(stoppable))
        try:
            return cast(Result, await asyncio.shield(job))
        finally:
            stop.set()
            await asyncio.wait({job})


def _of_query(embedder: Embedder, text: str) -> Vectors:
    check_wanted()
    return embedder.embed_query(text)


def _coded(vector: Vectors, as_base64: bool) -> str | list[float]:
    """A vector as numbers, or as the base64 text of its little-endian bytes."""
    if not as_base64:
        return [float(value) for value in vector]
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()
