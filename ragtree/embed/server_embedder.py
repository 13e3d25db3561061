"""Embedding through OpenAI-compatible servers (llama-server, vLLM, Ollama, text-embeddings-inference)."""

from __future__ import annotations

import base64
import math
import re
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ModelError
from ..model_server import ModelServer, ServerError
from ..model_servers import ModelServers
from ..settings import EmbedSettings
from ..text.tokens import count_tokens
from ..types import OnProgress, Progress, Vectors, no_progress
from .base import batches_by_length, unit_rows

if TYPE_CHECKING:
    import httpx2

_TOO_MUCH = frozenset({400, 413, 414, 422, 431})
"""What servers say, each in other words, if a request is too large."""
_FAILED = frozenset({424, 500, 501})
"""What some answer to it too, and then say that it is about a size."""
_SIZE = re.compile(
    r"\b(too (long|large|many|big)|exceed|maximum|context|length|batch size|memory|tokens?\b)", re.IGNORECASE
)
_SHORTEST = 64
"""Characters. A shorter text is never cut, because it is not refused for its length."""
_AT_ONCE = 2
"""Requests that each server gets at once, so that it need not wait for this process to read an answer."""


class ServerEmbedder:
    """`POST {url}/embeddings`. Several addresses are servers with the same model, which share the batches.

    A batch that is refused is halved until it fits. A text that is refused alone is cut into parts, whose vectors are
    averaged, weighted by length. The limits of the server are remembered.
    """

    def __init__(
        self,
        url: str,
        model: str,
        settings: EmbedSettings,
        timeout: float = 120.0,
        retries: int = 2,
        name: str = "",
    ) -> None:
        """`url` is one address, or several with commas in between. `timeout` is in seconds; `retries` is the most
        retries of a request. `name` is the name under which an index knows the model; empty is one that its address
        makes."""
        self._servers = ModelServers(url, settings.key_variable, timeout, retries, "embed")
        self.name = name or f"{self._servers.address}#{model}"
        self.concurrency = _AT_ONCE * len(self._servers)
        self._counting = threading.Lock()
        self.cut_texts = 0
        """Texts that were too long for the server, so that the vectors of their parts were averaged."""
        self._model = model
        self._batch = settings.batch
        self._too_long = math.inf
        """Tokens of the shortest text that was too long, counted with cl100k."""
        self._names_format = True
        """False for a server that refuses `encoding_format`."""
        self._dimension = 0

    @property
    def dimension(self) -> int:
        if not self._dimension:
            self.embed(["dimension"])
        return self._dimension

    def embed(self, texts: Sequence[str], progress: OnProgress = no_progress) -> Vectors:
        rows: dict[int, Vectors] = {}
        sendable = [text.encode("utf-8", "replace").decode() for text in texts]
        for batch, vectors in self._each(batches_by_length(sendable, self._batch), sendable):
            rows.update(zip(batch, vectors, strict=True))
            progress(Progress("embed", len(rows), len(texts)))
        if not rows:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return unit_rows(np.array([rows[index] for index in range(len(texts))]))

    def embed_query(self, text: str) -> Vectors:
        vector: Vectors = self.embed([text])[0]
        return vector

    def close(self) -> None:
        """Close the connections. The next text opens new ones."""
        self._servers.close()

    def _each(self, batches: Sequence[list[int]], texts: Sequence[str]) -> Iterator[tuple[list[int], list[Vectors]]]:
        """Yield every batch with its vectors, as they come. The first one goes alone until a server has answered: what
        is wrong is told once, and what it refuses is known to the others."""
        if not self._dimension:
            for batch in batches[:1]:
                yield batch, self._vectors([texts[index] for index in batch])
            batches = batches[1:]
        pool = ThreadPoolExecutor(self.concurrency)
        try:
            sent = {
                pool.submit(copy_context().run, self._vectors, [texts[index] for index in batch]): batch
                for batch in batches
            }
            for done in as_completed(sent):
                yield sent[done], done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _vectors(self, texts: Sequence[str]) -> list[Vectors]:
        """A vector (dim,) for every text, whatever batch size the server accepts."""
        rows: list[Vectors] = []
        while len(rows) < len(texts):
            part = texts[len(rows) : len(rows) + self._batch]
            if self._is_too_long(part[0]):
                rows.append(self._in_parts(part[0]))
                continue
            end = next((row for row, text in enumerate(part) if self._is_too_long(text)), len(part))
            rows += self._sent(part[:end])
        return rows

    def _sent(self, texts: Sequence[str]) -> list[Vectors]:
        """The vectors of a batch that may be too large, or contain a text that is too long."""
        try:
            return self._post(texts)
        except ServerError as error:
            if not _is_about_size(error):
                raise
            if len(texts) == 1:
                return [self._in_parts(texts[0], error)]
        half = (len(texts) + 1) // 2
        before = self.cut_texts
        rows = [*self._sent(texts[:half]), *self._vectors(texts[half:])]
        if self.cut_texts == before:  # otherwise one text was too long, not the batch too large
            self._batch = min(self._batch, half)
        return rows

    def _is_too_long(self, text: str) -> bool:
        """True if the server is known to refuse a text of this length."""
        return len(text) >= 2 * _SHORTEST and self._too_long < math.inf and count_tokens(text) >= self._too_long

    def _in_parts(self, text: str, refusal: ServerError | None = None) -> Vectors:
        mean = self._mean(text, refusal)
        with self._counting:
            self.cut_texts += 1
        return mean

    def _mean(self, text: str, refusal: ServerError | None) -> Vectors:
        """The mean of the vectors of the two halves of a text, weighted by their lengths."""
        if refusal is not None and len(text) < 2 * _SHORTEST:
            raise refusal
        halves = _halves(text)
        vectors = unit_rows(np.array([self._of_part(half) for half in halves]))
        if refusal is not None:
            self._too_long = min(self._too_long, count_tokens(text))
        mean: Vectors = np.average(vectors, axis=0, weights=[len(half) for half in halves]).astype(np.float32)
        return mean

    def _of_part(self, text: str) -> Vectors:
        if self._is_too_long(text):
            return self._mean(text, None)
        try:
            return self._post([text])[0]
        except ServerError as error:
            if not _is_about_size(error):
                raise
            return self._mean(text, error)

    def _post(self, texts: Sequence[str]) -> list[Vectors]:
        """The vectors in the server's answer. Raises ModelError."""
        import httpx2

        # The library's own call requests base64 if no format is named, which not every server supports.
        body: dict[str, Any] = {"model": self._model, "input": list(texts)}
        if self._names_format:
            body["encoding_format"] = "float"
        try:
            held = self._servers.hold(
                lambda client: client.post("/embeddings", body=body, cast_to=httpx2.Response),
                f"embeddings by {self._model!r}",
            )
        except ServerError as error:
            if not (self._names_format and "encoding_format" in error.said):
                raise
            self._names_format = False
            return self._post(texts)
        held.close()
        return self._read(held.answer, len(texts), held.server)

    def _read(self, response: httpx2.Response, count: int, server: ModelServer) -> list[Vectors]:
        try:
            data = _in_order(response.json()["data"])
            vectors = [_numbers(row["embedding"]) for row in data]
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
            raise server.not_understood(response.text, response) from None
        lengths = {len(vector) for vector in vectors} | ({self._dimension} if self._dimension else set())
        if len(vectors) != count or len(lengths) != 1 or 0 in lengths:
            raise ModelError(
                f"{server.url} sent {len(vectors)} vectors for {count} texts, or vectors of different lengths; "
                f"is {self._model!r} the same model as before?"
            )
        if not all(np.isfinite(vector).all() for vector in vectors):
            raise ModelError(
                f"{server.url} sent vectors of {self._model!r} that contain NaN; update the server, or "
                "use another model"
            )
        self._dimension = len(vectors[0])
        return vectors


def _is_about_size(error: ServerError) -> bool:
    """True for a refusal that may be about the size of the request."""
    return error.status in _TOO_MUCH or (error.status in _FAILED and _SIZE.search(error.said) is not None)


def _halves(text: str) -> tuple[str, str]:
    """A text in two parts, cut at the white space closest to its middle, or in the middle if none is close."""
    middle = len(text) // 2
    spaces = [found.start() for found in re.finditer(r"\s", text[middle // 2 : middle + middle // 2])]
    cut = middle // 2 + min(spaces, key=lambda at: abs(middle // 2 + at - middle)) if spaces else middle
    return text[:cut], text[cut:]


def _in_order(rows: Any) -> list[dict[str, Any]]:
    """The rows in the order of their texts: by index, or in the server's order if they have none."""
    told = [row.get("index") for row in rows]
    if all(index is None for index in told):
        return list(rows)
    if sorted(told) != list(range(len(rows))):
        raise ValueError("indices that are missing, or come twice")
    return sorted(rows, key=lambda row: int(row["index"]))


def _numbers(embedding: Any) -> Vectors:
    """A vector, from a list of numbers or from base64 (little-endian float32)."""
    if isinstance(embedding, str):
        vector: Vectors = np.frombuffer(base64.b64decode(embedding, validate=True), dtype="<f4").astype(np.float32)
    else:
        vector = np.array(embedding, dtype=np.float32)
    if vector.ndim != 1:
        raise ValueError("no vector")
    return vector
