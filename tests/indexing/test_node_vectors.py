"""Vectors of chunks that depend on their documents: kept, found again, and made anew where the document changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import pytest

from ragtree.embed.base import Passages, unit_rows
from ragtree.embed.hashing import HashingEmbedder
from ragtree.errors import ModelError
from ragtree.indexing.caches import CachedEmbedder
from ragtree.indexing.node_vectors import NodeVectors
from ragtree.store.catalog import Catalog
from ragtree.types import Node, OnProgress, Span, Vectors, no_progress

Kind: TypeAlias = Literal["late", "blend"]
TEXTS = {"a": "one two three. four five six.", "b": "seven eight."}


class Around:
    """A stand-in for late chunking: a span and its whole text, half and half. It counts, and can fail."""

    fingerprint = "around"

    def __init__(self) -> None:
        self.spans = 0
        self.fails_at: str | None = None
        self._words = HashingEmbedder()

    def embed_spans(self, documents: Sequence[Passages], progress: OnProgress = no_progress) -> Vectors:
        if any(document.text == self.fails_at for document in documents):
            raise ModelError("the model is gone")
        rows = [
            self._words.embed([span.of(document.text), document.text]).sum(axis=0)
            for document in documents
            for span in document.spans
        ]
        self.spans += len(rows)
        return unit_rows(np.array(rows))


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "catalog.sqlite")


def leaf(document: str, start: int, end: int, text: str) -> Node:
    return Node(f"{document}{start}", 0, text[start:end], 3, document_id=document, span=Span(start, end))


def leaves_of(texts: dict[str, str]) -> list[Node]:
    a, b = texts["a"], texts["b"]
    return [leaf("a", 0, 15, a), leaf("a", 15, len(a), a), leaf("b", 0, len(b), b)]


def vectors(catalog: Catalog, late: Around | None, kind: Kind, texts: dict[str, str]) -> NodeVectors:
    text_of: Callable[[str], str] = texts.__getitem__
    return NodeVectors(CachedEmbedder(HashingEmbedder(), catalog), late, kind, catalog, text_of)


def test_chunks_are_embedded_once(catalog: Catalog) -> None:
    late = Around()
    first = vectors(catalog, late, "late", TEXTS).embed(leaves_of(TEXTS))
    assert late.spans == 3
    again = vectors(catalog, late, "late", TEXTS)
    assert np.array_equal(again.embed(leaves_of(TEXTS)), first)
    assert (late.spans, again.embedded, again.missing(leaves_of(TEXTS))) == (3, 0, [])


def test_another_text_around_a_chunk_is_another_vector(catalog: Catalog) -> None:
    late = Around()
    vectors(catalog, late, "late", TEXTS).embed(leaves_of(TEXTS))
    changed = {**TEXTS, "a": "one two three. four five seven."}
    assert len(vectors(catalog, late, "late", changed).missing(leaves_of(changed))) == 2
    vectors(catalog, late, "late", changed).embed(leaves_of(changed))
    assert late.spans == 5


def test_a_renamed_document_is_not_embedded_again(catalog: Catalog) -> None:
    late = Around()
    vectors(catalog, late, "late", TEXTS).embed(leaves_of(TEXTS))
    renamed = [leaf("c", 0, 15, TEXTS["a"])]
    assert vectors(catalog, late, "late", {"c": TEXTS["a"]}).missing(renamed) == []


def test_blend_is_the_normalized_sum_of_both(catalog: Catalog) -> None:
    late = Around()
    leaves = leaves_of(TEXTS)
    alone = vectors(catalog, None, "blend", TEXTS).embed(leaves)
    around = vectors(catalog, late, "late", TEXTS).embed(leaves)
    both = vectors(catalog, late, "blend", TEXTS)
    assert np.allclose(both.embed(leaves), unit_rows(alone + around))
    assert late.spans == 3, "what late has paid for is found"
    kept = catalog.get_vectors(both.keys(leaves))
    assert np.allclose(np.stack([kept[key] for key in both.keys(leaves)]), both.embed(leaves))


def test_summaries_are_embedded_alone(catalog: Catalog) -> None:
    late = Around()
    summary = Node("s", 1, "one two", 2, children=("a0",))
    found = vectors(catalog, late, "late", TEXTS)
    assert np.allclose(found.embed([summary]), HashingEmbedder().embed(["one two"]))
    assert late.spans == 0
    assert found.keys([summary]) == CachedEmbedder(HashingEmbedder(), catalog).keys(["one two"])


def test_what_was_embedded_before_a_failure_is_kept(catalog: Catalog) -> None:
    texts = {f"d{number}": f"{number} " * 700 for number in range(3)}
    leaves = [leaf(key, start, start + 2, text) for key, text in texts.items() for start in range(0, 1200, 2)]
    late = Around()
    late.fails_at = texts["d2"]
    with pytest.raises(ModelError):
        vectors(catalog, late, "late", texts).embed(leaves)
    late.fails_at = None
    spent = late.spans
    assert spent == 1200
    vectors(catalog, late, "late", texts).embed(leaves)
    assert late.spans == 1800


def test_a_context_decides_about_the_vector_where_the_chunk_is_embedded_alone(catalog: Catalog) -> None:
    bare = leaves_of(TEXTS)
    told = [replace(node, context="of numbers") for node in bare]
    ways: list[tuple[Kind, Around | None, bool]] = [
        ("blend", None, True),
        ("blend", Around(), True),
        ("late", Around(), False),
    ]
    for kind, late, differs in ways:
        made = vectors(catalog, late, kind, TEXTS)
        assert (made.keys(bare) != made.keys(told)) == differs, kind
        assert np.allclose(made.embed(bare), made.embed(told)) != differs, kind
