"""Is a question about the whole of something, or about a fact in it?"""

from __future__ import annotations

from pathlib import Path

from ..embed.base import Embedder
from ..prompting import examples
from ..types import Vectors

_LEAST = 0.45
_MARGIN = 0.2
"""Similarity to the nearest broad example, and how much further the nearest narrow one has to be. "What is the plot of
the story?" has .75 and .27; of SQuALITY's questions about a story's details 1 in 30 passes both, of QASPER's none."""


class Overview:
    """Tells by examples (prompts/overview.md), which are embedded once."""

    def __init__(self, embedder: Embedder, prompts: Path | None = None) -> None:
        self._embedder = embedder
        self._prompts = prompts
        self._known: tuple[Vectors, Vectors] | None = None

    def is_broad(self, vector: Vectors) -> bool:
        """True where the question whose vector (dim,) this is asks for an overview."""
        if self._known is None:
            found = examples("overview", self._prompts)
            self._known = self._embedder.embed(found["broad"]), self._embedder.embed(found["narrow"])
        broad, narrow = (float((side @ vector).max()) for side in self._known)
        return broad >= _LEAST and broad - narrow >= _MARGIN
