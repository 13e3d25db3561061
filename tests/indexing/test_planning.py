"""A plan is what the sync then does, and changes nothing."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np
import pytest
from test_budget import first_passage, folder_of, made, text_of
from test_caches import CountingEmbedder

from ragtree import Document, Message, ModelError, RagTree, Settings
from ragtree.cluster.gmm import GaussianMixtures
from ragtree.cluster.kmeans import KMeans
from ragtree.embed.hashing import HashingEmbedder
from ragtree.indexing.build import in_reading_order
from ragtree.indexing.plan.forecast import forecast
from ragtree.indexing.plan.measuring import model_speed, seconds_a_token, storing_seconds
from ragtree.indexing.plan.word_vectors import topic_vectors
from ragtree.llm.scripted import ScriptedChat
from ragtree.settings import TreeSettings
from ragtree.types import Node


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return folder_of(range(30), tmp_path / "docs")


def state(tree: RagTree) -> list[object]:
    catalog = tree._catalog
    return [catalog.rows(f"SELECT count(*) FROM {table}") for table in ("nodes", "vectors", "summaries", "meta")]


@pytest.mark.parametrize("cluster", ["kmeans", "gmm"])
def test_the_first_plan_is_near_what_the_sync_does(folder: Path, tmp_path: Path, cluster: str) -> None:
    settings = made()
    settings = settings.model_copy(update={"tree": settings.tree.model_copy(update={"cluster": cluster})})
    model = ScriptedChat(first_passage)
    with RagTree.open(tmp_path / "index", settings, embedder=CountingEmbedder(), llm=model) as tree:
        before = state(tree)
        plan = tree.plan(folder)
        assert state(tree) == before
        asked = len(model.calls)
        assert asked == 1  # to see how fast it is
        done = tree.sync(folder)
        assert plan.files == len(done.added) == 30 and plan.pages == 0
        assert plan.levels[0] == tree.stats().levels[0]
        assert plan.chunks == len({node.text for node in tree.nodes(0)})
        assert plan.calls == plan.summaries == pytest.approx(done.summarized, rel=0.25)
        assert done.calls == len(model.calls) - asked
        assert plan.prompt_tokens == pytest.approx(done.prompt_tokens, rel=0.25)
        assert plan.minutes == pytest.approx(sum(plan.seconds.values()) / 60) and plan.minutes > 0
        assert {"chunking", "clustering", "embedding chunks", "storing", "language model"} <= plan.seconds.keys()


def test_with_vectors_the_groups_are_counted_and_not_estimated(folder: Path, tmp_path: Path) -> None:
    with RagTree.open(tmp_path / "index", made("extractive"), embedder=CountingEmbedder()) as tree:
        tree.sync(folder)
    model = ScriptedChat(first_passage)
    with RagTree.open(tmp_path / "index", made(), embedder=CountingEmbedder(), llm=model) as tree:
        plan = tree.plan(folder, measure=False)
        assert plan.settings_changed and plan.chunks == 0 and model.calls == []
        assert plan.paid == plan.seconds == {}
        report = tree.sync(folder)
        assert plan.levels[1] == tree.stats().levels[1]  # those above depend on what the model will write
        assert plan.calls == pytest.approx(report.calls, rel=0.1)


def test_what_is_in_the_caches_is_not_counted(folder: Path, tmp_path: Path) -> None:
    model = ScriptedChat(first_passage)
    embedder = CountingEmbedder()
    with RagTree.open(tmp_path / "index", made(), embedder=embedder, llm=model) as tree:
        tree.sync(folder)
        texts, calls = len(embedder.texts), len(model.calls)
        plan = tree.plan(folder)
        assert plan.is_empty and (plan.calls, plan.chunks, plan.levels, plan.seconds) == (0, 0, (), {})
        assert (len(embedder.texts), len(model.calls)) == (texts, calls)
        (folder / "3.md").rename(folder / "renamed.md")
        plan = tree.plan(folder)
        assert plan.chunks == 0 and plan.renamed  # its neighbours are others now, so that some texts stand elsewhere
        report = tree.sync(folder)
        # Above a new group nobody knows yet what will be written, so that the plan has more.
        assert report.summarized <= plan.summaries < tree.stats().levels[1] / 2
        (folder / "new.md").write_text(
            "The pilot boat has a blue hull. Its engine was made in Tolbrack.", encoding="utf-8"
        )
        plan = tree.plan(folder)
        report = tree.sync(folder)
        assert 0 < report.calls <= plan.calls + 3


def test_titles_and_doubtful_chunks_are_counted_where_the_model_is_asked_for_them(folder: Path, tmp_path: Path) -> None:
    def answer(messages: Sequence[Message]) -> str:
        return "harbour, stove" if "harbour" in messages[-1].content else "1"

    titled = made("extractive")
    titled = titled.model_copy(update={"tree": titled.tree.model_copy(update={"labels": "llm"})})
    model = ScriptedChat(answer)
    with RagTree.open(tmp_path / "titled", titled, embedder=CountingEmbedder(), llm=model) as tree:
        plan = tree.plan(folder)
        report = tree.sync(folder)
        assert plan.summaries == plan.calls == pytest.approx(report.calls, rel=0.25)
        assert plan.prompt_tokens == pytest.approx(report.prompt_tokens, rel=0.25)
        assert plan.seconds["language model"] > 0
    goal = titled.tree.model_copy(update={"labels": "terms", "cluster": "llm", "goal": "by place", "goal_calls": 5})
    model = ScriptedChat(answer)
    with RagTree.open(
        tmp_path / "goal", titled.model_copy(update={"tree": goal}), embedder=CountingEmbedder(), llm=model
    ) as tree:
        plan = tree.plan(folder)
        assert 0 < tree.sync(folder).calls <= plan.calls <= 6 * len(plan.levels)


def test_pages_are_those_of_documents_that_have_them(tmp_path: Path) -> None:
    from ragtree.indexing.plan.planning import _pages
    from ragtree.types import Location, Mark

    paged = Document(
        "a.pdf", "x" * 90, marks=tuple(Mark(30 * at, Location(page=at + 1)) for at in range(3)), lines=False
    )
    assert (_pages(paged), _pages(Document("b.md", "text"))) == (3, 0)


def test_a_tree_of_chunks_alone_needs_no_groups(folder: Path, tmp_path: Path) -> None:
    flat = Settings.model_validate({"chunk": {"tokens": 24}, "tree": {"cluster": "none"}})
    with RagTree.open(tmp_path / "index", flat, embedder=CountingEmbedder()) as tree:
        plan = tree.plan(folder)
        tree.sync(folder)
        assert (plan.summaries, plan.calls, plan.levels) == (0, 0, tree.stats().levels)


def test_a_model_that_is_down_is_told_by_the_plan(folder: Path, tmp_path: Path) -> None:
    class Down(ScriptedChat):
        def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
            raise ModelError("connection refused")
            yield ""

    with RagTree.open(tmp_path / "index", made(), embedder=CountingEmbedder(), llm=Down([""])) as tree:
        with pytest.raises(ModelError, match="refused"):
            tree.plan(folder)
        assert tree.plan(folder, measure=False).calls > 0


@pytest.mark.parametrize("clusterer", [KMeans(TreeSettings()), GaussianMixtures(TreeSettings())])
def test_of_many_chunks_a_sample_tells_the_groups_of_all(
    clusterer: KMeans | GaussianMixtures, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [sentence for number in range(200) for sentence in text_of(number).split(". ")]
    leaves = [Node(str(at), 0, text, 15) for at, text in enumerate(texts)]
    nothing = [None] * len(leaves)
    whole = forecast(leaves, nothing, clusterer, 150, 20, lambda texts: None, grown=False)
    for name in ("_MOST_BY_WORDS", "_MOST_SLOWLY"):
        monkeypatch.setattr(f"ragtree.indexing.plan.forecast.{name}", 400)
    sampled = forecast(leaves, nothing, clusterer, 150, 20, lambda texts: None, grown=False)
    assert sampled.levels[-1] == whole.levels[-1] == 1
    assert sampled.summaries == sum(sampled.levels) == pytest.approx(sum(whole.levels), rel=0.25)
    assert sampled.tokens >= sampled.first_tokens >= 15 * len(leaves)


def test_without_all_vectors_a_group_is_new_where_a_member_is(tmp_path: Path) -> None:
    texts = text_of(1).split(". ") * 3
    leaves = [Node(str(at), 0, f"{text} {at}", 15) for at, text in enumerate(texts)]
    rows = [None, *HashingEmbedder().embed([leaf.text for leaf in leaves])[1:]]
    found = forecast(leaves, rows, KMeans(TreeSettings()), 60, 20, lambda texts: None, grown=True)
    assert found.summaries == len(found.levels)  # one way from the new chunk up to the root


def test_speed_is_told_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("ragtree.indexing.plan.measuring.time.monotonic", lambda: now)

    def embed(items: list[int]) -> None:
        nonlocal now
        now += 0.5 * len(items)

    assert seconds_a_token(embed, list(range(1000)), [10] * 1000) == pytest.approx(0.05)
    assert now < 40  # and not all thousand, which take 500
    assert seconds_a_token(embed, [], []) == 0

    def write(messages: Sequence[Message]) -> str:
        nonlocal now
        now += 3.0
        return "one two three four"

    reading, writing = model_speed(ScriptedChat(write), [Message("user", "word " * 99)], 20)
    assert reading == pytest.approx(3 / (99 + 16 + 1)) and writing == 0


def test_storing_is_measured_beside_the_index_and_leaves_nothing(tmp_path: Path) -> None:
    leaves = [Node(str(at), 0, f"text {at}", 2) for at in range(40)]
    assert 0 < storing_seconds(leaves, 8) < 5


def test_reading_order_is_that_of_the_first_row() -> None:
    assert in_reading_order([np.array([5, 3]), np.array([4, 0])]) == [[0, 4], [3, 5]]


@pytest.mark.parametrize(
    "texts", [[], [""], ["one word"], ["", ""], ["the of"] * 3, ["rope", "rope"], ["rope stove", "x"]]
)
def test_texts_of_few_words_have_vectors_of_length_one(texts: list[str]) -> None:
    vectors = topic_vectors(texts)
    assert vectors.shape[0] == len(texts)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(texts)))


def test_texts_that_share_their_words_lie_near_each_other() -> None:
    texts = ["the keeper of the harbour", "harbour keepers", "bread dough", "the dough of bread"]
    vectors = topic_vectors(texts)
    assert (vectors @ vectors.T > 0.8).tolist() == [[(a < 2) == (b < 2) for b in range(4)] for a in range(4)]
