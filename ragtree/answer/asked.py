"""What kind of thing a question asks for, and whether a sentence has such a thing: a sum, a date, a number, a name.

By words and signs alone; a question whose kind is not seen asks for anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from itertools import takewhile

from ..grounding import stem
from ..months import NAME, NUMBERS, months
from ..numerals import numbers
from ..terms import content_words, names, opening_words, seems_a_name, words

Has = Callable[[str], bool]
"""True for a sentence that has what is asked for."""

_DAYS = "monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun montag dienstag freitag"
_TIMES = frozenset({*NUMBERS, *_DAYS.split()})
"""Names of months and days are nobody's."""
_PATTERNS = {
    "sum": r"[£$€¥₽]|\b\d+[½¼¾]?\s?[sdp]\.|\b(?:pounds?|shillings?|pence|penny|guineas?|dollars?|cents?|euros?|marks?|"
    r"francs?|roubles?|yen|yuan|usd|eur|gbp)\b",
    "date": rf"\b1[0-9]\d\d\b|\b20\d\d\b|\b(?:{NAME}|{'|'.join(_DAYS.split())})\b|\b\d\d?[.:]\d\d\b|"
    r"o['’]clock|\b[ap]\.?m\b|\d\s?[年月日]",
    "age": r"\baged?\b|\byears?[ -]old\b|\bborn\b|"
    r"\b(?:is|was|of) (?:\d\d|(?:thir|four|fif|six|seven|eigh|nine|twen)\w+)\b",
    "colour": r"\b(?:red|blue|green|black|white|yellow|gr[ea]y|brown|orange|purple|pink|ruby|golden|silver)\b",
    "speed": r"\bknots?\b|\bmiles an hour\b|\bkm/h\b|\bmph\b|\bm/s\b",
    "weight": r"\b(?:lbs?|cwt|hundredweights?|tons?|tonnes?|ounces?|oz|pounds?|stone|kg|kilos?|kilograms?|grams?)\b",
}
_COUNTS = r"\bhow many\b|\bwie ?viele?\b|\bcombien d(?:e\b|es\b|['’])|\bcuánt[ao]s\b|\bquant[aeio]s?\b|\bhoeveel\b"
_ASKS = (
    ("age", r"\bhow old\b|\bwie alt\b|\bquel âge\b"),
    ("colour", r"\b(?:what|which) colou?r\b"),
    ("speed", r"\b(?:what|which) speed\b|\bhow fast\b"),
    ("weight", r"\bhow (?:heavy|much do\w* [\w .'’-]+ weigh)|\btonnage\b|\bwhat weight\b"),
    (
        "sum",
        r"(?=.*(?:\bhow much\b|\bwhat\b|\bhow many (?:pounds|dollars|euros)\b))"
        r".*\b(?:costs?|prices?|pay|paid|charged?|rents?|salary|salaries|wages?|fees?|fares?|earn\w*|fined)\b",
    ),
    ("sum", r"\bwas kostet\w*|\bcombien coûte|\bcuánto cuesta|\bquanto costa"),
    ("number", _COUNTS),
    ("extent", r"\bсколько\b|多少|几个|いくつ"),
    ("extent", r"\bhow (?:low|high|tall|long|far|deep|warm|cold|wide|large|big)\b"),
    (
        "date",
        r"^\W*when\b|\b(?:what|which) (?:date|day|days|year|month|time|hour)\b|^\W*wann\b|^\W*quand\b|^\W*cuándo\b|"
        r"^\W*quando\b|^\W*когда\b|^\W*wanneer\b|什么时候|何时|いつ",
    ),
    ("name", r"\bwho\b|\bname of\b|\b(?:is|was|are|were) [\w .'’-]+ called\b"),
)

_WHO_IS = re.compile(r"\b[Ww]ho(?:\s+(?:is|was|are|were)|['’]s)\s+(?:the\s+)?(?-i:[A-Z])")


def asked_for(question: str) -> Has | None:
    """What a sentence has to have to answer the question; None where that cannot be told."""
    low = question.lower()
    kind = next((kind for kind, pattern in _ASKS if re.search(pattern, low)), None)
    if kind == "name" and _WHO_IS.search(question):
        return None  # it has a name, and asks what there is to say of it
    if kind is None:
        return None
    if kind == "extent":
        return lambda sentence: bool(numbers(sentence))
    if kind == "number":
        counted = _counted(low)
        return lambda sentence: bool(numbers(sentence)) and (not counted or not counted.isdisjoint(_stems(sentence)))
    if kind == "name":
        return lambda sentence: _has_a_new_name(sentence, low)
    pattern = _pattern(kind)
    return lambda sentence: bool(pattern.search(sentence))


def asked_of(question: str) -> Has | None:
    """What the text around an answer has to have: the months that the question names; None where it names none."""
    wanted = months(question)
    return (lambda text: wanted <= months(text)) if wanted else None


def _counted(question: str) -> frozenset[str]:
    """Stems of what a question wants the number of; a number of other things is no answer to it."""
    after = re.search(_COUNTS, question)
    following = words(question[after.end() :]) if after else []
    return frozenset(map(stem, takewhile(content_words, following)))


def _stems(text: str) -> set[str]:
    return {stem(word) for word in content_words(text)}


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    return re.compile(_PATTERNS[kind], re.IGNORECASE)


def _has_a_new_name(sentence: str, question: str) -> bool:
    """True where somebody is named whom the question does not name."""
    found = [*names(sentence), *(word for word in opening_words(sentence) if seems_a_name(word))]
    named = {name.lower().removesuffix("'s") for name in found}
    return any(name not in question for name in named - _TIMES)
