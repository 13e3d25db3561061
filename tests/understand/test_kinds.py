"""What kind of request a question is."""

from __future__ import annotations

import pytest

from ragtree.errors import PromptError
from ragtree.prompting import examples
from ragtree.understand.classifier import outline
from ragtree.understand.kinds import SECTIONS, RequestClassifier


@pytest.fixture(scope="module")
def kinds():
    return RequestClassifier()


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who is Captain Brock?", "fact"),
        ("why did the pump fail", "fact"),
        ("How many beds does the hotel have?", "fact"),
        ("Wann endet der Mietvertrag?", "fact"),
        ("What is in here?", "overview"),
        ("Summarize the lease", "overview"),
        ("What is the plot of the story?", "overview"),
        ("Worum geht es in diesen Dokumenten?", "overview"),
        ("Which documents mention the harbour cat?", "documents"),
        ("How many letters are there?", "documents"),
        ("What is the newest report?", "documents"),
        ("Quels documents parlent de la grue ?", "documents"),
        ("List all ships mentioned", "list"),
        ("How many towns are named in it?", "count"),
        ("Rc vs Arc?", "compare"),
        ("What is the difference between a frog and a toad?", "compare"),
        ("hello", "small talk"),
        ("thanks a lot", "small talk"),
        ("谢谢", "small talk"),
    ],
)
def test_kinds_are_told(kinds, question, kind):
    assert kinds.classify(question).kind == kind


def test_details_are_the_sections_of_the_examples(kinds):
    assert kinds.classify("What is the newest letter?").detail == "newest document"
    assert kinds.classify("Which letters mention rope?").detail == "documents that mention"
    assert kinds.classify("What is a closure?").detail == "definition"
    assert kinds.classify("goodbye").detail == "goodbye"
    assert set(examples("kinds")) == {*SECTIONS, "words for documents"}


def test_every_question_gets_some_kind(kinds):
    for question in ["", "?", "🙂🙂", "x" * 20_000, "\x00", "1234", "[", "what " * 5000]:
        assert kinds.classify(question).kind in SECTIONS.values()


def test_the_margin_is_small_where_two_kinds_fit(kinds):
    assert kinds.classify("hello there").margin > 0.5 > kinds.classify("chairs").margin


def test_documents_are_asked_for_by_words_for_them(kinds):
    assert kinds.names_documents("How many papers mention bats?")
    assert kinds.names_documents("哪些文件提到了桥？")
    assert not kinds.names_documents("Which viruses were found in the children?")
    assert not kinds.names_documents("How many deaths did the influenza cause according to the papers?")


def test_the_words_of_requests_stand_outside_of_brackets(kinds):
    assert kinds.is_request_word("Which") and kinds.is_request_word("documents")
    assert not kinds.is_request_word("breakwater")
    assert kinds.is_request_word("Artikel") and kinds.is_request_word("Dokumente"), "German nouns have a capital"


def test_an_outline_has_one_x_for_every_topic():
    known = frozenset({"which", "mention", "letters"})
    assert outline("Which letters mention the old crane?", known) == "which letters mention X?"
    assert outline("old crane", known) == "X"


def test_examples_of_ones_own_decide(tmp_path):
    lines = {section: ["qq " + section] for section in SECTIONS} | {"list": ["zork [things]", "zork all [things]"]}
    lines |= {"words for documents": ["scroll scrolls"]}
    text = "\n".join(f"# {section}\n" + "\n".join(said) for section, said in lines.items())
    (tmp_path / "kinds.md").write_text(text, encoding="utf-8")
    assert RequestClassifier(tmp_path).classify("zork lamps").kind == "list"
    assert RequestClassifier(tmp_path).names_documents("which scrolls?") and not RequestClassifier(
        tmp_path
    ).names_documents("which files?")
    (tmp_path / "kinds.md").write_text(text.replace("# count", "# counts"), encoding="utf-8")
    with pytest.raises(PromptError, match="# count"):
        RequestClassifier(tmp_path).classify("zork lamps")


def test_what_is_asked_of_a_table_is_told_in_several_languages(kinds):
    asked = {
        "How many inhabitants does Leith have?": "value",
        "What did we spend on coal in total?": "sum",
        "Durchschnittlicher Preis der Zimmer": "mean",
        "Quelle ville a la plus grande population ?": "highest",
        "Which supplier charged the least?": "lowest",
        "How many staff work in the Leeds office?": "count",
        "Which products cost more than 20 euros?": None,
        "Average rent per district": None,
        "How much rain fell since January?": None,
        "Warum sank der Umsatz?": None,
    }
    assert {question: kinds.operation(question) for question in asked} == asked


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Who repaired the organ?", "person"),
        ("By whom was the sluice designed?", "person"),
        ("In what year did the tannery close?", "time"),
        ("How many chairs are in the chapel?", "count"),
        ("What did the organ cost?", "amount"),
        ("How deep is the quarry?", "amount"),
        ("Why did the sluice break?", "other"),
        ("In which village is the organ?", "other"),
        ("Wer hat die Orgel repariert?", "person"),
        ("Wann schloss die Gerberei?", "time"),
        ("Was hat die Orgel gekostet?", "amount"),
        ("Combien a coûté l'orgue ?", "amount"),
        ("¿Cuántas sillas hay en la capilla?", "count"),
        ("谁修理了风琴？", "person"),
    ],
)
def test_what_is_wanted_is_told_in_several_languages(kinds, question, wanted):
    assert kinds.wanted(question) == wanted


@pytest.mark.parametrize("question", ["😀😀", "?!", "..."])
def test_a_question_without_letters_asks_for_help(kinds, question):
    assert kinds.classify(question).detail == "about the assistant"


def test_a_question_in_a_script_without_examples_is_no_small_talk(kinds):
    assert kinds.classify("𐌰𐌹𐌽𐍃 𐌼𐌰𐌽𐌽𐌰").kind == "fact"


@pytest.mark.parametrize("question", ["tell me more", "some more details please", "weiter bitte", "继续"])
def test_more_of_the_last_answer_is_told(kinds, question):
    assert kinds.classify(question).detail == "go on"


def test_a_long_question_is_not_looked_at_phrase_by_phrase(kinds, monkeypatch):
    told: list[str] = []
    tell = kinds.classify
    monkeypatch.setattr(kinds, "classify", lambda phrase: told.append(phrase) or tell(phrase))
    kinds.order(" ".join(f"letter {number} of" for number in range(500)), lambda word: word == "letter")
    assert len(told) < 50
