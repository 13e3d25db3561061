from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree.text.references import DocumentNames, NameMatch
from ragtree.text.titles import describe
from ragtree.types import Document

OFFICE = {
    "minutes/board-minutes-1922.md": "Harbour Board: Minutes, January to December 1922",
    "minutes/board-minutes-1923.md": "Harbour Board: Minutes, January to December 1923",
    "letters/hoad-insurer-letters.docx": "Letters of Mr. Hoad, Marine Mutual",
    "letters/oake-contractor-breakwater-letters.txt": "Letters of Bertram Oake",
    "letters/2023-03-04-vane.md": "Letter of Mr. Vane",
    "contracts/ferry-contract.pdf": "Contract for the Conveyance of Mails and Passengers",
    "logs/lighthouse-log-1922.md": "Keeper's Log, October 1922",
    "pep-0249.rst": "PEP 249: Python Database API Specification v2.0",
    "pep-0483.rst": "PEP 483: The Theory of Type Hints",
    "pep-0484.rst": "PEP 484: Type Hints",
    "book/ch12-00-io.md": "An I/O Project",
    "book/ch13-00-functional.md": "Functional Features",
    "book/ch13-01-closures.md": "Closures",
    "book/ch21-00-server.md": "The Last Project",
    "book/appendix_a.md": "Appendix A: Keywords",
    "book/appendix_b.md": "Appendix B: Operators",
    "book/appendix_c.md": "Appendix C: Traits",
    "data/fake-memo.pdf": "",
    "data/fake-memo.txt": "",
}


def names_of(titles: dict[str, str], text: str = "The words of it are these.") -> DocumentNames:
    return DocumentNames([(path, describe(Document(path, text, title))) for path, title in titles.items()])


NAMES = names_of(OFFICE)


def first_of(question: str, names: DocumentNames = NAMES) -> set[str]:
    found = names.match(question)
    return {match.document_id for match in found if match.score > found[0].score - 0.05}


@pytest.mark.parametrize(
    ("question", "paths"),
    [
        ("PEP 249", ["pep-0249.rst"]),
        ("Summarize pep-0249", ["pep-0249.rst"]),
        ("pep249", ["pep-0249.rst"]),
        ("what does PEP number 249 say about threads?", ["pep-0249.rst"]),
        ("PEPs 483 and 484", ["pep-0483.rst", "pep-0484.rst"]),
        ("chapter 13", ["book/ch13-00-functional.md", "book/ch13-01-closures.md"]),
        ("the thirteenth chapter", ["book/ch13-00-functional.md", "book/ch13-01-closures.md"]),
        ("chapter XIII", ["book/ch13-00-functional.md", "book/ch13-01-closures.md"]),
        ("the twenty-first chapter", ["book/ch21-00-server.md"]),
        ("chapter twenty-one", ["book/ch21-00-server.md"]),
        ("chapter 13.1", ["book/ch13-01-closures.md"]),
        ("give me the gist of the chapter about closures", ["book/ch13-01-closures.md"]),
        ("appendix B", ["book/appendix_b.md"]),
        ("fake-memo.pdf", ["data/fake-memo.pdf"]),
        ("what is in fake-memo?", ["data/fake-memo.pdf", "data/fake-memo.txt"]),
        ("the minutes of 1923", ["minutes/board-minutes-1923.md"]),
        ("Summarize the minutes from March 1922", ["minutes/board-minutes-1922.md"]),
        ("the log of 1922", ["logs/lighthouse-log-1922.md"]),
        ("the letter of March 2023", ["letters/2023-03-04-vane.md"]),
        ("the insurer's letters", ["letters/hoad-insurer-letters.docx"]),
        ("how long does the ferry contract run?", ["contracts/ferry-contract.pdf"]),
        ("theory of type hints", ["pep-0483.rst"]),
    ],
)
def test_a_document_is_found_as_people_name_it(question: str, paths: list[str]) -> None:
    assert first_of(question) == set(paths)
    assert NAMES.match(question)[0].score >= 0.5


@pytest.mark.parametrize(
    "question",
    [
        "How much did the breakwater cost?",
        "What happened in December 1922?",
        "Is the ferry profitable?",
        "How many minutes does it take?",
        "Who wrote the letters?",
        "What is the capital of Mongolia?",
        "Which version has 249 pages and 13 tables?",
    ],
)
def test_a_word_in_common_is_no_name(question: str) -> None:
    assert all(match.score < 0.5 for match in NAMES.match(question))


@pytest.mark.parametrize(
    ("titles", "text", "question", "path"),
    [
        (
            {
                "protokoll-1922.md": "Protokoll der Sitzung 1922",
                "protokoll-1923.md": "Protokoll der Sitzung 1923",
                "x.md": "Preisliste",
            },
            "Das ist der Text und er ist nicht lang für die Leser",
            "Fasse das Protokoll von 1923 zusammen",
            "protokoll-1923.md",
        ),
        (
            {"kapitel-01.md": "Der Anfang", "kapitel-02.md": "Die Mitte", "kapitel-03.md": "Das Ende"},
            "Das ist der Text und er ist nicht lang für die Leser",
            "Was steht im dritten Kapitel?",
            "kapitel-03.md",
        ),
        (
            {"a.md": "Lettres de l'assureur", "b.md": "Contrat du bac", "c.md": "Journal du phare"},
            "Le texte est dans une langue que les gens ont pour eux",
            "Résume la lettre de l'assureur",
            "a.md",
        ),
        (
            {"1.txt": "Протокол собрания, июнь 1923", "2.txt": "Письма инженера", "3.txt": "Договор"},
            "Это текст и он не для всех, как и что из него",
            "что в письме инженера",
            "2.txt",
        ),
        (
            {"01.md": "第1章: 开始", "12.md": "第12章: 文件", "13.md": "第13章: 闭包"},
            "这是一个文件的内容。",
            "第十三章讲了什么？",
            "13.md",
        ),
        (
            {"a.md": "灯台の日誌", "b.md": "港の会議の議事録", "c.md": "価格表"},
            "これは本文です。",
            "会議の議事録を要約して",
            "b.md",
        ),
        (
            {"a.md": "बैठक का विवरण", "b.md": "मूल्य सूची", "c.md": "पत्र"},
            "यह पाठ है और यह छोटा है।",
            "मूल्य सूची में क्या है",
            "b.md",
        ),
    ],
)
def test_in_other_languages(titles: dict[str, str], text: str, question: str, path: str) -> None:
    assert first_of(question, names_of(titles, text)) == {path}


def test_one_number_alone_is_a_part_of_a_name() -> None:
    names = names_of({"a.md": "2019-nCoV: A Tool", "b.md": "Windows 95", "c.md": "Fishing"})
    assert all(
        match.score < 0.9 for match in names.match("What type of virus was seen by people with Windows 95 at home?")
    )


def test_a_document_of_another_time_is_not_meant() -> None:
    assert all(match.score < 0.3 for match in NAMES.match("the minutes of 1931"))


def test_nothing_matches_in_an_empty_index_or_for_an_empty_question() -> None:
    assert DocumentNames([]).match("PEP 249") == ()
    assert NAMES.match("") == () == NAMES.match("?!")


def test_at_most_so_many_are_given_the_surest_first() -> None:
    found = NAMES.match("the letters", limit=2)
    assert len(found) == 2
    assert found == NAMES.match("the letters")[:2]


@given(st.text() | st.lists(st.sampled_from(" ".join([*OFFICE, *OFFICE.values()]).split()), max_size=8).map(" ".join))
def test_any_question_has_a_sound_answer(question: str) -> None:
    found = NAMES.match(question)
    assert found == NAMES.match(question)
    assert all(isinstance(match, NameMatch) and 0 < match.score <= 1 and match.document_id in OFFICE for match in found)
    assert [match.score for match in found] == sorted((match.score for match in found), reverse=True)


@given(st.lists(st.sampled_from(" ".join([*OFFICE, *OFFICE.values(), "über", "март", "the of"]).split()), max_size=8))
def test_capitals_tell_nothing(words: list[str]) -> None:
    question = " ".join(words)
    assert NAMES.match(question.upper()) == NAMES.match(question.lower())


@given(st.lists(st.tuples(st.text(min_size=1), st.text()), max_size=5), st.text())
def test_any_names_can_be_asked_for(pairs: list[tuple[str, str]], question: str) -> None:
    names = DocumentNames([(path, describe(Document(path, "x", title))) for path, title in pairs])
    assert all(match.document_id in dict(pairs) for match in names.match(question))


@given(st.sampled_from(sorted(path for path in OFFICE if "." in path)))
def test_every_document_is_found_by_its_path_and_file(path: str) -> None:
    assert path in first_of(path)
    assert path in first_of(path.rpartition("/")[2])
