"""Passages -> the order and form in which a model reads them, within a budget of its own tokens.

Chunks that follow each other in a document are one passage, passages of a document are together in reading order, and
the best documents are at the ends: models read the middle of a long prompt worst (Liu et al., arXiv 2307.03172).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..llm.base import ChatModel, Message, prompt_tokens
from ..prompting import fence
from ..types import Hit
from .passages import Passages, cite_leaf

logger = logging.getLogger(__name__)

_MOST_NAMED = 3
"""Most other places of a passage that are named; the rest are counted."""
_MOST_GAP = 2
"""Characters between two chunks that follow each other: a line's end."""


@dataclass(frozen=True, slots=True)
class ContextBlock:
    """Text that is read as one passage."""

    text: str
    about: str
    document_id: str
    start: int
    end: int
    score: float


def fitting(hits: Sequence[Hit], count: Callable[[str], int], budget: int) -> list[Hit]:
    """The best hits whose texts have at most `budget` tokens together; one that is too long is skipped."""
    taken: list[Hit] = []
    for hit in hits:
        tokens = count(hit.node.text)
        if tokens <= budget:
            taken.append(hit)
            budget -= tokens
    return taken


def fitting_prompt(
    model: ChatModel,
    passages: Passages,
    budget: int,
    answer_tokens: int,
    messages_of: Callable[[str], list[Message]],
) -> list[Message] | None:
    """The messages that `messages_of` makes of the passages, with as many of the best as fit the context.

    Passages have `budget` tokens at most; 0 is the whole context. None if not even one of them fits besides
    `answer_tokens` for the answer or, without passages, the question does not.
    """
    hits = passages.hits
    read = fitting(hits, model.count, budget or model.context)
    for count in range(len(read), min(1, len(read)) - 1, -1):
        messages = messages_of(fenced(read[:count], passages.titles))
        if prompt_tokens(model, messages) + answer_tokens <= model.context:
            if count < len(hits):
                logger.info("the model reads %d of %d passages", count, len(hits))
            return messages
    return None


def blocks(hits: Sequence[Hit], titles: Mapping[str, str] | None = None) -> list[ContextBlock]:
    """The hits, best first, as passages in the order in which they are read; the best last, next to the question.
    `titles` are those of the documents, by id."""
    merged: list[ContextBlock] = []
    for block in sorted(
        (_block(hit, titles or {}) for hit in hits), key=lambda block: (block.document_id, block.start)
    ):
        last = merged[-1] if merged else None
        if last and block.document_id and last.document_id == block.document_id and _follows(last, block):
            merged[-1] = _joined(last, block)
        else:
            merged.append(block)
    groups: dict[str, list[ContextBlock]] = {}
    for number, block in enumerate(merged):
        groups.setdefault(block.document_id or f"summary {number}", []).append(block)
    ranked = sorted(groups.values(), key=lambda group: -max(block.score for block in group))
    at_the_end, at_the_beginning = ranked[::2], ranked[1::2]
    return [block for group in [*at_the_beginning, *reversed(at_the_end)] for block in group]


def fenced(hits: Sequence[Hit], titles: Mapping[str, str] | None = None) -> str:
    """The passages of a prompt, each with the title, path and date of its document."""
    found = enumerate(blocks(hits, titles), start=1)
    return "\n".join(fence(number, block.text, block.about) for number, block in found)


def _block(hit: Hit, titles: Mapping[str, str]) -> ContextBlock:
    node = hit.node
    if node.level:
        return ContextBlock(node.text, f"summary: {node.label}", "", 0, 0, hit.score)
    about = str(cite_leaf(node))
    above = node.location.heading[:-1]
    date = node.metadata.get("date")
    title = titles.get(node.document_id, "")
    parts = [
        title if title not in about else "",
        about,
        f"in {' > '.join(above)}" if above else "",
        f"beside: {node.context}" if node.location.described and node.context else "",
        str(date or ""),
        also_in([str(place) for place in hit.also]),
    ]
    about = ", ".join(part for part in parts if part)
    return ContextBlock(node.text, about, node.document_id, node.span.start, node.span.end, hit.score)


def also_in(places: Sequence[str]) -> str:
    """`also in A, B, C and 22 more`; empty if there are no other places."""
    named = list(dict.fromkeys(places))
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return f"also in {', '.join(named[:_MOST_NAMED])}{more}" if named else ""


def _follows(last: ContextBlock, block: ContextBlock) -> bool:
    return last.end <= block.start <= last.end + _MOST_GAP


def _joined(last: ContextBlock, block: ContextBlock) -> ContextBlock:
    between = "" if last.text[-1:].isspace() or block.text[:1].isspace() else " "
    score = max(last.score, block.score)
    return replace(last, text=f"{last.text}{between}{block.text}", end=block.end, score=score)
