"""Exact match, token F1 and word recall: every value is summed by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree.errors import DatasetError
from ragtree.evaluate.metrics.answer_match import (
    answer_tokens,
    coverage,
    exact_match,
    qasper_f1,
    token_f1,
    word_recall,
)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The  Keeper's\tLamp!", ["keepers", "lamp"]),
        ("a, an & the theatre", ["theatre"]),
        ("well-known (3.5%)", ["wellknown", "35"]),
        ("“quoted” – dash", ["“quoted”", "–", "dash"]),  # SQuAD's punctuation is ASCII
        ("Größe der Brücke", ["größe", "der", "brücke"]),
        ("किला बड़ा है", ["किला", "बड़ा", "है"]),
        ("東京 都。", ["東", "京", "都"]),
        ("「コーヒー・豆」です", list("コーヒー豆です")),
        ("2019年の iPhone手机“新”", ["2019", "年", "の", "iphone", "手", "机", "新"]),
        ("น้ำ", ["น", "้", "ำ"]),
        ("", []),
        ("The.", []),
    ],
)
def test_tokens_are_squad_s_and_characters_where_no_spaces_are_written(text: str, tokens: list[str]) -> None:
    assert answer_tokens(text) == tokens


@pytest.mark.parametrize(
    ("references", "answer", "exact", "f1"),
    [
        (["the Brannay light"], "Brannay Light.", 1, 1),
        # 2 shared of 2 wanted and 3 given: 2 * 2 / (2 + 3)
        (["the Brannay light"], "The light of Brannay", 0, 4 / 5),
        # a repeated token is shared as often as both have it: 1 of 1 and 2
        (["tick"], "tick tick", 0, 2 / 3),
        # the best reference: 1 of 3 and 1 against 1 of 1 and 1
        (["in the year 1921", "1921"], "1921", 1, 1),
        (["north", "south west"], "west", 0, 2 / 3),
        (["north"], "south", 0, 0),
        (["north"], "", 0, 0),
        # 3 characters of 3 and 5
        (["東京都"], "東京都です。", 0, 6 / 8),
        (["長城"], "“長城”", 1, 1),
    ],
)
def test_squad_by_hand(references: list[str], answer: str, exact: float, f1: float) -> None:
    assert exact_match(references, answer) == exact
    assert token_f1(references, answer) == pytest.approx(f1)


@pytest.mark.parametrize("references", [[], [""], ["", "the."]])
def test_without_an_answer_only_silence_is_right(references: list[str]) -> None:
    assert exact_match(references, "") == token_f1(references, "") == 1
    assert exact_match(references, "a") == 1  # an article is nothing
    assert exact_match(references, "north") == token_f1(references, "north") == 0


def test_an_empty_reference_beside_others_does_not_count() -> None:
    assert exact_match(["", "north"], "") == token_f1(["", "north"], "") == 0


@pytest.mark.parametrize(
    ("references", "answer", "f1"),
    [
        # the best annotator: 1 of 2 and 1
        (["Unanswerable", "the BLEU score"], "BLEU", 2 / 3),
        (["Unanswerable", "the BLEU score"], "unanswerable", 1),
        (["Yes", "No"], "no", 1),
        # 1 of 1 and 4
        (["Yes"], "Yes, they do so", 2 / 5),
        # what SQuAD 2.0 takes for right silence is nothing here
        ([""], "", 0),
    ],
)
def test_qasper_by_hand(references: list[str], answer: str, f1: float) -> None:
    assert qasper_f1(references, answer) == pytest.approx(f1)


def test_word_recall_counts_stems_and_numbers() -> None:
    # wanted: keeper, light (lighted), lamp, 1921; given: lamp, light (lighting), 1921
    assert word_recall("The keeper lighted the lamps in 1921.", "Lamps: lighting, 1921 and 3") == 3 / 4
    assert word_recall("£1,200", "1200 pounds") == 1
    assert word_recall("It is so.", "anything") == 1


def test_coverage_is_the_mean_over_the_references() -> None:
    # 2 of 2 words of the one, 1 of 2 of the other
    assert coverage(["keepers lighted", "keepers slept"], "A keeper is lighting.") == (1 + 1 / 2) / 2


def test_without_references_there_is_nothing_to_compare_with() -> None:
    for measure in (coverage, qasper_f1):
        with pytest.raises(DatasetError, match="no reference"):
            measure([], "north")


@given(st.lists(st.text("ab東น .,“é", max_size=8), max_size=3), st.text("ab東น .,“é", max_size=8))
def test_all_lie_between_0_and_1_and_an_exact_match_is_a_full_one(references: list[str], answer: str) -> None:
    exact, f1 = exact_match(references, answer), token_f1(references, answer)
    assert 0 <= exact <= f1 <= 1
    if references:
        assert 0 <= qasper_f1(references, answer) <= f1
        assert 0 <= coverage(references, answer) <= 1
        assert exact_match(references, references[0]) == 1 or not answer_tokens(references[0])
