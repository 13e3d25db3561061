"""What the tools are asked with. Field descriptions are read by models."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from ...types import Scalar

_WHERE = (
    'Only documents that pass this filter, such as {"source": "letters/*", "date": {"$gte": "1922"}}. Keys are source, '
    "document_id, date and the metadata of documents; operators are $eq, $ne, $gt, $gte, $lt, $lte, $in and $nin."
)
_MOST_TURNS = 50
_MOST_LISTED = 200
_DEEPEST = 6


class SearchArguments(BaseModel):
    """For search."""

    query: str = Field(description="A question, or words that the passage may have.")


class FetchArguments(BaseModel):
    """For fetch."""

    id: str = Field(description="An id that search, documents or outline gave.")


class OutlineArguments(BaseModel):
    """For outline."""

    node_id: str | None = Field(None, description="The id of a line of an outline, to see what is below it.")
    depth: int = Field(2, ge=1, le=_DEEPEST, description="How many levels to show.")


class ReadArguments(BaseModel):
    """For read."""

    id: str = Field(description="The id of a document, or of a part of one from an outline.")
    start: int | None = Field(None, ge=0, description="The first character, counted in the document from 0.")
    end: int | None = Field(None, ge=0, description="The character after the last one.")


class DocumentsArguments(BaseModel):
    """For documents."""

    words: str | None = Field(None, description="Words of a title, a file name, a number, a kind or a date.")
    where: dict[str, Any] | None = Field(None, description=_WHERE)
    limit: int = Field(50, ge=1, le=_MOST_LISTED, description="How many to list.")
    offset: int = Field(0, ge=0, description="How many to leave out at the beginning.")


class ListAllArguments(BaseModel):
    """For list_all."""

    question: str | None = Field(None, description="What to list, such as: all people who were keepers.")
    pattern: str | None = Field(
        None,
        max_length=200,
        description="dates, amounts, emails or names; or words that have to stand there in this order; * is any end of "
        "a word: light*. Needs no language model.",
    )
    where: dict[str, Any] | None = Field(None, description=_WHERE)


class Turn(BaseModel):
    """A question of before, and its answer."""

    question: str
    answer: str = ""


class AskArguments(BaseModel):
    """For ask."""

    question: str = Field(description="A whole question, as a person would ask it.")
    history: list[Turn] = Field(
        default_factory=list,
        max_length=_MOST_TURNS,
        description="The conversation before it, oldest first, if the question points back at it.",
    )


class StatusArguments(BaseModel):
    """For status."""


class AddArguments(BaseModel):
    """For add_document."""

    id: str = Field(min_length=1, description="A name for it, such as notes/2024-05-01; one that is there is replaced.")
    text: str = Field(min_length=1, description="The whole text, plain or in Markdown.")
    title: str | None = Field(None, description="Its title, if it has one.")
    metadata: dict[str, Scalar | list[Scalar]] = Field(
        default_factory=dict, description="What to filter by later: author, date, ..."
    )


class RemoveArguments(BaseModel):
    """For remove_document."""

    id: str = Field(description="The id of the document.")
