from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import leaf, parent

from ragtree.labels.labels import with_labels
from ragtree.text.folding import fold
from ragtree.types import Node

WHALES = ["The report says that whales sing.", "Another report on whales and krill."]
BREAD = ["The report says that bread needs yeast.", "Another report on ovens and bread."]
CLOCKS = ["The report says that clocks tick.", "Another report on a clock of Huygens."]


def tree(*groups: Sequence[str]) -> list[Node]:
    """A tree of three levels: the texts, the groups, and a root."""
    leaves = [[leaf(f"{g}.{n}", text) for n, text in enumerate(texts)] for g, texts in enumerate(groups)]
    parents = [replace(parent(f"group {g}", own), label="") for g, own in enumerate(leaves)]
    return [*(node for own in leaves for node in own), *parents, replace(parent("root", parents), label="")]


def labels(*groups: Sequence[str]) -> list[list[str]]:
    """The terms of the groups' labels."""
    return [node.label.split(", ") for node in with_labels(tree(*groups)) if node.level == 1]


def test_a_label_has_the_words_that_set_its_group_apart() -> None:
    whales, bread, clocks = labels(WHALES, BREAD, CLOCKS)
    assert whales[0] == "whales"
    assert bread[0] == "bread"
    assert clocks[0].startswith("clock")


def test_words_that_all_groups_share_and_empty_words_are_no_labels() -> None:
    for terms in labels(WHALES, BREAD, CLOCKS):
        assert terms[0] != "report"
        assert not {"the", "that", "and", "another"} & {term.lower() for term in terms}


def test_leaves_keep_their_labels_and_the_root_has_one() -> None:
    nodes = tree(WHALES, BREAD)
    labelled = with_labels(nodes)
    assert [node for node in labelled if not node.level] == [node for node in nodes if not node.level]
    assert labelled[-1].label
    assert [replace(node, label="") if node.level else node for node in labelled] == nodes


def test_forms_of_one_word_are_one_term_as_it_is_mostly_written() -> None:
    texts = ["Venn's lanterns hang.", "Miss Venn has lanterns.", "One lantern of Venn’s."]
    assert sorted(labels(texts, ["Other things."])[0][:2]) == ["Venn", "lanterns"]


def test_one_long_text_that_repeats_a_word_does_not_win() -> None:
    group = ["spam spam spam spam spam", "eggs fried", "eggs boiled", "eggs raw"]
    assert labels(group, ["toast"])[0][0] == "eggs"


def test_two_words_that_stand_together_are_one_term() -> None:
    group = ["The harbour board met.", "A vote of the harbour board.", "The harbour board rose."]
    assert labels(group, ["Bread needs yeast."])[0][0] == "harbour board"


def test_words_in_different_sentences_cells_and_lines_are_no_pair() -> None:
    group = ["Subject: hemp. Rope is dear.", "Rope | hemp", "hemp\nrope"]
    assert not any(" " in term for term in labels(group, ["Bread needs yeast."])[0])


def test_words_of_one_family_stand_once() -> None:
    terms = labels(["The baker bakes.", "A bakery bakes."], ["Clocks tick."])[0]
    assert len(terms) == 1


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (["Die Mühle steht am Bach.", "Der Müller der Mühle mahlt."], "Mühle"),
        (["Le phare de l'île brille.", "Il y a un phare sur l'île."], "phare"),
        (["Маяк стоит на берегу.", "Этот маяк светит для кораблей."], "маяк"),
        (["फ़िल्म में नायक है और वह अच्छा है।", "यह फ़िल्म बहुत अच्छी है।"], "फ़िल्म"),
        (["등대는 바다에 있다.", "등대는 높다."], "등대는"),
        (["灯台守は海を見る。", "カモメと灯台守の話。", "灯台守は眠る。"], "灯台守"),
        (["黄山在安徽。", "他去了黄山。", "游客爱黄山。"], "黄山"),
        (["เขาไปภูเก็ต", "ภูเก็ต สวยมาก", "รักภูเก็ต จริง"], "ภูเก็ต"),
    ],
)
def test_any_language(texts: list[str], wanted: str) -> None:
    terms = labels(texts, ["Bread needs yeast, and an oven is what it wants."])[0]
    assert wanted in [term.lower() if wanted.islower() else term for term in terms]


def test_empty_words_of_other_languages_are_left_out() -> None:
    german = ["Das Haus ist nicht mit dem Garten und der Straße verbunden.", "Die Straße wird auch für das Haus sein."]
    words = {word.lower() for term in labels(german, WHALES)[0] for word in term.split()}
    assert words <= {"haus", "garten", "straße", "verbunden"}


def test_a_table_in_the_language_of_the_rest_has_its_empty_words_left_out() -> None:
    table = ["Quantity | From | For", "12 | Daw | for lamps", "3 | Gleeson | from stock"]
    assert not {"for", "from"} & {term.lower() for term in labels(table, WHALES, BREAD, CLOCKS)[0]}


def test_markup_and_addresses_are_no_words() -> None:
    texts = ['<span class="filename">Lamp</span> at https://example.org/lamp', "Lamp: in lamp@example.org"]
    assert labels(texts, ["Bread needs yeast."])[0] == ["Lamp"]


def test_texts_without_words_have_an_empty_label() -> None:
    assert labels(["12 34"], ["56"]) == [[""], [""]]


def test_no_nodes_and_leaves_alone_stay_as_they_are() -> None:
    assert with_labels([]) == []
    assert with_labels([leaf("a")]) == [leaf("a")]


texts = st.lists(st.text(max_size=60) | st.sampled_from(WHALES + CLOCKS), min_size=1, max_size=4)


@settings(deadline=None)
@given(groups=st.lists(texts, min_size=1, max_size=4))
def test_terms_stand_in_their_group_and_no_term_is_part_of_another(groups: list[list[str]]) -> None:
    nodes = tree(*groups)
    labelled = with_labels(nodes)
    assert labelled == with_labels(nodes)
    for own, node in zip(groups, [node for node in labelled if node.level == 1], strict=True):
        assert len(node.label) <= 80 or ", " not in node.label
        held = " ".join(fold(" ".join(own), case=True).split())
        terms = [term for term in node.label.split(", ") if term]
        assert len(terms) <= 4
        for term in terms:
            for word in fold(term, case=True).split():
                assert word in held or re.sub("(ies|e?s)$", "", word) in held or word[:-1] in held
            assert not any(term is not other and term.casefold() in other.casefold() for other in terms)


def test_the_time_is_linear_in_the_leaves() -> None:
    words = [f"w{''.join(chr(97 + int(d)) for d in str(n * 7919))}" for n in range(3000)]

    def seconds(groups: int) -> float:
        def text(group: int, number: int) -> str:
            return " ".join(words[(group * 31 + number * 17 + k * k) % 3000] for k in range(60))

        nodes = tree(*([text(group, number) for number in range(8)] for group in range(groups)))
        started = time.process_time()
        with_labels(nodes)
        return time.process_time() - started

    seconds(10)
    assert seconds(400) < 10 * seconds(100)
