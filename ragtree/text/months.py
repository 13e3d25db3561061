"""Names of months and days of the week, and the months that a text names, in words or figures: a question about one
is not answered from another."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .folding import fold

_MONTHS = {
    "en": "january february march april may june july august september october november december",
    "de": "januar/jänner februar märz april mai juni juli august september oktober november dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "ru": "января/январе февраля/феврале марта/марте апреля/апреле мая/мае июня/июне июля/июле августа/августе "
    "сентября/сентябре октября/октябре ноября/ноябре декабря/декабре",
}
"""The names of the months in their order; a slash separates forms."""
_SHORT = "jan feb mar apr may jun jul aug sep/sept oct nov dec"
_RUSSIAN_NOMINATIVES = "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь"
"""Apart from the other forms: `март` and `марта` do not count as one name (ragtree.text.terms.same_name)."""
_DAYS = {
    "en": "monday tuesday wednesday thursday friday saturday sunday",
    "de": "montag dienstag mittwoch donnerstag freitag samstag sonntag",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "it": "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "pt": "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
    "nl": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "ru": "понедельник вторник среда среду четверг пятница пятницу суббота субботу воскресенье",
}


def _numbered(names: str) -> Iterator[tuple[str, int]]:
    yield from ((form, number) for number, forms in enumerate(names.split(), 1) for form in forms.split("/"))


ENGLISH = tuple(_MONTHS["en"].split())
"""The months in English, from January."""
SHORT_ENGLISH = tuple(form for form, _ in _numbered(_SHORT))
"""Their short forms, as in "3 Sept. 1923"; September has two."""
SHORT_ENGLISH_DAYS = frozenset("mon tue wed thu fri sat sun".split())
BY_LANGUAGE = {
    code: frozenset({*(form for form, _ in _numbered(names)), *_DAYS[code].split()}) for code, names in _MONTHS.items()
}
"""The months and the days of the week of each language, in lower case."""
NUMBERS = dict(pair for names in (*_MONTHS.values(), _SHORT, _RUSSIAN_NOMINATIVES) for pair in _numbered(names))
"""The number of each month, from 1, by its name in lower case."""
DAYS = frozenset(day for days in _DAYS.values() for day in days.split())
"""Days of the week, in lower case."""
NAME = "|".join(sorted(NUMBERS, key=len, reverse=True))
"""A pattern for one of these names."""
_WORD = re.compile(rf"\b(?:{NAME})\b", re.IGNORECASE)
_FIGURES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)(?:1\d|20)\d\d[-/](0[1-9]|1[0-2])[-/]\d\d(?!\d)",  # 1923-11-05
        r"(?<!\d)\d\d?\.\s?(0?[1-9]|1[0-2])\.\s?(?:\d\d){1,2}(?!\d)",  # 5.11.1923
        r"(?<!\d)(0?[1-9]|1[0-2])/\d\d?/(?:\d\d){1,2}(?!\d)",  # 11/5/1923 and 5/11/1923 cannot be told apart
        r"(?<!\d)\d\d?/(0?[1-9]|1[0-2])/(?:\d\d){1,2}(?!\d)",
        r"(?<!\d)(0?[1-9]|1[0-2])\s?月",
    )
)
_YEAR_AND_MONTH = re.compile(r"(?<!\d)(?:1\d|20)(\d\d)-(0[1-9]|1[0-2])(?![-\d])")


def months(text: str) -> frozenset[int]:
    """The numbers, from 1, of the months that a text names. Without their capitals "may" and "march" are verbs."""
    text = fold(text)
    named = {NUMBERS[found[0].lower()] for found in _WORD.finditer(text) if found[0] not in ("may", "march")}
    dated = {int(number) for figures in _FIGURES for number in figures.findall(text)}
    dated |= {
        int(month) for year, month in _YEAR_AND_MONTH.findall(text) if int(month) != int(year) + 1
    }  # 2001-02 is two years
    return frozenset(named | dated)
