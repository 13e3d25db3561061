"""A language model that reads only the most central sentences: on a CPU, reading the prompt takes the most time."""

from __future__ import annotations

from typing import Literal

from .abstractive import AbstractiveSummarizer
from .extractive import central
from .reading import GroupSentences


class HybridSummarizer(AbstractiveSummarizer):
    """The model reads `summarize.read_tokens` tokens of central sentences, none twice, in reading order.

    What it writes is checked against all sentences of the group.
    """

    kind: Literal["abstractive", "hybrid"] = "hybrid"

    def way(self) -> str:
        return f"{self.kind}/{self._settings.read_tokens}"

    def wanted(self, group: GroupSentences) -> list[int] | None:
        return central(group, self._settings.read_tokens)
