"""How much of the right answer is in the given one."""

from __future__ import annotations

import re

from ..grounding import content_words, stem

_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")


def word_recall(gold: str, answer: str) -> float:
    """Share of the distinct content words (by stem) and numbers of `gold` that stand in `answer` (0 to 1)."""
    wanted = _words(gold)
    return len(wanted & _words(answer)) / len(wanted) if wanted else 1.0


def _words(text: str) -> set[str]:
    return {stem(word) for word in content_words(text)} | set(_NUMBER.findall(text.replace(",", "")))
