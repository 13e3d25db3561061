"""Shows answers and hits, as text and as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..types import Answer, Citation, Hit, Place, StructuredAnswer

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def printable(text: str) -> str:
    """Text that is safe for a terminal: control characters of documents are replaced."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def counted(count: int, noun: str) -> str:
    """`1 document`, `2 documents`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def show_hits(hits: Sequence[Hit]) -> None:
    """Print hits, best first, each with its place."""
    from ..answer.packing import also_in

    for hit in hits:
        node = hit.node
        if node.level == 0:
            where = ", ".join(part for part in (node.source, str(node.location)) if part)
        else:
            where = f"summary at level {node.level}: {node.label}"
        click.echo(printable(f"{hit.score:6.3f}  {where}"))
        click.echo(printable(f"        {' '.join(node.text.split())}"))
        click.echo(printable(f"        {also}\n") if (also := also_in([str(one) for one in hit.also])) else "")


def show_json(value: Mapping[str, Any]) -> None:
    """Print one JSON document on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def answer_fields(answer: Answer) -> dict[str, Any]:
    """An answer as plain values."""
    return {
        "question": answer.question,
        "answer": answer.text,
        "supported": answer.supported,
        "citations": [citation_fields(citation) for citation in answer.citations],
        "usage": asdict(answer.usage),
    }


def filled_fields(answer: StructuredAnswer[Any]) -> dict[str, Any]:
    """A structured answer as plain values; `fields` names citations by number."""
    return {
        **answer_fields(answer),
        "answer": answer.value,
        "fields": {path: [citation.number for citation in found] for path, found in answer.fields.items()},
        "unsupported": list(answer.unsupported),
    }


def show_filled(answer: StructuredAnswer[Any]) -> None:
    """Print the object, and the sources of each of its fields."""
    click.echo(printable(answer.text) + "\n")
    for path, found in answer.fields.items():
        click.echo(printable(f"{path} {''.join(f'[{citation.number}]' for citation in found)}"))
    if answer.unsupported:
        click.echo(printable(f"without support: {', '.join(answer.unsupported)}"))
    click.echo()


def citation_fields(citation: Citation) -> dict[str, Any]:
    """A citation as plain values; start and end are characters of the document's text."""
    return {
        "number": citation.number,
        "document": citation.document_id,
        "source": citation.source,
        "page": citation.location.page,
        "line": citation.location.line,
        "heading": list(citation.location.heading),
        "start": citation.span.start,
        "end": citation.span.end,
        "quote": citation.quote,
        "unsure": list(citation.unsure),
        "described": citation.location.described,
        "also": [place_fields(place) for place in citation.also],
    }


def place_fields(place: Place) -> dict[str, Any]:
    """Another place of a passage, as plain values; start and end are characters of that document's text."""
    return {
        "document": place.document_id,
        "source": place.source,
        "page": place.location.page,
        "line": place.location.line,
        "heading": list(place.location.heading),
        "start": place.span.start,
        "end": place.span.end,
    }


def hit_fields(hit: Hit) -> dict[str, Any]:
    """A hit as plain values."""
    node = hit.node
    return {
        "score": round(hit.score, 6),
        "id": node.id,
        "level": node.level,
        "document": node.document_id,
        "source": node.source,
        "page": node.location.page,
        "line": node.location.line,
        "heading": list(node.location.heading),
        "described": node.location.described,
        "start": node.span.start,
        "end": node.span.end,
        "tokens": node.tokens,
        "label": node.label,
        "text": node.text,
        "also": [place_fields(place) for place in hit.also],
    }
