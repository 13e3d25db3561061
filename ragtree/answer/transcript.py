"""A conversation as a Markdown text, with the sources under every answer."""

from __future__ import annotations

from ..types import Answer, Citation
from .chat import Chat


def transcript(chat: Chat) -> str:
    """Every question as a heading, its answer, and the numbered sources with their quotes; empty for no turn."""
    return "\n".join(_turn(answer) for answer in chat.history)


def _turn(answer: Answer) -> str:
    question = " ".join(answer.question.split())
    parts = [f"## {question}", answer.text.strip(), *(_source(citation) for citation in answer.citations)]
    return "\n\n".join(parts) + "\n"


def _source(citation: Citation) -> str:
    quote = "\n".join(f"> {line}".rstrip() for line in citation.quote.strip().splitlines())
    return f"[{citation.number}] {citation}\n\n{quote}"
