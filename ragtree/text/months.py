"""The months that a text names, in words or figures: a question about one is not answered from another."""

from __future__ import annotations

import re

from .folding import fold

_NAMES = (
    "january february march april may june july august september october november december",
    "jan feb mar apr - jun jul aug sep/sept oct nov dec",
    "januar/jänner februar märz april mai juni juli - - oktober - dezember",
    "janvier février mars avril - juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio - aprile maggio giugno luglio - settembre ottobre - dicembre",
    "janeiro fevereiro março - maio junho julho - setembro outubro novembro dezembro",
    "januari februari maart - mei juni juli augustus - - - -",
    "января/январе/январь февраля/феврале/февраль марта/марте/март апреля/апреле/апрель мая/мае июня/июне/июнь "
    "июля/июле/июль августа/августе/август сентября/сентябре/сентябрь октября/октябре/октябрь "
    "ноября/ноябре/ноябрь декабря/декабре/декабрь",
)
"""A slash separates forms; a hyphen stands for a name that a language above has, too."""
NUMBERS = {
    form: number
    for names in _NAMES
    for number, forms in enumerate(names.split(), 1)
    for form in forms.split("/")
    if form != "-"
}
"""The number of each month, from 1, by its name in lower case."""
DAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag "
    "sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo "
    "lunedì martedì mercoledì giovedì venerdì sabato domenica segunda-feira terça-feira quarta-feira quinta-feira "
    "sexta-feira maandag dinsdag woensdag donderdag vrijdag zaterdag zondag понедельник вторник среда среду четверг "
    "пятница пятницу суббота субботу воскресенье".split()
)
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
