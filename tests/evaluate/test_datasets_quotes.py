"""Quotes are found in their documents: in the evidence of datasets, and in a questions file of one's own."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from dataset_files import FERRY, HARBOUR, MILL, hotpot_row, qasper_answer, qasper_paper, write_json, write_lines
from hypothesis import given, settings
from hypothesis import strategies as st

from ragtree.errors import DatasetError
from ragtree.evaluate.datasets.questions import read_questions
from ragtree.evaluate.datasets.quotes import find_quote, prove
from ragtree.evaluate.datasets.registry import open_dataset
from ragtree.evaluate.question_files import write_questions
from ragtree.load.parsing import parse, read_bytes, scan
from ragtree.settings import LoadSettings
from ragtree.types import Document

EXAMPLES = Path(__file__).parents[2] / "examples"
DOCUMENTS = {key: Document(key, text) for key, text in (("ferry.md", FERRY), ("mill.md", MILL), ("wall.md", HARBOUR))}

words = st.sampled_from(["sheep", "(piano)", "a.b", "eleven", "羊", "naïve", "[x]*", "\\d"])
gaps = st.sampled_from([" ", "\n", "  ", "\t", "\n\n", "\u00a0"])
paragraphs = st.lists(words, min_size=1, max_size=8).map(" ".join)


@given(st.lists(st.tuples(words, gaps), min_size=1, max_size=30), st.data())
def test_a_quote_is_found_whatever_the_white_space(pieces: list[tuple[str, str]], data: st.DataObject) -> None:
    text = "".join(word + gap for word, gap in pieces)
    start = data.draw(st.integers(0, len(pieces) - 1))
    end = data.draw(st.integers(start + 1, len(pieces)))
    quote = "".join(word + data.draw(gaps) for word, _ in pieces[start:end])
    spans = find_quote(text, quote)
    assert spans
    assert all(span.of(text).split() == quote.split() for span in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))


@given(st.text(max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_what_is_cut_out_of_a_text_is_found_as_it_stands(text: str, start: int, end: int) -> None:
    quote = text[start:end]
    assert all(span.of(text) == quote.strip() for span in find_quote(text, quote))
    assert bool(find_quote(text, quote)) == bool(quote.strip())


@settings(max_examples=40)
@given(st.lists(paragraphs, min_size=1, max_size=6), st.data())
def test_proofs_of_a_paper_say_exactly_their_evidence(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], data: st.DataObject
) -> None:
    evidence = data.draw(st.lists(st.sampled_from(texts), min_size=1, unique=True))
    paper = qasper_paper(qasper_answer(yes_no=True, evidence=evidence))
    paper["full_text"] = [{"section_name": "Method ::: More", "paragraphs": texts}]
    file = tmp_path_factory.getbasetemp() / "qasper.json"
    dataset = open_dataset(str(write_json(file, {"1": paper})))
    text = dataset.documents[0].text
    said = [[place.span.of(text) for place in proof.places] for proof in dataset.questions[0].proofs]
    assert said == [[quote] * texts.count(quote) for quote in evidence]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["", " "]), paragraphs).map("".join), min_size=1, max_size=6))
def test_proofs_of_hotpotqa_say_exactly_their_sentences(
    tmp_path_factory: pytest.TempPathFactory, sentences: list[str]
) -> None:
    facts = [["Ferry", number] for number in range(len(sentences))]
    row = hotpot_row(context=[["Ferry", sentences]], supporting_facts=facts)
    file = tmp_path_factory.getbasetemp() / "hotpot.json"
    dataset = open_dataset(str(write_json(file, [row])))
    text = dataset.documents[0].text
    assert [proof.place.span.of(text) for proof in dataset.questions[0].proofs] == [item.strip() for item in sentences]


def test_a_quote_that_stands_in_several_places_is_proved_by_any_of_them() -> None:
    twice = Document("a", "Sheep sleep. Sheep sleep.")
    proof = prove("Sheep\nsleep.", [twice, Document("b", "So: Sheep sleep."), Document("c", "")])
    assert proof is not None
    assert [(place.document_id, *place.span) for place in proof.places] == [("a", 0, 12), ("a", 13, 25), ("b", 4, 16)]
    assert prove("Goats sleep.", [twice]) is None
    assert prove(" \n", [twice]) is None


def own(**changes: Any) -> dict[str, Any]:
    quotes = [{"source": "ferry.md", "quote": "eleven sheep and a piano. Nobody had tuned"}]
    row = {
        "id": "q1",
        "kind": "fact",
        "question": "What did it carry?",
        "answer": "Sheep and a piano.",
        "quotes": quotes,
    }
    return row | changes


def test_questions_of_ones_own_have_their_quotes_as_proofs(tmp_path: Path) -> None:
    none = own(id="q2", kind="none", answer=None, quotes=[])
    known, unknown = read_questions(write_lines(tmp_path / "q.jsonl", [own(), none]), DOCUMENTS)
    assert (known.id, known.kind, known.text) == ("q1", "fact", "What did it carry?")
    assert known.references == ("Sheep and a piano.",)
    place = known.proofs[0].place
    assert place.span.of(DOCUMENTS[place.document_id].text) == "eleven sheep and a piano.\nNobody had tuned"
    assert (unknown.unanswerable, unknown.references, unknown.proofs) == (True, (), ())


def test_what_says_the_same_elsewhere_is_enough_too(tmp_path: Path) -> None:
    also = {"source": "wall.md", "quote": "black stone"}
    quote = {"source": "mill.md", "quote": "made of elm", "also": [also]}
    (question,) = read_questions(write_lines(tmp_path / "q.jsonl", [own(quotes=[quote])]), DOCUMENTS)
    (proof,) = question.proofs
    assert [place.document_id for place in proof.places] == ["mill.md", "wall.md"]
    write_questions([question], DOCUMENTS, tmp_path / "again.jsonl")
    assert read_questions(tmp_path / "again.jsonl", DOCUMENTS)[0].proofs == question.proofs


def test_questions_of_the_plain_form_are_read_too(tmp_path: Path) -> None:
    spans = {"id": "1", "text": "When?", "answers": ["1911"], "doc_id": "mill.md", "spans": [[0, 8]]}
    quoted = {"id": "2", "text": "Of what?", "doc_id": "wall.md", "evidence": ["black\nstone"], "unanswerable": False}
    files = {"id": "3", "text": "Which?", "files": ["wall.md"], "evidence": ["dug in 1840"]}
    questions = read_questions(write_lines(tmp_path / "q.jsonl", [spans, own(), quoted, files]), DOCUMENTS)
    said = [
        [place.span.of(DOCUMENTS[place.document_id].text) for proof in question.proofs for place in proof.places]
        for question in questions
    ]
    assert [said[0], said[2], said[3]] == [["The mill"], ["black stone"], ["dug in 1840"]]
    assert questions[0].document_id == "mill.md"
    assert questions[3].relevant == {"wall.md": 1}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (own(id="q1"), "line 2: the question id 'q1' came before, in .*line 1"),
        (own(id="q2", quotes=[{"source": "gone.md", "quote": "x"}]), "line 2: there is no document 'gone.md'"),
        (own(id="q2", quotes=[{"source": "mill.md", "quote": "sheep"}]), "line 2: mill.md does not say 'sheep'"),
        (own(id="q2", quotes=[{"source": "mill.md", "quote": "  "}]), "line 2: mill.md does not say"),
        (own(id="q2", quotes=[{"source": "mill.md"}]), "line 2: there is no field quotes.0.quote; there is source"),
        (
            own(
                id="q2", quotes=[{"source": "mill.md", "quote": "sheep", "also": [{"source": "mill.md", "quote": "x"}]}]
            ),
            "line 2: mill.md does not say 'sheep'",
        ),
        (
            own(
                id="q2",
                quotes=[{"source": "mill.md", "quote": "The mill", "also": [{"source": "gone.md", "quote": "x"}]}],
            ),
            "line 2: there is no document 'gone.md'",
        ),
        (own(id="q2", quote=[]), r"line 2: quote: .*not permitted; it is \[\]"),
        ({"id": "q2", "question": "?"}, "line 2: there is no field answer; there is id, question"),
        ({"id": "q2"}, "line 2: there is no field text; there is id"),
        ({"id": "q2", "text": "?", "doc_id": "mill.md", "evidence": ["sheep"]}, "line 2: no document .* says 'sheep'"),
        ({"id": "q2", "text": "?", "files": ["gone.md"]}, "line 2: there is no document 'gone.md'"),
    ],
)
def test_a_wrong_question_of_ones_own_is_named_by_file_and_line(tmp_path: Path, row: object, said: str) -> None:
    file = write_lines(tmp_path / "mine.jsonl", [own(), row])
    with pytest.raises(DatasetError, match=f"mine.jsonl, {said}"):
        read_questions(file, DOCUMENTS)


def test_a_questions_file_that_cannot_be_read_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"gone.jsonl cannot be read: No such file"):
        read_questions(tmp_path / "gone.jsonl", DOCUMENTS)
    with pytest.raises(DatasetError, match="cannot be read: Is a directory"):
        read_questions(tmp_path, DOCUMENTS)


def test_the_questions_of_the_examples_are_proved_by_their_library() -> None:
    limits = LoadSettings()
    files = scan(EXAMPLES / "library")
    documents = {file.id: parse(read_bytes(file, limits), file.id, limits) for file in files}
    questions = read_questions(EXAMPLES / "questions.jsonl", documents)
    assert questions
    assert all(question.unanswerable != bool(question.proofs) for question in questions)
