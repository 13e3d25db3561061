"""Any documents make a sound tree with one root."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import LIBRARY, grow

from ragtree.cluster.base import Clusterer
from ragtree.cluster.gmm import GaussianMixtures
from ragtree.cluster.kmeans import KMeans
from ragtree.upkeep.verify import find_faults
from ragtree.settings import TreeSettings
from ragtree.tokens import count_tokens

BUDGET = 64
CLUSTERERS: dict[str, Clusterer] = {
    "kmeans": KMeans(TreeSettings(second_parent=0.5)),
    "gmm": GaussianMixtures(TreeSettings()),
}
WORDS = "whale bread clock sings rises ticks the a of Venn 1907 12.5 ü 🐋 . ! # | - Dr.".split()

paragraphs = st.one_of(
    st.sampled_from(["x", "Same words as before.", "Whales sing. Whales dive.", "# Title", "1907"]),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join),
)
libraries = st.dictionaries(
    st.sampled_from(["a.md", "b.md", "c.md"]),
    st.lists(paragraphs, min_size=1, max_size=4).map("\n\n".join),
    min_size=1,
    max_size=3,
)


@pytest.mark.parametrize("name", CLUSTERERS)
@settings(max_examples=20, deadline=None)
@given(texts=libraries)
def test_a_tree_over_any_documents_is_sound(name: str, texts: dict[str, str]) -> None:
    with TemporaryDirectory() as folder:
        nodes, documents = grow(Path(folder), texts, BUDGET, CLUSTERERS[name])
    assert find_faults(nodes, documents, BUDGET) == []
    top = max(node.level for node in nodes)
    assert [node.id for node in nodes if node.level == top] == [nodes[-1].id]
    by_id = {node.id: node for node in nodes}
    for node in nodes:
        assert node.level == 0 or node.claims
        assert node.level == 0 or node.tokens <= BUDGET // 2
        for claim in node.claims:
            quotes = " ".join(item.span.of(by_id[item.leaf].text) for item in claim.evidence)
            assert set(claim.text.split()) <= set(quotes.split())


def test_one_chunk_is_its_own_root(tmp_path: Path) -> None:
    nodes, _ = grow(tmp_path, {"a.md": "Only this."})
    assert [node.level for node in nodes] == [0]


def test_two_chunks_have_one_root(tmp_path: Path) -> None:
    nodes, _ = grow(tmp_path, {"a.md": "This one.\n\nThat one."})
    assert [node.level for node in nodes] == [0, 0, 1]
    assert nodes[2].children == (nodes[0].id, nodes[1].id)


def test_no_documents_have_no_tree(tmp_path: Path) -> None:
    assert grow(tmp_path, {})[0] == []


def test_forty_identical_chunks_have_one_root(tmp_path: Path) -> None:
    nodes, documents = grow(tmp_path, {"a.md": "\n\n".join(["The very same words."] * 40)}, BUDGET)
    assert find_faults(nodes, documents, BUDGET) == []
    assert sum(node.level == nodes[-1].level for node in nodes) == 1


def test_the_same_documents_have_the_same_tree(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    assert grow(tmp_path / "a", LIBRARY)[0] == grow(tmp_path / "b", LIBRARY)[0]


def test_every_node_has_a_label(tmp_path: Path) -> None:
    assert all(node.label for node in grow(tmp_path, LIBRARY)[0])


def test_a_summary_of_a_summary_fits_its_budget_in_tokens_as_counted(tmp_path: Path) -> None:
    nodes, _ = grow(tmp_path, LIBRARY, BUDGET)
    assert all(node.tokens == count_tokens(node.text) for node in nodes)
