"""Answers, hits and trees as a person reads them, and as JSON."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.tree import Tree

    from ..types import Answer, Citation, Hit, Node

_QUOTE_WIDTH = 160
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_WIDE = 1000


def printable(text: str) -> str:
    """Text for a terminal: control characters in a document do not reach it, whatever they would do there."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def show_sources(citations: Sequence[Citation], whole: bool = False) -> None:
    """What the marks of an answer point at."""
    for citation in citations:
        quote = " ".join(citation.quote.split())
        if not whole and len(quote) > _QUOTE_WIDTH:
            quote = quote[:_QUOTE_WIDTH].rstrip() + " …"
        click.echo(printable(f"[{citation.number}] {citation}\n    “{quote}”"))


def show_hits(hits: Sequence[Hit]) -> None:
    """Hits, best first, each with where it stands."""
    for hit in hits:
        node = hit.node
        if node.level == 0:
            where = ", ".join(part for part in (node.source, str(node.location)) if part)
        else:
            where = f"summary at level {node.level}: {node.label}"
        click.echo(printable(f"{hit.score:6.3f}  {where}"))
        click.echo(printable(f"        {' '.join(node.text.split())}\n"))


def show_json(value: Mapping[str, Any]) -> None:
    """One JSON document on standard output."""
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
        "start": node.span.start,
        "end": node.span.end,
        "tokens": node.tokens,
        "label": node.label,
        "text": node.text,
    }


def show_tree(nodes: Sequence[Node], depth: int) -> None:
    """The tree like a table of contents, `depth` levels from the top."""
    from rich.console import Console

    by_id = {node.id: node for node in nodes}
    top = max((node.level for node in nodes), default=0)
    # Written to a file or a pipe, a line may be as long as it is.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)
    for root in (node for node in nodes if node.level == top):
        console.print(_branch(root, by_id, depth - 1))


def _branch(node: Node, by_id: Mapping[str, Node], depth: int) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    if node.level == 0:
        where = ", ".join(part for part in (node.source, str(node.location)) if part)
        return Tree(Text.assemble(printable(node.label), (f"  {printable(where)}", "dim")))
    leaves = _leaves_below(node, by_id)
    documents = len({leaf.document_id for leaf in leaves})
    count = f"  {_counted(len(leaves), 'passage')} of {_counted(documents, 'document')}"
    branch = Tree(Text.assemble((printable(node.label or node.text[:60]), "bold"), (count, "dim")))
    if depth > 0:
        for child in node.children:
            branch.children.append(_branch(by_id[child], by_id, depth - 1))
    return branch


def _leaves_below(node: Node, by_id: Mapping[str, Node]) -> list[Node]:
    level = {node.id: node}
    while any(item.level > 0 for item in level.values()):
        level = {child: by_id[child] for item in level.values() for child in item.children}
    return list(level.values())


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
