from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ragtree.answer.packing import blocks, fenced, fitting
from ragtree.types import Hit, Location, Node, Span


def hit(key: str, document: str, start: int, text: str, score: float) -> Hit:
    span = Span(start, start + len(text))
    where = Location(heading=("Minutes", "Tuesday 6 March"))
    node = Node(key, 0, text, 9, document_id=document, source=document, span=span, location=where)
    return Hit(node, score)


def test_chunks_that_follow_each_other_are_one_passage_in_reading_order() -> None:
    (block,) = blocks([hit("b", "d.md", 8, "it blew.", 0.9), hit("a", "d.md", 0, "At noon ", 0.5)])
    assert block.text == "At noon it blew."
    assert block.score == 0.9


def test_chunks_apart_stay_apart_but_in_reading_order() -> None:
    found = blocks([hit("b", "d.md", 90, "Later.", 0.9), hit("a", "d.md", 0, "Sooner.", 0.5)])
    assert [block.text for block in found] == ["Sooner.", "Later."]


def test_the_best_documents_stand_at_the_ends() -> None:
    found = blocks(
        [hit(name, f"{name}.md", 0, name, score) for name, score in zip("abcde", (5, 4, 3, 2, 1), strict=True)]
    )
    assert [block.text for block in found] == ["b", "d", "e", "c", "a"]


def test_a_passage_tells_the_headings_above_it() -> None:
    assert 'from="d.md, § Tuesday 6 March, in Minutes"' in fenced([hit("a", "d.md", 0, "Rope.", 1.0)])


def test_the_budget_is_counted_by_the_model() -> None:
    hits = [
        hit("a", "d.md", 0, "one two three", 3.0),
        hit("b", "e.md", 0, "one " * 9, 2.0),
        hit("c", "f.md", 0, "one", 1.0),
    ]
    assert [one.node.id for one in fitting(hits, lambda text: len(text.split()), 4)] == ["a", "c"]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), unique=True, max_size=12))
def test_nothing_is_lost_or_said_twice(places: list[tuple[int, int]]) -> None:
    hits = [hit(f"{d}-{n}", f"{d}.md", n * 10, f"w{d}x{n} text ", float(d + n)) for d, n in places]
    words = " ".join(block.text for block in blocks(hits)).split()
    assert sorted(word for word in words if word != "text") == sorted(f"w{d}x{n}" for d, n in places)
