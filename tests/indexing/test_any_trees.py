"""Any documents, with every way of building trees: sound after the build, after an edit, and after removals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as property_settings
from hypothesis import strategies as st
from small_index import NotingEmbedder, first_sentences, opened, settings

from ragtree import Document, Message, RagTree
from ragtree.llm.scripted import ScriptedChat

WAYS = [
    (shape, cluster) for shape in ("documents", "clusters", "raptor") for cluster in ("kmeans", "gmm", "llm", "none")
]
PIECES = [
    "x",
    "-",
    "# Title\n\n",
    "## Part of it\n\n",
    "The very same words. ",
    "Whales sing. ",
    "12.5 ü 🐋 \n\n",
    " \n ",
]

texts = st.one_of(
    st.just(""),
    st.just(" \n\n "),
    st.just("The very same words as in another document."),
    st.builds(
        "{} weighs more.".format, st.integers(1, 90).map(lambda count: "long and " * count)
    ),  # one giant sentence
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.builds(
        lambda seed, count: " ".join(f"The {seed + at} of {at % 7} is a {at * seed % 11}." for at in range(count)),
        st.integers(0, 50),
        st.integers(1, 60),
    ),
)
folders = st.lists(texts, max_size=14)


def said(messages: Sequence[Message]) -> str:
    return "first, second" if "passage" not in messages[-1].content else first_sentences(messages)


def opened_as(place: Path, shape: str, cluster: str) -> RagTree:
    goal = {"goal": "by subject: whales, words or numbers"} if cluster == "llm" else {}
    made = settings(tree={"shape": shape, "cluster": cluster, **goal})
    return opened(place, made, NotingEmbedder(), ScriptedChat(said))


def is_searched(tree: RagTree) -> None:
    """What is found is in the index, in every mode that walks the tree."""
    ids = {node.id for node in tree.nodes()}
    for mode in ("collapsed", "traverse"):
        hits = tree.search("whales and the very same words", k=4, mode=mode)
        assert {hit.node.id for hit in hits} <= ids
        assert bool(hits) == bool(ids)


@pytest.mark.parametrize(("shape", "cluster"), WAYS)
@property_settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(folder=folders, data=st.data())
def test_any_folder_has_a_sound_tree_whatever_happens_to_it(
    shape: str, cluster: str, folder: list[str], data: st.DataObject
) -> None:
    with TemporaryDirectory() as place, opened_as(Path(place), shape, cluster) as tree:
        tree.add([Document(f"{number}.md", text) for number, text in enumerate(folder)])
        assert tree.verify() == []
        is_searched(tree)
        if folder:
            number = data.draw(st.integers(0, len(folder) - 1))
            tree.add([Document(f"{number}.md", data.draw(texts)), Document("new.md", data.draw(texts))])
            assert tree.verify() == []
            gone = data.draw(st.sets(st.integers(0, len(folder) - 1)))
            tree.remove([f"{number}.md" for number in gone])
            assert tree.verify() == []
            is_searched(tree)
        stays = {document.id for document in tree.documents()}
        words = {document.id for document in tree.documents() if document.text.strip()}
        roots = [node.document_id for node in tree.nodes() if node.kind == "document"]
        if shape != "raptor" and cluster != "none":
            assert sorted(roots) == sorted(words)
            assert sum(node.kind == "collection" for node in tree.nodes()) == bool(words)
        else:
            assert roots == []
        assert {node.document_id for node in tree.nodes(0)} == words <= stays


@pytest.mark.parametrize("shape", ["documents", "clusters"])
@pytest.mark.parametrize(("documents", "sentences"), [(200, 2), (3, 300)])
def test_many_documents_and_long_ones(tmp_path: Path, shape: str, documents: int, sentences: int) -> None:
    with opened_as(tmp_path, shape, "kmeans") as tree:
        tree.add(
            Document(f"{number}.md", " ".join(f"The {number} of {at % 9} is {at}." for at in range(sentences)))
            for number in range(documents)
        )
        assert len(tree.nodes(0)) >= documents * sentences / 3
        assert tree.verify() == []
        tree.remove([f"{number}.md" for number in range(0, documents, 2)])
        assert tree.verify() == []
