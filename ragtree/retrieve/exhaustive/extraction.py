"""The language model copies items out of passages; what is not in a passage is dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...llm.base import TURN_TOKENS, ChatModel, Message, unfinished, write
from ...prompting import fence, render
from ...text.folding import fold, folded
from ...types import Node, Span

_READ = 800
"""Tokens of passages that the model reads at once. With more, small models overlook items."""
_ANSWER = 300
_LINE = re.compile(r"\s*(?:[-*•]\s*)?(?:\[?(\d+)\]?\s*[|:.)]\s*)?(.+?)\s*")
_NONE = re.compile(r"(?:\W*none\W*|n/?a)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Extractor:
    """Asks a language model for the items of a list."""

    model: ChatModel
    prompts: Path | None = None

    def batches(self, leaves: Sequence[Node]) -> list[list[Node]]:
        """The leaves in batches to read at once, in order. A batch fits the context, unless one leaf alone does not."""
        most = min(_READ, self.model.context - _ANSWER - 2 * TURN_TOKENS - 250)
        found: list[list[Node]] = []
        used = most + 1
        for leaf in leaves:
            if used + leaf.tokens > most or not found:
                found.append([])
                used = 0
            found[-1].append(leaf)
            used += leaf.tokens
        return found

    def cost(self, question: str, batches: Sequence[Sequence[Node]]) -> tuple[int, int]:
        """About how many tokens the model would read, and the most that it would write."""
        if not batches:
            return 0, 0
        around = sum(self.model.count(message.content) + TURN_TOKENS for message in self._messages(question, ()))
        text = sum(leaf.tokens for batch in batches for leaf in batch)
        return around * len(batches) + text, _ANSWER * len(batches)

    def extract(self, question: str, leaves: Sequence[Node]) -> list[tuple[Node, Span]]:
        """Pairs of a leaf and the span of an item in its text. Raises what the model raises."""
        written = write(self.model, self._messages(question, leaves), _ANSWER)
        if not written.text:
            raise unfinished(self.model.name, written, _ANSWER)
        return list({(leaf.id, span): (leaf, span) for leaf, span in _finds(written.text, leaves)}.values())

    def _messages(self, question: str, leaves: Sequence[Node]) -> list[Message]:
        passages = "\n".join(fence(number, leaf.text, leaf.source) for number, leaf in enumerate(leaves, start=1))
        prompt = render("list", self.prompts, passages=passages, question=question)
        return [Message("system", prompt.system), Message("user", prompt.user)]


def _finds(said: str, leaves: Sequence[Node]) -> Iterator[tuple[Node, Span]]:
    for line in said.splitlines():
        match = _LINE.fullmatch(line)
        if match is None or _NONE.fullmatch(match[2]):
            continue
        words = match[2].strip(" \"“”'*_")
        number = int(match[1] or 0)
        # If the number is wrong or missing, the words may still be in another passage.
        named = [leaves[number - 1]] if 0 < number <= len(leaves) else []
        for leaf in [*named, *leaves]:
            span = place_of(words, leaf.text)
            if span is not None:
                yield leaf, span
                break


def place_of(words: str, text: str) -> Span | None:
    """The span of the words in a text, whatever its line breaks and capitals; None if they are not in it."""
    said, plain = fold(words, case=True), folded(text, case=True)
    if not any(character.isalnum() for character in said):
        return None
    parts = [re.escape(part) for part in said.split()]
    found = re.search(r"(?<!\w)" + r"\s+".join(parts) + r"(?!\w)", plain.text)
    return plain.span(*found.span()) if found else None
