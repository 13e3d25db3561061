"""The citations of an answer: in OpenAI's forms, and whole in the field `ragtree`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from ...types import Answer, Citation, Fact, Location, Place, Span, StructuredAnswer
from ..collections import Collection
from .files import FileId
from .question_service import Answered

_MARK = re.compile(r"\[(\d+)\]")
_MOST_ATTRIBUTES = 16


class CitedPlace(BaseModel):
    """A place in a document: `span` are characters of its text."""

    file_id: str
    document_id: str
    source: str
    span: tuple[int, int]
    page: int | None
    line: int | None
    heading: list[str]
    described: bool = False
    """True if the text is a model's description of a picture, and not the document's."""


class CitationField(CitedPlace):
    """A citation. `number` is the n of the mark [n]; `also` are other places with the same passage.

    `unsure` are words of the quote that were recognized in a picture and may be wrong.
    """

    number: int
    quote: str
    unsure: list[str]
    also: list[CitedPlace]


class RagtreeField(BaseModel):
    """The field `ragtree` of a message: what OpenAI's form has no place for."""

    supported: bool
    """True if something of the answer is supported; of an answer after a schema, if all of it is."""
    notice: str
    question: str
    """The question as it was searched for."""
    citations: list[CitationField]
    fields: dict[str, list[int]] | None = None
    """After a schema: the numbers of the citations that say what a field says."""
    unsupported: list[str] | None = None
    """After a schema: the fields that no passage supports."""


def ragtree_field(end: Answered, collection: Collection) -> dict[str, Any]:
    """The field `ragtree` of an answer."""
    answer = end.answer
    told = RagtreeField(
        supported=answer.supported,
        notice=answer.notice,
        question=end.understood,
        citations=[_cited(one, collection) for one in answer.citations],
    )
    if isinstance(answer, StructuredAnswer):
        told.fields = {path: [one.number for one in found] for path, found in answer.fields.items()}
        told.unsupported = list(answer.unsupported)
    return told.model_dump(mode="json", exclude_unset=True)


def place_of(collection: Collection, document_id: str, source: str, span: Span, location: Location) -> dict[str, Any]:
    """The fields of a place."""
    return CitedPlace(**_place(collection, document_id, source, span, location)).model_dump(mode="json")


def _place(collection: Collection, document_id: str, source: str, span: Span, location: Location) -> dict[str, Any]:
    return {
        "file_id": str(FileId(collection.name, document_id)),
        "document_id": document_id,
        "source": source,
        "span": tuple(span),
        "page": location.page,
        "line": location.line,
        "heading": list(location.heading),
        "described": location.described,
    }


def _cited(one: Citation, collection: Collection) -> CitationField:
    return CitationField(
        **_place(collection, one.document_id, one.source, one.span, one.location),
        number=one.number,
        quote=one.quote,
        unsure=list(one.unsure),
        also=[_also(place, collection) for place in one.also],
    )


def _also(place: Place, collection: Collection) -> CitedPlace:
    return CitedPlace(**_place(collection, place.document_id, place.source, place.span, place.location))


def marks_of(answer: Answer) -> Iterator[tuple[Citation, Span]]:
    """The marks [n] of an answer in their order: what each points at, and the characters that it has in the text."""
    numbered = {citation.number: citation for citation in answer.citations}
    if isinstance(answer, StructuredAnswer):  # its text is JSON, and has no marks
        return
    for match in _MARK.finditer(answer.text):
        if len(match[1]) < 6 and (citation := numbered.get(int(match[1]))) is not None:
            yield citation, Span(match.start(), match.end())


def attributes_of(metadata: dict[str, Fact]) -> dict[str, str | float | bool]:
    """What a document says of itself, in the form of a file's attributes: at most 16, lists as text."""
    found = {key: ", ".join(map(str, fact)) if isinstance(fact, tuple) else fact for key, fact in metadata.items()}
    return dict(list(found.items())[:_MOST_ATTRIBUTES])
