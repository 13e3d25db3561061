"""Chunks in the light of their document: the model reads more than a chunk, and the chunk's own tokens are pooled.

Late Chunking (arXiv 2409.04701), section 3; documents longer than the window as in its "long late chunking".
"""

from __future__ import annotations

from collections.abc import Sequence

from ..settings import EmbedSettings
from .base import Passages, TokenEmbedder
from .pooling import TokenSpanEmbedder
from .windows import Window, plan_margins, plan_windows

MARGIN = 32
"""Tokens of context on both sides of a chunk."""


class LateEmbedder(TokenSpanEmbedder):
    """Late chunking: the model reads windows as long as it can, with many chunks each.

    `margin` tokens of context at least stand on both sides of a chunk, where the document has them. What
    `Passages.before` says is not read: the document says it.
    """

    def __init__(self, model: TokenEmbedder, settings: EmbedSettings, margin: int = MARGIN) -> None:
        super().__init__(model, settings.batch, f"{model.name}/late/{settings.window}/{margin}/3")
        self._margin = margin

    def _windows(self, count: int, ranges: Sequence[tuple[int, int]], size: int) -> list[Window]:
        return plan_windows(count, ranges, size, self._margin)


class MarginEmbedder(TokenSpanEmbedder):
    """Every chunk is read with `margin` tokens of the document on both sides: it knows what its pronouns mean, and
    keeps a vector of its own."""

    def __init__(self, model: TokenEmbedder, settings: EmbedSettings, margin: int = MARGIN) -> None:
        super().__init__(model, settings.batch, f"{model.name}/margin/{settings.window}/{margin}/1")
        self._margin = margin

    def _windows(self, count: int, ranges: Sequence[tuple[int, int]], size: int) -> list[Window]:
        return plan_margins(count, ranges, size, self._margin)

    def _prefix(self, document: Passages, window: Window) -> str:
        return document.before[window.pieces[0].row] if document.before else ""
