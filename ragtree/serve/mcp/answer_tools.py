"""The tools that answer: `ask`, and `list_all` for all of something."""

from __future__ import annotations

import re

from ...errors import QueryError
from ...retrieve.exhaustive.survey import SurveyCost
from ...types import Answer
from .arguments import AskArguments, ListAllArguments
from .call import Call
from .results import AnsweredText, ListedItem, ListedItems

_PATTERNS = ("dates", "amounts", "emails", "names")
_MOST_CALLS = 20
_MOST_ITEMS = 200
_MOST_PLACES = 10


async def ask(call: Call, asked: AskArguments) -> AnsweredText:
    """Get a short answer to a question, with quotes from the documents that were checked against the text.

    Use it for a question that can be answered in a few sentences; the answer has marks like [1], which the citations
    explain. It takes longer than `search`, which is better where you want to read for yourself. Without a language
    model on this server the passages that fit are quoted.
    """
    chat = call.tree.chat()
    chat.resume([Answer(turn.question, turn.answer) for turn in asked.history])
    async with call.turns.turn():
        answer = await call.collection.noted(await chat.ask(asked.question))
    return AnsweredText(
        text=answer.text,
        supported=answer.supported,
        citations=[call.cited(citation) for citation in answer.citations],
        notice=answer.notice,
    )


async def list_all(call: Call, asked: ListAllArguments) -> ListedItems:
    """List and count all of something in the whole collection, each with every place that says it.

    Use it for "list all ..." and "how many ...": a search only gives the best passages. Name a pattern where one fits;
    a question is read by this server's language model, which takes long.
    """
    if not (asked.question or "").strip() and not (asked.pattern or "").strip():
        raise QueryError("name a question or a pattern")
    pattern = _expression(asked.pattern) if asked.pattern else None
    async with call.turns.turn():
        found = await call.tree.survey(asked.question or "", pattern=pattern, where=asked.where, approve=_approved)
    items = [
        ListedItem(text=item.text, citations=[call.cited(one) for one in item.citations[:_MOST_PLACES]])
        for item in found.items[:_MOST_ITEMS]
    ]
    notes = [found.note] if found.note else []
    if len(found.items) > len(items):
        notes.append(f"Only the first {len(items)} items are listed; a filter (where) shows fewer documents.")
    if any(len(item.citations) > _MOST_PLACES for item in found.items):
        notes.append(f"Of each item, {_MOST_PLACES} places are named at most.")
    return ListedItems(items=items, count=len(found.items), complete=found.complete, note=" ".join(notes))


def _expression(pattern: str) -> str:
    """A pattern as a regular expression that takes no long time on any text: clients are not trusted with their own."""
    if pattern.strip() in _PATTERNS:
        return pattern.strip()
    words = pattern.split()
    if not any(re.search(r"\w", word) for word in words) or any("*" in word.rstrip("*") for word in words):
        raise QueryError(
            f"the pattern {pattern!r} cannot be used; name {', '.join(_PATTERNS)}, or words that may end with *"
        )
    return "(?i)" + r"\s++".join(re.escape(word.rstrip("*")) + r"\w*+" * word.endswith("*") for word in words)


def _approved(cost: SurveyCost) -> bool:
    """Few calls of the language model are made unasked. Raises QueryError for many."""
    if cost.calls > _MOST_CALLS:
        raise QueryError(f"this would read {cost}; name a pattern, or fewer documents with where")
    return True
