"""The shortening of an index's vectors (`embed.dim`): learned on its own chunks, and kept in its catalog.

The cache keeps full vectors, so that nothing is embedded again; what is grouped, searched and asked is shortened.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from ..embed.reduce import Projection, learn_projection
from ..errors import IndexDamagedError
from ..settings import EmbedSettings
from ..store.catalog import Catalog
from ..types import Vectors

_KEY = "projection"
_ENOUGH = 10
"""Vectors a number of theirs, from which what was learned is kept for good."""


def kept_projection(catalog: Catalog) -> Projection | None:
    """The projection that the index's vectors went through, or None where they are whole. Raises IndexDamagedError."""
    text = catalog.meta(_KEY)
    if not text:
        return None
    try:
        return Projection.from_bytes(base64.b64decode(text, validate=True))
    except binascii.Error as error:
        raise IndexDamagedError(
            f"the catalog's projection cannot be read ({error}); move catalog.sqlite away and index the folder again"
        ) from error


def shortened(vectors: Vectors, catalog: Catalog) -> Vectors:
    """Full vectors (n, dim), or one of (dim,), as the index searches them."""
    projection = kept_projection(catalog)
    return vectors if projection is None else projection.apply(vectors)


def projection_for(
    catalog: Catalog, settings: EmbedSettings, count: int, embed: Callable[[], Vectors]
) -> Projection | None:
    """The projection for a tree over `count` leaves, whose full vectors `embed` gives; None without `embed.dim`.

    It is learned once. What was learned from few vectors is learned anew whenever there are twice as many: a first
    sync of three files does not decide over the thousands that follow.
    """
    if not settings.dim or not count:
        return None
    kept = kept_projection(catalog)
    if kept is not None and not projection_is_due(kept, settings, count):
        return kept
    return learn_projection(embed(), settings.dim, settings.reduce)


def projection_is_due(kept: Projection | None, settings: EmbedSettings, count: int) -> bool:
    """True where a projection is to be learned (anew) for a tree over `count` leaves."""
    if not settings.dim:
        return False
    if kept is None:
        return True
    enough = kept.learned_from >= _ENOUGH * len(kept.mean)
    return not (enough or settings.reduce == "truncate" or count < 2 * kept.learned_from)


def index_name(embedder: str, settings: EmbedSettings, projection: Projection | None) -> str:
    """The embedder's name in an index, with how its vectors were shortened: another name means other vectors."""
    digest = projection.digest if projection is not None and settings.dim else ""
    return " ".join(part for part in (embedder, settings.reduction, digest) if part)


def projection_facts(embedder: str, settings: EmbedSettings, projection: Projection | None) -> dict[str, str]:
    """What the catalog keeps of it."""
    kept = base64.b64encode(projection.to_bytes()).decode("ascii") if projection is not None else ""
    return {"embedder": index_name(embedder, settings, projection), _KEY: kept}
