from __future__ import annotations

import pytest
from samples import Paragraphs

from ragtree.ids import hash_id
from ragtree.indexing.chunks import chunks_of, first_words
from ragtree.text.tokens import count_tokens
from ragtree.types import Document, Location, Mark, Node

TEXT = "First thing.\n\nSecond thing.\n\nThird thing."


def chunks(text: str, key: str = "d.md") -> list[Node]:
    return chunks_of(Document(key, text, title="Things", metadata={"year": 1907}), Paragraphs())


def test_a_chunk_knows_its_text_place_and_document() -> None:
    second = chunks(TEXT)[1]
    assert second.text == "Second thing.\n\n" == second.span.of(TEXT)
    assert second.location == Location(line=3)
    assert second.tokens == count_tokens(second.text)
    assert (second.document_id, second.source, second.level, second.kind) == ("d.md", "d.md", 0, "chunk")
    assert second.metadata == {"title": "Things", "year": 1907}
    assert second.label == "Second thing."


def test_headings_that_no_loader_marked_are_those_of_the_text() -> None:
    text = "# Tides\n\nIn short.\n\n## Spring\n\nHigh.\n\n## Neap\n\nLow."
    assert [node.location.heading for node in chunks(text)] == [
        ("Tides",),
        ("Tides",),
        ("Tides", "Spring"),
        ("Tides", "Spring"),
        ("Tides", "Neap"),
        ("Tides", "Neap"),
    ]
    marked = Document("d.md", text, marks=(Mark(0, Location(heading=("Marked",))),))
    assert {node.location.heading for node in chunks_of(marked, Paragraphs())} == {("Marked",)}


def test_ids_stay_when_text_is_put_in_before() -> None:
    before, after = chunks(TEXT), chunks("Put in.\n\n" + TEXT)
    assert [node.id for node in after[1:]] == [node.id for node in before]
    assert after[1].span.start == before[0].span.start + len("Put in.\n\n")


def test_only_the_changed_chunk_has_another_id() -> None:
    before, after = chunks(TEXT), chunks(TEXT.replace("Second", "Other"))
    assert [a.id == b.id for a, b in zip(before, after, strict=True)] == [True, False, True]


def test_repeated_chunks_have_ids_of_their_own() -> None:
    repeated = chunks("Same.\n\nSame.\n\nSame.\n\n")
    assert len({node.id for node in repeated}) == 3
    assert [node.id for node in chunks("Same.\n\nSame.\n\n")] == [node.id for node in repeated[:2]]


def test_the_same_chunk_in_two_documents_has_two_ids() -> None:
    assert not {node.id for node in chunks(TEXT, "a")} & {node.id for node in chunks(TEXT, "b")}


@pytest.mark.parametrize("text", ["", "  \n\n \n"])
def test_a_document_without_words_has_no_chunks(text: str) -> None:
    assert chunks(text) == []


def test_ids_tell_where_one_part_ends() -> None:
    assert hash_id("ab", "c") != hash_id("a", "bc") != hash_id("abc")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("# A *short* title\n\n", "A short title"),
        ("one two three four five six seven eight nine ten", "one two three four five six seven eight nine …"),
        ("W" * 100, "W" * 70 + " …"),
        ("###", "###"),
    ],
)
def test_a_label_is_how_the_passage_begins(text: str, label: str) -> None:
    assert first_words(text) == label
