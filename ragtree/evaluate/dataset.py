"""Questions, their answers and the quotes that prove them, one JSON object a line.

    {"id": "q01", "kind": "fact", "question": "...", "answer": "...",
     "quotes": [{"source": "letters/a.md", "quote": "..."}]}

A question without an answer in the documents has `"answer": null` and no quotes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import QueryError
from ..types import Document, Span


class Proof(BaseModel):
    """Words of a document that prove an answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    quote: str


class Question(BaseModel):
    """A question and what is right."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: Literal["fact", "several", "broad", "none"]
    """One passage answers it, a few together, a whole storyline, or nothing does."""
    question: str
    answer: str | None
    quotes: tuple[Proof, ...]


def read_questions(path: Path) -> list[Question]:
    """The questions of a file. Raises QueryError that names the line."""
    questions = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            questions.append(Question.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the line"
            raise QueryError(f"{path}, line {number}: {where}: {first['msg']}") from error
    return questions


def gold_spans(question: Question, documents: Mapping[str, Document]) -> list[tuple[str, Span]]:
    """Where the quotes stand, as (document id, span). Raises QueryError for a quote that stands nowhere."""
    return [(proof.source, _locate(proof, documents)) for proof in question.quotes]


def _locate(proof: Proof, documents: Mapping[str, Document]) -> Span:
    document = documents.get(proof.source)
    if document is None:
        raise QueryError(f"there is no document {proof.source} to prove {proof.quote[:60]!r}")
    pattern = r"\s+".join(re.escape(word) for word in proof.quote.split())
    found = re.search(pattern, document.text)
    if found is None:
        raise QueryError(f"{proof.source} does not say {proof.quote[:80]!r}")
    return Span(found.start(), found.end())
