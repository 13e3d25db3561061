from __future__ import annotations

import pytest

from ragtree.chunk.base import Context
from ragtree.chunk.context import HeadingContext, NoContext, TitleContext, title_of
from ragtree.settings import ChunkSettings
from ragtree.text.tokens import count_tokens
from ragtree.types import Document, Location, Mark, Span

TEXT = """# Harbour

The harbour lies south.

## Depths

They were sounded in May.

| quay | metres |
|---|---|
| north | 12 |
| south | 9 |
"""
SETTINGS = ChunkSettings()


def before(context: Context, document: Document, *beginnings: str) -> list[str]:
    """The contexts of the spans that begin so."""
    starts = [document.text.index(words) for words in beginnings]
    return context.before(document, [Span(start, start + 12) for start in starts])


def test_headings_stand_before_a_chunk_from_the_outside_in() -> None:
    document = Document("a/log-book.md", TEXT, title="Soundings")
    found = before(HeadingContext(SETTINGS), document, "The harbour", "They were")
    assert found == ["Soundings > Harbour", "Soundings > Harbour > Depths"]


def test_what_the_chunk_says_itself_is_not_said_twice() -> None:
    document = Document("d.md", TEXT, title="Harbour")
    assert before(HeadingContext(SETTINGS), document, "# Harbour", "## Depths", "They") == [
        "",
        "Harbour",
        "Harbour > Depths",
    ]
    assert before(TitleContext(SETTINGS), document, "# Harbour", "They") == ["", "Harbour"]


def test_rows_of_a_table_have_its_header_before_them() -> None:
    document = Document("d.md", TEXT, title="Harbour")
    assert before(HeadingContext(SETTINGS), document, "| quay", "| south") == [
        "Harbour > Depths",
        "Harbour > Depths\n| quay | metres |",
    ]


def test_the_loader_s_headings_are_believed() -> None:
    marks = (Mark(0, Location(page=1, heading=("3 Results",))),)
    document = Document("d.pdf", "Depth is 9 m.", title="Soundings", marks=marks)
    assert before(HeadingContext(SETTINGS), document, "Depth") == ["Soundings > 3 Results"]


@pytest.mark.parametrize(
    ("key", "title", "wanted"),
    [
        ("a/ferry-contract_1922.pdf", "", "ferry contract 1922"),
        ("a/ferry.pdf", "The  ferry\ncontract", "The ferry contract"),
        ("1912.01214", "", ""),
        ("17", "", ""),
    ],
)
def test_a_title_is_the_document_s_or_the_words_of_its_name(key: str, title: str, wanted: str) -> None:
    assert title_of(Document(key, "text", title=title)) == wanted


def test_a_context_never_outweighs_its_chunk() -> None:
    document = Document("d.md", TEXT.replace("Harbour", "Harbour of stone " * 60), title="Soundings " * 90)
    settings = ChunkSettings(tokens=40)
    for context in (HeadingContext(settings), TitleContext(settings)):
        (found,) = before(context, document, "They were")
        assert 0 < count_tokens(found) <= 20
    assert before(HeadingContext(settings), document, "They were") == ["Depths"]


def test_none_says_nothing() -> None:
    assert before(NoContext(), Document("d.md", TEXT), "They", "The") == ["", ""]
    made = [NoContext(), TitleContext(SETTINGS), HeadingContext(SETTINGS), HeadingContext(ChunkSettings(tokens=40))]
    assert len({context.fingerprint for context in made}) == 4
