"""Embedding through an OpenAI-compatible server (llama-server, vLLM, Ollama, text-embeddings-inference)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import ModelError
from ..types import OnProgress, Progress, Vectors, no_progress
from .base import batches_by_length, unit_rows


class ServerEmbedder:
    """`POST {url}/embeddings`."""

    def __init__(self, url: str, model: str, batch: int, timeout: float = 120.0) -> None:
        self.name = f"{url}#{model}"
        self._url = url.rstrip("/")
        self._model = model
        self._batch = batch
        self._timeout = timeout
        self._dimension = 0

    @property
    def dimension(self) -> int:
        if not self._dimension:
            self.embed(["dimension"])
        return self._dimension

    def embed(self, texts: Sequence[str], progress: OnProgress = no_progress) -> Vectors:
        rows: dict[int, list[float]] = {}
        for batch in batches_by_length(texts, self._batch):
            answered = self._post([texts[index] for index in batch])
            rows.update(zip(batch, answered, strict=True))
            progress(Progress("embed", len(rows), len(texts)))
        if not rows:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return unit_rows(np.array([rows[index] for index in range(len(texts))]))

    def embed_query(self, text: str) -> Vectors:
        vector: Vectors = self.embed([text])[0]
        return vector

    def _post(self, texts: list[str]) -> list[list[float]]:
        import httpx

        body = {"model": self._model, "input": texts, "encoding_format": "float"}
        try:
            response = httpx.post(f"{self._url}/embeddings", json=body, timeout=self._timeout)
            response.raise_for_status()
            data = sorted(response.json()["data"], key=lambda row: int(row["index"]))
            vectors = [[float(value) for value in row["embedding"]] for row in data]
        except httpx.HTTPStatusError as error:
            raise ModelError(
                f"{self._url} answered {error.response.status_code} to a request for embeddings by "
                f"{self._model!r}: {error.response.text[:200]!r}"
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ModelError(f"no embeddings from {self._url}: {error}; is the server running?") from error
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{self._url}/embeddings did not answer in the OpenAI form: {error!r}") from error
        lengths = {len(vector) for vector in vectors} | ({self._dimension} if self._dimension else set())
        if len(vectors) != len(texts) or len(lengths) != 1:
            raise ModelError(f"{self._url} sent {len(vectors)} vectors for {len(texts)} texts, or of unequal length")
        self._dimension = len(vectors[0])
        return vectors
