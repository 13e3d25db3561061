"""Writes questions to a file that a person can read, edit and use again (`datasets/questions.py` reads it)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..types import Document
from .base import Place, Proof, Question


def write_questions(questions: Iterable[Question], documents: Mapping[str, Document], path: Path) -> None:
    """Write one JSON object per line, with each proof as a quote from its document, and in `also` what says the same.

    The same words elsewhere in the same document are not written, because reading the file finds them again.
    """
    lines = []
    for question in questions:
        quotes = [_quoted(proof, documents) for proof in question.proofs]
        answer = None if question.unanswerable else next(iter(question.references), "")
        row = {"id": question.id, "kind": question.kind, "question": question.text, "answer": answer, "quotes": quotes}
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    path.write_text("".join(lines), encoding="utf-8")


def _quoted(proof: Proof, documents: Mapping[str, Document]) -> dict[str, Any]:
    def said(place: Place) -> tuple[str, str]:
        return place.document_id, place.span.of(documents[place.document_id].text)

    first, *others = dict.fromkeys(map(said, proof.places))
    quote: dict[str, Any] = {"source": first[0], "quote": first[1]}
    also = [{"source": source, "quote": text} for source, text in others]
    return {**quote, "also": also} if also else quote
