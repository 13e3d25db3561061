"""GET /v1/models: each collection is a model."""

from __future__ import annotations

from openai.types import Model
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .question_service import MODEL, QuestionService, model_of


def _model(name: str, service: QuestionService) -> Model:
    return Model(id=name, object="model", created=service.started, owned_by=MODEL)


async def listing(_: Request, service: QuestionService) -> Response:
    """GET /v1/models: `ragtree/NAME` for each collection, and `ragtree`, which means the first one."""
    names = [*map(model_of, service.collections), MODEL]
    return JSONResponse({"object": "list", "data": [_model(name, service).to_dict() for name in names]})


async def retrieve(request: Request, service: QuestionService) -> Response:
    """GET /v1/models/{model}."""
    name = request.path_params["model"]
    service.collection_of(name)  # raises RequestError where there is none
    return JSONResponse(_model(name, service).to_dict())
