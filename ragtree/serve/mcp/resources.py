"""Documents as resources, for clients that let a person choose some."""

from __future__ import annotations

from mcp_types import (
    ListResourcesResult,
    ListResourceTemplatesResult,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextResourceContents,
)

from ...errors import NotFoundError
from ..collections import Collection, Collections
from .addresses import resource_template, resource_uri, split_uri
from .call import not_there

_MOST_LISTED = 200
_LONGEST = 200_000
"""Most characters of a resource. Clients read replies of a megabyte."""
_KIND = "text/plain"


async def listed(collections: Collections) -> ListResourcesResult:
    """The first documents, of every collection as many. The template reaches the others."""
    most = max(1, _MOST_LISTED // max(1, len(collections)))
    return ListResourcesResult(resources=[one for each in collections for one in await _first(each, most)])


async def _first(collection: Collection, most: int) -> list[Resource]:
    return [
        Resource(uri=resource_uri(collection.name, entry.id), name=entry.id, title=entry.title, mime_type=_KIND)
        for entry in (await collection.tree.entries())[:most]
    ]


def templates(collections: Collections) -> ListResourceTemplatesResult:
    """The addresses of all documents, for each collection."""
    text = "The text of a document. The tools documents and search give ids."
    return ListResourceTemplatesResult(
        resource_templates=[
            ResourceTemplate(
                uri_template=resource_template(one.name),
                name=f"documents of {one.name}",
                description=text,
                mime_type=_KIND,
            )
            for one in collections
        ]
    )


async def content(collections: Collections, uri: str) -> ReadResourceResult:
    """The text of a document; the beginning of a very long one. Raises NotFoundError."""
    name, key = split_uri(uri)
    collection = _collection(collections, name)
    document = await collection.tree.document(key)
    if document is None:
        raise not_there(key)
    text = document.text
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}\n[Cut here, at {_LONGEST} of {len(text)} characters; the tool read goes on.]"
    return ReadResourceResult(contents=[TextResourceContents(uri=uri, text=text, mime_type=_KIND)])


def _collection(collections: Collections, name: str) -> Collection:
    """The collection of that name. Some clients write the part of an address that holds it in lower case."""
    try:
        return collections.get(name)
    except NotFoundError:
        for one in collections:
            if one.name.lower() == name.lower():
                return one
        raise
