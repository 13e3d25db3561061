"""What was paid for once is found, not paid for again; every step is kept as soon as it is done."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from contextlib import closing
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
    """Summarizes groups whose texts were not summarized in this way before, and counts what it does.

    What a model failed to write is not kept: the next one asks for it again.
    """

    def __init__(self, summarizer: Summarizer, catalog: Catalog) -> None:
        self._summarizer = summarizer
        self._catalog = catalog
        self.fingerprint = summarizer.fingerprint
        self.summarized = 0
        """Groups that were not found, and are now."""
        self.unwritten = 0
        """Groups for which the model wrote none; what stands in is not kept, so the next growing asks again."""
        self.left_out = 0
        """Tokens that the model was to read and that its context had no room for, over all groups."""

    def known(self, texts: Sequence[str]) -> Summary | None:
        """The summary of these texts in this order, where it was made before."""
        kept = self._catalog.get_summary(hash_id(self.fingerprint, *texts))
        return _summary_from_json(kept) if kept is not None else None

    def summarize(self, groups: Sequence[Sequence[str]]) -> Generator[Summary, None, None]:
        """The summary of every group of texts in their order. Each is kept as soon as it is there."""
        keys = [hash_id(self.fingerprint, *texts) for texts in groups]
        kept = {key for key in set(keys) if self._catalog.get_summary(key) is not None}
        new = {key: texts for key, texts in zip(keys, groups, strict=True) if key not in kept}
        waiting = set(new)
        failed: dict[str, Summary] = {}
        with closing(self._summarizer.summarize(new.values())) as fresh:
            for key in keys:
                if key in waiting:
                    waiting.remove(key)
                    summary = self._keep(key, next(fresh))
                    if summary.failed:
                        failed[key] = summary
                found = failed.get(key) or self._found(key)
                self.left_out += found.left_out
                yield found

    def _keep(self, key: str, summary: Summary) -> Summary:
        if summary.failed:
            self.unwritten += 1
        else:
            self.summarized += 1
            fields = asdict(summary)
            answers = fields.pop("answers")
            self._catalog.put_summary_of(key, json.dumps(fields, ensure_ascii=False), answers)
        return summary

    def _found(self, key: str) -> Summary:
        kept = self._catalog.get_summary(key)
        assert kept is not None, "what was found is kept"
        return _summary_from_json(kept)


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
    return Summary(sentences, fields["kind"], fields.get("left_out", 0))
