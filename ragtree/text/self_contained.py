"""Tells which sentences can be read alone: quotes and extractive summaries consist of these."""

from __future__ import annotations

from .anaphora import CONJUNCTIONS, PRONOUNS
from .languages import language_of
from .stop_words import stop_words
from .terms import words

_LEAST_WORDS = 4
_LEAST_UNSPACED = 8
"""A text of fewer words, or of fewer characters in a script without spaces, says nothing by itself."""
_ENDS = (".", "!", "?", "…", "。", "！", "？", "।", "؟", "။")
_CLOSING = "\"'”’)»]*_`"
_MARKUP = "*_#> \t-–•"
_ENGLISH = frozenset(
    "he him his she her hers it its they them their theirs this that these those here there then such both and but or "
    "so nor yet also however therefore thus hence otherwise moreover furthermore instead meanwhile which who whom "
    "whose another".split()
)
_WITH_A_NOUN = {
    "en": "this that these those such another",
    "de": "dieser diese dieses diesem diesen jener jene",
    "fr": "ce cet cette ces",
    "es": "este esta estos estas ese esa esos esas aquel",
    "it": "questo questa questi queste quello quella quelli",
    "pt": "este esta esse essa aquele aquela",
    "nl": "deze dit die dat",
    "ru": "этот эта это эти",
}
"""Those of these words that refer to no other sentence if a noun follows: "This chapter introduces ..."."""
_UNSPACED = ("zh", "ja", "th")


def is_sentence(text: str) -> bool:
    """True for enough words with a mark at the end; false for a heading, a row of a table, a comment or a fragment."""
    bare = text.strip(_MARKUP)
    language = language_of(bare)
    long_enough = len(bare) >= _LEAST_UNSPACED if language in _UNSPACED else len(bare.split()) >= _LEAST_WORDS
    return (
        long_enough
        and not text.lstrip().startswith(("|", "#", "- |", "<!--"))
        and bare.count(" | ") < 2
        and bare.rstrip(_CLOSING).endswith(_ENDS)
    )


def is_self_contained(text: str) -> bool:
    """True for a sentence that a reader understands without the one before: it begins like a sentence, and not with a
    word that points back ("He said ...")."""
    if not is_sentence(text):
        return False
    bare = text.strip(_MARKUP).lstrip("“\"'‘«(¿¡„[*_`")
    if bare[:1].islower():
        return False
    language = language_of(bare)
    pointing = _ENGLISH if language == "en" else PRONOUNS.get(language, frozenset()) | {*CONJUNCTIONS.get(language, ())}
    if language in _UNSPACED:
        return not bare.startswith(tuple(pointing))
    said = words(bare)[:2]
    if len(said) < 2 or said[0] not in pointing:
        return True
    return said[0] in _WITH_A_NOUN.get(language, "").split() and said[1] not in stop_words(language)
