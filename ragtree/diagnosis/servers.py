"""The servers that the settings name. Each gets a few small requests, like those for an answer or an index."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..embed.base import Embedder
from ..errors import ModelError, RagtreeError
from ..llm.base import ChatModel, Message, OptionScorer
from ..model_names import single_servers
from ..model_server import DEFAULT_KEY_VARIABLE, ModelServer, ServerError
from ..models import make_chat_model, make_embedder
from ..settings import EmbedSettings, LlmSettings, StoreSettings
from .base import Check, error_check, is_server

if TYPE_CHECKING:
    import httpx2

_LIST_SECONDS = 5.0
_MODEL_SECONDS = 30.0
"""A server may load the model at the first request."""
_MOST_NAMED = 8
_CONTEXTS = ("max_model_len", "context_length", "context_window", "max_context_length", "n_ctx")
"""Names of the context length in servers' lists of models."""


def chat_server_checks(settings: LlmSettings) -> Iterator[Check]:
    """Can it be reached, does it accept the key, does it have the model, its context and log-probabilities?

    No checks if the settings name no server.
    """
    if not is_server(settings.model):
        return
    try:
        each = single_servers(settings.model)
    except RagtreeError as error:
        yield error_check("chat server", error)
        return
    for one in each:
        yield from _chat_server_checks(settings.model_copy(update={"model": one}))


def _chat_server_checks(settings: LlmSettings) -> Iterator[Check]:
    brief = settings.model_copy(update={"timeout": _MODEL_SECONDS, "retries": 0})
    try:
        model = make_chat_model(brief)
        assert model is not None
        url, _, name = model.name.partition("#")
        server = ModelServer(url, settings.key_variable, _LIST_SECONDS)
    except RagtreeError as error:
        yield error_check("chat server", error)
        return
    with closing(server), closing(model):
        listed = _Listed(server)
        reachable = listed.check("chat server", settings.key_variable)
        yield reachable
        if reachable.state == "wrong":
            return
        answering = _scored(model, listed, name)
        yield from answering
        if all(check.state != "wrong" for check in answering):
            yield _context(server, listed, name, settings.context)


def embedding_server_checks(settings: EmbedSettings, dimension: int) -> Iterator[Check]:
    """Can it be reached, does it accept the key, does it have the model, and do its vectors fit the index?

    `dimension` is that of the index, or 0 if it is not known.
    """
    if not is_server(settings.model):
        return
    try:
        each = single_servers(settings.model)
    except RagtreeError as error:
        yield error_check("embedding server", error)
        return
    for one in each:
        yield from _embedding_server_checks(settings.model_copy(update={"model": one}), dimension)


def _embedding_server_checks(settings: EmbedSettings, dimension: int) -> Iterator[Check]:
    try:
        embedder = make_embedder(settings, _MODEL_SECONDS, 0)
        url, _, name = embedder.name.partition("#")
        server = ModelServer(url, settings.key_variable, _LIST_SECONDS, "embed")
    except RagtreeError as error:
        yield error_check("embedding server", error)
        return
    with closing(server):
        listed = _Listed(server)
        reachable = listed.check("embedding server", settings.key_variable)
        yield reachable
        if reachable.state != "wrong":
            yield _embeds(embedder, listed, name, dimension)


def _embeds(embedder: Embedder, listed: _Listed, name: str, dimension: int) -> Check:
    """Whether the model embeds, and with the dimension of the index."""
    try:
        found = len(embedder.embed_query("Is anybody there?"))
    except ModelError as error:
        return listed.explained("embedding model", error, name)
    if dimension and found != dimension:
        way = "name the model that the index was made with, or another index with --index"
        return Check(
            "embedding model",
            f"{name} returns vectors of dimension {found}, but those of the index have {dimension}",
            "wrong",
            way,
        )
    return Check(
        "embedding model", f"{name} returns vectors of dimension {found}{', as in the index' if dimension else ''}"
    )


def chroma_server_checks(settings: StoreSettings) -> Iterator[Check]:
    """The Chroma server, if the settings name one."""
    if not settings.url:
        return
    import httpx

    parts = urlsplit(settings.address)
    shown = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
    try:
        answer = httpx.get(f"{settings.address.rstrip('/')}/api/v2/version", timeout=_LIST_SECONDS)
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        said = f"no answer from {shown} ({type(error).__name__})"
        yield Check("Chroma server", said, "wrong", "start it with ragtree serve-store FOLDER, or unset store.url")
    else:
        yield Check("Chroma server", f"{shown} answers, version {answer.text.strip()[:20]!r}")


class _Listed:
    """The server's list of models, requested once."""

    def __init__(self, server: ModelServer) -> None:
        self._server = server
        self.rows: list[dict[str, Any]] = []

    def check(self, name: str, key_variable: str) -> Check:
        """Whether the server answers and accepts the key. A server may have models and no list of them."""
        variable = key_variable or DEFAULT_KEY_VARIABLE
        key = f"{variable} is set" if os.environ.get(variable, "").strip() else f"no key ({variable} is not set)"
        try:
            self.rows = _rows(_asked(self._server, "/models"))
        except ServerError as error:
            if error.status in (401, 403, 407) or error.status >= 500:
                return error_check(name, error)
            return Check(name, f"{self._server.url} answers, but lists no models; {key}")
        except RagtreeError as error:
            check = error_check(name, error)
            return replace(
                check, advice=check.advice.replace("is the server running?", "start it, or correct its address")
            )
        return Check(name, f"{self._server.url} answers, {len(self.rows)} models; {key}")

    def has(self, model: str) -> bool:
        """True if the list names the model. Ollama lists `name:latest` for a model that it also knows as `name`."""
        return bool({model, f"{model}:latest"} & {str(row.get("id")) for row in self.rows})

    def explained(self, check: str, error: RagtreeError, model: str) -> Check:
        """An error of a model as a check. If the server does not list the model, it names those that are listed."""
        if not self.rows or self.has(model):
            return error_check(check, error)
        names = [str(row.get("id")) for row in self.rows]
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        found = f"{self._server.url} has no model {model!r}"
        return Check(check, found, "wrong", f"name one of these after the #: {', '.join(names[:_MOST_NAMED])}{more}")


def _scored(model: ChatModel, listed: _Listed, name: str) -> list[Check]:
    """Whether the model answers, and whether the server returns log-probabilities."""
    asked = [Message("user", "Is water wet? Answer with one word, Yes or No.")]
    try:
        if isinstance(model, OptionScorer):
            model.score_options(asked, ("Yes", "No"))
    except ModelError as error:
        if "log-probabilities" in str(error):
            return [*_answers(model, asked, listed, name), _without_scores()]
        if "would begin its answer" not in str(error):  # this error lists the first tokens, so both work
            return [listed.explained("chat model", error, name)]
    return [Check("chat model", f"{name} answers"), Check("log-probabilities", "returned")]


def _answers(model: ChatModel, asked: list[Message], listed: _Listed, name: str) -> list[Check]:
    try:
        for _ in model.stream(asked, 16):
            pass
    except ModelError as error:
        return [listed.explained("chat model", error, name)]
    return [Check("chat model", f"{name} answers")]


def _without_scores() -> Check:
    return Check(
        "log-probabilities",
        "not returned; the model is asked in words whether passages contain the answer",
        "note",
        "llama-server, vLLM and newer versions of Ollama return them",
    )


def _context(server: ModelServer, listed: _Listed, name: str, wanted: int) -> Check:
    """The server's context length, if it reports one, and whether llm.context exceeds it."""
    found = _served_context(server, listed, name)
    if not found:
        return Check("context", f"the server does not say; llm.context is {wanted}")
    if found < wanted:
        way = f"set llm.context to {found}, or start the server with a larger context"
        return Check("context", f"{found} tokens, but llm.context is {wanted}", "wrong", way)
    return Check("context", f"{found} tokens; llm.context is {wanted}")


def _served_context(server: ModelServer, listed: _Listed, name: str) -> int:
    """From llama-server's properties, Ollama's list of loaded models, or the list of models; 0 if none reports it."""
    parts = urlsplit(server.url)
    root = f"{parts.scheme}://{parts.netloc}"
    props = _quietly(server, f"{root}/props")
    if isinstance(props, dict):
        generation = props.get("default_generation_settings")
        told = _number(generation.get("n_ctx")) if isinstance(generation, dict) else 0
        if told:
            return told
    loaded = _quietly(server, f"{root}/api/ps")
    for row in loaded.get("models") or [] if isinstance(loaded, dict) else []:
        if isinstance(row, dict) and row.get("name") in (name, f"{name}:latest") and _number(row.get("context_length")):
            return _number(row["context_length"])
    for row in listed.rows:
        if str(row.get("id")) in (name, f"{name}:latest"):
            meta = row.get("meta") if isinstance(row.get("meta"), dict) else {}
            return next((told for key in _CONTEXTS if (told := _number(row.get(key) or (meta or {}).get(key)))), 0)
    return 0


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _asked(server: ModelServer, path: str) -> Any:
    """The JSON of the server's response. Raises ModelError."""
    import httpx2

    response: httpx2.Response = server.ask(lambda client: client.get(path, cast_to=httpx2.Response), "what it has")
    try:
        return response.json()
    except (ValueError, RecursionError):
        raise server.not_understood(response.text) from None


def _quietly(server: ModelServer, address: str) -> Any:
    """The same for a path that not every server has; None if it fails."""
    try:
        return _asked(server, address)
    except RagtreeError:
        return None


def _rows(answer: Any) -> list[dict[str, Any]]:
    rows = answer.get("data") if isinstance(answer, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
