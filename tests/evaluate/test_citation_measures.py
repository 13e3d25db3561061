"""Citations against proofs, faithfulness, refusals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree import RagTree, Settings
from ragtree.answer.options import SUPPORT
from ragtree.answer.wording import wording
from ragtree.embed.base import Embedder
from ragtree.embed.hashing import HashingEmbedder
from ragtree.errors import DatasetError
from ragtree.evaluate.base import Place, Proof
from ragtree.evaluate.metrics.citations import (
    GroundingCheck,
    abstention,
    citation_precision,
    citation_recall,
    faithfulness,
    plain_text,
    source_texts,
)
from ragtree.types import Answer, Citation, Document, Hit, Node, Span

TEXT = "Whales sing in the deep sea. Bread rises in the oven."


def citation(document: str, start: int, end: int, number: int = 1, quote: str = "x") -> Citation:
    return Citation(document, document, Span(start, end), quote, number=number)


def answer(text: str = "", *citations: Citation, supported: bool = True, hits: Sequence[Hit] = ()) -> Answer:
    return Answer("q", text, citations, tuple(hits), supported)


def proof(document: str, start: int, end: int, *others: Place) -> Proof:
    return Proof(Place(document, Span(start, end)), others)


def chunk(text: str, level: int = 0) -> Hit:
    return Hit(Node(text, level, text, 1), 1.0)


PROOFS = [proof("a", 0, 10, Place("b", Span(50, 60))), proof("a", 20, 40)]


def test_citations_by_hand() -> None:
    cited = answer("", citation("a", 5, 25), citation("b", 59, 70), citation("a", 10, 20), citation("c", 0, 10))
    # the first two overlap a proof, at 5-10 and 20-25 and at 59-60; 10-20 lies between two; c proves nothing
    assert citation_precision(cited, PROOFS) == 2 / 4
    # of the first proof 5 of 10 are cited (of its other place 1 of 10), of the second 5 of 20
    assert citation_recall(cited, PROOFS) == pytest.approx((1 / 2 + 1 / 4) / 2)


def test_a_place_that_is_cited_twice_counts_once() -> None:
    assert (
        citation_precision(answer("", citation("a", 0, 5), citation("a", 0, 5, 2), citation("c", 0, 5)), PROOFS) == 0.5
    )


def test_an_answer_that_cites_nothing_has_nothing_right() -> None:
    assert citation_precision(answer("x"), PROOFS) == citation_recall(answer("x"), PROOFS) == 0
    for measure in (citation_precision, citation_recall):
        with pytest.raises(DatasetError, match="no proof"):
            measure(answer("x"), [])


CITATIONS = st.lists(st.builds(citation, st.sampled_from("ab"), st.integers(0, 70), st.integers(0, 70)), max_size=4)


@given(CITATIONS)
def test_both_lie_between_0_and_1(citations: list[Citation]) -> None:
    cited = answer("", *citations)
    assert 0 <= citation_precision(cited, PROOFS) <= 1
    assert 0 <= citation_recall(cited, PROOFS) <= 1


def test_the_plain_text_has_no_marks_and_none_of_ragtree_s_own_words() -> None:
    two = (citation("a", 0, 1, 1), citation("a", 1, 2, 2))
    assert plain_text(answer("It is so [1][2]. So says Venn [2020] [1, 2].", *two)) == "It is so. So says Venn [2020]."
    assert plain_text(answer(f"It is [1]. So {wording().unsupported}", *two)) == "It is. So"
    assert plain_text(answer(f"{wording().not_in_documents} {wording().nearest} [1][2]", *two, supported=False)) == ""
    assert plain_text(answer(f"{wording().documents_say} “So.” [1]", *two)) == "“So.”"


@pytest.fixture
def small_tree(tmp_path: Path, bundled_embedder: Embedder) -> Iterator[RagTree]:
    settings = Settings.model_validate({"llm": {"model": "none"}})
    with RagTree.open(tmp_path / "index", settings, embedder=bundled_embedder) as tree:
        tree.add([Document("a", TEXT + " The tower at Brannay is 74 feet high.")])
        yield tree


def test_a_refusal_of_ragtree_is_empty(small_tree: RagTree) -> None:
    refused = small_tree.ask("Who minted gold florins?")
    assert not refused.supported
    assert refused.citations
    assert plain_text(refused) == ""


def test_what_ragtree_answers_passes_its_own_check(small_tree: RagTree, bundled_embedder: Embedder) -> None:
    said = small_tree.ask("How high is the tower at Brannay?")
    assert "74 feet" in plain_text(said)
    check = GroundingCheck(bundled_embedder, SUPPORT, said.question)
    assert faithfulness(said, check) == 1
    assert faithfulness(answer("Its keepers ate pineapples in Honolulu.", hits=said.hits), check) == 0


def test_the_sources_are_originals() -> None:
    cited = answer("x", citation("a", 0, 1, quote="one"), citation("a", 2, 3, quote="two"))
    hits = [chunk("one"), chunk("three"), chunk("a summary", level=1)]
    assert source_texts(answer("x", *cited.citations, hits=hits)) == ("one", "three", "two")


def test_faithfulness_is_the_share_of_supported_sentences() -> None:
    asked: list[tuple[str, Sequence[str]]] = []

    def supports(sentence: str, sources: Sequence[str]) -> bool:
        asked.append((sentence, sources))
        return "sing" in sentence

    said = answer("Whales sing. [1] Bread falls. They sing on.", citation("a", 0, 1), hits=[chunk(TEXT)])
    assert faithfulness(said, supports) == pytest.approx(2 / 3)
    assert asked == [(sentence, (TEXT, "x")) for sentence in ["Whales sing.", "Bread falls.", "They sing on."]]


def test_an_answer_that_claims_nothing_claims_nothing_wrong() -> None:
    refused = answer(wording().not_in_documents, supported=False)
    assert faithfulness(refused, lambda sentence, sources: False) == 1


def test_ragtree_s_own_check_wants_words_numbers_and_meaning() -> None:
    check = GroundingCheck(HashingEmbedder(256), 0.5)
    sources = (TEXT, "The tower is 74 feet high.")
    assert check("Whales sing in the deep sea.", sources)
    assert check("The tower is 74 feet high.", sources)
    assert not check("The tower is 75 feet high.", sources)
    assert not check("Clocks tick all night.", sources)
    assert not check("Whales sing in the deep sea.", sources[1:])  # the sources before are forgotten
    assert not check("Whales sing in the deep sea.", ())
    assert not check("Whales sing in the deep sea.", (" ",))


def test_a_name_that_was_asked_about_needs_no_source() -> None:
    sentence, sources = "The tower at Brannay is 74 feet high.", ("The tower is 74 feet high.",)
    assert not GroundingCheck(HashingEmbedder(256), 0.5)(sentence, sources)
    assert GroundingCheck(HashingEmbedder(256), 0.5, "How high is the tower at Brannay?")(sentence, sources)


def test_the_sources_of_an_answer_are_embedded_once() -> None:
    class Counting(HashingEmbedder):
        texts = 0

        def embed(self, texts: Sequence[str], *rest: object) -> object:  # type: ignore[override]
            self.texts += len(texts)
            return super().embed(texts)

    embedder = Counting(256)
    said = answer("Whales sing in the deep sea. Bread rises in the oven. Bread sings.", hits=[chunk(TEXT)])
    assert faithfulness(said, GroundingCheck(embedder, 0.5)) == pytest.approx(2 / 3)
    assert embedder.texts == 2 + 3


@pytest.mark.parametrize(
    ("supported", "unanswerable", "right"),
    [(True, False, 1), (False, True, 1), (True, True, 0), (False, False, 0)],
)
def test_a_refusal_is_right_where_there_is_no_answer(supported: bool, unanswerable: bool, right: float) -> None:
    assert abstention(answer(supported=supported), unanswerable) == right
