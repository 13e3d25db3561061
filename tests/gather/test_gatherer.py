"""What a question means, and which passages are gathered for it."""

from __future__ import annotations

import pytest

from ragtree import Answer, Document, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.gather.topics import sides_of, topics_of
from ragtree.understand.kinds import RequestClassifier


def sources(tree, question):
    gathering = tree._gathering
    request = gathering.understand(question)
    return request, [hit.node.source for hit in gathering.passages(request, None, None, lambda hits: None).hits]


def test_a_document_that_is_named_is_meant(tree):
    request, found = sources(tree, "Summarize the report upon the light")
    assert (request.kind, request.documents) == ("overview", ("reports/light.pdf",))
    assert set(found) == {"reports/light.pdf"}


def test_what_is_in_here_is_of_everything(tree):
    assert tree._gathering.understand("What is in here?").of_everything
    assert not tree._gathering.understand("What is the story of the crane?").of_everything


def test_a_title_of_words_that_every_request_has_is_not_meant_by_them(tmp_path):
    with RagTree.open(tmp_path / "index", Settings(llm={"model": "none"}), embedder=HashingEmbedder(64)) as tree:
        titles = {"a": "Folder 1922", "b": "Overview"}
        tree.add([Document(key, f"The crane {key} was sold.", title=title) for key, title in titles.items()])
        assert tree._gathering.understand("What is in this folder?").of_everything
        assert tree._gathering.understand("What does the overview say?").documents == ("b",)


def test_a_question_about_nothing_but_a_document_is_an_overview_of_it(tree):
    assert tree._gathering.understand("tell me about the letter about rope").kind == "overview"
    assert tree._gathering.understand("Who wrote the letter about rope?").kind != "overview"


def test_a_list_of_a_kind_of_document_asks_for_documents(tree):
    request = tree._gathering.understand("Who wrote the letters?")
    assert (request.kind, request.detail) == ("documents", "documents")


def test_a_count_of_documents_asks_for_documents(tree):
    for question in ["how many pages mention the crane?", "How many letters are there?"]:
        request = tree._gathering.understand(question)
        assert (request.kind, request.detail) == ("documents", "number of documents")


def test_a_question_about_the_documents_is_no_follow_up(tree):
    chat = tree.chat()
    chat.ask("Summarize the report upon the light")
    assert "2 of 4 documents (letters)" in chat.ask("How many letters are there?").text
    assert chat.rewritten == "How many letters are there?"
    chat.ask("How many are there?")
    assert chat.rewritten != "How many are there?"


def test_each_side_of_a_comparison_is_gathered(tree):
    request, found = sources(
        tree, "What is the difference between the letter about rope and the report upon the light?"
    )
    assert request.kind == "compare"
    assert {"letters/ben.txt", "reports/light.pdf"} <= set(found[:4])


def test_of_a_question_of_a_time_the_passages_of_that_time_are_read(tree):
    _, found = sources(tree, "What happened in January 1922?")
    assert found == ["reports/harbour.pdf"]


def test_a_definition_is_read_first(tree):
    request, found = sources(tree, "Who is Mr. Gray?")
    assert request.detail == "definition"
    assert found[0] == "reports/light.pdf"


def test_the_language_is_the_questions_with_the_documents_as_prior(tree):
    for question, language in [
        ("Who is Guido van Rossum?", "en"),
        ("Is the ferry profitable?", "en"),
        ("Wer ist der Hafenmeister?", "de"),
        ("Pourquoi le bateau a-t-il coulé ?", "fr"),
        ("谁是船长？", "zh"),
    ]:
        assert tree._gathering.understand(question).language == language


@pytest.mark.parametrize(
    ("question", "topics"),
    [
        ("Rc vs Arc?", ["Rc", "Arc"]),
        ("What is in here?", []),
        ("Why did the Good Intent sink?", ["Good Intent sink"]),
        ("Which documents mention the tall crane?", ["tall crane"]),
        ("Worum geht es in diesen Dokumenten?", []),
        ("Who is Ben?", ["Ben"]),
        ("Summarize Ben", ["Ben"]),
        ("Was will Die Firma?", ["Die Firma"]),
        ("What Is In These Documents?", []),
        ("WHAT IS IN HERE?", []),
        ("", []),
    ],
)
def test_topics_are_the_words_beside_those_of_requests(question, topics):
    assert topics_of(question, RequestClassifier().is_request_word) == topics


def test_sides_carry_what_they_are_compared_in():
    assert sides_of(["Oake", "Thackray", "breakwater"]) == ["Oake breakwater", "Thackray breakwater"]
    assert sides_of(["Oake"]) == []


def test_what_is_looked_for_again_stands_beside_what_is_known(tree):
    gathering = tree._gathering
    request = gathering.understand("What did the rope cost?")
    first = gathering.passages(request, None, None, lambda hits: None)
    known = first.hits[:2]
    both = gathering.passages(gathering.understand("What is the light like?"), None, None, lambda hits: None, known)
    assert both.hits[:2] == known
    assert len({hit.node.id for hit in both.hits}) == len(both.hits)
    room = sum(hit.node.tokens for hit in known) // 2
    assert sum(hit.node.tokens for hit in both.hits[2:]) <= room


def test_more_of_an_answer_is_what_was_not_cited_yet(tree):
    chat = tree.chat()
    first = chat.ask("What is the light like?")
    more = chat.ask("tell me more")
    assert chat.rewritten == "What is the light like?"
    places = [{(one.document_id, one.span) for one in answer.citations} for answer in (first, more)]
    assert places[0]
    assert places[0].isdisjoint(places[1])


@pytest.mark.parametrize("mode", ["auto", "hybrid", "leaves", "lexical", "collapsed", "traverse"])
def test_a_filter_holds_where_the_question_names_other_documents(tree, mode):
    where = {"source": "letters/ben.txt"}
    for question in ["Letter to the board", "What do the letter to the board and the report upon the light say?"]:
        found = tree.search(question, k=10, mode=mode, where=where)
        assert {hit.node.source for hit in found} == {"letters/ben.txt"}
        cited = tree.ask(question, mode=mode, where=where).citations
        assert {citation.source for citation in cited} <= {"letters/ben.txt"}


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("What does the latest letter say of the crane?", "letters/ben.txt"),
        ("Who wrote the oldest letter?", None),  # that asks which one it is
        ("Which is the oldest ship in the letters?", None),
        ("What is the longest sentence in the report?", None),
        ("What does the most recent of the letters say of the crane?", "letters/ben.txt"),
        ("Summarize the first letter.", "letters/anna.txt"),
        ("Why does the most recent report complain of the lamp?", "reports/light.pdf"),
        ("What broke according to the last page of the letter?", None),
    ],
)
def test_a_document_is_chosen_by_its_age(tree, question, meant):
    request, found = sources(tree, question)
    assert (request.documents if request.of_them_alone else (None,)) == (meant,)
    assert meant is None or set(found) == {meant}


def test_a_document_is_chosen_by_its_age_among_those_that_pass_a_filter(tree):
    request = tree._gathering.understand(
        "Why does the latest report complain of mud?", {"source": "reports/harbour.pdf"}
    )
    assert request.documents == ("reports/harbour.pdf",)


@pytest.mark.parametrize(
    "question", ["How do I bake bread?", "Which bird sings?", "Do cats swim?", "Who sells a boat?"]
)
def test_a_question_of_its_own_is_not_joined_with_the_one_before_it(tree, question):
    chat = tree.chat()
    chat.resume([Answer("How many letters are there?", "2 of 4 documents.")])
    assert chat.alone(question) == question
    assert chat.alone("And who wrote it?") == "And who wrote it? (How many letters are there?)"
