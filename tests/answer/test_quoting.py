from __future__ import annotations

import pytest

from ragtree.answer.quoting import is_sentence, plain


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("The stove cost two pounds and draws well.", True),
        ("** Kittens, five, have been found in the drawer.", True),
        ("# Report upon the Illumination at Maw Head.", False),
        ("| Stove for toll hut | 1 | £2 8s. | Gleeson |", False),
        ("Dear Miss Lorne,", False),
        ("Tenders for the new breakwater", False),
        ("Lit.", False),
    ],
)
def test_what_can_be_quoted_alone(text: str, whole: bool) -> None:
    assert is_sentence(text) is whole


def test_marks_of_the_original_cannot_be_taken_for_ours() -> None:
    assert plain("**The rope cost 4s, as shown in [2] and [3, 4].**") == "The rope cost 4s, as shown in (2) and (3, 4)."
