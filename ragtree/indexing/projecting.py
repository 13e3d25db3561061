"""The projection that shortens an index's vectors (`embed.dim`), learned from its chunks and kept in its catalog.

The cache keeps full vectors, so that nothing is embedded again. The vectors that are searched are shortened.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..embed.projection import Projection, learn_projection
from ..errors import IndexDamagedError
from ..settings import EmbedSettings
from ..store.catalog import Catalog
from ..store.tree_change import TreeChange
from ..types import Vectors

_ENOUGH = 10
"""A projection that was learned from at least this many vectors per dimension is kept for good."""


def kept_projection(catalog: Catalog) -> Projection | None:
    """The projection that shortens the index's vectors, or None if they are not shortened. Raises IndexDamagedError."""
    text = catalog.facts().projection
    if not text:
        return None
    try:
        return Projection.from_bytes(base64.b64decode(text, validate=True))
    except binascii.Error as error:
        raise IndexDamagedError(
            f"the catalog's vector projection cannot be read ({error}); move catalog.sqlite away, and index the folder "
            "again"
        ) from error


def shortened(vectors: Vectors, catalog: Catalog) -> Vectors:
    """Shorten full vectors, shape (n, dim) or (dim,), to those that the index searches."""
    projection = kept_projection(catalog)
    return vectors if projection is None else projection.apply(vectors)


@dataclass(frozen=True, slots=True)
class Projected:
    """What a commit changes about the vectors that are searched."""

    facts: Mapping[str, str]
    all_anew: bool
    """True if the projection has changed, so that all vectors in Chroma are outdated."""


class Projecting:
    """Learns the projection of an index (`embed.dim`), and learns it again when needed.

    It is learned with the first commit. If it was learned from few vectors, it is learned again whenever there are
    twice as many: a first sync of three files does not decide for the thousands that follow.
    """

    def __init__(self, catalog: Catalog, settings: EmbedSettings, embedder: str) -> None:
        """`embedder` is the name of the embedder."""
        self._catalog = catalog
        self._settings = settings
        self._embedder = embedder
        self._kept = kept_projection(catalog)

    def after(self, change: TreeChange) -> Projected:
        """The facts that hold once this change is made, and whether all vectors in Chroma are outdated then."""
        before, length = self._kept, len(next(iter(change.vectors.values()), ()))
        if self._settings.dim:
            count = sum(one.node.level == 0 for one in change.nodes) + sum(self._catalog.level_sizes()[:1])
            if count and projection_is_due(before, self._settings, count):
                self._kept = learn_projection(self._vectors(change), self._settings.dim, "pca")
            length = self._kept.components.shape[1] if self._kept is not None else 0
        kept = base64.b64encode(self._kept.to_bytes()).decode("ascii") if self._kept is not None else ""
        facts = {"embedder": index_name(self._embedder, self._settings, self._kept), "projection": kept}
        if length:
            facts["dimension"] = str(length)
        same = (before.digest if before else "") == (self._kept.digest if self._kept else "")
        return Projected(facts, not same and before is not None)

    def _vectors(self, change: TreeChange) -> Vectors:
        """The full vectors of all chunks once the change is made, shape (n, dim)."""
        keys = [entry.key for entry in self._catalog.entries(("chunk",)) if entry.id not in change.gone]
        keys += [one.key for one in change.nodes if one.node.level == 0]
        known = {**self._catalog.get_vectors(keys), **change.vectors}
        return np.stack([known[key] for key in dict.fromkeys(keys)])


def projection_is_due(kept: Projection | None, settings: EmbedSettings, count: int) -> bool:
    """True if a projection has to be learned, for the first time or again, for an index of `count` chunks."""
    if not settings.dim:
        return False
    if kept is None:
        return True
    enough = kept.learned_from >= _ENOUGH * len(kept.mean)
    return not (enough or count < 2 * kept.learned_from)


def index_name(embedder: str, settings: EmbedSettings, projection: Projection | None) -> str:
    """The embedder's name as the index stores it, with how its vectors are shortened. Another name: other vectors."""
    digest = projection.digest if projection is not None and settings.dim else ""
    return " ".join(part for part in (embedder, settings.reduction, digest) if part)
