"""GET /v1/models: each collection is a model."""

from __future__ import annotations

from openai.types import Model
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .desk import MODEL, Desk, model_of


def _model(name: str, desk: Desk) -> Model:
    return Model(id=name, object="model", created=desk.started, owned_by=MODEL)


async def listing(_: Request, desk: Desk) -> Response:
    """GET /v1/models: `ragtree/NAME` for each collection, and `ragtree`, which means the first one."""
    names = [*map(model_of, desk.collections), MODEL]
    return JSONResponse({"object": "list", "data": [_model(name, desk).to_dict() for name in names]})


async def retrieve(request: Request, desk: Desk) -> Response:
    """GET /v1/models/{model}."""
    name = request.path_params["model"]
    desk.collection_of(name)  # raises RequestError where there is none
    return JSONResponse(_model(name, desk).to_dict())
