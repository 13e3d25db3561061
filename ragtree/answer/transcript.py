"""A conversation as Markdown."""

from __future__ import annotations

from .chat import Chat


def transcript(chat: Chat) -> str:
    """Every question as a heading, its answer, and its numbered sources with their quotes; ends in a newline."""
    parts = ["# Conversation"]
    for answer in chat.history:
        sources = [
            f"- [{citation.number}] {citation}\n  > {' '.join(citation.quote.split())}" for citation in answer.citations
        ]
        parts += [f"## {' '.join(answer.question.split())}", answer.text.strip(), "\n".join(sources)]
    return "\n\n".join(part for part in parts if part) + "\n"
