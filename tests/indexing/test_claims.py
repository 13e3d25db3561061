from __future__ import annotations

from samples import leaf

from ragtree.indexing.claims import claims_of, text_of
from ragtree.summarize.base import Source, Summary, SummarySentence
from ragtree.types import Node, Span

LEAVES = [leaf("a", "Whales sing. Whales dive."), leaf("b", "Bread rises. Ovens heat."), leaf("c", "Clocks tick.")]


def span_of(sentence: str, text: str) -> Span:
    start = text.index(sentence)
    return Span(start, start + len(sentence))


def summary_of(children: list[Node], *sentences: tuple[str, list[tuple[int, str]]]) -> Summary:
    """Each sentence with the child numbers and the words that it rests on."""
    return Summary(
        tuple(
            SummarySentence(
                text, tuple(Source(child, span_of(words, children[child].text)) for child, words in sources), 0.5
            )
            for text, sources in sentences
        ),
        "extractive",
    )


def node_of(key: str, children: list[Node], summary: Summary) -> Node:
    claims = claims_of(summary, children)
    ids = tuple(child.id for child in children)
    return Node(key, children[0].level + 1, text_of(claims), 5, children=ids, claims=claims)


def quotes(claim_number: int, node: Node) -> list[tuple[str, str]]:
    texts = {one.id: one.text for one in LEAVES}
    return [(item.leaf, item.span.of(texts[item.leaf])) for item in node.claims[claim_number].evidence]


P = node_of(
    "p",
    LEAVES[:2],
    summary_of(LEAVES[:2], ("Whales dive.", [(0, "Whales dive.")]), ("Ovens heat.", [(1, "Ovens heat.")])),
)
Q = node_of("q", LEAVES[2:], summary_of(LEAVES[2:], ("Clocks tick.", [(0, "Clocks tick.")])))


def test_a_summary_of_leaves_rests_on_the_spans_of_its_sources() -> None:
    assert P.text == "Whales dive. Ovens heat."
    assert quotes(0, P) == [("a", "Whales dive.")]
    assert quotes(1, P) == [("b", "Ovens heat.")]
    assert P.claims[0].score == 0.5


def test_evidence_goes_down_two_levels_to_the_leaf_that_says_it() -> None:
    root = node_of(
        "r", [P, Q], summary_of([P, Q], ("Ovens heat.", [(0, "Ovens heat.")]), ("Clocks tick.", [(1, "Clocks tick.")]))
    )
    assert quotes(0, root) == [("b", "Ovens heat.")]
    assert quotes(1, root) == [("c", "Clocks tick.")]


def test_a_source_over_two_claims_has_the_evidence_of_both_and_none_twice() -> None:
    summary = summary_of([P, Q], ("Both.", [(0, "dive. Ovens"), (0, "Ovens heat."), (1, "Clocks")]))
    root = node_of("r", [P, Q], summary)
    assert quotes(0, root) == [("a", "Whales dive."), ("b", "Ovens heat."), ("c", "Clocks tick.")]


def test_a_claim_keeps_a_handful_of_evidence() -> None:
    many = [leaf(f"n{number}", "Whales sing.") for number in range(20)]
    claims = claims_of(summary_of(many, ("All.", [(number, "Whales sing.") for number in range(20)])), many)
    assert 1 <= len(claims[0].evidence) <= 6
