"""Finds the columns and rows of a table that a question names.

A false number is worse than none. So the table has to explain what the question says: its numbers, names and times by
cells, the caption or the title, and almost all of its other words too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from ..text.dates import bounds, dates
from ..text.folding import fold
from ..text.months import months
from ..text.stems import index_terms
from ..text.stop_words import stop_words
from ..text.terms import content_words, is_unspaced, seems_a_name, term
from .base import Operation, Table, TableRequest
from .computing import chosen_rows, column_figures

_WORD = re.compile(r"[^\W_]+")
_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]")
_UNIT = re.compile(r"(?<=[a-z]{2})\s+(?:[A-Z]{3}|[€$£¥%])$")
"""A currency or sign at the end of a column's name: `Amount GBP`."""
_MOST_WORDS = 100
"""Most words of a question; a longer one asks for more than a cell or a number."""
_LONGEST_VALUE = 8
"""Most words of a cell that a question may name."""
_YEAR = re.compile(r"1\d{3}|20\d\d")
_MOST_COLUMNS = 3
_DATED = 0.8
_LOOKED_AT = 30
_DATE = 0.6
"""Least share of the first cells that are dates in a column of dates; how many cells are looked at; and the least share
of a cell that its date fills: SKU-2004 is none."""


@dataclass(frozen=True, slots=True)
class TableMatch:
    """What a question asks of a table, and how many of its words the table explains."""

    request: TableRequest
    explained: int


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    """Folded, in lower case."""
    term: str
    written: str
    first: bool

    @property
    def has_capital(self) -> bool:
        """True if it has a capital that is not due to the beginning of the sentence."""
        return not self.first and self.written[0].isupper()


class TableQuestion:
    """The words of a question. `is_request_word` is True for those that questions are made of (how, many, total)."""

    def __init__(self, text: str, language: str, is_request_word: Callable[[str], bool]) -> None:
        self.text = text
        self.language = language
        self._stops = stop_words(language)
        self.words = [
            _Word(fold(found[0], case=True), term(found[0], language), found[0], not place)
            for place, found in enumerate(_WORD.finditer(text))
        ]
        self._texts = [word.text for word in self.words]
        self._stems = [self._stem(word.text) for word in self.words]
        self._is_request_word = is_request_word
        found = dates(text)
        self._times = [bounds(one.iso) for one in found]
        starts = [match.start() for match in _WORD.finditer(text)]
        ranges = [one for one in found if "/" in one.iso]
        self._in_ranges = {
            place for place, start in enumerate(starts) if any(one.start <= start < one.end for one in ranges)
        }
        dated = {place for place, start in enumerate(starts) if any(one.start <= start < one.end for one in found)}
        alone = {
            place for place, word in enumerate(self.words) if word.written.isalpha() and months(word.written)
        } - dated
        self._months = months(" ".join(self.words[place].written for place in alone))
        self._time_places = dated | alone

    def match(self, table: Table, operation: Operation, name: str) -> TableMatch | None:
        """What the question asks of a table; None if the table does not have what it names. `name` has the title and
        path of the table's document."""
        if is_unspaced(self.text) or len(self.words) > _MOST_WORDS:
            return None
        named = self._columns(table)
        found = self._conditions(table, named)
        if found is None:
            return None
        conditions, used = found
        about = self._places_of(f"{name}\n{table.caption}")
        in_names = {place for own in named.values() for place in own}
        times = self._time_places - used - about - in_names
        if times & self._in_ranges:
            return None  # from March to May
        if times and not self._add_times(table, named, conditions):
            return None
        used |= times
        frozen = {column: frozenset(texts) for column, texts in conditions.items()}
        request = self._request(table, named, frozen, operation)
        if request is None:
            return None
        explained = used | in_names
        return TableMatch(request, len(explained | about)) if self._is_explained(explained, about, operation) else None

    def _stem(self, word: str) -> str:
        """One word without its ending, in lower case: wines is wine."""
        return next(iter(index_terms(word, self.language)), fold(word, case=True))

    # --- columns

    def _columns(self, table: Table) -> dict[int, frozenset[int]]:
        """Column -> places of the words that name it. A question has to have all the words of its name."""
        places: dict[str, list[int]] = {}
        for place, word in enumerate(self.words):
            places.setdefault(word.term, []).append(place)
        found = {}
        for column, name in enumerate(table.columns):
            wanted = self._name_terms(name)
            if wanted and all(one in places for one in wanted):
                found[column] = frozenset(place for one in wanted for place in places[one])
        return {
            column: own
            for column, own in found.items()
            if not any(own < other for other in found.values())  # "visitors" beside "August visitors"
        }

    def _name_terms(self, name: str) -> list[str]:
        bare = _UNIT.sub("", _BRACKETS.sub("", name)) or name
        said = [found[0] for found in _WORD.finditer(bare)]
        telling = [
            word for word in said if (len(word) == 1 and not word.islower()) or word.isdigit() or content_words(word)
        ]
        return [term(word, self.language) for word in telling or said]

    # --- rows

    def _conditions(
        self, table: Table, named: Mapping[int, frozenset[int]]
    ) -> tuple[dict[int, set[str]], set[int]] | None:
        """Column -> the cells that the question names, and the places of the words that name them; the longest cells
        win. None if the same words are cells of several columns, and it does not say which is meant."""
        taken = {place for own in named.values() for place in own}
        found: dict[tuple[int, int], dict[int, set[str]]] = {}
        for column in range(len(table.columns)):
            years = column in named or self._is_of_years(table, column)
            for text in {row.cells[column].text for row in table.rows if column in row.cells}:
                for place, length in self._places_of_cell(text, years):
                    if column in named or not set(range(place, place + length)) <= taken:
                        found.setdefault((-length, place), {}).setdefault(column, set()).add(text)
        used: set[int] = set()
        conditions: dict[int, set[str]] = {}
        for length, place in sorted(found):
            run = set(range(place, place - length))
            if not used.isdisjoint(run):
                continue
            meant = self._meant(table, found[length, place], place)
            if meant is None:
                return None
            used |= run
            conditions.setdefault(meant, set()).update(found[length, place][meant])
        return conditions, used

    def _meant(self, table: Table, columns: Mapping[int, object], place: int) -> int | None:
        """The column in which the words at a place are a cell. Of several, it is the one whose name comes before them;
        None if that does not decide."""
        if len(columns) == 1:
            return next(iter(columns))
        before = self.words[place - 1].term if place else ""
        named = [column for column in columns if before and before in self._name_terms(table.columns[column])[-1:]]
        return named[0] if len(named) == 1 else None

    def _places_of_cell(self, text: str, years: bool) -> Iterator[tuple[int, int]]:
        """Yield where the words of a cell are in the question, and how many. Numbers count only as `years`."""
        first = _WORD.search(text)
        if first is None or self._stem(first[0]) not in self._stems:
            return
        said = [fold(found[0], case=True) for found in _WORD.finditer(text)]
        if len(said) > _LONGEST_VALUE or (all(map(str.isdigit, said)) and not (years and _YEAR.fullmatch(text))):
            return
        common = len(said) == 1 and (said[0] in self._stops or len(said[0]) == 1)
        stems = list(map(self._stem, said)) if len(said) == 1 else said
        asked = self._stems if len(said) == 1 else self._texts
        for place in range(len(asked) - len(said) + 1):
            if asked[place : place + len(said)] == stems and (not common or self.words[place].has_capital):
                yield place, len(said)  # May, not may

    def _is_of_years(self, table: Table, column: int) -> bool:
        if not self._times:
            return False
        figures = column_figures(table, column)
        return figures is not None and figures.are_years

    def _add_times(self, table: Table, named: Collection[int], conditions: dict[int, set[str]]) -> bool:
        """Add the dates in the question's times. False without a single column of dates, or if a time has no date."""
        columns = [
            column for column in range(len(table.columns)) if column not in conditions and self._is_dated(table, column)
        ]
        chosen = [column for column in columns if column in named] or columns
        if len(chosen) != 1:
            return False
        cells = {row.cells[chosen[0]].text for row in table.rows if chosen[0] in row.cells}
        dated = {text: [bounds(one.iso) for one in dates(text)[:1]] for text in cells}
        of_months = {text for text in cells if not self._months or months(text) & self._months}
        within = [
            {text for text in of_months if any(begin <= day[0] and day[1] <= end for day in dated[text])}
            for begin, end in self._times
        ] or [of_months]
        if not all(within):
            return False
        conditions[chosen[0]] = set().union(*within)
        return True

    def _is_dated(self, table: Table, column: int) -> bool:
        cells = list(dict.fromkeys(row.cells[column].text for row in table.rows if column in row.cells))[:_LOOKED_AT]
        return bool(cells) and sum(map(_is_date, cells)) >= _DATED * len(cells)

    # --- what is asked

    def _request(
        self,
        table: Table,
        named: Mapping[int, frozenset[int]],
        conditions: Mapping[int, frozenset[str]],
        operation: Operation,
    ) -> TableRequest | None:
        """The request, or None. "How many passengers" may be in a column; "how many towns" has to be counted."""
        asked = sorted(
            (column for column in named if column not in conditions), key=lambda column: (-len(named[column]), column)
        )
        numbers = [column for column in asked if column_figures(table, column) is not None]
        first = min(asked, key=lambda column: min(named[column]), default=None)
        if operation == "count" and first in numbers:
            operation = "sum"
        if operation == "count":
            return TableRequest("count", () if first is None else (first,), conditions) if conditions or asked else None
        if operation == "value":
            if not asked or not conditions or len(asked) > _MOST_COLUMNS:
                return None
            return TableRequest("value", tuple(asked), conditions)
        if not asked and not all(self._is_dated(table, column) for column in conditions):
            columns = (column for column in range(len(table.columns)) if column not in conditions)
            # "How much did we spend on fuel?" means the only numbers that there are.
            numbers = [column for column in columns if self._has_amounts(table, column)]
        if len(numbers) != 1 or not chosen_rows(table, TableRequest("value", (), conditions)):
            return None
        others = [column for column in asked if column not in numbers]
        if any(self._repeats(table, column, conditions) for column in others):
            return None  # the sales of a region are those of all its towns
        return TableRequest(operation, (numbers[0], *others), conditions)

    def _has_amounts(self, table: Table, column: int) -> bool:
        figures = column_figures(table, column)
        return figures is not None and not figures.are_years

    def _repeats(self, table: Table, column: int, conditions: Mapping[int, frozenset[str]]) -> bool:
        rows = chosen_rows(table, TableRequest("value", (), conditions))
        cells = [row.cells[column].text for row in rows if column in row.cells]
        return len(set(cells)) < len(cells)

    # --- other words

    def _is_explained(self, explained: Collection[int], about: Collection[int], operation: Operation) -> bool:
        """True if the table has what the question names. For a cell or a count one other word is allowed, which may be
        a verb: "What fee did Hill pay?"."""
        strange = [
            place
            for place, word in enumerate(self.words)
            if place not in explained and place not in about and self._says(word)
        ]
        near = {place + step for place in explained for step in (-1, 1)}
        other_names = [
            place
            for place in near - set(explained)
            if 0 <= place < len(self.words) and self.words[place].has_capital and place not in about
        ]
        if other_names or any(self._has_to_be_known(self.words[place]) for place in strange):
            return False
        return not strange or (operation in ("value", "count") and len(strange) == 1 and strange[0] not in near)

    def _places_of(self, text: str) -> set[int]:
        known = {term(found[0], self.language) for found in _WORD.finditer(text)}
        return {place for place, word in enumerate(self.words) if word.term in known and self._says(word)}

    def _says(self, word: _Word) -> bool:
        if len(word.text) == 1 and not word.text.isdigit():
            return word.has_capital
        return word.text not in self._stops and not self._is_request_word(word.written)

    def _has_to_be_known(self, word: _Word) -> bool:
        """True for numbers and names: a table that does not have them is about something else."""
        return (
            any(map(str.isdigit, word.text))
            or word.has_capital
            or (word.first and seems_a_name(word.written, self.language))
        )


def _is_date(text: str) -> bool:
    return any(one.end - one.start >= _DATE * len(text) for one in dates(text))
