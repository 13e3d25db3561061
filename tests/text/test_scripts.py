from __future__ import annotations

import re
import unicodedata

import pytest

from ragtree.text import scripts
from ragtree.text.folding import fold
from ragtree.text.stems import index_terms


@pytest.mark.parametrize(
    ("script", "names"),
    [
        (scripts.THAI, {"THAI"}),
        (scripts.LAO, {"LAO"}),
        (scripts.MYANMAR, {"MYANMAR"}),
        (scripts.KHMER, {"KHMER"}),
        (scripts.HAN, {"CJK", "IDEOGRAPHIC"}),
        (scripts.KANA, {"HIRAGANA", "KATAKANA", "COMBINING", "KATAKANA-HIRAGANA"}),
        (scripts.HANGUL, {"HANGUL"}),
    ],
)
def test_a_range_has_the_letters_of_its_script_and_no_others(script: str, names: set[str]) -> None:
    letters = [letter for letter in map(chr, range(0x10000)) if re.match(f"[{script}]", letter)]
    assert {unicodedata.name(letter).split()[0] for letter in letters if letter.isalpha()} <= names
    assert not re.match(f"[{script}]", "a")


def test_what_the_lexical_index_keeps_as_pairs_does_not_change() -> None:
    """These ranges decide the terms of every index: with others, new questions would not find what old indexes keep."""
    paired = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    for letter in map(chr, range(0x10000)):
        if letter.isalpha() and fold(letter, case=True) == letter:
            assert (len(index_terms(letter * 3, "en")) == 2) == bool(re.match(f"[{paired}]", letter)), letter
