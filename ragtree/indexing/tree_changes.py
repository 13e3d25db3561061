"""Document trees -> one change of the tree: nodes that are new, nodes that are gone, and the effect on themes above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..store.catalog import Catalog
from ..store.tree_change import TreeChange, joined
from ..types import Node
from .ancestors import Below, ancestors_after
from .document_tree import DocumentTree, document_node_id


def change_of(catalog: Catalog, trees: Sequence[DocumentTree], removed: Sequence[str] = ()) -> TreeChange:
    """Return the change that adds or replaces these documents and removes the `removed` ones."""
    changes: list[TreeChange] = []
    gone_nodes: set[str] = set()
    changed: set[str] = set()
    touched: set[str] = set()
    renamed: dict[str, str] = {}
    gone: set[str] = set()
    moved: dict[str, str] = {}
    for tree in trees:
        key = tree.stored.document.id
        before = {one.node.id: one.node for one in catalog.of_document(tree.replaces or key)}
        after = {one.node.id: one.node for one in tree.nodes}
        own = catalog.changed(tree.nodes, list(before))
        changes.append(TreeChange(own.nodes, own.gone, tree.vectors))
        old, new = document_node_id(tree.replaces or key), document_node_id(key)
        if tree.replaces:
            moved |= _same_texts(_chunks(before), _chunks(after))
        gone |= {node.id for node in _chunks(before)} - after.keys() - moved.keys()
        if old in before and new not in after:
            gone_nodes.add(old)
        elif old in before:
            if old != new:
                renamed[old] = new
            if before[old].text != after[new].text:
                changed.add(old)
            elif before[old].claims != after[new].claims:
                touched.add(old)
    for key in removed:
        nodes = catalog.of_document(key)
        changes.append(TreeChange((), {one.node.id for one in nodes}))
        gone |= {one.node.id for one in nodes if not one.node.level}
        gone_nodes |= {one.node.id for one in nodes if one.node.kind == "document"}
    changes.append(ancestors_after(catalog, Below(gone_nodes, changed, touched, renamed, gone, moved)))
    return joined(changes)


def without_tree_above(catalog: Catalog, change: TreeChange) -> TreeChange:
    """Return the change with every theme removed: they were built in another way, or over chunks that are gone."""
    above = {entry.id for entry in catalog.entries(("theme", "collection"))}
    nodes = [one for one in change.nodes if one.node.id not in above]
    return TreeChange(nodes, above.union(change.gone), change.vectors)


def _chunks(nodes: Mapping[str, Node]) -> list[Node]:
    return [node for node in nodes.values() if not node.level]


def _same_texts(before: Sequence[Node], after: Sequence[Node]) -> dict[str, str]:
    """Match chunks (in reading order) whose texts are the same, as old id -> new id."""
    waiting: dict[str, list[str]] = {}
    for node in reversed(after):
        waiting.setdefault(node.text, []).append(node.id)
    found = {}
    for node in before:
        if waiting.get(node.text):
            found[node.id] = waiting[node.text].pop()
    return found
