from __future__ import annotations

from ragtree.grow.labels import group_labels

GROUPS = [
    ["The report says that whales sing.", "Another report on whales and krill."],
    ["The report says that bread needs yeast.", "Another report on ovens and bread."],
    ["The report says that clocks tick.", "Another report on a clock of Huygens."],
]


def test_a_label_has_the_words_that_set_its_group_apart() -> None:
    whales, bread, clocks = group_labels(GROUPS)
    assert whales.split(", ")[0] == "whales"
    assert bread.split(", ")[0] == "bread"
    assert clocks.split(", ")[0].startswith("clock")
    assert len(whales.split(", ")) == 4


def test_words_that_all_groups_share_and_common_words_are_last() -> None:
    for label in group_labels(GROUPS):
        assert label.split(", ")[0] != "report"
        assert "the" not in label.lower().split(", ")


def test_forms_of_one_word_are_one_term_as_it_is_mostly_written() -> None:
    texts = ["Venn's lanterns hang.", "Miss Venn has lanterns.", "One lantern of Venn’s."]
    label = group_labels([texts, ["Other things."]])[0].split(", ")
    assert label[:2] == ["lanterns", "Venn"]


def test_one_long_text_that_repeats_a_word_does_not_win() -> None:
    group = ["spam spam spam spam spam", "eggs fried", "eggs boiled", "eggs raw"]
    assert group_labels([group, ["toast"]])[0].startswith("eggs")


def test_texts_without_words_have_an_empty_label() -> None:
    assert group_labels([["12 34"], []]) == ["", ""]


def test_labels_do_not_depend_on_chance() -> None:
    assert group_labels(GROUPS) == group_labels(GROUPS)
