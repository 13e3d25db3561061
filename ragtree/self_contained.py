"""Can a sentence be read alone? Quotes and extractive summaries are made of those that can."""

from __future__ import annotations

from .languages import language_of
from .stems import stop_words
from .terms import words

_LEAST_WORDS = 4
_LEAST_UNSPACED = 8
"""Words, and characters of a script without spaces, below which a text says nothing by itself."""
_ENDS = (".", "!", "?", "…", "。", "！", "？", "।", "؟", "။")
_CLOSING = "\"'”’)»]*_`"
_MARKUP = "*_#> \t-–•"
POINTING = {
    code: frozenset(pointing.split())
    for code, pointing in {
        "en": "he him his she her hers it its they them their theirs this that these those here there then such both "
        "and but or so nor yet also however therefore thus hence otherwise moreover furthermore instead meanwhile "
        "which who whom whose another",
        "de": "er ihn ihm sein seine seinen seinem seiner sie ihr ihre ihren ihrem ihrer es dieser diese dieses diesem "
        "diesen jener jene damit dafür davon darin daran darüber danach dabei dazu dort denen deren dessen und "
        "aber oder doch sondern außerdem jedoch deshalb daher",
        "fr": "il elle ils elles lui leur leurs son sa ses celui celle ceux celles cela ça ceci ce cet cette ces y en "
        "et mais ou donc puis cependant ainsi",
        "es": "él ella ellos ellas lo le les su sus suyo este esta estos estas ese esa esos esas eso esto aquel allí y "
        "e pero o entonces además",
        "it": "lui lei loro gli suo sua suoi sue questo questa questi queste quello quella quelli ci ne lì esso essa e "
        "ma o quindi inoltre",
        "pt": "ele ela eles elas lhe lhes seu sua seus suas este esta isso isto esse essa aquele aquela dele dela lá e "
        "mas ou então",
        "nl": "hij hem zijn zij haar hun hen ze het dit dat deze die daar daarmee daarvan ervan erin er en maar of dus",
        "ru": "он она оно они его её ее их ему ей им ним ней них нём этот эта это эти того тот там тогда и а но или",
        "zh": "他 她 它 这 那 其 该 但 而",
        "ja": "彼 それ これ その この あの そこ ここ あれ しかし そして",
    }.items()
}
"""Words that a sentence begins with if it goes on from the one before, by language."""
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
"""Of these, those that point at nothing outside the sentence if a noun follows: "This chapter introduces ..."."""
_UNSPACED = ("zh", "ja", "th")


def is_sentence(text: str) -> bool:
    """True for some words with an end: no heading, no row of a table, no fragment."""
    bare = text.strip(_MARKUP)
    language = language_of(bare)
    long_enough = len(bare) >= _LEAST_UNSPACED if language in _UNSPACED else len(bare.split()) >= _LEAST_WORDS
    return (
        long_enough
        and not text.lstrip().startswith(("|", "#", "- |"))
        and bare.count(" | ") < 2
        and bare.rstrip(_CLOSING).endswith(_ENDS)
    )


def is_self_contained(text: str) -> bool:
    """True for a sentence that a reader understands without the one before: it begins as one, and with no word that
    points back ("He said ...")."""
    if not is_sentence(text):
        return False
    bare = text.strip(_MARKUP).lstrip("“\"'‘«(¿¡„[*_`")
    if bare[:1].islower():
        return False
    language = language_of(bare)
    pointing = POINTING.get(language, frozenset())
    if language in _UNSPACED:
        return not bare.startswith(tuple(pointing))
    said = words(bare)[:2]
    if len(said) < 2 or said[0] not in pointing:
        return True
    return said[0] in _WITH_A_NOUN.get(language, "").split() and said[1] not in stop_words(language)
