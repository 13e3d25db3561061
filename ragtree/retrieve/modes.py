"""The modes by name."""

from __future__ import annotations

from ..errors import QueryError
from ..settings import RetrieveSettings
from .auto import Auto
from .base import Retriever
from .broad import Broad
from .collapsed import Collapsed
from .fusion import Weights
from .hybrid import Hybrid
from .leaves import Leaves
from .lexical import Lexical
from .refining import Refining
from .traverse import Traverse

MODES = ("auto", "hybrid", "leaves", "lexical", "collapsed", "traverse")
FLAT_MODES = frozenset({"hybrid", "leaves", "lexical"})
"""Modes that search chunks alone, and need no tree."""


def make_retriever(mode: str, settings: RetrieveSettings, refining: Refining | None = None) -> Retriever:
    """The retriever of that name; hybrid and leaves with other queries and reranked, where the settings want it.

    Raises QueryError for a name that there is not, and what making the reranker does.
    """

    def refined(retriever: Retriever) -> Retriever:
        return retriever if refining is None else refining.around(retriever, settings)

    weights = Weights(settings.words, settings.neighbours)
    if mode == "auto":
        return Auto(refined(Hybrid(weights)), Broad(weights))
    if mode == "leaves":
        return refined(Leaves())
    if mode == "lexical":
        return Lexical()
    if mode == "hybrid":
        return refined(Hybrid(weights))
    if mode == "collapsed":
        return Collapsed()
    if mode == "traverse":
        return Traverse(settings.beam)
    raise QueryError(f"there is no mode {mode!r}; the modes are {', '.join(MODES)}")
