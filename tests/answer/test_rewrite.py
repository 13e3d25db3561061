from __future__ import annotations

import pytest

from ragtree.answer.conversation_memory import ConversationMemory
from ragtree.answer.rewrite import points_back, rewrite
from ragtree.llm.scripted import ScriptedChat
from ragtree.types import Answer

HISTORY = [Answer("Who kept the lighthouse?", "Ada Venn kept the lighthouse for 31 years. [1]")]
QUESTION = "When was she born?"
FAITHFUL = "When was Ada Venn born?"


def test_the_first_question_stands_alone_and_the_model_is_not_asked() -> None:
    model = ScriptedChat(["Something?"])
    assert rewrite(QUESTION, [], model) == QUESTION
    assert model.calls == []


@pytest.mark.parametrize("said", [FAITHFUL, f'"{FAITHFUL}"', f"{FAITHFUL}\nI hope that helps."])
def test_a_faithful_proposal_is_used(said: str) -> None:
    assert rewrite(QUESTION, HISTORY, ScriptedChat([said])) == FAITHFUL


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Ada Venn was born in 1862.",
        "When was King Oscar born?",
        "How long did Ada Venn keep the lighthouse?",
        QUESTION,
        "When was she born at all?",
    ],
)
def test_an_unfaithful_proposal_is_refused_and_the_question_before_joined(said: str) -> None:
    assert rewrite(QUESTION, HISTORY, ScriptedChat([said])) == "When was she born? (Who kept the lighthouse?)"


def test_without_a_model_the_question_before_is_joined() -> None:
    assert rewrite(QUESTION, HISTORY, None) == "When was she born? (Who kept the lighthouse?)"


@pytest.mark.parametrize(
    ("question", "alone"),
    [
        ("Summarize this.", True),
        ("What are these documents about?", True),
        ("Summary?", True),
        ("Summarize it.", False),
        ("What is that about?", False),
        ("And what is this about?", False),
    ],
)
def test_a_question_about_the_whole_points_at_the_documents_but_for_it_and_that(question: str, alone: bool) -> None:
    joined = f"{question} (Who kept the lighthouse?)"
    assert rewrite(question, HISTORY, None, is_broad=lambda asked: True) == (question if alone else joined)
    assert rewrite(question, HISTORY, None) == joined


def test_the_model_hears_the_last_turns_and_the_question() -> None:
    model = ScriptedChat([FAITHFUL])
    rewrite(QUESTION, [Answer("An old one?", "Old.")] * 5 + HISTORY, model)
    prompt = model.calls[0][-1].content
    assert "Ada Venn" in prompt
    assert QUESTION in prompt
    assert prompt.count("An old one?") == 5


def test_the_model_hears_a_summary_of_older_turns_and_whole_ones() -> None:
    model = ScriptedChat([FAITHFUL])
    old = [Answer(f"What did keeper {number} see?", "A storm broke the mast. " * 9) for number in range(8)]
    assert rewrite(QUESTION, [*old, *HISTORY], model, memory=ConversationMemory(200)) == FAITHFUL
    prompt = model.calls[0][-1].content
    assert "Before that: User: What did keeper 0 see?" in prompt
    assert "Assistant: Ada Venn kept the lighthouse for 31 years.\n" in prompt
    assert model.count(prompt) < 400


def test_turns_that_do_not_fit_the_context_are_left_out() -> None:
    model = ScriptedChat([FAITHFUL], context=260)
    long = Answer("word " * 90 + "?", "word " * 60)
    assert rewrite(QUESTION, [long, *HISTORY], model) == FAITHFUL
    assert "word word" not in model.calls[0][-1].content


def test_where_no_turn_fits_the_question_before_is_joined() -> None:
    model = ScriptedChat([FAITHFUL], context=100)
    assert rewrite(QUESTION, HISTORY, model).endswith("(Who kept the lighthouse?)")
    assert model.calls == []


@pytest.mark.parametrize(
    ("question", "back"),
    [
        ("and who signed it?", True),
        ("why?", True),
        ("Who signed that?", True),
        ("What did he say of the lamp?", True),
        ("What is the capital of Mongolia?", False),
        ("What was the report that Thackray wrote?", False),
        ("How much did the rope cost in March?", False),
    ],
)
def test_what_points_back(question, back):
    assert points_back(question) is back


def test_a_question_of_another_subject_is_left_alone():
    model = ScriptedChat(["What is the capital of the harbour in Mongolia?"])
    history = [Answer("Who signed the harbour contract?", "The Clerk signed it.")]
    assert rewrite("What is the capital of Mongolia?", history, model) == "What is the capital of Mongolia?"
    assert model.calls == []
    german = rewrite("Wer hat es unterschrieben?", history, None, language="de")
    assert german == "Wer hat es unterschrieben? (Who signed the harbour contract?)"


@pytest.mark.parametrize(
    ("language", "question", "faithful", "turn"),
    [
        ("de", "Wann wurde sie geboren?", "Wann wurde Ada Venn geboren?", ("Wer hütete das Licht?", "Ada Venn.")),
        ("fr", "Quand est-elle née ?", "Quand Ada Venn est née ?", ("Qui gardait le phare ?", "Ada Venn.")),
        ("es", "¿Cuándo nació ella?", "¿Cuándo nació Ada Venn?", ("¿Quién cuidaba el faro?", "Ada Venn.")),
        ("ru", "Когда она родилась?", "Когда родилась Ада Венн?", ("Кто хранил маяк?", "Ада Венн.")),
        ("zh", "她什么时候出生？", "王小明什么时候出生？", ("谁看守灯塔？", "王小明看守灯塔。")),
        (
            "ja",
            "彼女はいつ生まれましたか？",
            "山田花子はいつ生まれましたか？",
            ("誰が灯台を守りましたか？", "山田花子です。"),
        ),
    ],
)
def test_follow_ups_in_other_languages(language: str, question: str, faithful: str, turn: tuple[str, str]) -> None:
    history = [Answer(*turn)]
    assert points_back(question, language)
    assert rewrite(question, history, ScriptedChat([faithful]), language=language) == faithful
    assert rewrite(question, history, None, language=language) == f"{question} ({turn[0]})"


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("de", "Wie heißt die Hauptstadt der Mongolei?"),
        ("fr", "Quelle est la capitale de la Mongolie ?"),
        ("es", "¿Cuál es la capital de Mongolia?"),
        ("it", "Qual è la capitale della Mongolia?"),
        ("ru", "Как называется столица Монголии?"),
        ("zh", "蒙古国的首都是什么？"),
    ],
)
def test_a_new_subject_in_another_language_is_left_alone(language: str, question: str) -> None:
    model = ScriptedChat(["?"])
    assert rewrite(question, HISTORY, model, language=language) == question
    assert model.calls == []


def test_a_question_for_more_is_of_the_last_one() -> None:
    assert rewrite("tell me more", HISTORY, None) == "tell me more"
    assert rewrite("tell me more", HISTORY, None, goes_on=True) == "Who kept the lighthouse?"
