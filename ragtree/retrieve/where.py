"""Filters: `{"source": "letters/*.md", "level": 0, "author": "Venn"}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase

from ..errors import QueryError
from ..types import Node, Scalar
from .base import Accept

_OWN = frozenset({"source", "document_id", "level"})


def make_filter(where: Mapping[str, Scalar] | None, leaves_of: Callable[[Sequence[str]], list[Node]]) -> Accept | None:
    """A test for nodes; None where every node passes.

    `source` and `document_id` are globs, `level` is a number, every other key is compared with the document's
    metadata. A summary passes where all leaves that its claims rest on pass, so that nothing from outside gets
    in through it.
    """
    if not where:
        return None
    for key in ("source", "document_id"):
        if key in where and not isinstance(where[key], str):
            raise QueryError(f"where[{key!r}] is {where[key]!r}; wanted is a glob such as 'letters/*.md'")
    level = where.get("level")
    if level is not None and (not isinstance(level, int) or isinstance(level, bool)):
        raise QueryError(f"where['level'] is {level!r}; wanted is a number, 0 for chunks")

    def accept(node: Node) -> bool:
        if level is not None and node.level != level:
            return False
        if not where.keys() - {"level"}:
            return True
        if node.level == 0:
            return _leaf_passes(node, where)
        leaves = leaves_of(sorted({item.leaf for claim in node.claims for item in claim.evidence}))
        return bool(leaves) and all(_leaf_passes(leaf, where) for leaf in leaves)

    return accept


def _leaf_passes(node: Node, where: Mapping[str, Scalar]) -> bool:
    return (
        fnmatchcase(node.source, str(where.get("source", "*")))
        and fnmatchcase(node.document_id, str(where.get("document_id", "*")))
        and all(node.metadata.get(key) == value for key, value in where.items() if key not in _OWN)
    )
