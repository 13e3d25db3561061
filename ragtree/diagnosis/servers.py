"""The servers that the settings name, asked as an answer and an index would ask them, and little."""

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
from ..model_server import DEFAULT_KEY_VARIABLE, ModelServer, ServerError
from ..models import make_chat_model, make_embedder
from ..settings import EmbedSettings, LlmSettings, StoreSettings
from .base import Check, is_server, told

if TYPE_CHECKING:
    import httpx2

_LIST_SECONDS = 5.0
_MODEL_SECONDS = 30.0
"""A server may load a model when it is first asked."""
_MOST_NAMED = 8
_CONTEXTS = ("max_model_len", "context_length", "context_window", "max_context_length", "n_ctx")
"""What servers call the tokens that a model takes, in their lists of models."""


def chat_server_checks(settings: LlmSettings) -> Iterator[Check]:
    """Reachable, key, model, context, log-probabilities; nothing where no server is named."""
    if not is_server(settings.model):
        return
    brief = settings.model_copy(update={"timeout": _MODEL_SECONDS, "retries": 0})
    try:
        model = make_chat_model(brief)
        assert model is not None
        url, _, name = model.name.partition("#")
        server = ModelServer(url, settings.key_variable, _LIST_SECONDS, 0)
    except RagtreeError as error:
        yield told("chat server", error)
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
    """Reachable, key, model, the dimension of its vectors, and whether that is the index's (0: not known)."""
    if not is_server(settings.model):
        return
    brief = settings.model_copy(update={"timeout": _MODEL_SECONDS, "retries": 0})
    try:
        embedder = make_embedder(brief)
        url, _, name = embedder.name.partition("#")
        server = ModelServer(url, settings.key_variable, _LIST_SECONDS, 0, "embed")
    except RagtreeError as error:
        yield told("embedding server", error)
        return
    with closing(server):
        listed = _Listed(server)
        reachable = listed.check("embedding server", settings.key_variable)
        yield reachable
        if reachable.state != "wrong":
            yield _embeds(embedder, listed, name, dimension)


def _embeds(embedder: Embedder, listed: _Listed, name: str, dimension: int) -> Check:
    """Whether the model embeds, and as the index wants it."""
    try:
        found = len(embedder.embed_query("Is anybody there?"))
    except ModelError as error:
        return listed.explained("embedding model", error, name)
    if dimension and found != dimension:
        way = "name the model that the index was made with, or another --index"
        return Check("embedding model", f"{name} gives {found} numbers, and the index has {dimension}", "wrong", way)
    return Check("embedding model", f"{name} gives {found} numbers{', as the index has' if dimension else ''}")


def chroma_server_checks(settings: StoreSettings) -> Iterator[Check]:
    """The Chroma server, where one is named."""
    if not settings.url:
        return
    import httpx

    parts = urlsplit(settings.url)
    shown = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
    try:
        answer = httpx.get(f"{settings.url.rstrip('/')}/api/v2/version", timeout=_LIST_SECONDS)
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        said = f"no answer from {shown} ({type(error).__name__})"
        yield Check("Chroma server", said, "wrong", "start it: ragtree serve-store FOLDER, or leave store.url out")
    else:
        yield Check("Chroma server", f"{shown} answers, version {answer.text.strip()[:20]!r}")


class _Listed:
    """What a server says of its models, asked once."""

    def __init__(self, server: ModelServer) -> None:
        self._server = server
        self.rows: list[dict[str, Any]] = []

    def check(self, name: str, key_variable: str) -> Check:
        """Whether the server is there and takes the key. A server may have no list; then the model has to answer."""
        variable = key_variable or DEFAULT_KEY_VARIABLE
        key = f"{variable} is set" if os.environ.get(variable, "").strip() else f"no key ({variable} is not set)"
        try:
            self.rows = _rows(_asked(self._server, "/models"))
        except ServerError as error:
            if error.status in (401, 403, 407) or error.status >= 500:
                return told(name, error)
            return Check(name, f"{self._server.url} answers, and lists no models; {key}")
        except RagtreeError as error:
            check = told(name, error)
            return replace(
                check, advice=check.advice.replace("is the server running?", "start it, or mend its address")
            )
        return Check(name, f"{self._server.url} answers, {len(self.rows)} models; {key}")

    def has(self, model: str) -> bool:
        """True where the list names the model. Ollama lists `name:latest` for what it also knows as `name`."""
        return bool({model, f"{model}:latest"} & {str(row.get("id")) for row in self.rows})

    def explained(self, check: str, error: RagtreeError, model: str) -> Check:
        """An error of a model, with the models that there are instead."""
        if not self.rows or self.has(model):
            return told(check, error)
        names = [str(row.get("id")) for row in self.rows]
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        found = f"{self._server.url} has no model {model!r}"
        return Check(check, found, "wrong", f"name one of these behind the #: {', '.join(names[:_MOST_NAMED])}{more}")


def _scored(model: ChatModel, listed: _Listed, name: str) -> list[Check]:
    """Whether the model answers, and tells how likely it finds answers."""
    asked = [Message("user", "Is water wet? Answer with one word, Yes or No.")]
    try:
        if isinstance(model, OptionScorer):
            model.score_options(asked, ("Yes", "No"))
    except ModelError as error:
        if "log-probabilities" in str(error):
            return [*_answers(model, asked, listed, name), _without_scores()]
        if "would begin its answer" not in str(error):  # what it begins with was told, so it answers and tells
            return [listed.explained("chat model", error, name)]
    return [Check("chat model", f"{name} answers"), Check("log-probabilities", "told")]


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
        "none told: whether passages have the answer is not asked by probabilities",
        "note",
        "llama-server, vLLM and a newer Ollama tell them",
    )


def _context(server: ModelServer, listed: _Listed, name: str, wanted: int) -> Check:
    """How many tokens the server takes, as far as it says so, and whether llm.context is more."""
    found = _served_context(server, listed, name)
    if not found:
        return Check("context", f"the server does not say; llm.context is {wanted}")
    if found < wanted:
        way = f"set llm.context to {found}, or start the server with more"
        return Check("context", f"{found} tokens, and llm.context is {wanted}", "wrong", way)
    return Check("context", f"{found} tokens; llm.context is {wanted}")


def _served_context(server: ModelServer, listed: _Listed, name: str) -> int:
    """From llama-server's properties, Ollama's list of what is loaded, or the list of models; 0 where none says it."""
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
    """The JSON that a server answers. Raises ModelError."""
    import httpx2

    response: httpx2.Response = server.ask(lambda client: client.get(path, cast_to=httpx2.Response), "what it has")
    try:
        return response.json()
    except (ValueError, RecursionError):
        raise server.not_understood(response.text) from None


def _quietly(server: ModelServer, address: str) -> Any:
    """The same of what not every server has."""
    try:
        return _asked(server, address)
    except RagtreeError:
        return None


def _rows(answer: Any) -> list[dict[str, Any]]:
    rows = answer.get("data") if isinstance(answer, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
