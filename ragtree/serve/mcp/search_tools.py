"""The tools that ChatGPT's connectors call: `search` and `fetch`, in the form that they expect."""

from __future__ import annotations

from ...errors import QueryError
from ...types import Hit, Node, Span
from .arguments import FetchArguments, SearchArguments
from .call import Call, cut, not_there, plain, title_of
from .results import FetchedText, FoundText, SearchResults

_TOKENS = 2400
"""Most tokens of the passages that a search finds: twice what the language model of an answer gets by default."""
_SNIPPET = 3000
"""Most characters of a result."""
_LONGEST = 100_000
"""Most characters that are fetched at once. Clients read replies of a megabyte, and the text is in it twice."""
_MOST_BELOW = 200


async def search(call: Call, asked: SearchArguments) -> SearchResults:
    """Find what the documents say about something. Use it first, for every question about a fact.

    It understands whole questions as well as words, names and numbers. Each result is a document with the passages that
    fit, in the documents' own words; `fetch` gives its whole text, `read` a part of it. Search again with other words
    where nothing fits.
    """
    most = max(_TOKENS, call.tree.settings.retrieve.max_tokens)
    hits = await call.tree.search(asked.query, max_tokens=most)
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.node.document_id or hit.node.id, []).append(hit)
    return SearchResults(results=[await _found(call, key, found) for key, found in groups.items()])


async def _found(call: Call, key: str, hits: list[Hit]) -> FoundText:
    node = hits[0].node
    if not node.document_id:
        address = call.addresses.collection(call.collection.name)
        return FoundText(id=key, title=_overview_title(node), url=address, text=cut(node.text, _SNIPPET))
    document = await call.tree.document(key)
    title = title_of(document) if document is not None else node.source
    text = "\n…\n".join(_passage(hit.node) for hit in hits)
    return FoundText(id=key, title=title, url=call.url(key), text=cut(text, _SNIPPET))


def _passage(node: Node) -> str:
    """The text of a node, with its place in front; a summary is called one, because the document does not say it so."""
    kind = "" if node.kind == "chunk" or node.made == "verbatim" else "summary"
    place = ", ".join(filter(None, (kind, str(node.location))))
    return f"[{place}] {node.text}" if place else node.text


def _overview_title(node: Node) -> str:
    return f"Overview: {node.label}" if node.label else "Overview"


async def fetch(call: Call, asked: FetchArguments) -> FetchedText:
    """Get the whole text of a document by its id, as `search` and `documents` give it.

    Use it to read a document that a search has found. An id of an outline gets that part of the document. Very long
    texts are cut, and `note` in the metadata says how to read on.
    """
    async with call.tree.snapshot():
        document = await call.tree.document(asked.id)
        if document is not None:
            span, found = Span(0, len(document.text)), document
        else:
            nodes = await call.tree.nodes(ids=[asked.id])
            if not nodes:
                raise not_there(asked.id)
            if not nodes[0].document_id:
                return await _overview(call, nodes[0])
            span = (await call.tree.read(asked.id)).span
            part_of = await call.tree.document(nodes[0].document_id)
            if part_of is None:
                raise QueryError(f"the document of {asked.id!r} is gone")
            found = part_of
    metadata = {**plain(found.metadata), "source": found.source}
    if asked.id != found.id:
        metadata |= {"document_id": found.id, "start": span.start, "end": span.end}
    end = min(span.end, span.start + _LONGEST)
    if end < span.end:
        metadata["note"] = (
            f"The text is cut after {_LONGEST} characters, at {end} of {len(found.text)}. "
            f"read with id {found.id!r} and start {end} goes on."
        )
    text = found.text[span.start : end]
    return FetchedText(id=asked.id, title=title_of(found), text=text, url=call.url(found.id), metadata=metadata)


async def _overview(call: Call, node: Node) -> FetchedText:
    """The summary of documents that belong together, and which they are."""
    below = await call.tree.outline(node.id, 1)
    lines = [f"- {one.label or one.source} ({one.kind}, id {one.document_id or one.node_id})" for one in below]
    text = "\n".join([node.text, "", "Below it are:", *lines[:_MOST_BELOW]])
    metadata = {"kind": node.kind, "below": len(below)}
    address = call.addresses.collection(call.collection.name)
    return FetchedText(id=node.id, title=_overview_title(node), text=text, url=address, metadata=metadata)
