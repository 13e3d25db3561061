"""What was paid for once is found, not paid for again; every step is kept as soon as it is done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from ..embed.base import Embedder
from ..store.catalog import Catalog, vector_key
from ..summarize.base import Source, Summarizer, Summary, SummarySentence
from ..types import OnProgress, Progress, Span, Vectors, no_progress
from .leaves import hash_id

_STEP = 256
"""Texts between two commits: what a crash can cost at most."""


class CachedEmbedder:
    """Embeds a text that the catalog has no vector of; `embedded` counts them."""

    def __init__(self, embedder: Embedder, catalog: Catalog) -> None:
        self._embedder = embedder
        self._catalog = catalog
        self.name = embedder.name
        self.embedded = 0
        self.name = embedder.name

    def anew(self, texts: Sequence[str]) -> Vectors:
        """Vectors of `texts`, where nothing is looked up or kept."""
        return self._embedder.embed(texts)

    def keys(self, texts: Sequence[str]) -> list[bytes]:
        """The rows of the cache for these texts."""
        return [vector_key(self._embedder.name, text) for text in texts]

    def missing(self, texts: Sequence[str]) -> list[str]:
        """Texts without a vector, each once, longest first."""
        keys = self.keys(texts)
        known = self._catalog.get_vectors(keys)
        absent = {text for text, key in zip(texts, keys, strict=True) if key not in known}
        return sorted(absent, key=lambda text: (-len(text), text))

    def embed(self, texts: Sequence[str], progress: OnProgress = no_progress) -> Vectors:
        """Vectors of `texts`, shape (len(texts), dim)."""
        missing = self.missing(texts)
        for start in range(0, len(missing), _STEP):
            part = missing[start : start + _STEP]

            def shifted(step: Progress, done: int = start) -> None:
                progress(Progress("embed", done + step.done, len(missing)))

            self._catalog.put_vectors(self.keys(part), self._embedder.embed(part, shifted))
            self.embedded += len(part)
        keys = self.keys(texts)
        known = self._catalog.get_vectors(keys)
        if not keys:
            return np.zeros((0, 0), dtype=np.float32)
        return np.stack([known[key] for key in keys])


class CachedSummarizer:
    """Summarizes a group whose texts were not summarized in this way before; `summarized` counts them."""

    def __init__(self, summarizer: Summarizer, catalog: Catalog) -> None:
        self._summarizer = summarizer
        self._catalog = catalog
        self.fingerprint = summarizer.fingerprint
        self.summarized = 0
        self.unwritten = 0
        """Groups for which the model wrote none; what stands in is not kept, so the next growing asks again."""

    def known(self, texts: Sequence[str]) -> Summary | None:
        """The summary of these texts in this order, where it was made before."""
        kept = self._catalog.get_summary(hash_id(self.fingerprint, *texts))
        return _summary_from_json(kept) if kept is not None else None

    def summarize(self, texts: Sequence[str]) -> Summary:
        """The summary of these texts in this order."""
        summary = self.known(texts)
        if summary is not None:
            return summary
        summary = self._summarizer.summarize(texts)
        if summary.failed:
            self.unwritten += 1
            return summary
        key = hash_id(self.fingerprint, *texts)
        self._catalog.put_summary(key, json.dumps(asdict(summary), ensure_ascii=False))
        self.summarized += 1
        return summary


def _summary_from_json(text: str) -> Summary:
    fields = json.loads(text)
    sentences = tuple(
        SummarySentence(
            sentence["text"],
            tuple(Source(source["text"], Span(*source["span"])) for source in sentence["sources"]),
            sentence["score"],
        )
        for sentence in fields["sentences"]
    )
    return Summary(sentences, fields["kind"])
