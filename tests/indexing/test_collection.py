"""The tree over the documents follows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_index import NotingEmbedder, first_sentences, of_kind, opened, settings

from ragtree import Document, RagTree
from ragtree.llm.scripted import ScriptedChat
from ragtree.upkeep.verify import find_faults, find_faults_of_documents

SUBJECTS = {
    "whale": "whales sing deep sea krill calf blubber",
    "bread": "dough yeast oven rye flour crust bakery",
    "clock": "pendulum quartz spring dial hour escapement watchmaker",
}


def about(subject: str, number: int) -> Document:
    words = SUBJECTS[subject].split()
    said = " ".join(f"{words[(number + at) % 7]} {words[at]} {words[at + 1]} {number}.".capitalize() for at in range(5))
    return Document(f"{subject}-{number:02}.md", f"{subject} {subject} notes. {said}")


def parent_of(tree: RagTree, document_id: str) -> str:
    nodes = tree.nodes()
    (key,) = (node.id for node in nodes if node.kind == "document" and node.document_id == document_id)
    (parent,) = (node.id for node in nodes if key in node.children)
    return parent


def collection(tmp_path: Path, kind: str = "extractive", llm: ScriptedChat | None = None, **tree: object) -> RagTree:
    made = settings(kind, tree={"group_tokens": 240, "stale_share": 0.5, **tree})
    opened_tree = opened(tmp_path, made, NotingEmbedder(), llm)
    opened_tree.add([about(subject, number) for subject in SUBJECTS for number in range(12)])
    assert opened_tree.verify() == []
    return opened_tree


def test_a_new_document_goes_to_the_theme_of_its_like(tmp_path: Path) -> None:
    with collection(tmp_path) as tree:
        tree.add([about("bread", 50)])
        theme = parent_of(tree, "bread-50.md")
        like = {
            node.document_id
            for node in tree.nodes()
            if node.kind == "document" and parent_of(tree, node.document_id) == theme
        }
        assert sum(name.startswith("bread") for name in like) > len(like) / 2
        assert tree.verify() == []


def test_a_theme_over_the_budget_splits_and_the_others_keep_their_ids(tmp_path: Path) -> None:
    with collection(tmp_path) as tree:
        before = {node.id for node in of_kind(tree, "theme")}
        others = {parent_of(tree, f"whale-{number:02}.md") for number in range(12)}
        tree.add([about("bread", number) for number in range(20, 32)])
        after = {node.id for node in of_kind(tree, "theme")}
        assert len(after) > len(before)
        assert len(others & after) >= len(others) / 2
        assert tree.verify() == []


def test_a_theme_that_shrank_joins_another(tmp_path: Path) -> None:
    with collection(tmp_path) as tree:
        members: dict[str, list[str]] = {}
        for number in range(12):
            members.setdefault(parent_of(tree, f"clock-{number:02}.md"), []).append(f"clock-{number:02}.md")
        theme, own = max(members.items(), key=lambda pair: len(pair[1]))
        every = [
            node.document_id
            for node in tree.nodes()
            if node.kind == "document" and parent_of(tree, node.document_id) == theme
        ]
        tree.remove(every[1:])
        assert theme not in {node.id for node in of_kind(tree, "theme")}
        assert parent_of(tree, every[0]) != theme
        assert tree.verify() == []
        assert own


def test_the_last_documents_go_and_nothing_is_left(tmp_path: Path) -> None:
    with collection(tmp_path) as tree:
        tree.remove([document.id for document in tree.documents()])
        assert tree.nodes() == []
        assert tree.verify() == []


def test_a_theme_is_stale_until_more_than_the_share_of_it_has_changed(tmp_path: Path) -> None:
    with collection(tmp_path) as tree:
        before = {node.id: node for node in of_kind(tree, "theme")}
        report = tree.add([about("whale", 40)])
        theme = next(node for node in of_kind(tree, "theme") if node.id == parent_of(tree, "whale-40.md"))
        if theme.id in before:
            assert theme.text == before[theme.id].text
            assert 0 < theme.stale <= 0.5
            assert report.stale >= 1
        assert tree.stats().stale == report.stale
        assert all(node.stale <= 0.5 for node in tree.nodes())


@pytest.mark.parametrize("change", ["add", "remove"])
def test_one_document_costs_itself_and_a_path_in_an_index_of_hundreds(tmp_path: Path, change: str) -> None:
    with opened(tmp_path, settings(tree={"group_tokens": 240})) as tree:
        tree.add([about(subject, number) for subject in SUBJECTS for number in range(102)])
        depth = tree.stats().levels
        heights = {node.id: node for node in tree.nodes()}
        below = max(node.level for node in heights.values() if node.kind == "document")
        if change == "add":
            report = tree.add([Document("new.md", " ".join(about("bread", 300).text for _ in range(2)))])
            own = sum(node.document_id == "new.md" and node.level > 0 for node in tree.nodes())
        else:
            report, own = tree.remove(["bread-33.md"]), 0
        assert report.summarized <= own + (len(depth) - below) + 2
        assert tree.verify() == []


# --- right after each commit, while the themes are behind


def sound_between(tree: RagTree, wrong: list[str]) -> Callable[[object], None]:
    """Looks at the catalog whenever the sync is heard of."""

    def look(_: object) -> None:
        documents = {document.id: document for document in tree.documents()}
        nodes = tree.nodes()
        wrong.extend(find_faults(nodes, documents, tree.settings.tree.group_tokens, behind=True))
        wrong.extend(find_faults_of_documents(nodes, list(documents), grown=True))

    return look


def test_between_the_commits_of_a_sync_the_tree_is_sound(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for subject in SUBJECTS:
        for number in range(8):
            document = about(subject, number)
            (folder / document.id).write_text(document.text, encoding="utf-8")
    wrong: list[str] = []
    with opened(tmp_path / "index", settings("abstractive", tree={"group_tokens": 240})) as tree:
        tree.sync(folder)
        (folder / "whale-01.md").write_text(about("whale", 90).text, encoding="utf-8")
        (folder / "bread-02.md").unlink()
        (folder / "clock-03.md").rename(folder / "moved.md")
        (folder / "new.md").write_text(about("clock", 70).text, encoding="utf-8")
        report = tree.sync(folder, sound_between(tree, wrong))
        assert (report.added, report.changed, report.removed) == (("new.md",), ("whale-01.md",), ("bread-02.md",))
        assert report.renamed == (("clock-03.md", "moved.md"),)
        assert wrong == []
        assert tree.verify() == []


@pytest.mark.parametrize("change", ["edit", "remove", "rename"])
def test_a_sync_that_is_interrupted_before_the_themes_leaves_a_sound_index(tmp_path: Path, change: str) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for subject in SUBJECTS:
        for number in range(8):
            document = about(subject, number)
            (folder / document.id).write_text(document.text, encoding="utf-8")
    made = settings("abstractive", tree={"group_tokens": 240, "stale_share": 0.0})
    stopped = False

    def answer(messages):  # type: ignore[no-untyped-def]
        if stopped:
            raise KeyboardInterrupt
        return first_sentences(messages)

    path = folder / "bread-03.md"
    with opened(tmp_path / "index", made, NotingEmbedder(), ScriptedChat(answer)) as tree:
        tree.sync(folder)
        {"remove": path.unlink, "rename": lambda: path.rename(folder / "z.md")}.get(change, lambda: None)()
        if change == "edit":
            path.write_text("Rye is dear. Flour is dearer.", encoding="utf-8")  # its own tree costs no call
        stopped = True
        try:
            tree.sync(folder)
            interrupted = False
        except KeyboardInterrupt:
            interrupted = True
        assert interrupted == (change != "rename")
        assert tree.verify() == []
        if change != "rename":
            assert ("bread-03.md" in {document.id for document in tree.documents()}) == (change == "edit")
        stopped = False
        tree.sync(folder)
        assert tree.verify() == []
        assert tree.stats().unwritten == 0
