"""POST /v1/embeddings."""

from __future__ import annotations

import asyncio
import base64

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ...tokens import count_tokens
from ...types import Vectors
from .desk import Desk, model_of
from .errors import RequestError
from .forms import EmbeddingsForm, read
from .sending import unless_left


async def create(request: Request, desk: Desk) -> Response:
    """Vectors of texts by the collection's embedder; a model that is not ragtree's means the first collection."""
    form = await read(request, EmbeddingsForm)
    is_ours = form.model.partition("/")[0] == "ragtree"
    collection = desk.collection_of(form.model if is_ours else "ragtree")
    embedder = collection.tree.embedder

    def embedded() -> tuple[Vectors, int]:
        if form.dimensions not in (None, embedder.dimension):
            raise RequestError(
                f"dimensions is {form.dimensions}; vectors of {embedder.name} have {embedder.dimension}", "dimensions"
            )
        if form.input_type == "query":
            vectors = np.stack([embedder.embed_query(text) for text in form.input])
        else:
            vectors = embedder.embed(form.input)
        return vectors, sum(map(count_tokens, form.input))

    async def in_turn() -> tuple[Vectors, int]:
        async with desk.embedding.turn():
            return await asyncio.to_thread(embedded)

    vectors, tokens = await unless_left(request.receive, in_turn())
    data = [
        {"object": "embedding", "index": row, "embedding": _coded(vector, form.encoding_format == "base64")}
        for row, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return JSONResponse({"object": "list", "data": data, "model": model_of(collection), "usage": usage})


def _coded(vector: Vectors, as_base64: bool) -> str | list[float]:
    """A vector as numbers, or as the base64 text of its little-endian bytes."""
    if not as_base64:
        return [float(value) for value in vector]
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()
