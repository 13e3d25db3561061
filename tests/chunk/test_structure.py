from __future__ import annotations

import pytest

from ragtree.chunk.parts import parts_of, sections_of
from ragtree.chunk.structure import StructureChunker
from ragtree.settings import ChunkSettings
from ragtree.text.tokens import count_tokens
from ragtree.types import Document, Location, Mark

TEXT = """# Harbour

The harbour lies south.

## Depths

| quay | metres |
|---|---|
| north | 12 |
| south | 9 |

```sh
# not a heading
| not a table |

sound --all
```

Ropes
-----
- hemp
- sisal
"""


def chunks(text: str, tokens: int = 16, **fields: object) -> list[str]:
    document = Document("d.md", text, **fields)  # type: ignore[arg-type]
    return [span.of(text) for span in StructureChunker(ChunkSettings(tokens=tokens)).chunk(document)]


def parts(document: Document) -> list[tuple[str, str]]:
    return [(part.kind, part.span.of(document.text).strip()) for part in parts_of(document.text, sections_of(document))]


def test_parts_are_what_a_reader_sees() -> None:
    found = parts(Document("d.md", TEXT))
    assert [kind for kind, _ in found] == ["heading", "text", "heading", "table", "code", "text"]
    assert found[3][1].startswith("| quay") and found[3][1].endswith("| 9 |")
    assert found[4][1].endswith("sound --all\n```")


def test_sections_are_those_of_the_lines_with_hashes() -> None:
    assert [section.path for section in sections_of(Document("d.md", TEXT))] == [("Harbour",), ("Harbour", "Depths")]


def test_the_loader_s_headings_are_believed() -> None:
    at = TEXT.index("Ropes")
    marks = (Mark(0, Location(page=1)), Mark(at, Location(heading=("Ropes",))))
    document = Document("d.md", TEXT, marks=marks)
    assert [section.path for section in sections_of(document)] == [(), ("Ropes",)]
    assert ("heading", "Ropes\n-----") in parts(document)


def test_a_page_break_is_no_section() -> None:
    marks = tuple(Mark(at, Location(page=at, heading=("A",))) for at in (0, 30, 60))
    assert len(sections_of(Document("d.pdf", TEXT, marks=marks))) == 1


def test_comments_of_programs_are_no_headings() -> None:
    assert [section.path for section in sections_of(Document("a/d.py", "# a comment\nx = 1\n"))] == [()]


def test_a_code_block_that_is_never_closed_ends_with_its_section() -> None:
    document = Document("d.md", "```\ncode\n", marks=())
    assert parts(document) == [("code", "```\ncode")]
    text = "```\ncode\nmore\n\nTitle\nwords\n"
    marks = (Mark(0, Location(heading=("A",))), Mark(text.index("Title"), Location(heading=("Title",))))
    assert [kind for kind, _ in parts(Document("d.md", text, marks=marks))][-2:] == ["heading", "text"]


def test_a_chunk_begins_with_a_section() -> None:
    sentence = "The tide turned at nine. "
    text = f"# One\n\n{sentence}{sentence}\n\n# Two\n\n{sentence}\n"
    assert count_tokens(text) < 60
    assert [chunk.split("\n")[0] for chunk in chunks(text, 60)] == ["# One", "# Two"]


def test_small_sections_share_a_chunk() -> None:
    text = "# One\n\nYes.\n\n# Two\n\nNo.\n\n# Three\n\nPerhaps.\n"
    assert chunks(text, 100) == [text]


def test_a_heading_stays_with_what_stands_under_it() -> None:
    sentence = "The tide turned at nine and nobody went out. "
    text = f"# A heading of some length\n\n{sentence * 3}\n"
    assert count_tokens(sentence * 3) <= 32 < count_tokens(text)
    assert chunks(text, 32)[0].count("tide") >= 1


@pytest.mark.parametrize("body", ["| a | b |\n|---|---|\n| 1 | 2 |\n", "```\nsome code\n\nmore code\n```\n"])
def test_what_fits_is_kept_whole(body: str) -> None:
    prose = "The tide turned at nine and nobody went out.\n\n"
    found = chunks(prose * 2 + body + prose, 28)
    assert count_tokens(prose * 2 + body) > 28
    assert any(body in chunk for chunk in found)


def test_a_long_table_is_cut_between_its_rows() -> None:
    rows = [f"| harbour {number} | depth {number} m |\n" for number in range(12)]
    found = chunks("Before it.\n\n" + "| name | depth |\n|---|---|\n" + "".join(rows) + "\nAfter it.\n", 40)
    assert found[0].strip() == "Before it."  # a long table begins a chunk
    assert all(line in rows or "name" in line or "---" in line for line in "".join(found[1:-1]).splitlines(True)[:-1])
    assert all(chunk.startswith("|") for chunk in found[1:-1])


def test_a_long_list_is_cut_between_its_items() -> None:
    items = [f"- item {number}: the rope. It is of hemp, and wet.\n" for number in range(8)]
    assert all(chunk.startswith("- item") for chunk in chunks("".join(items), 40))
