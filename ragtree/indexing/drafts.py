"""Documents that are being indexed, and the vectors of their chunks and sentences."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..embed.base import DocumentSpans, Embedder, SpanEmbedder, batches_at_once, texts_cut
from ..store.catalog import vector_key
from ..store.documents import StoredDocument
from ..store.tree_change import PlacedNode
from ..summarize.base import Group
from ..summarize.group_sentences import sentences_of
from ..types import Node, OnProgress, Progress, Span, Vectors, no_progress
from .chunks import embedded_text
from .summary_cache import TreeCaches

_AT_ONCE = 2000
"""Most chunks of one call to the embedder, unless a single document has more."""


@dataclass(slots=True)
class DocumentDraft:
    """A document whose tree is being built."""

    stored: StoredDocument
    chunks: Sequence[Node]
    """In reading order."""
    before: Mapping[str, PlacedNode] = field(default_factory=dict)
    """The nodes that the document has in the catalog, by id."""
    replaces: str = ""
    """The id that the document had until now, if it was renamed."""
    lacks_contexts: bool = False
    """True if the language model failed to write the context of some chunks."""
    keys: list[bytes] = field(default_factory=list)
    """The key of every chunk's vector."""
    rows: Vectors = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    """The vectors of the chunks, shape (n, dim)."""
    known: dict[str, Vectors] = field(default_factory=dict)
    """The vectors of sentences, each of shape (dim,), by the sentence's text on one line."""
    new: dict[bytes, Vectors] = field(default_factory=dict)
    """Vectors that the catalog does not have yet, each of shape (dim,), by key."""

    @property
    def id(self) -> str:
        """The document's id."""
        return self.stored.document.id


class DraftVectors:
    """Gives drafts their vectors. One reading of a document yields the vectors of its chunks and of its sentences."""

    def __init__(self, reader: SpanEmbedder, embedder: Embedder, catalog: TreeCaches, language: str) -> None:
        self.embedded = 0
        """Texts that were sent to the embedder: chunks and summaries."""
        self.cut_elsewhere = 0
        """Texts that embedders on other machines had to cut."""
        self._reader = reader
        self._embedder = embedder
        self._cut_before = texts_cut(embedder)
        self._catalog = catalog
        self._language = language
        self.fingerprint = reader.fingerprint
        self.at_once = batches_at_once(embedder)
        """How many batches of texts the embedder works on at once."""

    @property
    def cut_texts(self) -> int:
        """The number of texts that the embedder had to cut because they were too long."""
        return texts_cut(self._embedder) - self._cut_before + self.cut_elsewhere

    def embed_chunks(self, drafts: Sequence[DocumentDraft], progress: OnProgress = no_progress) -> None:
        """Fill in the drafts' keys, rows and sentence vectors."""
        for draft in drafts:
            own = self._own_keys(draft)
            draft.keys = [self._kept_key(draft, chunk) or key for chunk, key in zip(draft.chunks, own, strict=True)]
        vectors = self._catalog.get_vectors([key for draft in drafts for key in draft.keys])
        missing = [
            (draft, [row for row, key in enumerate(draft.keys) if key not in vectors and key not in draft.new])
            for draft in drafts
        ]
        self.embedded += sum(len(rows) for _, rows in missing)
        wanted = {draft.keys[row] for draft, rows in missing for row in rows}
        for draft, rows, found in self._read([(d, self._with_neighbours(d, own)) for d, own in missing], progress):
            vectors_of = zip((draft.keys[row] for row in rows), found, strict=True)
            draft.new |= {key: vector for key, vector in vectors_of if key in wanted}
        for draft in drafts:
            every = [vectors[key] if key in vectors else draft.new[key] for key in draft.keys]
            draft.rows = np.stack(every) if every else draft.rows

    def embed_sentences(self, wanted: Sequence[tuple[DocumentDraft, Sequence[int]]]) -> None:
        """Fill in the sentence vectors of chunks (by row) whose own vectors were known."""
        for _ in self._read([(draft, list(rows)) for draft, rows in wanted]):
            pass

    def sentences(self, chunk: Node) -> list[tuple[Span, str]]:
        """The sentences of a chunk: their spans in it, and their texts on one line."""
        found = sentences_of(Group([chunk.text]), self._language)
        return [(source.span, text) for source, text in zip(found.sources, found.plain, strict=True)]

    def embed_nodes(self, nodes: Sequence[Node]) -> dict[bytes, Vectors]:
        """The vectors of summaries, each of shape (dim,), by key. Those that the catalog has are not embedded again."""
        keys = {vector_key(self._embedder.name, embedded_text(node)): node for node in nodes}
        vectors = self._catalog.get_vectors(list(keys))
        missing = [key for key in keys if key not in vectors]
        if missing:
            self.embedded += len(missing)
            rows = self._embedder.embed([embedded_text(keys[key]) for key in missing])
            vectors |= dict(zip(missing, rows, strict=True))
        return vectors

    def key_of(self, node: Node) -> bytes:
        """The key of a summary's vector."""
        return vector_key(self._embedder.name, embedded_text(node))

    def kept(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """Those of these vectors that the catalog has, each of shape (dim,), by key."""
        return self._catalog.get_vectors(keys)

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        """The vectors of other texts, shape (n, dim). They are not stored."""
        return self._embedder.embed(texts)

    def _with_neighbours(self, draft: DocumentDraft, rows: Sequence[int]) -> list[int]:
        """These chunks (by row), and the neighbours that their vectors depend on."""
        reach = self._reader.reach
        near = {row + step for row in rows for step in range(-reach, reach + 1)}
        return sorted(near & set(range(len(draft.chunks))))

    def _kept_key(self, draft: DocumentDraft, chunk: Node) -> bytes | None:
        """The key of the vector that a chunk of an edited document keeps."""
        before = draft.before.get(chunk.id)
        if before is None or before.node.context != chunk.context:
            return None
        earlier = draft.stored.built.split("\n")
        return before.key if len(earlier) < 2 or earlier[1] == self.fingerprint else None

    def _own_keys(self, draft: DocumentDraft) -> list[bytes]:
        """Vector keys that depend on the document's text and the chunk's place in it: a vector may depend on the text
        around the chunk."""
        text = draft.stored.document.text.encode("utf-8", "surrogatepass")
        digest = hashlib.sha256(text).hexdigest()
        return [
            vector_key(self._reader.fingerprint, f"{digest}\0{chunk.span.start}\0{chunk.span.end}\0{chunk.context}")
            for chunk in draft.chunks
        ]

    def _read(
        self, wanted: Sequence[tuple[DocumentDraft, list[int]]], progress: OnProgress = no_progress
    ) -> Iterator[tuple[DocumentDraft, list[int], Vectors]]:
        """Embed chunks (by row) with their sentences. Fills in the sentence vectors, and yields the chunks' vectors."""
        due = [(draft, rows) for draft, rows in wanted if rows]
        total = sum(len(rows) for _, rows in due)
        done = 0
        for part in _parts(due):
            passages, plain = [], []
            for draft, rows in part:
                inner, texts = [], []
                for row in rows:
                    start = draft.chunks[row].span.start
                    for span, text in self.sentences(draft.chunks[row]):
                        inner.append(Span(start + span.start, start + span.end))
                        texts.append(text)
                context = tuple(draft.chunks[row].context for row in rows)
                spans = tuple(draft.chunks[row].span for row in rows)
                before = context if any(context) else ()
                passages.append(DocumentSpans(draft.stored.document.text, spans, tuple(inner), before))
                plain.append(texts)

            def shifted(step: Progress, before: int = done) -> None:
                progress(Progress("embed", before + step.done, total))

            found = self._reader.embed_spans(passages, shifted)
            chunk, sentence = 0, 0
            for (draft, rows), texts in zip(part, plain, strict=True):
                draft.known |= zip(texts, found.inner[sentence : sentence + len(texts)], strict=True)
                sentence += len(texts)
                yield draft, rows, found.spans[chunk : chunk + len(rows)]
                chunk += len(rows)
            done += chunk


def _parts(due: Sequence[tuple[DocumentDraft, list[int]]]) -> Iterator[list[tuple[DocumentDraft, list[int]]]]:
    """Documents in parts of at most `_AT_ONCE` chunks. A document is never divided, so one may exceed that alone."""
    part: list[tuple[DocumentDraft, list[int]]] = []
    for draft, rows in due:
        if part and sum(len(own) for _, own in part) + len(rows) > _AT_ONCE:
            yield part
            part = []
        part.append((draft, rows))
    if part:
        yield part
