"""Questions out of a folder's own documents: what holds for any folder, and what each kind is like."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from village import VILLAGE, documents_of, leaves_of, make

from ragtree.evaluate.base import Question
from ragtree.evaluate.making.base import KINDS, MadeQuestions, Reason
from ragtree.evaluate.making.prepared_folder import PreparedFolder
from ragtree.evaluate.making.prose import sentences
from ragtree.evaluate.making.questions import make_questions
from ragtree.evaluate.making.script_words import telling_words
from ragtree.types import Progress

FOOTER = "Printed for the parish of Orrin by the press in the old cider house."
GERMAN = (
    "Die Mühle am Wehr wurde im Jahr 1904 an den Küfer Jan Tebb verkauft, der sie mit Fässern bezahlte. Das Wasser "
    "steht seit dem Umbau zwei Handbreit höher als vorher am Pegel. Der Müller Asa Lunt zählt jeden Sack zweimal und "
    "schreibt die Zahl an die Tür. Jan Tebb baute später eine Brücke aus den alten Fässern des Klosters."
)
JAPANESE = (
    "村の水車小屋は1904年に桶職人のヤン・テブに三十個の樽で売却された。修道院は北側の石壁の下に十一個の蜜蜂の巣箱を"
    "設置している。鉄道会社は採石場を経由して1911年に村まで線路を延長した。修道院の鐘は結婚式の最中に突然大きな音を"
    "立てて割れた。"
)
PARTS = st.sampled_from(
    [
        *(text for text in VILLAGE.values()),
        *VILLAGE["priory.txt"].split("\n\n"),
        *(sentence + " " for sentence in VILLAGE["railway.txt"].split(". ")),
        GERMAN,
        JAPANESE,
        FOOTER,
        "# A heading",
        "| a | b |\n| 1 | 2 |",
        "12 17 23.5 99\n31 44 58 60\n",
        "It was. He did.",
        "\n\n",
        "\n",
        "naïve £3 4s. 6d. …\u2028",
    ]
)
FOLDERS = st.dictionaries(
    st.sampled_from(["a.md", "b.txt", "c.txt", "d.html"]), st.lists(PARTS, max_size=6).map("".join), max_size=4
)


def flat(text: str) -> str:
    return " ".join(text.split())


def proof_texts(question: Question, texts: dict[str, str]) -> list[list[str]]:
    """For each proof what stands at its places."""
    return [[place.span.of(texts[place.document_id]) for place in proof.places] for proof in question.proofs]


def counts(made: MadeQuestions) -> dict[Reason, int]:
    return {rejection.reason: rejection.count for rejection in made.rejections}


@settings(max_examples=60, deadline=None)
@given(FOLDERS, st.integers(1, 15), st.integers(0, 3), st.sampled_from(["en", "de", "ja"]))
def test_whatever_the_folder_proofs_are_its_sentences(
    texts: dict[str, str], count: int, seed: int, language: str
) -> None:
    made = make(texts, count, seed, language)
    known = {key: {span for span, _ in sentences(text, language)} for key, text in texts.items()}
    assert len(made.questions) <= count
    assert len({question.id for question in made.questions}) == len(made.questions)
    assert len({question.text for question in made.questions}) == len(made.questions)
    for question in made.questions:
        assert question.kind in KINDS
        assert question.text == flat(question.text) != ""
        places = [place for proof in question.proofs for place in proof.places]
        assert len(set(places)) == len(places) > 0
        assert all(place.span in known[place.document_id] for place in places)
        wanted = {"cloze": (1, 1), "known-item": (2, 3), "several": (2, 12)}[question.kind]
        assert wanted[0] <= len(question.proofs) <= wanted[1]


@settings(max_examples=40, deadline=None)
@given(FOLDERS, st.integers(0, 3))
def test_what_was_taken_out_is_in_every_proof_and_not_in_the_question(texts: dict[str, str], seed: int) -> None:
    for question in make(texts, 40, seed).questions:
        if question.kind == "cloze":
            (term,) = question.references
            assert question.text.count("___") == 1
            assert term.casefold() not in question.text.casefold()
            assert all(term in flat(said) for said in proof_texts(question, texts)[0])
        else:
            assert question.references == ()


@settings(max_examples=30, deadline=None)
@given(FOLDERS, st.integers(0, 3))
def test_the_words_of_a_question_stand_together_nowhere_else(texts: dict[str, str], seed: int) -> None:
    documents = documents_of(texts)
    leaves = leaves_of(documents)
    for question in make_questions(documents, leaves, 40, seed, "en", None).questions:
        if question.kind == "several":
            continue
        wanted = {word.key for word in telling_words(question.text.replace("___", ""), "en")}
        places = [place for proof in question.proofs for place in proof.places]
        for leaf in leaves:
            own = any(place.document_id == leaf.document_id and leaf.span.overlap(place.span) for place in places)
            # A sentence that is cut in two counts as part of the chunk that it begins in.
            begin = leaf.text[: leaf.text.rfind(". ") + 1]
            assert own or not wanted <= {word.key for word in telling_words(begin, "en")}


@settings(max_examples=20, deadline=None)
@given(FOLDERS, st.integers(1, 15), st.integers(0, 3))
def test_the_same_seed_makes_the_same_questions(texts: dict[str, str], count: int, seed: int) -> None:
    assert make(texts, count, seed) == make(texts, count, seed)


def test_another_seed_makes_others() -> None:
    assert {q.text for q in make(VILLAGE, 5, 0).questions} != {q.text for q in make(VILLAGE, 5, 1).questions}


def test_the_id_of_a_question_depends_on_nothing_but_the_question() -> None:
    few = {question.text: question.id for question in make(VILLAGE, 60).questions}
    many = {q.text: q.id for q in make({**VILLAGE, "z.txt": "The kiln stands cold beside the lane."}, 60).questions}
    assert len(few.keys() & many.keys()) > 3
    assert all(many[text] == key for text, key in few.items() if text in many)


def test_there_are_questions_of_every_kind() -> None:
    assert make(VILLAGE, 4).kinds == {"several": 1, "known-item": 1, "cloze": 2}
    assert make(VILLAGE, 8).kinds == {"several": 2, "known-item": 2, "cloze": 4}
    assert make(VILLAGE, 1).kinds == {"cloze": 1}


def test_numbers_are_asked_for_first() -> None:
    texts = {
        "a.txt": "The brass lantern of the ferry at Wendle hangs beside the tide table. Jonas Wren bought the "
        "copper kettle of the ferry at auction for 37 shillings. The captain of the ferry keeps a grey parrot below."
    }
    for seed in range(8):
        (question,) = make(texts, 1, seed).questions
        assert proof_texts(question, texts)[0][0].startswith("Jonas Wren")


def test_a_long_document_does_not_take_all_the_questions() -> None:
    rooms = ["attic", "cellar", "barn", "chapel", "dairy", "forge", "granary", "hall", "kiln", "loft"]
    goods = ["resin", "candles", "saddles", "timber", "wool", "nails", "rope", "vinegar", "honey", "slates"]
    long = " ".join(
        f"Two carters from {goods[other]} street left their {goods[number]} in the {rooms[other]} beside the "
        f"{rooms[number]} {'until the thaw' if number > other else 'because no cart was free'}."
        for number in range(10)
        for other in range(10)
        if number != other
    )
    made = make({**VILLAGE, "ledger.txt": long}, 10)
    asked = Counter(question.proofs[0].place.document_id for question in made.questions)
    assert asked.keys() == {*VILLAGE, "ledger.txt"}
    assert max(asked.values()) <= 3


def test_headings_tables_and_what_leans_on_the_sentence_before_are_not_asked_about_alone() -> None:
    made = make(VILLAGE, 60)
    begins = [proof_texts(question, VILLAGE)[0][0] for question in made.questions if question.kind != "several"]
    assert len(begins) > 3
    assert not [begin for begin in begins if begin.startswith(("#", "|", "She ", "It "))]
    assert counts(made)[Reason.LEANING] == 2


def test_a_sentence_that_goes_on_about_a_name_has_to_be_found_too() -> None:
    asked = {question.text: question for question in make(VILLAGE, 60).questions if question.kind == "several"}
    said = [proof[0] for proof in proof_texts(asked["Jan Tebb"], VILLAGE)]
    assert len(said) == 4
    assert [text for text in said if "Tebb" not in text] == [
        "She had refused two better offers from the railway company that spring."
    ]
    assert "Wednesday" not in asked
    assert "Tuesday" not in asked


def test_any_copy_of_a_sentence_is_as_good() -> None:
    letter = VILLAGE["priory.txt"].replace("the monks bought cider", "the  *monks*\nbought cider")
    texts = {"priory.txt": VILLAGE["priory.txt"], "copies/priory.txt": letter, "third.txt": VILLAGE["priory.txt"]}
    made = make(texts, 20)
    assert {len(proof.places) for question in made.questions for proof in question.proofs} == {3}
    assert {place.document_id for proof in made.questions[0].proofs for place in proof.places} == texts.keys()


def test_a_sentence_that_is_said_twice_in_a_row_has_to_be_found_once() -> None:
    bell = VILLAGE["priory.txt"].split("\n\n")[1]
    texts = {"twice.txt": bell + bell, "mill.md": VILLAGE["mill.md"]}
    for question in make(texts, 20).questions:
        places = [place for proof in question.proofs for place in proof.places]
        assert len(set(places)) == len(places)


def test_nearly_the_same_sentence_with_another_number_proves_something_else() -> None:
    price = "The harbour office paid {} shillings a fathom for the tarred hemp rope from Wendle in {}."
    texts = {"a.txt": price.format(11, "March"), "b.txt": price.format(14, "April"), "c.txt": VILLAGE["school.txt"]}
    for seed in range(8):
        for question in make(texts, 20, seed).questions:
            if question.kind == "cloze" and question.proofs[0].place.document_id in ("a.txt", "b.txt"):
                assert question.proofs[0].others == ()


def test_nearly_the_same_sentence_is_as_good_unless_the_word_that_differs_is_asked_for() -> None:
    price = "The harbour office in Wendle paid Jonas Wren eleven shillings a fathom for {} rope of hemp in March."
    documents = documents_of({"a.txt": price.format("tarred"), "b.txt": price.format("spliced")})
    folder = PreparedFolder(documents, [], "en", 0)
    assert [place.document_id for place in folder.proof(0, ["harbour", "hemp"]).places] == ["a.txt", "b.txt"]
    assert folder.proof(0, ["harbour", "tarred"]).others == ()
    assert folder.proof(0, ["harbour"], "tarred").others == ()
    assert len(folder.proof(0, ["harbour"], "Jonas Wren").others) == 1


def test_a_line_that_stands_on_every_page_makes_no_question() -> None:
    texts = {f"{number}.txt": f"{text}\n\n{FOOTER}\n" for number, text in enumerate([*VILLAGE.values()] * 1)}
    pages = {f"page {number}.txt": f"Page {number}.\n\n{FOOTER}\n" for number in range(9)}
    made = make({**texts, **pages}, 60)
    assert made.questions
    assert not [q for q in made.questions for proof in proof_texts(q, {**texts, **pages}) if FOOTER in proof[0]]
    assert counts(made)[Reason.BOILERPLATE] == 13


def test_a_folder_of_copies_makes_none_and_says_why() -> None:
    made = make({f"{number}.txt": VILLAGE["school.txt"] for number in range(12)}, 10)
    assert made.questions == ()
    assert counts(made) == {Reason.BOILERPLATE: 36}
    assert str(made) == "0 questions from 0 usable of 36 sentences; left out: 36 sentences that stand in many places"


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ({"n.csv": "\n".join(f"{number},{number * 7},{number * 31}" for number in range(50))}, Reason.PROSE),
        ({"t.md": "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 50}, Reason.PROSE),
        ({"h.md": "# One\n\n## Two\n\n### Three\n"}, Reason.PROSE),
        ({"s.txt": "Hello."}, Reason.LENGTH),
    ],
)
def test_a_folder_without_prose_makes_none_and_says_why(texts: dict[str, str], reason: Reason) -> None:
    made = make(texts, 10)
    assert made.questions == ()
    assert made.usable == 0
    assert counts(made)[reason] == made.sentences > 0


def test_a_language_without_spaces_between_words_has_none_and_says_why() -> None:
    made = make({"thai.txt": "กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทยและเป็นเมืองที่มีประชากรมากที่สุดของประเทศ."}, 10)
    assert made.questions == ()
    assert counts(made)[Reason.WORDLESS] == 1


@pytest.mark.parametrize("texts", [{}, {"blank.txt": " \n\n "}])
def test_a_folder_without_sentences_makes_none(texts: dict[str, str]) -> None:
    assert make(texts, 10) == MadeQuestions((), 0, 0, 0, ())


def test_one_sentence_is_asked_about_once() -> None:
    made = make({"one.txt": "The clock of the harbour office was made by Jonas Wren of Wendle in 1871."}, 10)
    assert [question.kind for question in made.questions] == ["cloze"]


@pytest.mark.parametrize(("text", "language"), [(GERMAN, "de"), (GERMAN, "en"), (JAPANESE, "ja"), (JAPANESE, "en")])
def test_other_languages_have_questions_too(text: str, language: str) -> None:
    made = make({"text.txt": text}, 6, language=language)
    assert {"cloze", "known-item"} & made.kinds.keys()
    assert len(made.questions) > 1


def test_calls_of_progress_end_with_what_was_made() -> None:
    documents = documents_of(VILLAGE)
    calls: list[Progress] = []
    made = make_questions(documents, leaves_of(documents), 5, 0, "en", None, calls.append)
    assert [(call.stage, call.done, call.total) for call in calls] == [("questions", n, 5) for n in range(6)]
    assert len(made.questions) == 5


def test_without_leaves_a_document_is_one_chunk() -> None:
    assert make_questions(documents_of(VILLAGE), [], 5, 0, "en", None).questions


def test_the_line_of_the_report_has_the_counts() -> None:
    made = make(VILLAGE, 8)
    assert str(made).startswith(
        "8 questions (2 several, 2 known-item, 4 cloze) from 16 usable of 23 sentences; left out: "
    )
    assert f"{counts(made)[Reason.PROSE]} headings, table rows, lists and fragments" in str(made)
