"""Which sentences can be read alone."""

from __future__ import annotations

import pytest

from ragtree.text.self_contained import is_self_contained, is_sentence


@pytest.mark.parametrize(
    ("text", "sentence", "alone"),
    [
        ("The stove cost two pounds and draws well.", True, True),
        ("“The stove cost two pounds,” said Mr. Vane.", True, True),
        ("- The stove cost two pounds and draws well.", True, True),
        ("He said that it smokes in any wind.", True, False),
        ("This was refused by the Board at once.", True, False),
        ("This chapter introduces closures and iterators.", True, True),
        ("and the stove was bought for the hut.", True, False),
        ("| Stove for toll hut | 1 | £2 8s. |", False, False),
        ("# Report upon the light.", False, False),
        ("Dear Miss Lorne,", False, False),
        ("Er hat das Boot nicht gesehen.", True, False),
        ("Der Hafenmeister hat das Boot nicht gesehen.", True, True),
        ("Il a coulé dans la nuit du mardi.", True, False),
        ("他没有看到那条船和灯塔。", True, False),
        ("港务长没有看到那条船和灯塔。", True, True),
        ("", False, False),
    ],
)
def test_sentences_that_stand_alone(text, sentence, alone):
    assert (is_sentence(text), is_self_contained(text)) == (sentence, alone)
