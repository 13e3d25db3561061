"""Titles that a language model writes for groups."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from samples import leaf, parent

from ragtree import Document, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.labels.naming import Naming, sound_title
from ragtree.llm.base import Message
from ragtree.llm.scripted import ScriptedChat
from ragtree.settings import TreeSettings
from ragtree.store.catalog import Catalog
from ragtree.types import Node


def nodes() -> list[Node]:
    leaves = [leaf(f"{n}", "Whales eat krill.") for n in range(4)]
    one = parent("whales, krill", leaves[:2], "Blue whales eat krill.")
    other = parent("whales, songs", leaves[2:], "Whales sing songs.")
    return [*leaves, one, other, parent("whales", [one, other], "Whales eat and sing.")]


def named(tmp_path: Path, model: ScriptedChat) -> list[str]:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    try:
        return [node.label for node in Naming(model, catalog).named(nodes()) if node.level]
    finally:
        catalog.close()


def test_the_model_is_shown_terms_and_sentences_and_its_title_is_the_label(tmp_path: Path) -> None:
    model = ScriptedChat(["Krill for whales", "Songs of whales", "What whales sing"])
    assert named(tmp_path, model) == ["Krill for whales", "Songs of whales", "What whales sing"]
    said = model.calls[0][-1].content
    assert "Blue whales eat krill." in said
    assert "whales, krill" in said


def test_a_title_of_other_words_leaves_the_terms(tmp_path: Path) -> None:
    assert named(tmp_path, ScriptedChat(["The life of a dolphin"])) == ["whales, krill", "whales, songs", "whales"]


def test_siblings_do_not_share_a_title(tmp_path: Path) -> None:
    assert named(tmp_path, ScriptedChat(["Whales"])) == ["Whales", "whales, songs", "Whales"]


def test_a_title_is_asked_for_once(tmp_path: Path) -> None:
    named(tmp_path, ScriptedChat(["Whales"]))
    again = ScriptedChat(["Krill"])
    assert named(tmp_path, again)[0] == "Whales"
    assert again.calls == []


def test_a_model_whose_context_is_too_small_leaves_the_terms(tmp_path: Path) -> None:
    assert named(tmp_path, ScriptedChat(["Whales"], context=30)) == ["whales, krill", "whales, songs", "whales"]


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ('"Krill and Whales."\n\nThis chapter is about ...', "Krill and Whales"),
        ("Title: Whales eat krill", "Whales eat krill"),
        ("1. Whales", "Whales"),
        ("Whales of Greenland", ""),
        ("", ""),
        ("...", ""),
        ("of the", ""),
        (" ".join(["whales"] * 9), ""),
    ],
)
def test_a_title_is_short_and_stands_in_the_texts(written: str, title: str) -> None:
    assert sound_title(written, "whales, krill. Blue whales eat krill.") == title


def test_a_chinese_title_has_to_stand_in_the_texts() -> None:
    assert sound_title("黄山", "游客爱黄山。") == "黄山"
    assert sound_title("泰山", "游客爱黄山。") == ""


def test_an_index_takes_titles_when_it_is_told_to(tmp_path: Path) -> None:
    texts = [f"Whales eat krill in sea {n}. Songs of whales travel far in sea {n}. " * 9 for n in range(24)]
    documents = [Document(f"{n}.md", text) for n, text in enumerate(texts)]

    def say(messages: Sequence[Message]) -> str:
        return "Krill for whales"

    model, small = ScriptedChat(say), TreeSettings(group_tokens=240)
    with RagTree.open(tmp_path / "index", Settings(tree=small), embedder=HashingEmbedder()) as tree:
        tree.add(documents)
        assert any(node.kind == "theme" for node in tree.nodes())
        assert all(node.label != "Krill for whales" for node in tree.nodes())
    told = Settings(tree=small.model_copy(update={"labels": "llm"}))
    told = told.model_copy(update={"summarize": told.summarize.model_copy(update={"kind": "extractive"})})
    with RagTree.open(tmp_path / "index", told, embedder=HashingEmbedder(), llm=model) as tree:
        tree.add([Document("new.md", "Whales dive for krill.")])
        assert "Krill for whales" in {node.label for node in tree.nodes() if node.kind == "theme"}
        assert tree.verify() == []
