"""Answers as the page gets them, and a conversation as a Markdown file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ...types import Answer, Citation, Place
from .request_data import location_data

_MOST_PLACES = 20
_ACTIVE = re.compile(r"([\\`<>]|!(?=\[)|(?<=\])(?=[(:]))")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~])")


def answer_data(answer: Answer) -> dict[str, object]:
    """An answer for the page."""
    titles = _titles(answer)
    return {
        "question": answer.question,
        "text": answer.text,
        "supported": answer.supported,
        "notice": answer.notice,
        "seconds": round(answer.usage.seconds, 1),
        "citations": [_citation_data(one, titles) for one in answer.citations],
    }


def _titles(answer: Answer) -> dict[str, str]:
    """The titles of the documents that were found, by id."""
    return {hit.node.document_id: str(hit.node.metadata.get("title", "")) for hit in answer.hits}


def _citation_data(citation: Citation, titles: Mapping[str, str]) -> dict[str, object]:
    return {
        "number": citation.number,
        "document": citation.document_id,
        "source": citation.source,
        "title": titles.get(citation.document_id) or citation.source,
        "where": location_data(citation.location),
        "span": citation.span,
        "quote": citation.quote,
        "unsure": citation.unsure,
        "also": [_place_data(place) for place in citation.also[:_MOST_PLACES]],
    }


def _place_data(place: Place) -> dict[str, object]:
    where = location_data(place.location)
    return {"document": place.document_id, "source": place.source, "span": place.span, "where": where}


def as_markdown(name: str, answers: Iterable[Answer]) -> str:
    """A conversation as a file that a person keeps: questions, answers, and their sources with the quotes."""
    lines = [f"# {_plain(name)}", ""]
    for answer in answers:
        lines += [f"## {_plain(answer.question)}", "", _passive(answer.text), ""]
        for citation in answer.citations:
            quote = " ".join(citation.quote.split())
            lines.append(f"- [{citation.number}] {_plain(str(citation))}: “{_plain(quote)}”")
            lines += [f"  - {_plain(str(place))}" for place in citation.also]
        lines.append("")
    return "\n".join(lines)


def _passive(text: str) -> str:
    """An answer whose lines and marks stay, and in which nothing is a link, an image or HTML: it quotes documents."""
    return _ACTIVE.sub(r"\\\1", text)


def _plain(text: str) -> str:
    """Text on one line that Markdown shows as it is: what stands in documents must not become links or HTML."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
