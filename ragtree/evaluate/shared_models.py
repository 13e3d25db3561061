"""The models that all trees of a run share: loaded once, and no question is embedded twice."""

from __future__ import annotations

from collections.abc import Sequence

from .. import models
from ..embed.base import Embedder, TokenEmbedder, Tokens, has_token_vectors
from ..llm.base import ChatModel
from ..settings import LlmSettings, Settings
from ..types import OnProgress, Vectors, no_progress


class RememberingEmbedder:
    """An embedder that keeps the vectors of questions, because each is asked in every cell and at every budget."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._questions: dict[str, Vectors] = {}

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    def embed(self, texts: Sequence[str], progress: OnProgress = no_progress) -> Vectors:
        return self._embedder.embed(texts, progress)

    def embed_query(self, text: str) -> Vectors:
        if text not in self._questions:
            self._questions[text] = self._embedder.embed_query(text)
        return self._questions[text]


class RememberingTokenEmbedder(RememberingEmbedder):
    """The same for an embedder that returns the vectors of tokens."""

    def __init__(self, embedder: Embedder, tokens: TokenEmbedder) -> None:
        super().__init__(embedder)
        self._tokens = tokens

    @property
    def window(self) -> int:
        return self._tokens.window

    @property
    def marks_before(self) -> int:
        return self._tokens.marks_before

    def tokenize(self, text: str) -> Tokens:
        return self._tokens.tokenize(text)

    def embed_windows(self, windows: Sequence[Sequence[int]]) -> list[Vectors]:
        return self._tokens.embed_windows(windows)


class LoadedModels:
    """The models of a run's cells, one object for each name. `close` frees the language models."""

    def __init__(self) -> None:
        self._embedders: dict[str, RememberingEmbedder] = {}
        self._chat_models: dict[str, ChatModel | None] = {}

    def embedder(self, settings: Settings) -> RememberingEmbedder:
        """The embedder that the settings name. Raises like `models.make_embedder`."""
        # The tree pools and shortens vectors, not the embedder.
        key = settings.embed.model_dump_json(exclude={"kind", "dim"})
        if key not in self._embedders:
            made = models.make_embedder(settings.embed, settings.llm.timeout, settings.llm.retries)
            tokens = made if has_token_vectors(made) else None
            self._embedders[key] = RememberingTokenEmbedder(made, tokens) if tokens else RememberingEmbedder(made)
        return self._embedders[key]

    def chat_model(self, settings: LlmSettings) -> ChatModel | None:
        """The language model that the settings name, or None for `none`."""
        key = settings.model_dump_json()
        if key not in self._chat_models:
            self._chat_models[key] = models.make_chat_model(settings)
        return self._chat_models[key]

    def close(self) -> None:
        """Free the language models."""
        for model in self._chat_models.values():
            if model is not None:
                model.close()
        self._chat_models.clear()
