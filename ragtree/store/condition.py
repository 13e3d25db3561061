"""What following changes has left of the tree: how much of it is stale, and how far it is from a fresh one."""

from __future__ import annotations

from dataclasses import dataclass

from .catalog import Catalog


@dataclass(frozen=True, slots=True)
class Condition:
    """Of the whole tree; nothing of it is read but numbers."""

    stale: int
    """Summaries below which something has changed since they were written."""
    stale_share: float
    """Of the summaries, each counted with its own share."""
    drift: float
    """How much nearer passages would be to the centres of their groups if these were made afresh (cosine), on average:
    estimated in the parts that changes have reached, and nothing elsewhere."""
    group_tokens: int
    """Tokens of the members of a group, on average."""


def read_condition(catalog: Catalog) -> Condition:
    """The condition of the tree as it stands in the catalog."""
    summaries, stale, share = catalog.rows(
        "SELECT count(*), coalesce(sum(stale > 0), 0), coalesce(sum(stale), 0.0) FROM nodes WHERE level > 0"
    )[0]
    drift = catalog.rows(
        "SELECT coalesce(sum(drift * members) / sum(members), 0.0) FROM (SELECT nodes.drift, count(*) AS members "
        "FROM nodes JOIN edges ON edges.parent = nodes.id WHERE nodes.level > 1 GROUP BY nodes.id)"
    )[0][0]
    size = catalog.rows(
        "SELECT coalesce(avg(size), 0) FROM (SELECT sum(nodes.tokens) AS size FROM edges "
        "JOIN nodes ON nodes.id = edges.child GROUP BY edges.parent)"
    )[0][0]
    return Condition(int(stale), share / max(1, summaries), float(drift), round(size))
