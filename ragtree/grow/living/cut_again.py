"""Changed documents -> what becomes of their leaves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from ...store.catalog import Catalog
from ...types import Document, Node, OnProgress, Progress
from ..changes import Changes
from .leaf_change import LeafChange, leaf_change


@dataclass(frozen=True, slots=True)
class Cut:
    """The leaves of a change, and which of them keep their vectors."""

    change: LeafChange
    carried: Mapping[str, bytes]
    """Rows of the cache of vectors, by leaf."""

    @property
    def to_embed(self) -> list[Node]:
        """Leaves that are new, or whose context is another one, document by document."""
        anew = [leaf for leaf in self.change.same.values() if leaf.id not in self.carried]
        return sorted([*self.change.new, *anew], key=lambda leaf: (leaf.document_id, leaf.span))


def cut_changes(
    changes: Changes,
    catalog: Catalog,
    document_of: Callable[[str], Document | None],
    leaves_of: Callable[[Document, Sequence[Node]], Sequence[Node]],
    keys: Mapping[str, bytes],
    also: Collection[str],
    progress: OnProgress,
) -> Cut:
    """Cut the changed documents, and `also` these of the others, by `leaves_of`, which is given their earlier leaves.

    `keys` are the rows of the vectors of the leaves that are there: those whose text and context stay keep theirs.
    """
    earlier = {record.id: record.id for record in changes.changed} | {new.id: old for old, new in changes.renamed}
    earlier |= {key: key for key in also}
    ids = sorted({record.id for record in changes.documents} | set(also))
    cut: dict[str, Sequence[Node]] = {}
    before: dict[str, Sequence[Node]] = {}
    for number, key in enumerate(ids, start=1):
        progress(Progress("chunk", number, len(ids)))
        document = document_of(key)
        if document is not None:
            before[key] = catalog.leaves_of(earlier[key]) if key in earlier else ()
            cut[key] = leaves_of(document, before[key])
    removed = [leaf for key in changes.removed for leaf in catalog.leaves_of(key)]
    change = leaf_change(cut, before, removed)
    contexts = {leaf.id: leaf.context for leaves in before.values() for leaf in leaves}
    carried = {leaf.id: keys[old] for old, leaf in change.same.items() if contexts[old] == leaf.context}
    return Cut(change, carried)
