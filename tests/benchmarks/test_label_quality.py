"""Do labels tell a group from its siblings? Weightings of their terms compared, and what labels cost.

From its label alone a group is looked for among its siblings, by the bundled embedder: `found` is the share of groups
whose label lies nearest to their own leaves. `own words` is the share of a label's words that no sibling's label has,
`carried` the share of a group's leaves in which a label's term stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from library import LIBRARY

from ragtree import Node, RagTree, Settings
from ragtree.embed.base import Embedder
from ragtree.labels.labels import with_labels

DATA = Path(__file__).parents[2].parent / "shared" / "data"
FOLDERS = {
    "examples/library": LIBRARY,
    "rustbook, Markdown": DATA / "folder-rustbook" / "files" / "src",
}
WEIGHTINGS = ("level", "siblings", "share")
RAPTOR = Settings.model_validate({"tree": {"shape": "raptor"}})
"""One tree over all chunks: every group has its label from its terms, and none from a heading or a title."""


def families(nodes: Sequence[Node]) -> list[list[Node]]:
    """Groups that share a parent, where there are two at least."""
    by_id = {node.id: node for node in nodes}
    found = [[by_id[child] for child in node.children] for node in nodes if node.level > 1]
    return [family for family in found if len(family) > 1]


def leaves_of(node: Node, by_id: dict[str, Node]) -> list[Node]:
    level = {node.id: node}
    while any(item.level for item in level.values()):
        level = {child: by_id[child] for item in level.values() for child in item.children}
    return list(level.values())


def measures(nodes: Sequence[Node], embedder: Embedder) -> tuple[float, float, float, int]:
    """`found`, `own words`, `carried`, and how many groups were asked for."""
    by_id = {node.id: node for node in nodes}
    leaves = [node for node in nodes if not node.level]
    row = {leaf.id: number for number, leaf in enumerate(leaves)}
    vectors = embedder.embed([leaf.text for leaf in leaves])
    found, own, carried = [], [], []
    for family in families(nodes):
        members = [leaves_of(node, by_id) for node in family]
        centres = np.stack([vectors[[row[leaf.id] for leaf in group]].mean(axis=0) for group in members])
        nearest = (embedder.embed([node.label for node in family]) @ centres.T).argmax(axis=1)
        found.extend((nearest == np.arange(len(family))).tolist())
        words = [set(node.label.lower().replace(",", "").split()) for node in family]
        for number, node in enumerate(family):
            others = set().union(*(other for place, other in enumerate(words) if place != number))
            own.append(len(words[number] - others) / max(1, len(words[number])))
            texts = [leaf.text.lower() for leaf in members[number]]
            terms = node.label.lower().split(", ")
            carried.append(np.mean([sum(term in text for text in texts) / len(texts) for term in terms]))
    return float(np.mean(found)), float(np.mean(own)), float(np.mean(carried)), len(found)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_group_is_found_by_its_label(name, tmp_path, bundled_embedder, report):
    folder = FOLDERS[name]
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    with RagTree.open(tmp_path / "index", RAPTOR, embedder=bundled_embedder) as tree:
        tree.sync(folder)
        nodes = tree.nodes()
    report(f"## labels of {name}: {len(nodes)} nodes")
    for weighting in WEIGHTINGS:
        labelled = with_labels(nodes, weighting=weighting)
        found, own, carried, groups = measures(labelled, bundled_embedder)
        report(f"{weighting:>9}: found {found:.3f}, own words {own:.3f}, carried {carried:.3f} ({groups} groups)")
    top = [node for node in with_labels(nodes) if node.level == nodes[-1].level - 1]
    report("\n".join(f"    {node.label}" for node in top))
