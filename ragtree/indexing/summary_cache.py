"""The cache of summaries, so that no summary is paid for twice."""

from __future__ import annotations

import json
from collections.abc import Collection, Generator, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import Protocol

from ..ids import hash_id
from ..summarize.base import Answers, Group, Source, Summarizer, Summary, SummarySentence, summaries_at_once
from ..summarize.extractive import ExtractiveSummarizer
from ..types import Span, Vectors


class TreeCaches(Answers, Protocol):
    """What models made before, as far as the tree of a document needs it: the catalog, here or on another machine."""

    def get_vectors(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """The vectors that exist, each of shape (dim,), by key."""
        ...

    def borrowed_summary(self, key: str) -> str | None:
        """A summary as it was stored, or None."""
        ...

    def get_summary(self, key: str) -> str | None:
        """The same, but only from this index."""
        ...

    def put_summary(self, key: str, summary: str) -> None:
        """Store a summary."""
        ...

    def put_summary_of(self, key: str, summary: str, answers: Collection[str]) -> None:
        """Store a summary, and delete the answers (by key) that it was made from."""
        ...


class CachedSummarizer:
    """Summarizes groups whose texts this summarizer has not summarized before, and counts what it does.

    A summary that the model failed to write is not cached, so the next build asks for it again.
    """

    def __init__(self, summarizer: Summarizer, catalog: TreeCaches, earlier: str = "") -> None:
        """`earlier` is the fingerprint of a summarizer whose summaries are as good; empty if there is none."""
        self._earlier = earlier
        self._summarizer = summarizer
        self._catalog = catalog
        self.fingerprint = summarizer.fingerprint
        self.asks_a_model = not isinstance(summarizer, ExtractiveSummarizer)
        """True if a language model writes the summaries."""
        self.at_once = summaries_at_once(summarizer)
        """How many summaries it writes at once."""
        self.summarized = 0
        """Groups that were not in the cache."""
        self.unwritten = 0
        """Groups for which the model wrote nothing; the extractive summary that stands in is not cached."""
        self.left_out = 0
        """Tokens, over all groups, that did not fit into the model's context."""

    def known(self, texts: Sequence[str]) -> bool:
        """True if these texts, in this order, were summarized before."""
        return self._kept(texts) is not None

    def _kept(self, texts: Sequence[str]) -> str | None:
        """The summary of these texts as it is stored. One of the earlier summarizer is stored again as this one's."""
        key = summary_key(self.fingerprint, texts)
        found = self._catalog.borrowed_summary(key)
        if found is None and self._earlier:
            found = self._catalog.get_summary(summary_key(self._earlier, texts))
            if found is not None:
                self._catalog.put_summary(key, found)
        return found

    def summarize(self, groups: Sequence[Group]) -> Generator[Summary, None, None]:
        """Yield the summary of every group, in order. Each is cached as soon as it is written."""
        keys = [summary_key(self.fingerprint, group.texts) for group in groups]
        by_key = dict(zip(keys, groups, strict=True))
        new = {key: group for key, group in by_key.items() if self._kept(group.texts) is None}
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
            self._catalog.put_summary_of(key, summary_to_json(summary), summary.answers)
        return summary

    def _found(self, key: str) -> Summary:
        kept = self._catalog.borrowed_summary(key)
        assert kept is not None, "what was found is kept"
        return _summary_from_json(kept)


def summary_key(fingerprint: str, texts: Sequence[str]) -> str:
    """The cache key of the summary that a summarizer with this fingerprint writes of these texts."""
    return hash_id(fingerprint, *texts)


def summary_to_json(summary: Summary) -> str:
    """A summary as it is stored in the cache."""
    fields = asdict(summary)
    del fields["answers"]
    return json.dumps(fields, ensure_ascii=False)


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
    made = fields.get("made") or fields.get("kind")  # it was called `kind` until format 3
    return Summary(sentences, made, fields.get("left_out", 0))
