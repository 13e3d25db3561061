"""Span measures against sets of characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree.errors import DatasetError
from ragtree.evaluate.base import Place, Proof
from ragtree.evaluate.metrics.spans import evidence_recall, found_spans, span_iou, span_precision, span_recall
from ragtree.types import Claim, Evidence, Hit, Made, Node, Span


def place(document: str, start: int, end: int) -> Place:
    return Place(document, Span(start, end))


def proof(*places: Place) -> Proof:
    return Proof(places[0], places[1:])


PLACES = st.builds(place, st.sampled_from("ab"), st.integers(0, 25), st.integers(0, 25))
PROOFS = st.lists(st.lists(PLACES, min_size=1, max_size=3).map(lambda places: proof(*places)), min_size=1, max_size=4)
FOUND = st.lists(PLACES, max_size=6)


def characters(*places: Place) -> set[tuple[str, int]]:
    return {(key, at) for key, span in places for at in range(span.start, span.end)}


def best(proof: Proof, seen: set[tuple[str, int]]) -> Place:
    """The place of a proof that was seen best, the first of equals."""
    return max(proof.places, key=lambda one: share(one, seen))


def share(one: Place, seen: set[tuple[str, int]]) -> float:
    return len(characters(one) & seen) / len(characters(one)) if characters(one) else 0.0


@given(PROOFS, FOUND)
def test_intervals_give_what_sets_of_characters_give(proofs: list[Proof], found: list[Place]) -> None:
    seen = characters(*found)
    shares = [share(best(proof, seen), seen) for proof in proofs]
    gold = characters(*(best(proof, seen) for proof in proofs))
    both, either = len(gold & seen), len(gold | seen)
    assert evidence_recall(proofs, found) == pytest.approx(sum(shares) / len(shares))
    assert span_recall(proofs, found) == pytest.approx(both / len(gold) if gold else 0)
    assert span_precision(proofs, found) == pytest.approx(both / len(seen) if seen else 0)
    assert span_iou(proofs, found) == pytest.approx(both / either if either else 0)


@given(PROOFS, FOUND, FOUND)
def test_all_lie_between_0_and_1_and_recall_never_falls_by_finding_more(
    proofs: list[Proof], found: list[Place], more: list[Place]
) -> None:
    for measure in (evidence_recall, span_recall, span_precision, span_iou):
        assert 0 <= measure(proofs, found) <= 1
    assert evidence_recall(proofs, found + more) >= evidence_recall(proofs, found) - 1e-12
    assert span_iou(proofs, found) <= min(span_recall(proofs, found), span_precision(proofs, found)) + 1e-12


def test_by_hand() -> None:
    proofs = [proof(place("a", 0, 10)), proof(place("a", 20, 60))]
    found = [place("a", 5, 30), place("a", 8, 30), place("b", 0, 25)]  # 5-30 of a twice, and 25 of b
    # the first proof: 5 of 10; the second: 10 of 40; 15 of 50 together, in 50 characters found
    assert evidence_recall(proofs, found) == pytest.approx((0.5 + 0.25) / 2)
    assert span_recall(proofs, found) == pytest.approx(15 / 50)
    assert span_precision(proofs, found) == pytest.approx(15 / 50)
    assert span_iou(proofs, found) == pytest.approx(15 / (50 + 50 - 15))


def test_finding_any_of_a_proof_s_places_is_enough() -> None:
    said_twice = [proof(place("a", 0, 10), place("b", 0, 20))]
    assert evidence_recall(said_twice, [place("b", 0, 20)]) == 1
    assert span_recall(said_twice, [place("b", 0, 20)]) == 1
    assert span_precision(said_twice, [place("b", 0, 40)]) == 0.5
    assert evidence_recall(said_twice, [place("a", 0, 5), place("b", 0, 4)]) == 0.5


def test_nothing_found_is_nothing_and_nothing_to_find_is_an_error() -> None:
    for measure in (evidence_recall, span_recall, span_precision, span_iou):
        assert measure([proof(place("a", 0, 5))], []) == 0
        with pytest.raises(DatasetError, match="no proof"):
            measure([], [place("a", 0, 5)])


def test_many_long_spans_cost_no_characters() -> None:
    found = [place("a", at * 10**9, at * 10**9 + 10**8) for at in range(2000)]
    proofs = [proof(place("a", at * 10**9, at * 10**9 + 2 * 10**8)) for at in range(1000)]
    assert evidence_recall(proofs, found) == pytest.approx(0.5)
    assert span_precision(proofs, found) == pytest.approx(0.5)


@pytest.mark.parametrize("made", ["extractive", "verbatim"])
def test_a_reader_sees_chunks_and_the_originals_in_summaries_that_quote(made: Made) -> None:
    leaf = Node("leaf", 0, "x" * 50, 10, document_id="d", span=Span(100, 150))
    other = Node("other", 0, "x" * 50, 10, document_id="e", span=Span(0, 50))
    claims = (Claim("x", (Evidence("leaf", Span(5, 9)), Evidence("gone", Span(0, 1))), 1.0),)
    quoting = Node("sum", 1, "x", 1, children=("leaf",), claims=claims, kind="section", made=made)
    written = Node("own", 1, "y", 1, children=("leaf",), claims=claims, kind="section", made="abstractive")
    asked: list[list[str]] = []

    def leaves(ids: object) -> list[Node]:
        asked.append(list(ids))  # type: ignore[call-overload]
        return [leaf]

    hits = [Hit(quoting, 1.0), Hit(written, 0.9), Hit(other, 0.8)]
    assert found_spans(hits, leaves) == [place("e", 0, 50), place("d", 105, 109)]
    assert asked == [["gone", "leaf"]]
