"""Documents of other indexes, copied: nothing is embedded or summarized again, and nothing else of them can be seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragtree import Document, Node, QueryError, RagTree, Selection, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.store.catalog import Catalog
from ragtree.types import Vectors

SETTINGS = Settings.model_validate(
    {
        "llm": {"model": "none"},
        "chunk": {"tokens": 24},
        "summarize": {"tokens": 24, "kind": "extractive"},
        "tree": {"group_tokens": 72, "cluster": "kmeans"},
    }
)
QUESTIONS = ("Who keeps the lamp?", "What is in here?", "How many documents are there?", "oil price in March")
WORDS = "lamp keeper oil ferry storm harbour price March ledger whale bread clock Abel Strake minutes of 1923".split()


class Counting(HashingEmbedder):
    """Counts the texts that it embeds."""

    def __init__(self) -> None:
        super().__init__(64)
        self.texts = 0

    def embed(self, texts: Any, *more: Any) -> Vectors:
        self.texts += len(texts)
        return super().embed(texts, *more)


@contextmanager
def index(path: Path, embedder: HashingEmbedder | None = None) -> Iterator[RagTree]:
    with RagTree.open(path, SETTINGS, embedder=embedder or HashingEmbedder(64)) as tree:
        yield tree


def note(key: str, text: str, **metadata: Any) -> Document:
    return Document(key, text, f"Title of {key}", key, metadata=metadata)


def filled(tree: RagTree, documents: Mapping[str, str]) -> None:
    if documents:
        tree.add([note(key, text) for key, text in documents.items()])


def nodes_of(tree: RagTree) -> dict[str, Node]:
    return {node.id: node for node in tree.nodes()}


LONG = {
    f"notes/{number}.md": " ".join(
        f"{WORDS[(number * step) % len(WORDS)]} {step} is said here." for step in range(1, 25)
    )
    for number in range(1, 8)
}


def test_a_copy_of_everything_is_the_same_tree_and_costs_nothing(tmp_path: Path) -> None:
    counting = Counting()
    with index(tmp_path / "whole") as whole, index(tmp_path / "copy", counting) as copied:
        filled(whole, LONG)
        report = copied.copy_from([Selection(whole)])
        assert sorted(report.added) == sorted(LONG)
        assert (report.embedded, report.summarized) == (0, 0)
        assert nodes_of(copied) == nodes_of(whole)
        assert copied.verify() == []
        vectors = {hit.node.id: hit.score for hit in whole.search("keeper of the lamp", k=5)}
        assert {hit.node.id: hit.score for hit in copied.search("keeper of the lamp", k=5)} == vectors


def test_a_copy_follows_what_changes(tmp_path: Path) -> None:
    with index(tmp_path / "whole") as whole, index(tmp_path / "copy") as copied:
        filled(whole, {"a/1": "The lamp burns oil.", "b/1": "The ferry is late."})
        copied.copy_from([Selection(whole, {"source": "a/*"})])
        before = whole.state
        filled(whole, {"a/1": "The lamp burns gas.", "a/2": "The oil is sold.", "b/2": "A storm."})
        assert whole.state != before
        report = copied.copy_from([Selection(whole, {"source": "a/*"})])
        assert (report.added, report.changed, report.removed) == (("a/2",), ("a/1",), ())
        whole.remove(["a/1"])
        assert copied.copy_from([Selection(whole, {"source": "a/*"})]).removed == ("a/1",)
        assert [entry.id for entry in copied.entries()] == ["a/2"]
        assert copied.copy_from([Selection(whole, {"source": "c/*"})]).removed == ("a/2",)
        assert copied.verify() == []


def test_documents_of_several_indexes_stand_beside_each_other(tmp_path: Path) -> None:
    with index(tmp_path / "1") as one, index(tmp_path / "2") as two, index(tmp_path / "copy") as copied:
        filled(one, {"a.md": "The lamp burns oil.", "b.md": "The keeper sleeps."})
        filled(two, {"a.md": "The ferry is late."})
        copied.copy_from([Selection(one, {}, "one/"), Selection(two, {}, "two/")])
        assert [entry.id for entry in copied.entries()] == ["one/a.md", "one/b.md", "two/a.md"]
        assert copied.search("ferry", k=1)[0].node.source == "two/a.md"
        found = copied.document("one/a.md")
        assert found is not None
        assert found.text == "The lamp burns oil."


def test_a_filter_is_checked_before_anything_is_removed(tmp_path: Path) -> None:
    with index(tmp_path / "whole") as whole, index(tmp_path / "copy") as copied:
        filled(whole, {"a": "The lamp burns oil."})
        copied.copy_from([Selection(whole)])
        with pytest.raises(QueryError):
            copied.copy_from([Selection(whole, {"source": {"$like": "a"}})])
        assert len(copied.entries()) == 1


def test_a_document_that_passes_no_more_is_removed(tmp_path: Path) -> None:
    with index(tmp_path / "whole") as whole, index(tmp_path / "copy") as copied:
        whole.add(
            [note("a", "The lamp burns oil.", audience="public"), note("b", "The keeper sleeps.", audience="board")]
        )
        copied.copy_from([Selection(whole, {"audience": "public"})])
        assert [entry.id for entry in copied.entries()] == ["a"]
        whole.add([note("a", "The lamp burns oil.", audience="board"), note("c", "A storm.", audience="public")])
        copied.copy_from([Selection(whole, {"audience": "public"})], add=False)
        assert copied.entries() == ()
        copied.copy_from([Selection(whole, {"audience": "public"})])
        assert [entry.id for entry in copied.entries()] == ["c"]


def test_what_cannot_be_copied_is_told_before_anything_is_removed(tmp_path: Path) -> None:
    with index(tmp_path / "whole") as whole, index(tmp_path / "copy") as copied:
        filled(whole, {"a": "The lamp burns oil."})
        copied.copy_from([Selection(whole)])
        with pytest.raises(QueryError, match="two selections have a document 'a'; give them different prefixes"):
            copied.copy_from([Selection(whole), Selection(whole, {"source": "a"})])
        with pytest.raises(QueryError, match="cannot be selected by level"):
            copied.copy_from([Selection(whole, {"level": 1})])
        assert len(copied.entries()) == 1


def test_only_what_is_keyed_by_all_that_it_was_made_from_is_lent(tmp_path: Path) -> None:
    lender, borrower = Catalog(tmp_path / "1.sqlite"), Catalog(tmp_path / "2.sqlite")
    lender.put_summary("names of groups", "drawn from other documents")
    lender.put_context("c", "a sentence")
    with borrower.borrowing([lender]):
        assert borrower.get_summary("names of groups") is None
        assert borrower.borrowed_summary("names of groups") == "drawn from other documents"
        assert borrower.get_context("c") == "a sentence"
    assert borrower.get_context("c") == "a sentence", "it is copied"
    assert borrower.get_context("d") is None
    lender.close()
    borrower.close()


def test_an_interrupted_copy_is_finished_by_the_next_one(tmp_path: Path) -> None:
    class Ends(Exception):
        pass

    def ends(_: object) -> None:
        raise Ends

    with index(tmp_path / "whole") as whole, index(tmp_path / "copy") as copied:
        filled(whole, LONG)
        with pytest.raises(Ends):
            copied.copy_from([Selection(whole)], ends)
        copied.copy_from([Selection(whole)])
        assert nodes_of(copied) == nodes_of(whole)


TEXTS = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.lists(st.sampled_from(WORDS), min_size=0, max_size=120).map(" ".join),
    max_size=6,
)


@settings(max_examples=8, deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_nothing_that_is_said_depends_on_a_document_that_is_not_copied(
    seen: dict[str, str], hidden: dict[str, str], others: dict[str, str]
) -> None:
    assert _told(seen, hidden) == _told(seen, others)


def _told(seen: Mapping[str, str], hidden: Mapping[str, str]) -> object:
    """Everything that an index says which holds the seen ones of these documents."""
    with TemporaryDirectory() as name, index(Path(name) / "whole") as whole, index(Path(name) / "copy") as copied:
        filled(whole, {f"hidden/{key}": text for key, text in hidden.items()})
        filled(whole, {f"seen/{key}": text for key, text in seen.items()})
        copied.copy_from([Selection(whole, {"source": "seen/*"})])
        hits = [[(hit.node.id, hit.score, dict(hit.ranks)) for hit in copied.search(asked)] for asked in QUESTIONS]
        answers = [copied.ask(asked) for asked in QUESTIONS]
        stats = copied.stats()
        return (
            nodes_of(copied),
            hits,
            [(one.text, one.citations, one.supported, one.notice) for one in answers],
            copied.outline(depth=4),
            copied.entries(),
            copied.named("minutes of 1923"),
            (stats.documents, stats.levels, stats.kinds, stats.tokens, stats.found, stats.waiting),
            np.array([copied.embedder.embed_query("lamp")]).tolist(),
        )
