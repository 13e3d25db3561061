"""Words are found in whatever form and script they stand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import leaf

from ragtree.store.lexical_fields import STEMMED, headings_above, index_terms, query_terms
from ragtree.store.lexical_index import LexicalIndex
from ragtree.types import Location


@pytest.mark.parametrize(
    ("language", "asked", "stands"),
    [
        ("en", "forfeiting", "The Company forfeits two pounds"),
        ("en", "HARBOUR’S", "harbours"),
        ("de", "Häuser", "das Haus am Hafen"),
        ("de", "hauser", "Häusern"),
        ("fr", "l'assurance", "les assurances"),
        ("ru", "компании", "компания"),
        ("el", "σπιτια", "σπίτια"),
        ("zh", "人口", "東京都的人口很多"),
        ("ja", "ネコ", "あの大きなネコは眠る"),
        ("ko", "자동차", "자동차가"),
        ("th", "ประเทศ", "ในประเทศไทย"),
        ("hi", "भारत", "भारत में"),
        ("en", "ＦＵＬＬ", "full width"),
        ("en", "4.1", "paragraph 4.1"),
        ("en", "foo_bar", "foo_bar()"),
    ],
)
def test_a_word_is_found_in_another_form(language: str, asked: str, stands: str) -> None:
    kept = set(index_terms(stands, language))
    wanted = query_terms(asked, [language])
    assert wanted
    assert all(kept & set(forms) for forms in wanted), (wanted, kept)


def test_a_word_stands_under_the_stems_of_every_language() -> None:
    (forms,) = query_terms("running", ["en", "de"])
    assert set(forms) == {"run", "running"}
    assert query_terms("Haus haus", ["en", "de"]) == [("haus",)]


@given(text=st.text(), languages=st.lists(st.sampled_from([*STEMMED, "zh", "xx"]), min_size=1, max_size=3))
def test_what_stands_in_a_text_is_found_by_the_text_itself(text: str, languages: list[str]) -> None:
    kept = set(index_terms(text, languages[0]))
    assert all(kept & set(forms) for forms in query_terms(text, languages))
    assert not any(character.isspace() for term in kept for character in term)
    assert not any("" in forms for forms in query_terms(text, languages))


def under(*headings: str, text: str = "Some words here.", title: str = "", source: str = "d.md"):
    return replace(leaf("n", text, title=title), source=source, location=Location(heading=headings))


def test_a_leaf_is_found_by_its_title_and_the_headings_over_it() -> None:
    index = LexicalIndex(None)
    index.upsert([under("Fees", "Moorings", title="Rules of the harbour"), leaf("other", "Some other words.")])
    reader = index.reader()
    for question in ("mooring fees", "fee", "What are the harbour's rules?"):
        assert [key for key, _ in reader.search(question, 5, leaves=True)] == ["n"], question


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (under("A", "B", title="T"), "T\nA\nB"),
        (under("Tides", "Spring", title="Tides"), "Tides\nSpring"),
        (under("Tides", "Spring", title="Tides", text="## Spring\n\nHigh."), "Tides"),
        (under(title="letters/to_anna.txt", source="letters/to_anna.txt"), "to_anna"),
        (under(), ""),
        (replace(under("A", title="T"), level=1), ""),
    ],
)
def test_what_stands_above_is_said_once(node, said: str) -> None:
    assert headings_above(node) == said
