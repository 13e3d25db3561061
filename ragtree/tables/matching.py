"""Which columns and rows of a table does a question name?"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..dates import bounds, dates
from ..folding import fold
from ..months import months
from ..stems import stop_words
from ..terms import content_words, is_unspaced, term
from .base import Operation, Table, TableRequest
from .computing import chosen_rows, column_figures

_WORD = re.compile(r"[^\W_]+")
_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]")
_MOST_WORDS = 100
"""Of a question; a longer one asks for more than a cell or a number."""
_LONGEST_VALUE = 8
"""Words of a cell that a question may name."""
_SHORTEST_VALUE = 2
_MOST_STRANGE = 1
"""Words of a question that may stand nowhere in the table, its caption, or its document's name: verbs, mostly."""
_MOST_COLUMNS = 3
_DATED = 0.8
_LOOKED_AT = 30
"""Share of a column's first cells that are dates, if it is a column of dates; and how many of them are looked at."""
_SINGLE: tuple[Operation, ...] = ("sum", "mean", "highest", "lowest")


@dataclass(frozen=True, slots=True)
class Match:
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


class Question:
    """The words of a question. `is_request_word` tells those that questions are made of (how, many, total)."""

    def __init__(self, text: str, language: str, is_request_word: Callable[[str], bool]) -> None:
        self.text = text
        self.language = language
        self._stops = stop_words(language)
        self.words = [
            _Word(fold(found[0], case=True), term(found[0], language), found[0], not place)
            for place, found in enumerate(_WORD.finditer(text))
        ]
        self._texts = [word.text for word in self.words]
        self._is_request_word = is_request_word
        found = dates(text)
        self._times = [bounds(one.iso) for one in found]
        named = [word.written if word.written.isalpha() else "" for word in self.words]
        self._months = months(" ".join(named))
        starts = [match.start() for match in _WORD.finditer(text)]
        self._time_places = {
            place
            for place, start in enumerate(starts)
            if any(one.start <= start < one.end for one in found) or months(named[place])
        }

    def match(self, table: Table, operation: Operation, name: str) -> Match | None:
        """What it asks of a table; None if the table does not have what it names. `name` is what the table's document
        is called."""
        if is_unspaced(self.text) or len(self.words) > _MOST_WORDS:
            return None
        named = self._columns(table)
        conditions, used = self._conditions(table, named)
        columns = self._asked(table, named, operation, used)
        operation = self._operation(table, columns, conditions, operation)
        request = self._request(table, columns, conditions, operation)
        if request is None:
            return None
        explained = used | {place for column in named for place in named[column]}
        about = self._places_of(f"{name}\n{table.caption}")
        strange = [word for place, word in enumerate(self.words) if place not in explained | about and self._says(word)]
        if len(strange) > _MOST_STRANGE or any(self._has_to_be_known(word) for word in strange):
            return None
        return Match(request, len(explained) + len(about - explained))

    # --- columns

    def _columns(self, table: Table) -> dict[int, frozenset[int]]:
        """By column the places of the words that name it: all the words of its name."""
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
        bare = _BRACKETS.sub("", name) or name
        said = [found[0] for found in _WORD.finditer(bare)]
        telling = [
            word for word in said if (not word.islower() and len(word) == 1) or word.isdigit() or content_words(word)
        ]
        return [term(word, self.language) for word in telling or said]

    # --- rows

    def _conditions(
        self, table: Table, named: Mapping[int, frozenset[int]]
    ) -> tuple[dict[int, frozenset[str]], set[int]]:
        """By column the cells that the question names, and the places of the words that do so. The longest counts."""
        taken = {place for own in named.values() for place in own}
        found: list[tuple[int, int, int, str]] = []
        for column in range(len(table.columns)):
            for text in {row.cells[column].text for row in table.rows if column in row.cells}:
                place, length = self._place_of(text)
                if length and (column in named or not set(range(place, place + length)) <= taken):
                    found.append((-length, place, column, text))
        used: set[int] = set()
        runs: dict[tuple[int, int], int] = {}
        conditions: dict[int, set[str]] = {}
        for length, place, column, text in sorted(found):
            run = (place, -length)
            if run not in runs and used.isdisjoint(range(place, place - length)):
                runs[run] = column
                used |= set(range(place, place - length))
            if runs.get(run) == column:  # the same words may stand in another column, too
                conditions.setdefault(column, set()).add(text)
        times = self._time_places - used
        for column, texts in self._at_the_time(table, conditions) if times else ():
            conditions[column] = texts
            used |= times
        return {column: frozenset(texts) for column, texts in conditions.items()}, used

    def _place_of(self, text: str) -> tuple[int, int]:
        """Where the words of a cell stand in the question, and how many they are; no numbers but years."""
        first = _WORD.search(text)
        if first is None or fold(first[0], case=True) not in self._texts:
            return 0, 0
        said = [fold(found[0], case=True) for found in _WORD.finditer(text)]
        if not 0 < len(said) <= _LONGEST_VALUE:
            return 0, 0
        if all(one.isdigit() for one in said) and not (len(said) == 1 and len(said[0]) == len("1923")):
            return 0, 0
        if len(said) == 1 and len(said[0]) < _SHORTEST_VALUE:
            return 0, 0
        common = len(said) == 1 and said[0] in self._stops
        texts = self._texts
        for place in range(len(texts) - len(said) + 1):
            named = not common or (self.words[place].written[0].isupper() and place > 0)  # May, and not may
            if texts[place : place + len(said)] == said and named:
                return place, len(said)
        return 0, 0

    def _at_the_time(self, table: Table, conditions: Collection[int]) -> Iterator[tuple[int, set[str]]]:
        """Columns of dates, with those of the question's times."""
        for column in range(len(table.columns)):
            if column in conditions:
                continue
            cells = list(dict.fromkeys(row.cells[column].text for row in table.rows if column in row.cells))
            first = cells[:_LOOKED_AT]
            if not first or sum(bool(dates(text)) for text in first) < _DATED * len(first):
                continue
            dated = {text: dates(text) for text in cells}
            within = {
                text for text, found in dated.items() if found and self._is_of_the_time(bounds(found[0].iso), text)
            }
            if within:
                yield column, within
                return

    def _is_of_the_time(self, day: tuple[int, int], text: str) -> bool:
        if self._times:
            return any(begin <= day[0] and day[1] <= end for begin, end in self._times)
        return bool(months(text) & self._months)

    # --- what is asked

    def _asked(
        self, table: Table, named: Mapping[int, frozenset[int]], operation: Operation, used: Collection[int]
    ) -> list[int]:
        """The columns that are asked for: those with numbers, if a number is; else those that choose no row."""
        columns = sorted(named, key=lambda column: (-len(named[column]), column))
        if operation in _SINGLE:
            return [column for column in columns if column_figures(table, column) is not None]
        return columns

    def _operation(
        self, table: Table, columns: Sequence[int], conditions: Mapping[int, frozenset[str]], operation: Operation
    ) -> Operation:
        """How many passengers there were stands in a column; how many towns there are has to be counted."""
        numbers = [
            column for column in columns if column not in conditions and column_figures(table, column) is not None
        ]
        return "sum" if operation == "count" and numbers else operation

    def _request(
        self, table: Table, columns: Sequence[int], conditions: Mapping[int, frozenset[str]], operation: Operation
    ) -> TableRequest | None:
        asked = [column for column in columns if column not in conditions]
        if operation == "count":
            return TableRequest("count", (), conditions) if conditions or asked else None
        if operation == "value":
            if not asked or not conditions or len(asked) > _MOST_COLUMNS:
                return None
            return TableRequest("value", tuple(asked), conditions)
        numbers = [column for column in asked if column_figures(table, column) is not None]
        if len(numbers) != 1 or not chosen_rows(table, TableRequest("value", (), conditions)):
            return None
        return TableRequest(operation, (numbers[0],), conditions)

    # --- other words

    def _places_of(self, text: str) -> set[int]:
        known = {term(found[0], self.language) for found in _WORD.finditer(text)}
        return {place for place, word in enumerate(self.words) if word.term in known and self._says(word)}

    def _says(self, word: _Word) -> bool:
        return word.text not in self._stops and not self._is_request_word(word.written)

    def _has_to_be_known(self, word: _Word) -> bool:
        """True for numbers and names: a table that does not have them is about something else."""
        return any(map(str.isdigit, word.text)) or (not word.first and word.written[0].isupper())
