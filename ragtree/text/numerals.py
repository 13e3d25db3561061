"""The numbers of a text, in figures or in words: "1,200", "twelve hundred", "zwanzig", "三十".

Number words are known for the languages of `_UNITS`. The word for 1 alone ("one", "ein", "一") does not count as a
number: more often it is an article or a pronoun.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from .folding import fold
from .terms import LETTER, content_words, term

_THOUSANDS = re.compile(r"[,،' ](?=\d{3}(?!\d))")
_SPACED = r"(?<![\d.,:/])\d{1,3}(?: \d{3}(?!\d))+"
"""A number with spaces between its thousands: 1 200 000."""
_FIGURE = rf"(?P<figure>{_SPACED}(?:[.,]\d+)?|\d+(?:[.,:/،]\d+)*)(?:st|nd|rd|th)?"
_TOKEN = re.compile(rf"{_FIGURE}|(?P<word>{LETTER}+)")
_DECIMAL = re.compile(r"\d{1,15}(?:\.\d+)?")
_COUNTED = re.compile(rf"[\s-]+({LETTER}+)")
_HAN = re.compile(r"[〇零一二三四五六七八九十百千万萬億亿两兩]+(?![分足])")
_HAN_DIGITS = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_UNITS = {
    "en": "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty",
    "de": "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
    "achtzehn neunzehn zwanzig",
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize - - - vingt",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve veinte",
    "it": "due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici "
    "diciassette diciotto diciannove venti",
    "pt": "dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis dezessete dezoito "
    "dezenove vinte",
    "nl": "twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien "
    "achttien negentien twintig",
    "ru": "два/две/двух/двум/двумя три/трех/трем/тремя четыре/четырех/четырем пять/пяти/пятью шесть/шести/шестью "
    "семь/семи/семью восемь/восьми девять/девяти десять/десяти одиннадцать/одиннадцати двенадцать/двенадцати "
    "тринадцать/тринадцати четырнадцать/четырнадцати пятнадцать/пятнадцати шестнадцать семнадцать восемнадцать "
    "девятнадцать двадцать/двадцати",
    "hi": "दो तीन चार पाँच/पांच छह/छः/छे सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह/पन्द्रह सोलह सत्रह अठारह उन्नीस बीस",
    "ar": "اثنان/اثنين/اثنتان/اثنتين "
    "ثلاثة/ثلاث أربعة/أربع خمسة/خمس ستة/ست سبعة/سبع ثمانية/ثماني/ثمان تسعة/تسع عشرة/عشر",
}
"""From two upwards; a slash separates forms."""
_TENS = {
    "en": "thirty forty fifty sixty seventy eighty ninety",
    "de": "dreißig/dreissig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "fr": "trente quarante cinquante soixante",
    "es": "treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "it": "trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "pt": "trinta quarenta cinquenta sessenta setenta oitenta noventa",
    "nl": "dertig veertig vijftig zestig zeventig tachtig negentig",
    "ru": "тридцать/тридцати сорок/сорока пятьдесят/пятидесяти шестьдесят семьдесят восемьдесят девяносто",
    "hi": "तीस चालीस पचास साठ सत्तर अस्सी नब्बे",
    "ar": "ثلاثون/ثلاثين أربعون/أربعين خمسون/خمسين ستون/ستين سبعون/سبعين ثمانون/ثمانين تسعون/تسعين",
}
_SCALES = {
    "en": "hundred thousand million/millions billion/billions",
    "de": "hundert tausend million/millionen milliarde/milliarden",
    "fr": "cent/cents mille million/millions milliard/milliards",
    "es": "cien/ciento mil millón/millones -",
    "it": "cento mille/mila milione/milioni miliardo/miliardi",
    "pt": "cem/cento mil milhão/milhões bilhão/bilhões",
    "nl": "honderd duizend miljoen miljard",
    "ru": "сто/ста тысяча/тысячи/тысяч/тысячу миллион/миллиона/миллионов миллиард/миллиарда/миллиардов",
    "hi": "सौ हज़ार/हजार - -",
    "ar": "مئة/مائة ألف/آلاف مليون/ملايين مليار/مليارات",
}
_FOUR_TWENTIES = re.compile("quatre-vingts?", re.IGNORECASE)
_SCALE_VALUES = (100, 1000, 10**6, 10**9)
_ORDINALS = {
    "en": "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth",
    "de": "dritte vierte fünfte sechste siebte achte neunte zehnte elfte zwölfte",
}
"""From the third upwards."""
_EARLY_ORDINALS = {"en": "first second", "de": "erste zweite"}
"""Numbers only after a word such as "the": in "First, ..." and "a second later" they count nothing."""
_BEFORE_AN_ORDINAL = {
    "en": frozenset("the his her their its my our your".split()),
    "de": frozenset("der die das dem den des am im vom zum zur sein seine ihr ihre".split()),
}
_ONE = {"en": "one", "fr": "un une", "es": "un uno una", "pt": "um uma", "ru": "один одна одно одного одной"}
_AND = {"en": "and", "de": "und", "fr": "et", "es": "y", "it": "e", "pt": "e", "nl": "en"}
_ALSO = {
    "en": {"both": 2, "couple": 2, "pair": 2, "twice": 2, "twins": 2, "double": 2, "trio": 3, "thrice": 3, "triple": 3},
    "de": {"beide": 2, "beiden": 2, "paar": 2, "zweimal": 2, "doppelt": 2, "dreimal": 3, "drilling": 3},
}
"""Words of a source that support a number without being one."""
_SAID = {"en": {"dozen": 12}, "de": {"dutzend": 12}, "fr": {"douzaine": 12}, "es": {"docena": 12}, "ru": {"дюжина": 12}}


def numbers(text: str, language: str = "en") -> set[str]:
    """The numbers that a text in `language` (a code) claims, in figures and without thousands separators."""
    plain = fold(text)
    if language == "fr":
        plain = _FOUR_TWENTIES.sub("80", plain)
    return {*(number for number, _ in _placed(plain, language)), *_han(plain)}


def counts(text: str, language: str = "en") -> list[tuple[str, str]]:
    """The numbers, each with the term of what it counts, if that is the word after it: ("3", "floor")."""
    plain = fold(text)
    behind = ((number, _COUNTED.match(plain, end)) for number, end in _placed(plain, language))
    return [(number, term(word[1], language)) for number, word in behind if word and content_words(word[1])]


def supported_numbers(text: str, language: str = "en") -> set[str]:
    """The numbers that a source supports: its own, the parts of one such as 12 345, and those of words like "both"."""
    also = _ALSO.get(language, {})
    words = {word.lower() for word in re.findall(rf"{LETTER}+", text)} if also else set()
    apart = {part for run in re.findall(_SPACED, fold(text)) for part in run.split()}
    return numbers(text, language) | apart | {str(value) for word, value in also.items() if word in words}


@dataclass(frozen=True, slots=True)
class _NumberPart:
    """A figure or a number word, and its position. A figure that is a date, a ratio or the like has no value."""

    value: float | None
    figures: str
    start: int
    end: int
    one: bool = False
    """It is a "one", which counts only as a part of a longer number."""


def _placed(text: str, language: str) -> Iterator[tuple[str, int]]:
    """Yield each number and the position of its end. Adjacent words are one number: "two hundred and five"."""
    run: list[_NumberPart] = []
    for part in _parts(text, language):
        if run and _goes_on(text[run[-1].end : part.start], run[-1], part, language):
            run.append(part)
            continue
        if run and not (len(run) == 1 and run[0].one):
            yield _sum(run), run[-1].end
        run = [part]
    if run and not (len(run) == 1 and run[0].one):
        yield _sum(run), run[-1].end


def _parts(text: str, language: str) -> Iterator[_NumberPart]:
    known = _table(language)
    early, ones = _EARLY_ORDINALS.get(language, "").split(), _ONE.get(language, "").split()
    before = ""
    for match in _TOKEN.finditer(text):
        word = (match["word"] or "").lower()
        if match["figure"]:
            figures = _THOUSANDS.sub("", match["figure"])
            value = float(figures) if _DECIMAL.fullmatch(figures) else None
            yield _NumberPart(value, figures, match.start(), match.end())
        elif word in early and before not in _BEFORE_AN_ORDINAL[language] and known.get(before, 0) < 20:
            pass  # "First, ..." counts nothing
        elif word in ones:
            yield _NumberPart(1.0, "", match.start(), match.end(), one=True)
        elif (named := known.get(word.replace("ё", "е"))) is not None:
            yield _NumberPart(named, "", match.start(), match.end())
        before = word


def _goes_on(between: str, last: _NumberPart, part: _NumberPart, language: str) -> bool:
    """True if a number word continues the number: it is a scale, or smaller than the last place of the part before."""
    if part.figures or part.value is None or last.value is None:
        return False
    joint = between.strip(" -").lower()
    if joint and (joint != _AND.get(language) or last.value < 20):
        return False
    if part.value >= 100 or last.value >= 100:
        return True
    return last.value in range(10, 100, 10) and part.value < (10 if last.value == 10 else 20)


def _sum(run: list[_NumberPart]) -> str:
    """The number of a run of parts, in figures: what stands before a scale is multiplied by it."""
    if len(run) == 1 and run[0].figures:
        return run[0].figures
    total, current = 0.0, 0.0
    for value in (part.value or 0.0 for part in run):
        if value == 100:
            current = (current or 1) * 100
        elif value in _SCALE_VALUES:
            total += (current or 1) * value
            current = 0
        else:
            current += value
    total += current
    return f"{total:.10g}" if total % 1 else str(int(total))


def _han(text: str) -> Iterator[str]:
    """Yield the numbers in Chinese characters; a single 一, and scales alone such as 千万, are words."""
    for match in _HAN.finditer(text):
        signs = match[0]
        if signs == "一" or (signs != "十" and not any(sign in _HAN_DIGITS for sign in signs)):
            continue
        if not any(sign in _HAN_SCALES for sign in signs):
            yield "".join(str(_HAN_DIGITS[sign]) for sign in signs)  # 一九二一
            continue
        total, part, digit = 0, 0, 0
        for sign in signs:
            scale = _HAN_SCALES.get(sign, 0)
            if not scale:
                digit = _HAN_DIGITS[sign]
            elif scale < 10**4:
                part += (digit or 1) * scale
                digit = 0
            else:
                total += (part + digit or 1) * scale
                part, digit = 0, 0
        yield str(total + part + digit)


@cache
def _table(language: str) -> dict[str, float]:
    """Words of one language -> their values."""
    table: dict[str, float] = {}
    for words, values in (
        (_UNITS.get(language, ""), range(2, 21)),
        (_TENS.get(language, ""), range(30, 100, 10)),
        (_SCALES.get(language, ""), _SCALE_VALUES),
        (_ORDINALS.get(language, ""), range(3, 21)),
        (_EARLY_ORDINALS.get(language, ""), (1, 2)),
    ):
        for forms, value in zip(words.split(), values, strict=False):
            table.update((form, float(value)) for form in forms.split("/") if form != "-")
    table |= _SAID.get(language, {})
    if language == "de":
        table |= _german_compounds(table)
    if language == "en":
        table |= {f"{word[:-1]}ieth": value for word, value in table.items() if word.endswith("ty")}
    return table


def _german_compounds(table: dict[str, float]) -> dict[str, float]:
    """einundzwanzig to neunundneunzig, einhundert to neuntausend, and the inflected forms of ordinals."""
    units = {word: value for word, value in table.items() if 2 <= value <= 9 and not word.endswith("te")} | {"ein": 1}
    tens = {word: value for word, value in table.items() if value in range(20, 100, 10)}
    made = {f"{unit}und{ten}": one + more for unit, one in units.items() for ten, more in tens.items()}
    made |= {f"{unit}{scale}": one * table[scale] for unit, one in units.items() for scale in ("hundert", "tausend")}
    ordinals = {word: value for word, value in table.items() if word.endswith("te")}
    return made | {word + ending: value for word, value in ordinals.items() for ending in "nrsm"}
