"""Which tools there are, and how a client sees them."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mcp_types import Tool as Described
from mcp_types import ToolAnnotations
from pydantic import BaseModel

from .answer_tools import ask, list_all
from .arguments import (
    AddArguments,
    AskArguments,
    DocumentsArguments,
    FetchArguments,
    ListAllArguments,
    OutlineArguments,
    ReadArguments,
    RemoveArguments,
    SearchArguments,
    StatusArguments,
)
from .browse_tools import documents, outline, read, status
from .results import (
    AnsweredText,
    ChangedDocument,
    DocumentLines,
    FetchedText,
    ListedItems,
    OutlineLines,
    ReadText,
    SearchResults,
    States,
    ToolResult,
)
from .search_tools import fetch, search
from .write_tools import add_document, remove_document


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool. Its description is the docstring of the function."""

    title: str
    run: Callable[..., Awaitable[ToolResult]]
    arguments: type[BaseModel]
    result: type[ToolResult]
    writes: bool = False
    destroys: bool = False

    @property
    def name(self) -> str:
        """As clients call it."""
        return self.run.__name__

    def described(self, collections: Sequence[str]) -> Described:
        """What clients are told. Where there are several collections, the tool takes the name of one."""
        schema = self.arguments.model_json_schema()
        schema.pop("title", None)
        schema.pop("description", None)
        if len(collections) > 1:
            schema.setdefault("properties", {})["collection"] = {
                "type": "string",
                "enum": list(collections),
                "description": _collections_line(self, collections),
            }
        return Described(
            name=self.name,
            title=self.title,
            description=inspect.getdoc(self.run),
            input_schema=schema,
            output_schema=self.result.model_json_schema(mode="serialization"),
            annotations=ToolAnnotations(
                title=self.title,
                read_only_hint=not self.writes,
                destructive_hint=self.destroys,
                idempotent_hint=True,
                open_world_hint=False,
            ),
        )


def _collections_line(tool: Tool, collections: Sequence[str]) -> str:
    if tool.run is status:
        return "One collection; without it, all are told of."
    return f"Which collection: {', '.join(collections)}. Without it, {collections[0]}."


READING = (
    Tool("Search the documents", search, SearchArguments, SearchResults),
    Tool("Get a document", fetch, FetchArguments, FetchedText),
    Tool("Table of contents", outline, OutlineArguments, OutlineLines),
    Tool("Read the original text", read, ReadArguments, ReadText),
    Tool("List documents", documents, DocumentsArguments, DocumentLines),
    Tool("List all of something", list_all, ListAllArguments, ListedItems),
    Tool("Answer with quotes", ask, AskArguments, AnsweredText),
    Tool("State of the index", status, StatusArguments, States),
)
WRITING = (
    Tool("Add a document", add_document, AddArguments, ChangedDocument, writes=True, destroys=True),
    Tool("Remove a document", remove_document, RemoveArguments, ChangedDocument, writes=True, destroys=True),
)


def tools(write: bool) -> dict[str, Tool]:
    """The tools by name; those that change something only where that is allowed."""
    return {tool.name: tool for tool in (*READING, *(WRITING if write else ()))}


def without_collection(arguments: dict[str, Any] | None) -> tuple[dict[str, Any], str | None]:
    """The arguments of a tool, and the collection that they name."""
    left = dict(arguments or {})
    name = left.pop("collection", None)
    return left, str(name) if name else None
