from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import pytest

from ragtree.reports import Plan
from ragtree.types import Citation, Document, Location, Mark, Progress, Span, no_progress


def test_a_span_reads_and_overlaps() -> None:
    assert Span(1, 3).of("abcd") == "bc"
    assert Span(1, 3).overlap(Span(2, 9)) == Span(2, 9).overlap(Span(1, 3)) == 1
    assert Span(1, 3).overlap(Span(3, 5)) == 0
    assert Span(1, 3).overlap(Span(7, 9)) == 0


def test_a_document_names_itself() -> None:
    document = Document(id="memo", text="words")
    assert (document.title, document.source, document.lines) == ("memo", "memo", True)
    other = Document(id="memo", text="words", source="a/memo.md")
    assert (other.title, other.source) == ("a/memo.md", "a/memo.md")
    assert Document(id="memo", text="words", title="Memo").title == "Memo"


def test_a_document_takes_names_as_applications_have_them() -> None:
    document = Document(id=Path("a/b.txt"), text="words", source=7)  # type: ignore[arg-type]
    assert (document.id, document.source, document.title) == ("a/b.txt", "7", "7")


def test_what_cannot_be_kept_waits_for_the_index_that_refuses_it() -> None:
    assert Document(id="", text="words", metadata={"a": {"b": 1}}).metadata == {"a": {"b": 1}}


def test_the_hash_is_of_the_text_unless_it_is_given() -> None:
    assert Document(id="a", text="é").sha256 == hashlib.sha256("é".encode()).hexdigest()
    assert Document(id="a", text="é").sha256 == Document(id="b", text="é", title="other").sha256
    assert Document(id="a", text="é", sha256="feed").sha256 == "feed"
    assert len(Document(id="a", text="\ud800").sha256) == 64


def test_nouns_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Document(id="a", text="b").text = "c"  # type: ignore[misc]


MARKS = (Mark(4, Location(page=1, heading=("A",))), Mark(8, Location(page=2, heading=("A", "B"))))


@pytest.mark.parametrize(
    ("start", "page", "heading"),
    [(0, None, ()), (3, None, ()), (4, 1, ("A",)), (7, 1, ("A",)), (8, 2, ("A", "B")), (11, 2, ("A", "B"))],
)
def test_a_mark_holds_until_the_next(start: int, page: int | None, heading: tuple[str, ...]) -> None:
    document = Document(id="a", text="abcdefghijkl", marks=MARKS, lines=False)
    assert document.locate(Span(start, 12)) == Location(page, None, heading)


@pytest.mark.parametrize(("span", "line"), [(Span(0, 3), 1), (Span(3, 8), 3), (Span(5, 8), 3), (Span(8, 8), 3)])
def test_lines_are_counted_to_the_first_letter(span: Span, line: int) -> None:
    assert Document(id="a", text="one\n\ntwo").locate(span).line == line


def test_lines_come_with_the_headings_of_marks() -> None:
    document = Document(id="a", text="x\n# A\ny", marks=(Mark(2, Location(heading=("A",))),))
    assert document.locate(Span(6, 7)) == Location(line=3, heading=("A",))


@pytest.mark.parametrize(
    ("location", "said"),
    [
        (Location(), ""),
        (Location(line=3), "line 3"),
        (Location(page=2, line=3), "page 2"),
        (Location(page=2, heading=("A", "B")), "page 2, § B"),
        (Location(heading=("A",)), "§ A"),
    ],
)
def test_a_location_reads_like_a_reference(location: Location, said: str) -> None:
    assert str(location) == said
    assert str(Citation("id", "a.md", Span(0, 1), "x", location)) == ("a.md, " + said if said else "a.md")


def test_a_plan_is_empty_where_nothing_changes() -> None:
    assert Plan(unchanged=3).is_empty
    assert not any(plan.is_empty for plan in (Plan(added=("a",)), Plan(renamed=(("a", "b"),)), Plan(removed=("a",))))
    assert not Plan(changed=("a",)).is_empty
    assert no_progress(Progress("load", 1, 2)) is None
