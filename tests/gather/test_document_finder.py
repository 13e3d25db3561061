"""Questions about the documents themselves."""

from __future__ import annotations

import pytest

from ragtree import RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder

ANNA, BEN, LIGHT, HARBOUR = "letters/anna.txt", "letters/ben.txt", "reports/light.pdf", "reports/harbour.pdf"


def asked(tree, question, where=None):
    gathering = tree._gathering
    request = gathering.understand(question)
    assert request.kind == "documents", request
    return gathering.documents(request, where)


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("How many documents are there?", {ANNA, BEN, LIGHT, HARBOUR}),
        ("How many letters are there?", {ANNA, BEN}),
        ("Which documents are PDFs?", {LIGHT, HARBOUR}),
        ("List all spreadsheets in the folder", set()),
        ("Which documents did Anna van Dorn write?", {ANNA}),
        ("Which reports are by C. Moor?", {LIGHT, HARBOUR}),
        ("How many reports were rejected?", {LIGHT}),
        ("Which documents have the status withdrawn?", set()),
        ("Which documents were written in 1923?", {BEN, LIGHT}),
        ("Which letters are from 1923?", {BEN}),
        ("Which documents mention the crane?", {ANNA, BEN}),
        ("Which documents mention the rope of the crane?", {BEN}),
        ("Which documents mention dragons?", set()),
        ("Which documents are about rope?", {BEN}),
        ("Which documents are about the light?", {LIGHT}),
        ("Which documents mention Gray?", {LIGHT}),
    ],
)
def test_documents_are_found_by_what_they_are_called_say_of_themselves_and_say(tree, question, ids):
    assert {one.entry.id for one in asked(tree, question).found} == ids


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("What is the newest document?", LIGHT),
        ("What is the newest letter?", BEN),
        ("Which is the oldest document?", HARBOUR),
        ("What is the longest document?", HARBOUR),
    ],
)
def test_the_newest_oldest_and_longest_come_first(tree, question, first):
    assert asked(tree, question).found[0].entry.id == first


def test_every_document_of_a_list_is_cited_where_it_says_so(tree):
    texts = {document.id: document.text for document in tree.documents()}
    for question in [
        "Which documents mention the crane?",
        "How many documents are there?",
        "Which reports are rejected?",
    ]:
        for one in asked(tree, question).found:
            citation = one.citation
            assert citation.quote == citation.span.of(texts[one.entry.id])
            assert citation.quote.strip()
    (crane, _) = asked(tree, "Which documents mention the crane?").found
    assert "crane" in crane.citation.quote


def test_a_filter_narrows_what_is_counted(tree):
    found = asked(tree, "How many documents are there?", {"source": "letters/*"})
    assert (found.total, found.count, len(found.found)) == (2, 2, 2)


def test_what_was_looked_for_is_told_in_the_words_of_the_question(tree):
    found = asked(tree, "Which letters mention the crane?")
    assert (found.kind, found.about, found.mentioned) == ("letters", ("crane",), True)
    found = asked(tree, "How many reports were rejected?")
    assert (found.kind, found.about, found.mentioned) == ("reports", ("rejected",), False)


def test_a_word_for_a_format_is_no_kind_of_a_few_titles(tmp_path):
    mails = {f"{name}.eml" for name in ("rope", "oil", "wicks")}
    for name in mails:
        (tmp_path / name).write_text(f"From: a@example.org\nSubject: {name[:-4]}\n\nThe crane is sold.\n")
    for number in range(3):
        (tmp_path / f"email-{number}.eml").write_text("From: b@example.org\n\nThe crane is sold.\n")
    settings = Settings.model_validate({"llm": {"model": "none"}})
    with RagTree.open(tmp_path / "index", settings, embedder=HashingEmbedder(64)) as tree:
        tree.sync(tmp_path)
        assert {one.entry.id for one in asked(tree, "How many emails are there?").found} == mails | {
            f"email-{number}.eml" for number in range(3)
        }
