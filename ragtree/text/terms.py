"""The words of a text in a form in which two texts can be compared: content words, and names.

Scripts without spaces give pairs of characters instead of words. No dictionary and no model is used.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from .folding import fold
from .months import BY_LANGUAGE
from .scripts import HAN, HIRAGANA, KANA, KATAKANA_LETTERS, LAO, THAI
from .stop_words import stop_words

_INDIC = "".join(
    f"{chr(block)}-{chr(block + 3)}{chr(block + 0x3A)}-{chr(block + 0x4F)}{chr(block + 0x55)}-{chr(block + 0x57)}"
    f"{chr(block + 0x62)}-{chr(block + 0x63)}"
    for block in range(0x900, 0xE00, 0x80)
)
_THAI_MARKS = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
_MARKS = f"\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670{_INDIC}{_THAI_MARKS}\u200c\u200d"
"""Characters of words that are no letters: vowel signs of Indian scripts, of Thai, Arabic and Hebrew."""
LETTER = rf"(?:[^\W\d_]|[{_MARKS}])"
WORD = re.compile(rf"{LETTER}+(?:['-]{LETTER}+)*")
_UNSPACED = re.compile(
    rf"(?P<han>[{HAN}]+)|(?P<kana>[{KATAKANA_LETTERS}]+)|(?P<endings>[{HIRAGANA}]+)|(?P<thai>[{THAI}{LAO}]+)"
)
_HAS_UNSPACED = re.compile(f"[{HAN}{KANA}{THAI}{LAO}]")
_PARTICLES = re.compile(
    "[的了着过過和与與及是在就也都这這那个個之其而被把对對从從到为為以于於吗嗎呢吧〇零一二三四五六七八九十百千万萬亿億]"
)
"""Chinese characters that every text has, and those of numbers, which are compared as numbers."""
_KANA_NAME = re.compile(f"[{KATAKANA_LETTERS}]{{3,}}")
"""Foreign names, and words from other languages: in Japanese they cannot be told apart."""
_COMMON = frozenset(
    "a about after all also although among an and another any are as at be because been before both but by "
    "can could did do does during each either for from further had has have he her hers him his how however i "
    "if in into is it its may might more most must neither no nor not of on one only or other our out over "
    "she should since so some such than that the their them then there these they this those though through "
    "to under until up upon us was we were what when where whether which while who whom whose why will with "
    "within without would you your yes according additionally furthermore moreover overall".split()
)
_BEGINNERS = frozenset(
    "again always around away back besides beyond certainly consequently despite enough even ever every everyone "
    "everything few first following given here hence inside instead just last later let like little long many maybe "
    "me meanwhile much my myself near nearly never next nobody nothing now off often once outside people perhaps "
    "quite rather second several shall somebody someone something somewhere soon still therefore third thus together "
    "too toward towards unless unlike very well whatever whenever whoever yet two three mr mrs ms dr oh ah hey sir "
    "good right come look tell please".split()
)
"""Words that often begin an English sentence, and so have a capital, but are no names."""
_ENDINGS = tuple("ing ed ly tion sion ness ment ity ers ors ists ies ance ence ism".split())
"""Endings that names seldom have."""
_LONGEST_ENDING = 3
"""Letters that a name may have more in one text than in the other: Bogan, Bogans; Brazil, Brazilian."""
_IRREGULAR = {
    form: base
    for entry in (
        "go:went,gone,going,goes say:said see:saw,seen tell:told take:took,taken know:knew,known get:got,gotten "
        "give:gave,given find:found feel:felt think:thought make:made stand:stood hear:heard begin:began,begun "
        "hold:held keep:kept sit:sat run:ran leave:left come:came meet:met bring:brought buy:bought catch:caught "
        "teach:taught send:sent spend:spent build:built lose:lost pay:paid sell:sold speak:spoke,spoken steal:stole "
        "break:broke,broken write:wrote,written drive:drove,driven fly:flew,flown throw:threw,thrown grow:grew,grown "
        "draw:drew,drawn die:died,dying,dies,dead,death wear:wore,worn eat:ate,eaten fall:fell,fallen fight:fought "
        "win:won shoot:shot choose:chose,chosen do:did,done,does,doing man:men woman:women child:children foot:feet "
        "wife:wives life:lives mouse:mice"
    ).split()
    for base, _, forms in [entry.partition(":")]
    for form in forms.split(",")
}
_WRITTEN_TOGETHER = re.compile("^(?:[وف]?(?:ال|بال|كال|لل)|و)(?=.{3})")
"""Articles, prepositions and conjunctions that Arabic joins to the front of a word."""
_ALIKE = str.maketrans("أإآةىłø", "اااهيlo")
_DETERMINERS = {
    "de": frozenset(
        "der die das den dem des ein eine einen einem einer eines kein keine keinen im am vom zum zur beim ins ans "
        "sein seine seinen seinem seiner seines ihr ihre ihren ihrem ihrer ihres mein meine unser unsere dieser diese "
        "dieses diesen diesem jeder jede jedes jeden alle allen viele vielen mehr zwei drei vier fünf sechs sieben "
        "acht neun zehn".split()
    )
}
"""Languages that write every noun with a capital -> words that stand before nouns that are no names."""
_NOUN_ENDINGS = tuple("ung ungen heit heiten keit keiten schaft schaften tion tionen nis nisse tum ling".split())
_WITHOUT_CAPITALS = {code: BY_LANGUAGE[code] for code in ("fr", "es", "it", "pt", "nl", "ru")}
"""Months and days of the week in languages that write them without a capital: they count as names."""
_OPENS = re.compile(r"[:\".!?]|(?<!\w)'$")
_CONTRACTED = re.compile("(?:n?'[a-z]+)$")


def content_words(text: str, language: str = "en") -> list[str]:
    """The words in lower case, without those that every text in English and in `language` has."""
    common = _COMMON if language == "en" else _COMMON | stop_words(language)
    return [word for word in words(text) if word not in common and len(word) > 1]


def words(text: str) -> list[str]:
    """All words in lower case."""
    return WORD.findall(fold(text, case=True))


def stem(word: str) -> str:
    """A crude stem, alike for a word's inflections: its first five letters."""
    return fold(word, case=True).removesuffix("'s")[:5]


def is_unspaced(text: str) -> bool:
    """True if some of the text is in a script that puts no spaces between words."""
    return bool(_HAS_UNSPACED.search(text))


def terms(text: str, language: str = "en") -> list[str]:
    """What the text says, as stems of its content words and, in scripts without spaces, pairs of characters."""
    text = fold(text)
    if not is_unspaced(text):
        return [term(word, language) for word in content_words(text)]
    spaced = _UNSPACED.sub(" ", text)
    return [*(term(word, language) for word in content_words(spaced)), *_pairs(text)]


def _pairs(text: str) -> Iterator[str]:
    """Yield pairs of adjacent Han characters, words in katakana, and triples of Thai characters."""
    for match in _UNSPACED.finditer(text):
        if match["kana"] or match["endings"]:
            yield from [match[0]] if len(match["kana"] or "") > 1 else []
            continue
        size = 2 if match["han"] else 3
        for part in _PARTICLES.split(match[0]) if match["han"] else [match[0]]:
            yield from (part[at : at + size] for at in range(max(1, len(part) - size + 1)) if part)


def term(word: str, language: str = "en") -> str:
    """A word without its ending: coarser for languages with many endings."""
    word = fold(word, case=True).removesuffix("'s")
    if language == "en":
        return _english(word)
    word = _WRITTEN_TOGETHER.sub("", word.translate(_ALIKE)) if not word.isascii() else word
    bare = "".join(sign for sign in unicodedata.normalize("NFD", word) if unicodedata.category(sign) != "Mn")
    shortest = 4 if bare.isascii() else 3
    return bare[: min(5, max(shortest, len(bare) - 1))]


def _english(word: str) -> str:
    word = _IRREGULAR.get(word, word)
    for ending in ("ing", "ed", "es", "s", "e", "y"):
        base = word.removesuffix(ending)
        if base != word and len(base) >= 3 and not base.endswith("s" if ending == "s" else "\0"):
            word = base.removesuffix(base[-1]) if ending in ("ing", "ed") and base[-2:-1] == base[-1] else base
            break
    return word[:5]


def names(sentence: str, language: str = "en") -> list[str]:
    """Words that a source must contain: those with a capital inside the sentence, and months written without one."""
    sentence = fold(sentence)
    uncapped = _WITHOUT_CAPITALS.get(language, frozenset())
    return [
        *_KANA_NAME.findall(sentence),
        *(
            place.word
            for place in _places(sentence)
            if place.word.lower() in uncapped
            or (place.capital and not place.opens and not _is_common(place.word) and _may_be_name(place, language))
        ),
    ]


def opening_words(sentence: str) -> list[str]:
    """Words with a capital in places where every word has one: at the beginning, after a colon, and inside quotes."""
    return [
        place.word for place in _places(fold(sentence)) if place.opens and place.capital and not _is_common(place.word)
    ]


def seems_a_name(word: str, language: str = "en") -> bool:
    """True for an opening word of a sentence that is no usual beginning and has no usual ending.

    Only for English; false for other languages, whose usual beginnings are not known here.
    """
    plain = _without_apostrophe(fold(word, case=True))
    return language == "en" and not (plain in _BEGINNERS or plain.endswith(_ENDINGS))


def same_name(one: str, other: str) -> bool:
    """True for two forms of one name, in lower case: vane and vane's, bogan and bogans, иванов and иванова."""
    one, other = (name.removesuffix("'s") for name in (one, other))
    short, long = sorted((one, other), key=len)
    if not short.isascii():
        return term(short, "") == term(long, "")
    return long.startswith(short) and len(long) - len(short) <= (_LONGEST_ENDING if len(short) > 2 else 0)


@dataclass(frozen=True, slots=True)
class _Place:
    """A word of a sentence."""

    word: str
    before: str
    """The word before it; empty at the beginning."""
    opens: bool
    """True in a place where every word has a capital."""

    @property
    def capital(self) -> bool:
        return self.word[0].isupper()


def _places(sentence: str) -> Iterator[_Place]:
    before, end = "", 0
    for match in WORD.finditer(sentence):
        yield _Place(match[0], before, not before or bool(_OPENS.search(sentence, end, match.start())))
        before, end = match[0], match.end()


def _is_common(word: str) -> bool:
    return _without_apostrophe(word.lower()) in _COMMON


def _without_apostrophe(word: str) -> str:
    """The word without 's, 'll, n't and their like."""
    return _CONTRACTED.sub("", word)


def _may_be_name(place: _Place, language: str) -> bool:
    """False for a common noun, in a language that writes every noun with a capital."""
    determiners = _DETERMINERS.get(language)
    if determiners is None:
        return True
    before = place.before.lower()
    adjective = place.before == before and before.endswith(("e", "en", "er", "es", "em"))
    return not (adjective or before in determiners or place.word.endswith(_NOUN_ENDINGS))
