"""The retrieval modes by name."""

from __future__ import annotations

from ..errors import QueryError
from ..registry import RETRIEVERS
from ..settings import RetrieveSettings
from .auto import Auto
from .base import Retriever
from .broad import Broad
from .expand.refining import Refinement
from .fusion import Weights
from .guided import Guide, Guided
from .hybrid import Hybrid

MODES = ("auto", *RETRIEVERS.own)
"""ragtree's modes that need no language model."""
ASKING_MODES = ("guided",)
"""Modes that ask a language model; `ragtree compare` leaves them out."""
FLAT_MODES = frozenset({"hybrid", "leaves", "lexical"})
"""Modes that search chunks alone, and need no tree."""


def plain_modes() -> tuple[str, ...]:
    """All modes that need no language model, those of packages included."""
    return tuple(name for name in RETRIEVERS.names() if name not in ASKING_MODES)


def make_retriever(
    mode: str, settings: RetrieveSettings, refining: Refinement | None = None, guide: Guide | None = None
) -> Retriever:
    """The retriever of a mode. `hybrid` (also in `auto`) and `leaves` expand and rerank if the settings say so.

    `guide` chooses the branches for `guided`. Raises QueryError for an unknown mode and for `guided` without a guide,
    and whatever making the reranker raises.
    """

    def refined(retriever: Retriever) -> Retriever:
        return retriever if refining is None else refining.around(retriever, settings)

    weights = Weights(settings.word_weight, names=settings.name_weight)
    if mode == "auto":
        return Auto(refined(Hybrid(weights)), Broad(weights))
    if mode == "hybrid":
        return refined(Hybrid(weights))
    if mode == "guided":
        if guide is None:
            raise QueryError("the mode guided asks a language model, and llm.model is none; name one, or use hybrid")
        return Guided(guide, Hybrid(weights), weights)
    made: Retriever = RETRIEVERS.make(mode)
    return refined(made) if mode == "leaves" else made
