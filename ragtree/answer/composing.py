"""Answers that no model writes: to small talk, about the documents themselves, from lists and from tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from string import Template

from ..gather.base import CollectionOverview, DocumentEntry, DocumentList, FoundDocument
from ..surveys import Survey
from ..tables.base import TableAnswer, TableRow
from ..types import Answer, Citation, Span
from .wording import Wording

_MOST_ITEMS = 50
_MOST_KINDS = 8
_LONGEST_TITLE = 90
_LONGEST_CELL = 60
"""Most characters of a cell that may say what its row is."""
_LONGEST_ROW = 300
"""Most characters of a row that is quoted whole; of a longer one the cells that matter are quoted."""
_MOST_RUNS = 5
_LONGEST_RUN = 1200
"""Most runs of rows that are cited for a number, and most characters of each."""


@dataclass
class _Cited:
    """Citations, numbered in the order in which they are marked."""

    citations: list[Citation]

    def mark(self, citation: Citation) -> str:
        """The mark of a citation, such as `[1]`."""
        number = len(self.citations) + 1
        self.citations.append(replace(citation, number=number))
        return f"[{number}]"


def compose_small_talk(question: str, detail: str, total: int, said: Wording) -> Answer:
    """A sentence in reply; `detail` is the section of prompts/kinds.md."""
    texts = {"greeting": said.greeting, "thanks": said.thanks, "goodbye": said.goodbye}
    return Answer(question, _filled(texts.get(detail, said.about), total=total), supported=True)


def compose_documents(question: str, found: DocumentList, said: Wording) -> Answer:
    """The documents that were asked for, counted and listed."""
    cited = _Cited([])
    named = found.about if found.mentioned else (found.kind, *found.about)
    what = ", ".join(part for part in named if part)
    listed = found.found
    counts = {"count": found.count, "total": found.total, "what": what}
    if not listed:
        text = said.no_mention if found.mentioned else said.no_document if what else said.no_dates
        return Answer(question, _filled(text, **counts), supported=False)
    first = {"newest document": said.newest, "oldest document": said.oldest, "longest document": said.longest}
    if found.wanted in first:
        return Answer(question, f"{first[found.wanted]} {_line(listed[0], cited)}", tuple(cited.citations), (), True)
    if not what:
        text = _filled(said.documents_total, **counts)
    else:
        text = _filled(said.documents_mention if found.mentioned else said.documents_found, **counts)
    lines = [text, *(f"- {_line(one, cited)}" for one in listed)]
    if found.count > len(listed):
        lines.append(_filled(said.more, count=found.count - len(listed)))
    return Answer(question, "\n".join(lines), tuple(cited.citations), (), True)


def compose_overview(question: str, found: CollectionOverview, said: Wording) -> Answer:
    """The number of documents by kind, the time that they span, and titles from the largest groups."""
    cited = _Cited([])
    lines = [_filled(said.documents_total, total=found.total)]
    kinds = [(kind, count) for kind, count in found.kinds if count > 1]
    if sum(count for _, count in kinds) * 2 >= found.total:  # else the kinds of a few would speak for all
        lines[0] += f" {', '.join(f'{kind} ({count})' for kind, count in kinds[:_MOST_KINDS])}"
        lines[0] += ", …" if len(kinds) > _MOST_KINDS else "."
    if found.dates:
        lines[0] += f" {_filled(said.dated, dates=_dates(found.dates))}"
    for group in found.groups:
        titles = ", ".join(f"“{title_of(one.entry)}” {cited.mark(one.citation)}" for one in group.examples)
        alone = group.size == len(group.examples)
        lines.append(f"- {titles}" if alone else f"- {_filled(said.group, count=group.size)} {titles}")
    return Answer(question, "\n".join(lines), tuple(cited.citations), (), True)


def compose_survey(question: str, found: Survey, said: Wording) -> Answer:
    """All items of a survey, counted and listed, each with the first place that says it."""
    cited = _Cited([])
    counts = {"count": len(found.items), "total": found.leaves, "read": found.leaves_read}
    lines = [_filled(said.listed, **counts)]
    for item in found.items[:_MOST_ITEMS]:
        lines.append(f"- {item.text} {cited.mark(item.citations[0])}")
    if len(found.items) > _MOST_ITEMS:
        lines.append(_filled(said.more, count=len(found.items) - _MOST_ITEMS))
    return Answer(question, "\n".join(lines), tuple(cited.citations), (), True)


def compose_tables(question: str, found: Sequence[TableAnswer], said: Wording) -> Answer:
    """The answers of tables, each with the cells or rows that it rests on."""
    cited = _Cited([])
    lines = []
    among = [one.table.document.id for one in found]
    for one in found:
        name = _in_one_line(one.table.document.title)
        heading = one.table.document.locate(one.table.rows[0].span).heading
        if among.count(one.table.document.id) > 1 and heading and heading[-1] != name:
            name = f"{name}, {heading[-1]}"
        lines += [f"{name}: {line}" for line in _told_table(one, cited, said)]
    text = lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)
    return Answer(question, text, tuple(cited.citations), (), True)


def _told_table(found: TableAnswer, cited: _Cited, said: Wording) -> list[str]:
    table, request = found.table, found.request
    counts = {"count": found.counted, "total": len(table.rows), "what": _conditions(found)}
    if request.operation == "count":
        return [_filled(said.table_count if counts["what"] else said.table_count_all, **counts) + _rows(found, cited)]
    if request.operation in ("sum", "mean"):
        text = said.table_sum if request.operation == "sum" else said.table_mean
        named = f"{counts['what']}; " if counts["what"] else ""
        return [
            f"{named}{table.columns[request.columns[0]]}: {found.text} ({_filled(text, **counts)}){_rows(found, cited)}"
        ]
    ends = {"highest": said.table_highest, "lowest": said.table_lowest}
    lines = []
    for row in found.rows:
        end = f" ({_filled(ends[request.operation], **counts)})" if request.operation in ends else ""
        lines.append(f"{_cells(row, found)}{end}{_row(row, found, cited)}")
    return lines


def _conditions(found: TableAnswer) -> str:
    """What the rows have in common: `Region: Coast`."""
    conditions = found.request.conditions.items()
    return "; ".join(found.table.named(column, ", ".join(sorted(texts))) for column, texts in conditions)


def _telling(row: TableRow, found: TableAnswer) -> list[int]:
    """The columns of a row that say which row it is, and those that were asked for: `Town` and `Population`."""
    asked = {*found.request.columns, *found.request.conditions}
    is_end = found.request.operation in ("highest", "lowest")
    names: set[int] = set()
    if is_end:  # which of the texts says what the row is cannot be told
        short = (column for column, cell in row.cells.items() if len(cell.text) <= _LONGEST_CELL)
        names = {column for column in short if any(map(str.isalpha, row.cells[column].text))}
    if not names and (is_end or not found.request.conditions):
        names = {min(row.cells)}
    return sorted(column for column in row.cells if column in asked or column in names)


def _cells(row: TableRow, found: TableAnswer) -> str:
    return "; ".join(found.table.named(column, row.cells[column].text) for column in _telling(row, found))


def _row(row: TableRow, found: TableAnswer, cited: _Cited) -> str:
    """The marks of a row, or of its cells that matter, and of the line with the columns' names."""
    document, header = found.table.document, found.table.header
    whole = row.span.end - row.span.start <= _LONGEST_ROW
    spans = [row.span] if whole else [row.cells[column].span for column in _telling(row, found)]
    return " " + "".join(cited.mark(document.cite(span)) for span in (*spans, *((header,) if header else ())))


def _rows(found: TableAnswer, cited: _Cited) -> str:
    """The marks of the first rows that a number rests on: runs of rows get one mark, of long rows a cell gets it."""
    document, request = found.table.document, found.request
    telling = [*request.columns, *request.conditions]
    spans: list[Span] = []
    places = {row.span: place for place, row in enumerate(found.table.rows)}
    last = -2
    for row in found.rows:
        is_long = row.span.end - row.span.start > _LONGEST_ROW and telling
        follows = places[row.span] == last + 1 and not is_long
        last = places[row.span]
        if spans and follows and row.span.end - spans[-1].start <= _LONGEST_RUN:
            spans[-1] = Span(spans[-1].start, row.span.end)
        elif len(spans) == _MOST_RUNS:
            break
        else:
            spans.append(row.cells[telling[0]].span if is_long else row.span)
    return " " + "".join(cited.mark(document.cite(span)) for span in spans) if spans else ""


def _in_one_line(title: str) -> str:
    title = " ".join(title.split())
    return title if len(title) <= _LONGEST_TITLE else title[:_LONGEST_TITLE].rstrip() + "…"


def title_of(entry: DocumentEntry) -> str:
    """The title on one line, cut if it is long."""
    return _in_one_line(entry.title)


def _line(one: FoundDocument, cited: _Cited) -> str:
    date = f" ({_dates(one.entry.date)})" if one.entry.date else ""
    return f"{title_of(one.entry)}{date} {cited.mark(one.citation)}"


def _dates(iso: str) -> str:
    return iso.replace("/", " – ")


def _filled(text: str, **values: object) -> str:
    return Template(text).safe_substitute(values)
