"""A language model that reads only the most central sentences: on a CPU, reading the prompt takes the most time."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ..embed.base import Embedder
from ..llm.base import ChatModel
from ..settings import SummarizeSettings
from .abstractive import AbstractiveSummarizer
from .base import Answers
from .extractive import central
from .group_sentences import GroupSentences

READ_TOKENS = 240
"""Most tokens of central sentences that the model reads of a group."""


class HybridSummarizer(AbstractiveSummarizer):
    """The model reads `read_tokens` tokens of central sentences, none twice, in reading order.

    What it writes is checked against all sentences of the group.
    """

    kind: Literal["abstractive", "hybrid"] = "hybrid"

    def __init__(
        self,
        settings: SummarizeSettings,
        model: ChatModel,
        embedder: Embedder,
        language: str,
        prompts: Path | None = None,
        answers: Answers | None = None,
        read_tokens: int = READ_TOKENS,
    ) -> None:
        self._read_tokens = read_tokens
        super().__init__(settings, model, embedder, language, prompts, answers)

    def way(self) -> str:
        return f"{self.kind}/{self._read_tokens}"

    def wanted(self, group: GroupSentences) -> list[int] | None:
        return central(group, self._read_tokens)
