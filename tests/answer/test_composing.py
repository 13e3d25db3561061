"""Answers that take no model: small talk, documents, overviews and lists."""

from __future__ import annotations

from dataclasses import fields
from string import Template

from ragtree.answer.composing import compose_documents, compose_overview, compose_small_talk, compose_survey
from ragtree.answer.wording import Wording, wording
from ragtree.gather.base import CollectionOverview, DocumentEntry, DocumentGroup, DocumentList, FoundDocument
from ragtree.surveys import Item, Survey
from ragtree.types import Citation, Span

SAID = wording()


def listed(count):
    return tuple(
        FoundDocument(
            DocumentEntry(f"d{number}", f"Title {number}", f"d{number}.md", date="1923-01-02"),
            Citation(f"d{number}", f"d{number}.md", Span(0, 5), "Title"),
        )
        for number in range(count)
    )


def test_small_talk_is_answered_without_a_source():
    for detail in ("greeting", "thanks", "goodbye", "about the assistant"):
        answer = compose_small_talk("hello", detail, 24, SAID)
        assert answer.text and answer.citations == () and answer.supported
        assert "$" not in answer.text
    assert "24 documents" in compose_small_talk("hello", "greeting", 24, SAID).text


def test_documents_are_counted_listed_and_cited():
    answer = compose_documents("?", DocumentList("documents", listed(2), 2, 9, "letters", ("rope",)), SAID)
    assert answer.text == ("2 of 9 documents (letters, rope):\n- Title 0 (1923-01-02) [1]\n- Title 1 (1923-01-02) [2]")
    assert [citation.number for citation in answer.citations] == [1, 2]


def test_a_long_list_is_cut_and_says_how_many_more():
    answer = compose_documents("?", DocumentList("documents", listed(25), 40, 40), SAID)
    assert answer.text.startswith("There are 40 documents.\n")
    assert answer.text.endswith("… and 15 more.")
    assert len(answer.citations) == 25


def test_that_nothing_was_found_is_no_supported_answer():
    for found, words in [
        (DocumentList("documents that mention", (), 0, 9, "", ("dragons",), True), "do not mention “dragons”"),
        (DocumentList("documents", (), 0, 9, "spreadsheets"), "fits that (spreadsheets)"),
        (DocumentList("newest document", (), 0, 9), "has a date"),
    ]:
        answer = compose_documents("?", found, SAID)
        assert words in answer.text and not answer.supported and answer.citations == ()


def test_the_newest_is_one_document():
    answer = compose_documents("?", DocumentList("newest document", listed(3), 3, 3), SAID)
    assert answer.text == "The newest document: Title 0 (1923-01-02) [1]"


def test_an_overview_counts_kinds_and_names_titles():
    group = DocumentGroup(7, listed(2))
    found = CollectionOverview(9, (("letters", 7), ("report", 2)), "1921/1923", (group, DocumentGroup(1, listed(1))))
    answer = compose_overview("?", found, SAID)
    assert answer.text.splitlines() == [
        "There are 9 documents. letters (7), report (2). Dates: 1921 – 1923.",
        "- 7 documents, such as “Title 0” [1], “Title 1” [2]",
        "- “Title 0” [3]",
    ]


def test_the_kinds_of_a_few_documents_are_not_told():
    found = CollectionOverview(9, (("report", 2),), "", (DocumentGroup(9, listed(1)),))
    assert compose_overview("?", found, SAID).text.splitlines()[0] == "There are 9 documents."


def test_a_survey_is_listed_with_how_much_was_read():
    citation = Citation("d", "d.md", Span(0, 5), "Marigold")
    answer = compose_survey("?", Survey("?", (Item("Marigold", (citation,)),), 29, 424, 4, False), SAID)
    assert answer.text == "Found 1 in the 29 passages read, of 424:\n- Marigold [1]"


def test_every_language_says_everything_with_the_same_fields():
    for code in ("de", "fr", "es", "it", "pt", "nl", "ru", "zh", "ja"):
        told = wording(code)
        for field in fields(Wording):
            ours, theirs = getattr(SAID, field.name), getattr(told, field.name)
            assert theirs != ours, (code, field.name)
            assert set(Template(theirs).get_identifiers()) == set(Template(ours).get_identifiers()), (code, field.name)
