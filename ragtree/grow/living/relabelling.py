"""Labels of the groups that are new, told from their siblings; the others keep theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from ...store.outline import Outline
from ...types import Node
from ..labelling.labels import with_labels
from .following import Followed


def relabelled(found: Followed, outline: Outline, nodes_of: Callable[[Sequence[str]], list[Node]]) -> list[Node]:
    """The nodes that a change made, those with a new summary under a label of their own.

    A group's terms are those of its members' texts, so that a family is all that is read.
    """

    def children_of(key: str) -> Sequence[str]:
        return found.nodes[key].children if key in found.nodes else outline.children.get(key, ())

    families: dict[str, list[str]] = {}
    for level, above in pairwise([*found.levels[1:], []]):
        new = {key for key in level if key in found.written}
        for parent in above:
            if not new.isdisjoint(children_of(parent)):
                families[parent] = list(children_of(parent))
        if not above and new:
            families[""] = list(level)
    labels: dict[str, str] = {}
    for siblings in families.values():
        for node in _labelled(nodes_of(siblings), nodes_of):
            if node.id in found.written:
                labels.setdefault(node.id, node.label)
    return [replace(node, label=labels[node.id]) if node.id in labels else node for node in found.nodes.values()]


def _labelled(siblings: Sequence[Node], nodes_of: Callable[[Sequence[str]], list[Node]]) -> list[Node]:
    """Sibling groups with labels."""
    members = nodes_of(list(dict.fromkeys(child for node in siblings for child in node.children)))
    lowered = [replace(node, level=0) for node in members] + [replace(node, level=1) for node in siblings]
    return with_labels(lowered)[len(members) :]
