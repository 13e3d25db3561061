"""Detects the language of a text by its script and its small words, as far as the rules for sentences differ."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from .folding import fold
from .scripts import HAN, HANGUL, KANA, MYANMAR, THAI

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

AUTO = "auto"
"""The setting that has the language detected from the text."""

_SAMPLE = 4000
"""Characters that are examined: the beginning of a text is enough to tell its language."""
_LETTERS = re.compile(r"[^\W\d_]")
_WORDS = re.compile(r"[^\W\d_]+")
_SCRIPTS = {
    "ja": KANA,
    "ko": f"\u1100-\u11ff{HANGUL}",
    "zh": HAN,
    "th": THAI,
    "hi": "\u0900-\u097f",
    "bn": "\u0980-\u09ff",
    "pa": "\u0a00-\u0a7f",
    "gu": "\u0a80-\u0aff",
    "ta": "\u0b80-\u0bff",
    "te": "\u0c00-\u0c7f",
    "kn": "\u0c80-\u0cff",
    "ml": "\u0d00-\u0d7f",
    "my": MYANMAR,
    "am": "\u1200-\u137f",
    "hy": "\u0530-\u058f",
    "ka": "\u10a0-\u10ff",
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "he": "\u0590-\u05ff",
    "ar": "\u0600-\u06ff\u0750-\u077f",
    "ru": "\u0400-\u04ff",
}
_OF_SCRIPT = re.compile("|".join(f"(?P<{code}>[{letters}])" for code, letters in _SCRIPTS.items()))
_SMALL_WORDS = {
    "en": "the of and to in is that was for with as on by are be this it from at not have were which or an",
    "de": "der die das und ist nicht ein eine zu den dem des mit auf für im sich auch wurde sind als er sie es von",
    "fr": "le la les des est et dans une du pour que qui pas sur au par avec ne sont plus cette ce il elle nous",
    "es": "el la los las y en que del es una por con para se su al lo como más pero fue un este son ha",
    "it": "il di che è la per una sono con non del della nel gli si dei le anche più come alla lo ma da",
    "pt": "o os que não uma do da em para com se por mais dos das foi ao como são é na no um seu sua",
    "nl": "de het een en van is dat niet op te zijn voor met die aan er ook als bij was naar door maar werd",
    "sv": "och att det som en är på av för med den till inte om ett har de var jag från kan men sig",
    "da": "og at det som en er på af for med den til ikke et har de var fra kan men der blev sig",
    "fi": "ja on ei se että oli joka myös kun mutta ovat hän sen tai ole niin kuin sekä mukaan",
    "pl": "i w na z nie się do że jest to jak po ale od za przez jego był oraz tym dla są co",
    "cs": "a v na se je že z do to s jako po ale za byl jeho pro ve by od jsou také nebo",
    "tr": "ve bir bu için ile da de olarak daha çok ne gibi olan kadar sonra ama en var değil",
    "uk": "і в на з не що до та є за як від про це його для був але який також",
}
_NAMES = {
    **{"ja": "Japanese", "ko": "Korean", "zh": "Chinese", "th": "Thai", "hi": "Hindi", "bn": "Bengali"},
    **{"pa": "Punjabi", "gu": "Gujarati", "ta": "Tamil", "te": "Telugu", "kn": "Kannada", "ml": "Malayalam"},
    **{"my": "Burmese", "am": "Amharic", "hy": "Armenian", "ka": "Georgian", "el": "Greek", "he": "Hebrew"},
    **{"ar": "Arabic", "ru": "Russian", "uk": "Ukrainian", "en": "English", "de": "German", "fr": "French"},
    **{"es": "Spanish", "it": "Italian", "pt": "Portuguese", "nl": "Dutch", "sv": "Swedish", "da": "Danish"},
    **{"fi": "Finnish", "pl": "Polish", "cs": "Czech", "tr": "Turkish"},
}
_WORDS_OF = {code: frozenset(words.split()) for code, words in _SMALL_WORDS.items()}
_CYRILLIC = {
    "ru": frozenset("и в на с не что по из как от за он это к для был его но который также".split()),
    "uk": _WORDS_OF.pop("uk"),
}
_LEAST_SHARE = 0.04
"""Share of small words that running text has at least; a table that has fewer says little about its language."""
_LEAST_WORDS = 2
"""Small words that a text must have to be taken for another language than the usual one."""


def language_of(text: str, setting: str = AUTO) -> str:
    """The code of a text's language, such as `de`: `setting`, or with `auto` what the text looks like.

    A text that gives no hint (a number, a name) is `en`. In a text of two scripts the one with more letters decides;
    Chinese characters among kana are Japanese.
    """
    if setting != AUTO:
        return setting
    sample = fold(text[:_SAMPLE])
    letters = len(_LETTERS.findall(sample)) or 1
    scripts = Counter(match.lastgroup or "" for match in _OF_SCRIPT.finditer(sample))
    if scripts["ja"] * 20 > scripts["zh"]:
        scripts["ja"] += scripts.pop("zh", 0)
    code, count = max(scripts.items(), key=lambda pair: pair[1], default=("", 0))
    if count * 2 < letters:
        return _by_words(sample, _WORDS_OF, "en")
    return _by_words(sample, _CYRILLIC, "ru") if code == "ru" else code


def prevailing_language(texts: Iterable[str], setting: str = AUTO) -> str:
    """The language of most of the texts, if one has to serve for all; `setting`, if that names one."""
    if setting != AUTO:
        return setting
    counts = Counter(language_of(text) for text in texts)
    return max(sorted(counts), key=lambda code: counts[code], default="en")


def is_in(text: str, language: str) -> bool:
    """False if the text is plainly in another language; a text that gives no hint may be in any."""
    found = language_of(text)
    if found == language:
        return True
    words = Counter(word.lower() for word in _WORDS.findall(fold(text[:_SAMPLE])))
    return found == "en" and sum(words[word] for word in _WORDS_OF["en"]) < _LEAST_WORDS


def language_name(code: str) -> str:
    """The English name of a language, for a prompt; "the language of the passages" for an unknown code."""
    return _NAMES.get(code, "the language of the passages")


def _by_words(text: str, words_of: dict[str, frozenset[str]], usual: str) -> str:
    words = Counter(word.lower() for word in _WORDS.findall(text))
    there = frozenset(words)
    counts = {code: sum(words[word] for word in small & there) for code, small in words_of.items()}
    best = max(counts, key=lambda code: (counts[code], code == usual))
    enough = max(_LEAST_WORDS, _LEAST_SHARE * words.total())
    return best if counts[best] >= enough and counts[best] > counts[usual] else usual


_DOCUMENTS_SPEAK_IT = 20.0
_MANY_SPEAK_IT = 5.0
"""How many times likelier a question is in a language of the documents, and in English, than in any other. Short
questions with little but names ("Who is Guido van Rossum?") look like several languages. The figures are in
tests/benchmarks/test_languages.py."""


def question_language(text: str, usual: Sequence[str] = ("en",)) -> str:
    """The code of the language of a question; `usual` are the languages of the documents, or of the conversation.

    py3langid (Lui & Baldwin, ACL 2012) chooses it among the languages that are known here.
    """
    if not _LETTERS.search(text):
        return usual[0] if usual else "en"
    ranked = _identifier().rank(fold(text[:_SAMPLE]))

    def likelihood(pair: tuple[str, float]) -> float:
        code, probability = pair
        return probability * (_DOCUMENTS_SPEAK_IT if code in usual else _MANY_SPEAK_IT if code == "en" else 1)

    return str(max(ranked, key=likelihood)[0])


@cache
def _identifier() -> LanguageIdentifier:
    """The language identifier. It loads in about a second, with the first question."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(sorted(_NAMES))
    return identifier
