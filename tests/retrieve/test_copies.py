"""A passage that stands in several places counts once, with all its places."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from samples import leaf

from ragtree import Document, RagTree, Settings
from ragtree.answer.packing import also_in
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.scripted import ScriptedChat
from ragtree.retrieve.base import Index, Limit, Query
from ragtree.retrieve.filtered_nodes import filter_nodes
from ragtree.retrieve.modes import MODES, make_retriever
from ragtree.store.base import DocumentFacts, NodeTable
from ragtree.store.copies import Copies, digest_of
from ragtree.store.lexical_index import LexicalIndex
from ragtree.store.memory_store import MemoryStore

VALVE = (
    "The relief valve of the pump opens at 14 bar and is painted red. The pump is primed before it is started each day."
    " The relief valve of the pump was checked by engineer Halloran on every Friday of the month of June."
)
HANDBOOK = f"# Pump house handbook\n\n{VALVE}\n"
QUERY = "relief valve of the pump"


def handbook(number: int, text: str = HANDBOOK) -> Document:
    return Document(id=f"backup-{number:03}/handbook.md", text=text, title="handbook", metadata={"number": number})


DOCUMENTS = [
    *map(handbook, range(30)),
    Document(id="order.md", text="# Order\n\nThe spare relief valve came from Brandt & Co. and opens at 12 bar."),
    Document(id="board.md", text="# Board\n\nThe board wants the relief valve of the pump to be replaced in autumn."),
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RagTree]:
    place = tmp_path_factory.mktemp("copies") / "index"
    with RagTree.open(place, Settings(llm={"model": "none"}), embedder=HashingEmbedder()) as opened:
        opened.add(DOCUMENTS)
        yield opened


@pytest.mark.parametrize("mode", MODES)
def test_a_passage_counts_once_and_names_its_places(tree: RagTree, mode: str) -> None:
    hits = tree.search(QUERY, k=6, mode=mode)
    copied = [hit for hit in hits if VALVE in hit.node.text and hit.node.document_id]  # a theme says more
    assert len(copied) == 1
    if mode != "traverse":  # which goes where the themes lead it
        assert {hit.node.document_id for hit in hits} >= {"order.md", "board.md"}
    places = {copied[0].node.document_id, *(place.document_id for place in copied[0].also)}
    assert places == {document.id for document in DOCUMENTS[:30]}


@pytest.mark.parametrize("mode", ["hybrid", "leaves", "auto"])
def test_it_counts_once_in_the_budget_of_tokens(tree: RagTree, mode: str) -> None:
    (alone,) = tree.search(QUERY, k=1, mode="leaves", where={"number": 3})
    hits = tree.search(QUERY, max_tokens=alone.node.tokens + 60, mode=mode)
    assert {hit.node.document_id for hit in hits} >= {"order.md", "board.md"}


def test_places_read_back(tree: RagTree) -> None:
    (hit,) = tree.search(QUERY, k=1, mode="leaves")
    for place in hit.also:
        document = tree.document(place.document_id)
        assert document is not None
        assert place.span.of(document.text) == hit.node.text
        assert place.location.heading == ("Pump house handbook",)


def test_a_filter_holds_for_the_places(tree: RagTree) -> None:
    where = {"number": {"$gte": 27}}
    (hit,) = tree.search(QUERY, k=5, mode="hybrid", where=where)
    assert sorted([hit.node.document_id, *(place.document_id for place in hit.also)]) == [
        f"backup-{number:03}/handbook.md" for number in (27, 28, 29)
    ]
    (alone,) = tree.search(QUERY, k=5, mode="hybrid", where={"number": 28})
    assert alone.also == ()


def test_the_copy_that_is_asked_for_stands_for_the_others(tree: RagTree) -> None:
    hits = tree.search("relief valve in backup-017/handbook.md", k=2)
    assert hits[0].node.document_id == "backup-017/handbook.md"
    assert len(hits[0].also) == 29


def test_the_model_reads_a_passage_once_and_citations_name_its_places(tmp_path: Path) -> None:
    model = ScriptedChat(["The relief valve of the pump opens at 14 bar."])
    settings = Settings(summarize={"kind": "extractive"}, retrieve={"mode": "hybrid"})
    with RagTree.open(tmp_path / "index", settings, embedder=HashingEmbedder(), llm=model) as tree:
        tree.add(DOCUMENTS)
        answer = tree.ask("What is said of the relief valve of the pump?")
        prompts = ["\n".join(message.content for message in call) for call in model.calls]
        assert max(prompt.count("opens at 14 bar and is painted red") for prompt in prompts) == 1
        prompt = next(prompt for prompt in prompts if "Brandt" in prompt)
        assert "autumn" in prompt
        assert "and 26 more" in prompt
        assert len(answer.citations[0].also) == 29


def test_more_copies_than_a_search_looks_at_hide_nothing() -> None:
    texts = [VALVE] * 900 + ["The spare relief valve came from Brandt.", "The board wants a new valve of the pump."]
    nodes = [leaf(f"n{number:03}", text, document=f"d{number:03}") for number, text in enumerate(texts)]
    vectors = HashingEmbedder().embed(texts)
    store, words = MemoryStore(), LexicalIndex(None, "en")
    store.upsert(nodes, vectors)
    words.upsert(nodes)
    table = NodeTable(
        [node.id for node in nodes],
        np.zeros(len(nodes), dtype=np.int64),
        np.arange(len(nodes)),
        [DocumentFacts(node.document_id, node.source, {}) for node in nodes],
        lambda: vectors,
        lambda: [],
        lambda: [tuple(node.id for node in nodes[:900])],
    )
    index = Index(store, words, (), table.neighbours, table)
    for mode in ("hybrid", "leaves", "lexical"):
        for among in (None, filter_nodes({"source": "d*"}, table)):
            query = Query(QUERY, HashingEmbedder().embed_query(QUERY), filtered=among)
            hits = make_retriever(mode, Settings().retrieve).retrieve(query, index, Limit(hits=3))
            assert [hit.node.id for hit in hits][1:] in (["n900", "n901"], ["n901", "n900"]), mode


def test_a_model_lists_a_copied_passage_once_with_all_its_places(tmp_path: Path) -> None:
    def items(messages: object) -> str:
        return "1 | engineer Halloran"

    settings = Settings(summarize={"kind": "extractive"})
    with RagTree.open(tmp_path / "index", settings, embedder=HashingEmbedder(), llm=ScriptedChat(items)) as tree:
        tree.add(DOCUMENTS[:30])
        calls = len(tree.llm.calls)  # type: ignore[union-attr]
        found = tree.survey("Which engineers are named?")
        assert len(tree.llm.calls) - calls == found.calls == 1  # type: ignore[union-attr]
        (item,) = found.items
        assert {citation.document_id for citation in item.citations} == {one.id for one in DOCUMENTS[:30]}
        assert {citation.quote for citation in item.citations} == {"engineer Halloran"}


@pytest.mark.parametrize(
    "other",
    [
        HANDBOOK.replace("\n", "\r\n"),
        HANDBOOK.replace(" ", "  "),
        HANDBOOK.replace("valve of", "valve\nof"),
        unicodedata.normalize("NFD", HANDBOOK),
        HANDBOOK.replace("pump opens", "pump\u00a0opens"),
    ],
    ids="carriage-returns spaces wrapped decomposed no-break".split(),
)
def test_the_same_passage(other: str) -> None:
    assert digest_of(other) == digest_of(HANDBOOK)


@pytest.mark.parametrize(
    "other",
    [
        HANDBOOK.replace("14", "12"),
        HANDBOOK.replace("red", "Red"),
        HANDBOOK + "\nIt is closed.",
        f"The valve is new.\n\n{HANDBOOK}",
        f"Backup of 3 May 1999\n\n{HANDBOOK}",
    ],
    ids="number case more sentence head".split(),
)
def test_another_passage(other: str) -> None:
    assert digest_of(other) != digest_of(HANDBOOK)


def test_a_short_text_is_told_from_another_by_its_heading() -> None:
    assert digest_of("# Monday\n\nClosed.") != digest_of("# Tuesday\n\nClosed.")


def test_of_copies_the_first_is_kept() -> None:
    copies = Copies((("a", "b"), ("c", "d", "e")))
    assert list(copies.once(["x", "b", "e", "a", "c", "y", "d"], str)) == ["x", "b", "e", "y"]
    assert copies.of("c") == ("d", "e")
    assert copies.of("x") == ()


def test_an_index_without_the_table_gets_it_when_it_is_opened(tmp_path: Path) -> None:
    import sqlite3

    def opened() -> RagTree:
        return RagTree.open(tmp_path / "index", Settings(llm={"model": "none"}), embedder=HashingEmbedder())

    with opened() as tree:
        tree.add(DOCUMENTS)
    db = sqlite3.connect(tmp_path / "index" / "catalog.sqlite")
    before = sorted(db.execute("SELECT id, passage FROM passages"))
    db.execute("DROP TABLE passages")
    db.commit()
    db.close()
    with opened() as tree:
        assert len(tree.search(QUERY, k=3)[0].also) == 29
        tree.remove(["backup-000/handbook.md"])
        assert len(tree.search(QUERY, k=3)[0].also) == 28
    after = sorted(sqlite3.connect(tmp_path / "index" / "catalog.sqlite").execute("SELECT id, passage FROM passages"))
    assert {*after} < {*before}


@pytest.mark.parametrize(
    ("places", "said"),
    [([], ""), (["a"], "also in a"), (list("abc"), "also in a, b, c"), (list("abcaxyz"), "also in a, b, c and 3 more")],
)
def test_places_as_they_are_shown(places: list[str], said: str) -> None:
    assert also_in(places) == said
