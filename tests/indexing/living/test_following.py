"""A tree that follows its folder: what each kind of change costs, and what it leaves."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest import mock

import pytest
from folder_machine import Remembering, each_first_sentence, written_by_a_model
from library import LIBRARY, copy_of

from ragtree import Budget, Document, Message, Node, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.grow.living.parents import carried
from ragtree.llm.scripted import ScriptedChat


class Followed:
    """A folder of plain files and its tree, with a model that counts."""

    def __init__(self, place: Path, settings: Settings, made: Path | None = None) -> None:
        self.folder = place / "folder"
        if made is None:
            shutil.copytree(LIBRARY, self.folder, ignore=shutil.ignore_patterns("*.pdf", "*.docx", ".*"))
        else:
            shutil.copytree(made / "folder", self.folder)
            copy_of(made / "index", place / "index")
        self.model = ScriptedChat(each_first_sentence)
        self.embedder = Remembering(HashingEmbedder(256))
        self.tree = RagTree.open(place / "index", settings, embedder=self.embedder, llm=self.model)
        self.tree.sync(self.folder)

    def sync(self, refresh: bool = False) -> tuple[int, int]:
        """Calls of the model, and chunks and summaries that were embedded."""
        calls = len(self.model.calls)
        report = self.tree.sync(self.folder, refresh=refresh)
        assert self.tree.verify() == []
        return len(self.model.calls) - calls, report.embedded

    def summaries(self) -> dict[str, Node]:
        return {node.id: node for node in self.tree.nodes() if node.level}

    @property
    def depth(self) -> int:
        return len(self.tree.stats().levels) - 1


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder and its index, to be copied."""
    place = tmp_path_factory.mktemp("grown")
    Followed(place, written_by_a_model()).tree.close()
    return place


@pytest.fixture
def followed(tmp_path: Path, grown: Path) -> Iterator[Followed]:
    made = Followed(tmp_path, written_by_a_model(), grown)
    yield made
    made.tree.close()


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_renamed_file_costs_nothing_and_is_cited_under_its_new_name(followed: Followed) -> None:
    before = followed.summaries()
    (followed.folder / "accounts" / "purchases-1923.md").rename(followed.folder / "bought.md")
    asked = followed.embedder.asked
    assert followed.sync() == (0, 0) and followed.embedder.asked == asked
    after = followed.summaries()
    assert after.keys() == before.keys()
    assert {key: node.text for key, node in after.items()} == {key: node.text for key, node in before.items()}
    hits = followed.tree.search("price of two-inch hemp rope a fathom in March 1923", k=5, mode="leaves")
    assert "bought.md" in [hit.node.source for hit in hits]


def test_an_edit_embeds_the_chunk_and_writes_what_rests_on_it(followed: Followed) -> None:
    path = followed.folder / "accounts" / "purchases-1923.md"
    before = {node.text for node in followed.tree.nodes(0)}
    edited(path, "is the last we shall have at the price", "is the very last we shall have at the price")
    calls, embedded = followed.sync()
    new = [node for node in followed.tree.nodes(0) if node.text not in before]
    assert 1 <= len(new) <= 2
    assert calls <= 2 * followed.depth + 2 and embedded <= len(new) + 2 * followed.depth + 2
    assert all("very last" in node.text for node in new[:1])


def test_what_a_removed_file_said_is_in_no_summary_and_no_answer(followed: Followed) -> None:
    shutil.rmtree(followed.folder / "accounts")
    followed.sync()
    left = {node.id for node in followed.tree.nodes(0)}
    for node in followed.summaries().values():
        assert all(item.leaf in left for claim in node.claims for item in claim.evidence)
    hits = followed.tree.search("price of two-inch hemp rope a fathom in March 1923", k=10)
    assert not [hit for hit in hits if hit.node.source.startswith("accounts/")]


def test_a_summary_is_stale_until_enough_has_come_and_refreshed_when_asked(followed: Followed) -> None:
    before = followed.summaries()
    (followed.folder / "note.md").write_text("The harbour master has bought a new lamp for the pier.", encoding="utf-8")
    calls, _ = followed.sync()
    stale = {key: node for key, node in followed.summaries().items() if node.stale}
    stats = followed.tree.stats()
    assert calls == 0 and stale.keys() <= before.keys() and len(stale) >= followed.depth
    assert all(0 < node.stale <= 0.2 and node.text == before[key].text for key, node in stale.items())
    assert stats.stale == len(stale) and 0 < stats.stale_share < 0.05
    assert followed.tree.plan(followed.folder, refresh=True, measure=False).summaries >= len(stale)
    calls, _ = followed.sync(refresh=True)
    assert calls >= 1 and followed.tree.stats().stale == 0
    assert followed.sync(refresh=True) == (0, 0)


def test_shares_add_up_until_the_summary_is_written_anew(followed: Followed) -> None:
    shares: list[float] = []
    for number in range(6):
        name = f"note-{number}.md"
        text = f"On the {number + 3}th of May the harbour master has bought {number + 2} new lamps for the pier."
        (followed.folder / name).write_text(text, encoding="utf-8")
        followed.sync()
        home = next(node for node in followed.summaries().values() if leaf_of(followed.tree, name) in node.children)
        shares.append(home.stale)
    assert shares[0] < shares[1]  # the second note lies beside the first
    assert min(shares[1:]) == 0.0  # and then they were enough


def leaf_of(tree: RagTree, document: str) -> str:
    return next(node.id for node in tree.nodes(0) if node.document_id == document)


def test_however_many_changes_a_summary_is_written_once(followed: Followed) -> None:
    before = followed.summaries().keys()
    for path in sorted(followed.folder.rglob("*.txt"))[:3]:
        path.write_text(path.read_text(encoding="utf-8", errors="replace")[2000:], encoding="utf-8")
    (followed.folder / "accounts" / "purchases-1923.md").unlink()
    asked: list[Sequence[Message]] = followed.model.calls[:]
    followed.sync()
    new = followed.summaries().keys() - before
    calls = [tuple(call) for call in followed.model.calls[len(asked) :]]
    again = sum(call[0].content != calls[0][0].content for call in calls)  # a second try is another prompt
    assert len(set(calls)) == len(calls) and len(calls) - again <= len(new)


def test_a_plan_tells_what_following_will_cost(followed: Followed) -> None:
    (followed.folder / "accounts" / "purchases-1923.md").unlink()
    plan = followed.tree.plan(followed.folder, measure=False)
    summarized = followed.tree.sync(followed.folder).summarized
    assert 0 < plan.summaries <= 2 * summarized and summarized <= 2 * plan.summaries + followed.depth
    assert plan.levels[0] == len(followed.tree.nodes(0))


def test_a_tree_grows_and_shrinks_with_its_documents(tmp_path: Path) -> None:
    words = "harbour rope lantern keeper ferry stove kitten ledger tide quarry winter captain".split()

    def document(number: int) -> Document:
        sentences = [
            f"The {words[(number + at) % 12]} {number} of the {words[(number * at + 5) % 12]} weighs {at} pounds."
            for at in range(8)
        ]
        return Document(f"{number:03}.md", " ".join(sentences))

    settings = Settings.model_validate(
        {"chunk": {"tokens": 24}, "summarize": {"tokens": 24}, "tree": {"group_tokens": 64}}
    )
    with RagTree.open(tmp_path / "index", settings, embedder=HashingEmbedder(64)) as tree:
        tree.add([document(number) for number in range(8)])
        sizes = [tree.stats().levels]
        for number in range(8, 28, 4):
            tree.add([document(number + at) for at in range(4)])
            assert tree.verify() == []
            sizes.append(tree.stats().levels)
        assert len(sizes[-1]) > len(sizes[0]) and 2 * sizes[-1][0] == 7 * sizes[0][0]
        for number in range(24, 3, -4):
            tree.remove([f"{number + at:03}.md" for at in range(4)])
            assert tree.verify() == []
        assert len(tree.stats().levels) <= len(sizes[0])
        tree.remove([document.id for document in tree.documents()])
        assert tree.nodes() == []


def test_a_folder_that_is_renamed_costs_nothing_however_large(followed: Followed) -> None:
    inside = followed.folder / "moved"
    inside.mkdir()
    for path in [path for path in followed.folder.iterdir() if path != inside]:
        path.rename(inside / path.name)
    assert followed.sync() == (0, 0)
    assert all(document.id.startswith("moved/") for document in followed.tree.documents())


_NINE = range(9)


def documents_of(count: int) -> list[Document]:
    words = "harbour rope lantern keeper ferry stove kitten ledger tide quarry winter captain".split()
    return [
        Document(
            f"{number:03}.md",
            " ".join(
                f"The {words[(number + at) % 12]} {number} of {words[at * 5 % 12]} weighs {at} lb." for at in range(9)
            ),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(
    "settings",
    [
        {"tree": {"cluster": "gmm", "group_tokens": 64}},
        {"tree": {"cluster": "none", "group_tokens": 64}},
        {"tree": {"group_tokens": 64}, "embed": {"dim": 16}},
        {"tree": {"group_tokens": 64, "labels": "llm"}},
        {"tree": {"group_tokens": 64}, "chunk": {"context": "llm", "tokens": 24}},
    ],
    ids=lambda made: str(made),
)
def test_every_kind_of_tree_follows_and_is_planned(tmp_path: Path, settings: dict[str, dict[str, object]]) -> None:
    wanted = {"chunk": {"tokens": 24}, "summarize": {"tokens": 24}} | settings
    model = ScriptedChat(lambda _: "The harbour of rope")
    docs = documents_of(14)
    with RagTree.open(
        tmp_path / "index", Settings.model_validate(wanted), embedder=HashingEmbedder(64), llm=model
    ) as tree:
        tree.add(docs[:12])
        steps = (
            lambda: tree.add(docs[12:]),
            lambda: tree.remove([docs[3].id]),
            lambda: tree.add([Document(docs[5].id, docs[5].text.replace("lb", "pounds", 2))]),
        )
        for step in steps:
            step()
            assert tree.verify() == []
            (tmp_path / "more").mkdir(exist_ok=True)
            (tmp_path / "more" / "one.md").write_text(docs[0].text[:80], encoding="utf-8")
            plan = tree.plan(tmp_path / "more", measure=False)
            assert plan.chunks <= 2 and plan.levels[0] > 40


def test_a_plan_counts_no_chunk_that_kept_its_vector_through_an_edit(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for document in documents_of(12):
        (folder / document.id).write_text(document.text, encoding="utf-8")
    wanted = Settings.model_validate(
        {"chunk": {"tokens": 24}, "summarize": {"tokens": 24}, "tree": {"group_tokens": 64}, "embed": {"kind": "blend"}}
    )
    with RagTree.open(tmp_path / "index", wanted) as tree:
        tree.sync(folder)
        edited(folder / "004.md", "weighs 3 lb", "weighs 33 lb")
        assert tree.plan(folder, measure=False).chunks == 1
        tree.sync(folder)
        (folder / "note.md").write_text("The captain has a new kitten.", encoding="utf-8")
        assert tree.plan(folder, measure=False).chunks == 1
        tree.sync(folder)
        assert tree.verify() == []


def test_shares_of_a_thousandth_of_a_thousandth_are_not_lost() -> None:
    node = Node("n", 1, "text", 2, children=("a",))
    assert carried(node, ["a"], 3e-6, {}).stale == 3e-6


def test_contexts_of_documents_that_wait_are_asked_for_later(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    docs = documents_of(12)
    for document in docs:
        (folder / document.id).write_text(document.text, encoding="utf-8")
    wanted = Settings.model_validate(
        {
            "chunk": {"tokens": 24, "context": "llm"},
            "summarize": {"tokens": 24, "kind": "extractive"},
            "tree": {"group_tokens": 64},
        }
    )
    model = ScriptedChat(lambda _: "The harbour of rope.")
    with RagTree.open(tmp_path / "index", wanted, embedder=HashingEmbedder(64), llm=model) as tree:
        tree.sync(folder, budget=Budget(tokens=0))
        (folder / "note.md").write_text("The captain has a new kitten.", encoding="utf-8")
        tree.sync(folder, budget=Budget(tokens=0))  # from here on the tree follows
        late = frozenset([docs[3].id, docs[4].id])
        with mock.patch("ragtree.grow.regrow.embed_in_time", return_value=late):
            tree.sync(folder, budget=Budget(minutes=5))
        assert tree.verify() == [] and not tree.plan(folder, measure=False).is_empty
        tree.sync(folder)
        assert tree.verify() == [] and tree.plan(folder, measure=False).is_empty
        asked = {node.document_id for node in tree.nodes(0) if node.context}
        assert not late.isdisjoint(asked)  # what is not supported is left out
