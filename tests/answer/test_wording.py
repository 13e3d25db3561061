from __future__ import annotations

from pathlib import Path

import pytest

from ragtree.answer.wording import all_wordings, wording
from ragtree.errors import PromptError
from ragtree.text.languages import question_language

QUESTIONS = {
    "en": "Was the weather really too bad for the ferry?",
    "de": "Was kostet der Ofen?",
    "fr": "Combien a coûté le poêle ?",
    "es": "¿Cuánto costó la estufa?",
    "it": "Quanto è costata la stufa?",
    "pt": "Quanto custou o fogão no porto?",
    "nl": "Hoeveel kost de kachel?",
    "ru": "Сколько стоила печь?",
    "zh": "炉子多少钱？",
    "ja": "ストーブはいくらでしたか？",
}


@pytest.mark.parametrize("language", QUESTIONS)
def test_the_language_of_a_question_is_known_and_has_its_wording(language: str) -> None:
    assert question_language(QUESTIONS[language]) == language
    assert language == "en" or wording(language).not_in_documents != wording("en").not_in_documents


def test_an_unknown_language_is_answered_in_english() -> None:
    assert wording("tlh") == wording("en")


def test_a_question_that_does_not_tell_is_in_the_usual_language() -> None:
    assert question_language("Demurrage?") == "en"
    assert question_language("Demurrage?", "de") == "de"


def test_a_user_s_own_wording_wins_and_the_rest_stays(tmp_path: Path) -> None:
    (tmp_path / "wording.toml").write_text('[en]\nnearest = "See:"\n[eo]\nnearest = "Vidu:"\n', encoding="utf-8")
    assert wording("en", tmp_path).nearest == "See:"
    assert wording("en", tmp_path).not_in_documents == wording("en").not_in_documents
    assert wording("eo", tmp_path).nearest == "Vidu:"


@pytest.mark.parametrize("text", ["[en", "[en]\nnonsense = 'x'\n", "[en]\nnearest = 3\n", "nearest = 'x'\n"])
def test_a_wording_that_cannot_be_used_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "wording.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PromptError, match=r"wording\.toml"):
        wording("en", tmp_path)


def test_all_wordings_are_those_of_all_languages() -> None:
    said = set(all_wordings())
    assert {wording("de").nearest, wording("ja").unsupported} <= said
