"""What the tools give. Field descriptions are read by models."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class ToolResult(BaseModel):
    """A result of a tool."""

    model_config = ConfigDict(frozen=True)


class FoundText(ToolResult):
    """A document, or a part of the collection, that fits a query."""

    id: str = Field(description="What fetch and read take.")
    title: str
    url: str
    text: str = Field(description="The passages that were found, or a summary.")


class SearchResults(ToolResult):
    """The best first."""

    results: list[FoundText]


class FetchedText(ToolResult):
    """A document, or a part of one."""

    id: str
    title: str
    text: str
    url: str
    metadata: dict[str, Any] = Field(
        description="What is known of the document. Where `note` is among it, it says what is left out of the text."
    )


class OutlineLine(ToolResult):
    """A line of the table of contents."""

    level: int = Field(description="How deep the line lies below the first ones, which are level 1.")
    id: str = Field(description="For outline, to look below it; where there is a document_id, for read as well.")
    kind: str = Field(description="theme, document, section or chunk")
    label: str
    summary: str
    document_id: str = Field(description="The document that it lies in; empty for a theme.")
    documents: int = Field(description="Documents below it.")


class OutlineLines(ToolResult):
    """A table of contents: every line is followed by those below it."""

    lines: list[OutlineLine]
    note: str = Field(description="What is left out, and how to see it; empty where nothing is.")


class ReadText(ToolResult):
    """A range of the original text of a document."""

    id: str = Field(description="The document.")
    title: str
    url: str
    text: str
    start: int = Field(description="The first character of the text in the document, counted from 0.")
    end: int = Field(description="The character after the last one.")
    characters: int = Field(description="Characters of the whole document.")
    location: str = Field(description="Page, line or heading at the start, as far as it is known.")
    note: str = Field(description="How to read on; empty where all that was asked for is there.")


class ListedDocument(ToolResult):
    """A document."""

    id: str
    title: str
    url: str
    kind: str = Field(description="Such as minutes; empty where nothing says it.")
    date: str = Field(description="An ISO date or the beginning of one; empty where nothing says it.")
    words: int
    metadata: dict[str, Any]


class DocumentLines(ToolResult):
    """Some of the documents."""

    documents: list[ListedDocument]
    total: int = Field(description="How many there are in all.")
    note: str = Field(description="How to see more; empty where these are all.")


class Cited(ToolResult):
    """A quote from a document: read with this id, start and end gives it back."""

    number: int = Field(description="The n of the mark [n] in the text; 0 where there is none.")
    id: str
    source: str
    url: str
    location: str
    start: int
    end: int
    quote: str
    unsure: list[str] = Field(description="Words of the quote that were recognized in a picture and may be wrong.")
    described: bool = Field(description="True if the quote is a model's description of a picture, not the document's.")


class AnsweredText(ToolResult):
    """An answer, and what it stands on."""

    text: str
    supported: bool = Field(description="True if the quotes say what the answer says.")
    citations: list[Cited]
    notice: str = Field(description="Why there is no written answer, or not all of one; empty otherwise.")


class ListedItem(ToolResult):
    """Something that was listed, and every place that says it."""

    text: str
    citations: list[Cited]


class ListedItems(ToolResult):
    """All that was found."""

    items: list[ListedItem]
    count: int = Field(description="How many different items there are, also where not all of them are listed.")
    complete: bool = Field(description="False if something was not read.")
    note: str = Field(description="What is missing, and why; empty where nothing is.")


class UnreadFile(ToolResult):
    """A file that was not read, or not all of it, and why."""

    source: str
    reason: str


class CollectionState(ToolResult):
    """A collection now."""

    name: str
    documents: int = Field(description="Documents that can be found now.")
    expected: int = Field(description="Documents that there will be when all is read.")
    passages: int
    followed: bool = Field(description="True if changes of the folder are taken in by themselves.")
    doing: str = Field(description="What is being read now; empty where nothing is.")
    error: str = Field(description="Why the folder could not be read the last time; empty where it could.")
    skipped: list[UnreadFile]
    skipped_count: int
    incomplete: list[UnreadFile] = Field(description="Files of which a part was not read.")


class States(ToolResult):
    """The collections of this server; the first one is asked where none is named."""

    collections: list[CollectionState]
    language_model: bool = Field(description="False if answers are quotes, and list_all needs a pattern.")
    writes: bool = Field(description="True if documents may be added and removed.")


class ChangedDocument(ToolResult):
    """What was done with a document."""

    id: str
    done: str = Field(description="added, replaced, unchanged or removed")
    documents: int = Field(description="Documents that there are now.")
