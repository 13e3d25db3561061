"""Fewer vectors for the tokens of a passage (Clavié et al., "Reducing the footprint of multi-vector retrieval with
minimal performance impact via token pooling", arXiv 2409.14683, section 3): close ones are replaced by their mean.
"""

from __future__ import annotations

import numpy as np

from ...embed.base import unit_rows
from ...types import Vectors


def pooled(tokens: Vectors, factor: int) -> Vectors:
    """Unit rows, about one for every `factor` rows of `tokens` (n, dim), by Ward's clustering; with 1, all rows.

    Clusters are in the order of their first token.
    """
    rows = unit_rows(tokens)
    wanted = max(1, len(rows) // factor)
    if wanted >= len(rows):
        return rows
    from scipy.cluster.hierarchy import fcluster, linkage

    labels = fcluster(linkage(rows, "ward"), wanted, "maxclust")
    _, first, places = np.unique(labels, return_index=True, return_inverse=True)
    sums = np.zeros((len(first), rows.shape[1]), dtype=np.float32)
    np.add.at(sums, places, rows)
    return unit_rows(sums[np.argsort(first)])
