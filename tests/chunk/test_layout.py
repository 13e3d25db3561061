from __future__ import annotations

import time

import numpy as np

from ragtree.chunk.layout import LayoutChunker, clusters, weights
from ragtree.chunk.structure import StructureChunker
from ragtree.embed.base import unit_rows
from ragtree.embed.hashing import HashingEmbedder
from ragtree.settings import ChunkSettings
from ragtree.text.tokens import count_tokens
from ragtree.types import Block, Box, Document, Span

WHALES = "Whales sing in the deep sea and eat krill there."
BREAD = "Bread dough needs yeast, and an oven that is hot."


def document(elements: list[tuple[str, str, int, Box]]) -> Document:
    """Elements (text, kind, page, box), a blank line between them."""
    text = "\n\n".join(element[0] for element in elements)
    blocks, at = [], 0
    for words, kind, page, box in elements:
        blocks.append(Block(Span(at, at + len(words)), kind, page, box))
        at += len(words) + 2
    return Document("d.pdf", text, blocks=tuple(blocks))


def chunker(tokens: int) -> LayoutChunker:
    settings = ChunkSettings(tokens=tokens)
    return LayoutChunker(settings, HashingEmbedder(256), StructureChunker(settings))


def chunks(made: Document, tokens: int) -> list[str]:
    return [span.of(made.text).strip() for span in chunker(tokens).chunk(made)]


def row(top: int, left: int = 50) -> Box:
    return Box(left, top, left + 200, top + 20)


def test_what_stands_apart_is_cut_apart() -> None:
    near = [(WHALES, "text", 1, row(50)), (WHALES, "text", 1, row(72)), (WHALES, "text", 1, row(94))]
    far = [(WHALES, "text", 1, row(600)), (WHALES, "text", 1, row(622))]
    assert chunks(document(near + far), 40) == ["\n\n".join([WHALES] * 3), "\n\n".join([WHALES] * 2)]


def test_what_means_something_else_is_cut_apart() -> None:
    elements = [(text, "text", 1, row(50 + 22 * place)) for place, text in enumerate([WHALES] * 2 + [BREAD] * 3)]
    assert chunks(document(elements), 50) == ["\n\n".join([WHALES] * 2), "\n\n".join([BREAD] * 3)]


def test_a_heading_stands_before_its_text() -> None:
    elements = [
        *[(WHALES, "text", 1, row(50 + 22 * place)) for place in range(3)],
        ("Of loaves", "heading", 1, row(120)),
        *[(BREAD, "text", 1, row(300 + 22 * place)) for place in range(3)],
    ]
    assert [chunk.startswith("Of loaves") for chunk in chunks(document(elements), 50)] == [False, True]


def test_a_section_begins_a_chunk_though_nothing_else_parts_it() -> None:
    elements = [(WHALES, "text", 1, row(50 + 22 * place)) for place in range(6)]
    elements[3] = ("Of whales", "heading", 1, row(116))
    assert [chunk.startswith("Of whales") for chunk in chunks(document(elements), 54)] == [False, True]


def test_a_table_is_cut_between_its_rows() -> None:
    table = "| quay | metres |\n" + "\n".join(f"| quay {number} | {number} m |" for number in range(12))
    found = chunks(document([(WHALES, "text", 1, row(50)), (table, "table", 1, row(80))]), 40)
    assert all(line in table.splitlines() for chunk in found[1:] for line in chunk.splitlines())
    assert all(count_tokens(chunk) <= 40 for chunk in found)


def test_without_a_layout_the_structure_decides() -> None:
    text = "# One\n\n" + WHALES * 3 + "\n\n# Two\n\n" + BREAD * 3
    plain = Document("d.md", text)
    assert chunker(40).chunk(plain) == StructureChunker(ChunkSettings(tokens=40)).chunk(plain)


def test_weights_are_symmetric_and_fall_with_distance_and_meaning() -> None:
    boxes = np.array([[0, 0, 100, 20], [0, 22, 100, 42], [0, 500, 100, 520], [0, 0, 100, 20]], dtype=np.float64)
    vectors = unit_rows(np.array([[1, 0], [1, 0], [0, 1], [1, 0]]))
    found = weights(vectors, boxes, np.array([1, 1, 1, 2]))
    assert np.array_equal(found, found.T)
    assert ((found >= 0) & (found <= 1)).all()
    assert found[0, 1] > found[0, 3] > found[0, 2]  # next to it; alike on another page; far off and of another subject
    assert found[2, 3] == 0.25  # they follow each other over the end of the page


def test_more_clusters_than_elements_are_one_each() -> None:
    assert clusters(np.ones((3, 3)), 5).tolist() == [0, 1, 2]


def test_a_thousand_pages_take_seconds() -> None:
    elements = [(WHALES, "text", 1 + place // 10, row(50 + 22 * (place % 10))) for place in range(5000)]
    made = document(elements)
    started = time.process_time()
    found = chunker(100).chunk(made)
    assert time.process_time() - started < 30
    assert "".join(span.of(made.text) for span in found) == made.text
