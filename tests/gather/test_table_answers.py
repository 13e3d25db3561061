"""Questions that tables answer: the cells, or what is computed of them, with the rows that say so."""

from __future__ import annotations

import csv
import io
import random

import pytest

from ragtree import Document, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.gather.table_answers import TableAnswers
from ragtree.load.parsing import parse
from ragtree.settings import LoadSettings
from ragtree.types import Span
from ragtree.understand.kinds import RequestClassifier

MONTHS = "January February March April May June July August September October November December".split()
TOWNS = [
    f"{first}{last}" for first in ("North", "South", "Old", "New", "Upper") for last in ("ham", "ford", "mere", "ley")
]
RANDOM = random.Random(3)
COUNTS = {(town, month): RANDOM.randint(1, 9999) for town in TOWNS for month in MONTHS}
FERRY = """# Ferry traffic 1923

The ferry company counts passengers and cattle.

| Month | Passengers | Cattle |
|---|---|---|
| March | 610 | 67 |
| April | 304 | 62 |
| May | 197 | 37 |
| Total | 1,111 | 166 |
"""

CATCH = b",1920 Barrels,1921 Barrels\nHerring,511,940\nCod,70,85\nLing,12,9\n"


def sheet() -> bytes:
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(["Town", *(f"{month} visitors" for month in MONTHS), "Region"])
    for place, town in enumerate(TOWNS):
        writer.writerow([town, *(COUNTS[town, month] for month in MONTHS), ("Coast", "Vale")[place % 2]])
    return target.getvalue().encode()


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    settings = Settings.model_validate({"llm": {"model": "none"}, "embed": {"kind": "plain"}})
    with RagTree.open(tmp_path_factory.mktemp("tables") / "index", settings, embedder=HashingEmbedder(128)) as tree:
        towns = parse(sheet(), "towns.csv", LoadSettings())
        catch = parse(CATCH, "catch.csv", LoadSettings())
        tree.add(
            [
                towns,
                catch,
                Document("ferry.md", FERRY),
                Document("note.md", "The inspector visits the towns in spring."),
            ]
        )
        yield tree


def test_a_row_is_found_by_a_column_without_a_name(tree):
    answer = tree.ask("How many barrels of herring were there in 1921?")
    assert "Herring; 1921 Barrels: 940" in answer.text and "511" not in answer.text
    assert any("Herring" in citation.quote for citation in answer.citations)


def test_a_cell_is_found_by_its_row_and_column(tree):
    for town, month in (("Oldmere", "August"), ("Southley", "December")):
        answer = tree.ask(f"How many visitors did {town} have in {month}?")
        assert answer.supported
        assert f"Town: {town}; {month} visitors: {COUNTS[town, month]}" in answer.text
        assert any(f"{month} visitors: {COUNTS[town, month]}" in citation.quote for citation in answer.citations)


def test_a_row_is_cited_with_the_names_of_its_columns(tree):
    answer = tree.ask("How many passengers did the ferry carry in April?")
    assert "Month: April; Passengers: 304 [1][2]" in answer.text
    assert [citation.quote for citation in answer.citations] == [
        "| April | 304 | 62 |",
        "| Month | Passengers | Cattle |",
    ]
    for citation in answer.citations:
        assert tree.document(citation.document_id).text[slice(*citation.span)] == citation.quote


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How many passengers were there in total in 1923?", "Passengers: 1111 (total of 3 rows)"),
        ("Which month had the most cattle?", "Month: March; Cattle: 67 (the highest of 3 rows)"),
        ("What was the average number of passengers?", "Passengers: 370.33 (mean of 3 rows)"),
        ("How many towns are in the Coast region?", "10 of 20 rows (Region: Coast)"),
    ],
)
def test_numbers_are_computed(tree, question, said):
    answer = tree.ask(question)
    assert said in answer.text
    assert answer.citations
    assert answer.usage.answer_tokens == 0


def test_a_sum_of_a_column_is_that_of_its_numbers(tree):
    answer = tree.ask("What is the total of the June visitors?")
    assert f"{sum(COUNTS[town, 'June'] for town in TOWNS)} (total of 20 rows)" in answer.text


@pytest.mark.parametrize(
    "question", ["How many passengers were there in 1924?", "How many passengers came to Leith in March?"]
)
def test_a_table_of_something_else_is_not_used(tree, question):
    assert "Passengers:" not in tree.ask(question).text


def test_copies_of_a_table_answer_once(tmp_path):
    settings = Settings.model_validate({"llm": {"model": "none"}, "embed": {"kind": "plain"}})
    with RagTree.open(tmp_path / "index", settings, embedder=HashingEmbedder(64)) as tree:
        copies = [Document(f"{name}.md", f"# {name}\n\n{FERRY[22:]}") for name in ("one", "two", "three", "four")]
        tree.add(copies)
        answer = tree.ask("How many passengers did the ferry carry in April?")
        assert answer.text.count("Passengers: 304") == 1


def test_tables_of_one_document_are_told_apart_by_their_headings(tmp_path):
    settings = Settings.model_validate({"llm": {"model": "none"}, "embed": {"kind": "plain"}})
    text = "# Cups\n\n## Ever\n\n{}\n\n## Since 1967\n\n{}".format(
        *(f"| Team | Cups |\n|---|---|\n| Leafs | {leafs} |\n| Flyers | 2 |\n| Blues | 1 |" for leafs in (13, 0))
    )
    with RagTree.open(tmp_path / "index", settings, embedder=HashingEmbedder(64)) as tree:
        tree.add([parse(text.encode(), "cups.md", LoadSettings())])
        answer = tree.ask("Which team has the most cups?")
        assert "Cups, Ever: Team: Leafs; Cups: 13" in answer.text
        assert "Cups, Since 1967: Team: Flyers; Cups: 2" in answer.text
        assert answer.hits, "what was found is there for /why"


def test_a_filter_holds_for_tables(tree):
    answer = tree.ask("How many passengers did the ferry carry in April?", where={"source": "note.md"})
    assert "304" not in answer.text


def test_a_row_is_found_by_any_place_in_it() -> None:
    rows = "| Leith | 5 | It rained. It blew. |\n| Hull | 7 | none |"
    text = f"Ports.\n\n| | 2020 | Remark |\n|---|---|---|\n{rows}\n\nThe end."
    document = Document("a.md", text, "Ports")
    tables = TableAnswers(RequestClassifier())
    at = text.index("It blew")
    found = tables.row_at(document, Span(at, at + 7))
    assert found is not None
    assert found[0].of(text) == "| Leith | 5 | It rained. It blew. |"
    assert found[1] == "Leith; 2020: 5; Remark: It rained. It blew."
    assert tables.row_at(document, Span(0, 5)) is None
    assert tables.row_at(document, Span(len(text) - 8, len(text))) is None
    records = Document("b.csv", "Port: Leith; Tide: 5\nPort: Hull; Tide: 7", "b.csv")
    assert tables.row_at(records, Span(6, 9)) == (Span(0, 20), "Port: Leith; Tide: 5")
