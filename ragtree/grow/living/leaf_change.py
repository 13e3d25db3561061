"""What a change of documents does to the leaves: most of an edited document, and all of a renamed one, is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...types import Node


@dataclass(frozen=True, slots=True)
class LeafChange:
    """The difference between the leaves of a tree and those that it shall have."""

    new: tuple[Node, ...] = ()
    """In reading order."""
    same: Mapping[str, Node] = field(default_factory=dict)
    """Leaves by the id that they had: in a renamed document they have another one, in an edited one another place."""
    gone: frozenset[str] = frozenset()
    documents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The ids of all leaves of the documents that were cut, in their order."""

    @property
    def cut(self) -> dict[str, list[Node]]:
        """The leaves of the documents that were cut."""
        nodes = {leaf.id: leaf for leaf in (*self.same.values(), *self.new)}
        return {document: [nodes[key] for key in ids] for document, ids in self.documents.items()}


def leaf_change(
    cut: Mapping[str, Sequence[Node]], before: Mapping[str, Sequence[Node]], removed: Iterable[Node]
) -> LeafChange:
    """The change where the documents of `cut`, by id, have these leaves now.

    `before` are the leaves that the same documents had, where they had some, under whatever id; those of documents
    that are no more are `removed`.
    """
    new: list[Node] = []
    same: dict[str, Node] = {}
    gone = {node.id for node in removed}
    for key, leaves in cut.items():
        old = _by_text(before.get(key, ()))
        for leaf, occurrence in _numbered(leaves):
            known = old.pop((leaf.text, occurrence), None)
            if known is None:
                new.append(leaf)
            else:
                same[known.id] = leaf
        gone.update(node.id for node in old.values())
    order = {key: tuple(leaf.id for leaf in leaves) for key, leaves in cut.items()}
    return LeafChange(tuple(new), same, frozenset(gone), order)


def _by_text(leaves: Sequence[Node]) -> dict[tuple[str, int], Node]:
    return {(leaf.text, occurrence): leaf for leaf, occurrence in _numbered(leaves)}


def _numbered(leaves: Sequence[Node]) -> list[tuple[Node, int]]:
    """Leaves, each with how many of the same text stand before it."""
    seen: dict[str, int] = {}
    numbered = []
    for leaf in leaves:
        number = seen.get(leaf.text, 0)
        seen[leaf.text] = number + 1
        numbered.append((leaf, number))
    return numbered
