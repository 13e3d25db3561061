"""Questions that want all of something: every part of the tree that may be about it is read, not only the best hits.

Map and reduce: a pattern or the language model finds the items of each part, and equal items become one with all their
citations. What a model says counts only if the passage contains the words.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from ...errors import BudgetError, ContextOverflowError, ModelError, QueryError
from ...llm.base import ChatModel
from ...surveys import Item, Survey
from ...types import Citation, Document, Node, Span, Vectors
from ..base import Index
from ..branches import branches_of
from ..filtered_nodes import FilteredNodes
from .extraction import Extractor, place_of
from .patterns import ItemPattern, plain
from .pruning import TreePart, parts_to_read

logger = logging.getLogger(__name__)

_FAILURES = 3
"""After this many failures in a row the model is not asked again."""


@dataclass(frozen=True, slots=True)
class SurveyCost:
    """What a survey would read. `answer_tokens` is an upper limit."""

    leaves: int
    """Chunks that would be read, of `all_leaves`."""
    all_leaves: int
    calls: int = 0
    """Calls of the language model; a pattern needs none."""
    prompt_tokens: int = 0
    answer_tokens: int = 0

    def __str__(self) -> str:
        read = f"{self.leaves} of {self.all_leaves} chunks"
        if not self.calls:
            return read
        return f"{read} in {self.calls} calls of the language model, which reads {self.prompt_tokens} tokens"


Approve: TypeAlias = Callable[[SurveyCost], bool]
"""Decides whether a survey of that cost may begin."""


@dataclass
class _Gathered:
    """Key of an item -> the documents and spans where it was found, each once."""

    spans: dict[str, dict[tuple[str, Span], None]] = field(default_factory=dict)

    def add(self, key: str, document_id: str, span: Span) -> None:
        self.spans.setdefault(key, {})[document_id, span] = None


@dataclass(frozen=True, slots=True)
class Surveyor:
    """Reads through a tree for one question at a time."""

    index: Index
    document: Callable[[str], Document | None]
    embed: Callable[[str], Vectors]
    """A question -> its vector in the form that the index compares, shape (dim,)."""
    chat_model: Callable[[], ChatModel | None]
    prompts: Path | None = None

    def by_pattern(self, question: str, pattern: ItemPattern, filtered: FilteredNodes | None = None) -> Survey:
        """All matches of a pattern in all documents; with a question, in the parts that may be about it."""
        parts, total = self._parts(question, filtered)
        gathered = _Gathered()
        leaves = [leaf for part in parts for leaf in self.index.nodes.get(part.leaves)]
        for document, spans in self._texts(leaves):
            for span in pattern.find(document.text):
                if any(start <= span.start < end for start, end in spans):
                    gathered.add(pattern.key(span.of(document.text)), document.id, span)
        return Survey(question, self._items(gathered), len(leaves), total)

    def by_model(
        self,
        question: str,
        extractor: Extractor,
        filtered: FilteredNodes | None = None,
        approve: Approve | None = None,
        most_calls: int | None = None,
    ) -> Survey:
        """All items that the model copies out, the likeliest parts first, in at most `most_calls` calls. A passage that
        occurs in several places is read once.

        `approve` is called with the cost before the first call; if it returns False, nothing is read. If the model's
        budget ends or the model fails, the survey has what was found so far, and `complete` is False.
        """
        if not question.strip():
            raise QueryError("the question is empty; say what to list, or name a pattern")
        parts, total = self._parts(question, filtered)
        once = set(self.index.copies.once((leaf for part in parts for leaf in part.leaves), str))
        leaves = ([leaf for leaf in part.leaves if leaf in once] for part in parts)
        batches = [batch for part in leaves for batch in extractor.batches(self.index.nodes.get(part))]
        count = sum(map(len, batches))
        prompt, answer = extractor.cost(question, batches)
        if approve is not None and not approve(SurveyCost(count, total, len(batches), prompt, answer)):
            return Survey(question, (), 0, total, complete=not batches, note="it was not begun")
        gathered, read, note = _Gathered(), 0, ""
        calls = failures = 0
        for batch in batches[:most_calls]:
            try:
                finds = extractor.extract(question, batch)
            except BudgetError as error:
                note = str(error)
                break
            except (ModelError, ContextOverflowError) as error:
                note, failures = str(error), failures + 1
                logger.warning("the model did not read %d chunks: %s", len(batch), error)
                if failures >= _FAILURES:
                    break
                continue
            failures, calls, read = 0, calls + 1, read + len(batch)
            for leaf, span in finds:
                for one, place in ((leaf, span), *self._copied(leaf, span.of(leaf.text), filtered)):
                    where = Span(one.span.start + place.start, one.span.start + place.end)
                    gathered.add(plain(span.of(leaf.text)), one.document_id, where)
        return Survey(question, self._items(gathered), read, total, calls, read == count, note)

    def _copied(self, leaf: Node, words: str, filtered: FilteredNodes | None) -> Iterator[tuple[Node, Span]]:
        """The places of the same words in the copies of a leaf, which are not read again."""
        others = [key for key in self.index.copies.of(leaf.id) if filtered is None or key in filtered]
        for other in self.index.nodes.get(others):
            place = place_of(words, other.text) if other.level == 0 else None
            if place is not None:
                yield other, place

    def _parts(self, question: str, filtered: FilteredNodes | None) -> tuple[list[TreePart], int]:
        """The parts to read, and the number of leaves that pass the filter."""
        groups = [
            (key, tuple(leaf for leaf in leaves if filtered is None or leaf in filtered))
            for key, leaves in branches_of(self.index).groups()
        ]
        groups = [(key, leaves) for key, leaves in groups if leaves]
        total = sum(len(leaves) for _, leaves in groups)
        vector = self.embed(question) if question.strip() else None
        return parts_to_read(groups, self.index.nodes, vector), total

    def _texts(self, leaves: Sequence[Node]) -> Iterator[tuple[Document, list[Span]]]:
        """Yield documents, by id, with the spans of these leaves: a match may run over the end of a leaf."""
        spans: dict[str, list[Span]] = {}
        for leaf in leaves:
            spans.setdefault(leaf.document_id, []).append(leaf.span)
        for key in sorted(spans):
            document = self.document(key)
            if document is not None:
                yield document, _joined(spans[key])

    def _items(self, gathered: _Gathered) -> tuple[Item, ...]:
        documents: dict[str, Document | None] = {}
        items = []
        for places in gathered.spans.values():
            citations: list[Citation] = []
            for key, span in sorted(places):
                if key not in documents:
                    documents[key] = self.document(key)
                document = documents[key]
                if document is not None:
                    citations.append(document.cite(span, len(citations) + 1))
            if citations:
                items.append(Item(" ".join(citations[0].quote.split()), tuple(citations)))
        return tuple(sorted(items, key=lambda item: (item.citations[0].document_id, item.citations[0].span)))


def _joined(spans: Sequence[Span]) -> list[Span]:
    """The spans in order; those that touch or overlap are joined."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined
