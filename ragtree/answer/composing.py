"""Answers that need no model: to small talk, and to questions about the documents themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from string import Template

from ..gather.base import CollectionOverview, DocumentEntry, DocumentList, ListedDocument
from ..surveys import Survey
from ..types import Answer, Citation
from .wording import Wording

_MOST_ITEMS = 50
_MOST_KINDS = 8
_LONGEST_TITLE = 90


@dataclass
class _Cited:
    """Citations, numbered as they come."""

    citations: list[Citation]

    def mark(self, citation: Citation) -> str:
        """The mark of a citation, such as `[1]`."""
        number = len(self.citations) + 1
        self.citations.append(replace(citation, number=number))
        return f"[{number}]"


def small_talk(question: str, detail: str, total: int, said: Wording) -> Answer:
    """A sentence in return; `detail` is the section of prompts/kinds.md."""
    texts = {"greeting": said.greeting, "thanks": said.thanks, "goodbye": said.goodbye}
    return Answer(question, _filled(texts.get(detail, said.about), total=total), supported=True)


def told_documents(question: str, found: DocumentList, said: Wording) -> Answer:
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


def told_overview(question: str, found: CollectionOverview, said: Wording) -> Answer:
    """What there is: counted by kind, with the time it spans and titles out of the largest groups."""
    cited = _Cited([])
    lines = [_filled(said.documents_total, total=found.total)]
    if sum(count for _, count in found.kinds) * 2 >= found.total:  # else the kinds of a few would speak for all
        lines[0] += f" {', '.join(f'{kind} ({count})' for kind, count in found.kinds[:_MOST_KINDS])}"
        lines[0] += ", …" if len(found.kinds) > _MOST_KINDS else "."
    if found.dates:
        lines[0] += f" {_filled(said.dated, dates=_dates(found.dates))}"
    for group in found.groups:
        titles = ", ".join(f"“{title_of(one.entry)}” {cited.mark(one.citation)}" for one in group.examples)
        alone = group.size == len(group.examples)
        lines.append(f"- {titles}" if alone else f"- {_filled(said.group, count=group.size)} {titles}")
    return Answer(question, "\n".join(lines), tuple(cited.citations), (), True)


def told_survey(question: str, found: Survey, said: Wording) -> Answer:
    """All that was listed, counted, each with the first place that says it."""
    cited = _Cited([])
    counts = {"count": len(found.items), "total": found.leaves, "read": found.leaves_read}
    lines = [_filled(said.listed, **counts)]
    for item in found.items[:_MOST_ITEMS]:
        lines.append(f"- {item.text} {cited.mark(item.citations[0])}")
    if len(found.items) > _MOST_ITEMS:
        lines.append(_filled(said.more, count=len(found.items) - _MOST_ITEMS))
    return Answer(question, "\n".join(lines), tuple(cited.citations), (), True)


def title_of(entry: DocumentEntry) -> str:
    """The title on one line, cut if it is long."""
    title = " ".join(entry.title.split())
    return title if len(title) <= _LONGEST_TITLE else title[:_LONGEST_TITLE].rstrip() + "…"


def _line(one: ListedDocument, cited: _Cited) -> str:
    date = f" ({_dates(one.entry.date)})" if one.entry.date else ""
    return f"{title_of(one.entry)}{date} {cited.mark(one.citation)}"


def _dates(iso: str) -> str:
    return iso.replace("/", " – ")


def _filled(text: str, **values: object) -> str:
    return Template(text).safe_substitute(values)
