"""A conversation as Markdown."""

from __future__ import annotations

from ..types import Answer
from .chat import Chat


def transcript(chat: Chat) -> str:
    """Every question as a heading, its answer, and its numbered sources with their quotes; ends in a newline."""
    return "\n\n".join(["# Conversation", *map(_turn, chat.history)]) + "\n"


def _turn(answer: Answer) -> str:
    sources = [f"- [{one.number}] {one}\n  > {' '.join(one.quote.split())}" for one in answer.citations]
    parts = [f"## {' '.join(answer.question.split())}", answer.text.strip(), "\n".join(sources)]
    return "\n\n".join(part for part in parts if part)
