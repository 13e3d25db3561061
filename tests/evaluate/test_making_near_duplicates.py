"""Sentences that are nearly the same: all of them are found, others are not, and the time stays near-linear."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree.evaluate.making import near_duplicates
from ragtree.evaluate.making.near_duplicates import SAME, bare, group_copies, resemblance

SENTENCE = "The harbour office paid eleven shillings a fathom for the tarred hemp rope of the new ferry in March"
TEXTS = st.lists(st.one_of(st.text(max_size=30), st.sampled_from([SENTENCE, SENTENCE + " 1923", "abcd", ""])))


@given(TEXTS)
def test_a_label_is_the_first_text_of_its_group(texts: list[str]) -> None:
    labels = group_copies(texts).tolist()
    assert len(labels) == len(texts)
    assert all(label <= index and labels[label] == label for index, label in enumerate(labels))
    assert all(labels[index] == labels[texts.index(text)] for index, text in enumerate(texts))


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (SENTENCE.upper() + "!", True),
        (SENTENCE.replace(" ", "\n  "), True),
        (f"**{SENTENCE}**", True),
        (SENTENCE.replace("eleven", "twelve"), True),
        (SENTENCE.replace("harbour office", "harbour board"), True),
        (SENTENCE[: len(SENTENCE) // 2], False),
        ("The harbour office asked the keeper to paint the door of the light again before the winter", False),
        ("", False),
    ],
)
def test_a_word_or_its_setting_may_differ(other: str, same: bool) -> None:
    labels = group_copies([bare(SENTENCE), bare("A goat boarded the evening mail at Orrin."), bare(other)]).tolist()
    assert (labels[2] == labels[0]) is same
    assert labels[1] == 1


def test_letters_of_other_scripts_are_kept() -> None:
    assert bare("修道院の鐘は、割れた。") == "修道院の鐘は割れた"
    assert bare("Ｏｒｒｉｎ １９０４") == "orrin1904"


def test_nearly_all_that_are_alike_are_found_among_many() -> None:
    words = [f"{first}{second}{third}" for first in "bdfgk" for second in "aeiou" for third in ("lm", "rt", "nds")]
    texts = [
        " ".join(words[(number * 7 + place * place * 11 + number * place) % len(words)] for place in range(16))
        for number in range(400)
    ]
    near = [" ".join(["changed", *text.split()[1:]]) for text in texts]
    labels = group_copies([*map(bare, texts), *map(bare, near)]).tolist()
    alike = [number for number in range(400) if resemblance(bare(texts[number]), bare(near[number])) >= SAME]
    found = [number for number in alike if labels[400 + number] == labels[number]]
    assert len(alike) > 300
    assert len(found) > 0.95 * len(alike)


def test_many_copies_are_not_all_compared_with_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0

    def counting(left: str, right: str) -> float:
        nonlocal compared
        compared += 1
        return resemblance(left, right)

    monkeypatch.setattr(near_duplicates, "resemblance", counting)
    labels = group_copies([bare(f"{SENTENCE}, folio {number}") for number in range(1000)])
    assert set(labels.tolist()) == {0}
    assert compared < 3000
