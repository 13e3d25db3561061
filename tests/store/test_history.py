"""The record of changes, on trees that are made by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import leaf, parent, whole_tree

from ragtree.errors import QueryError
from ragtree.store import history
from ragtree.store.catalog import Catalog
from ragtree.store.documents import DocumentRecord, StoredDocument
from ragtree.store.history import forget
from ragtree.store.since import History, SummaryChange, read_history
from ragtree.store.tree_change import TreeChange
from ragtree.types import Document, Node


class Clock:
    """Says what it is told to say: seconds since 1970."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    said = Clock()
    monkeypatch.setattr(history.time, "time", said.time)
    return said


@pytest.fixture
def catalog(tmp_path: Path, clock: Clock) -> Iterator[Catalog]:
    opened = Catalog(tmp_path / "catalog.sqlite")
    yield opened
    opened.close()


def stored(key: str, text: str = "") -> StoredDocument:
    document = Document(key, text or f"The text of {key}.")
    return StoredDocument(document, DocumentRecord(key, document.sha256, "folder", 1, 1))


def change(
    catalog: Catalog,
    written: Sequence[StoredDocument] = (),
    removed: Sequence[str] = (),
    nodes: Sequence[Node] | None = None,
) -> None:
    catalog.change(whole_tree(catalog, catalog.nodes() if nodes is None else nodes), written, removed)


def since(catalog: Catalog, seconds: float) -> History:
    with catalog.transaction() as db:
        return read_history(db, datetime.fromtimestamp(seconds, UTC))


def test_documents_that_came_changed_moved_and_went(catalog: Catalog, clock: Clock) -> None:
    change(catalog, [stored("a.md"), stored("b.md"), stored("c.md")])
    clock.now = 2_000
    change(catalog, [stored("a.md", "Another text."), stored("d.md")])
    change(catalog, [stored("e.md", "The text of b.md.")], ["b.md", "c.md"])
    found = since(catalog, 2_000)
    assert found.added == ("d.md",)
    assert found.changed == ("a.md",)
    assert found.renamed == (("b.md", "e.md"),)
    assert found.removed == ("c.md",)
    assert found.updates == 2
    assert since(catalog, 0).added == ("a.md", "d.md", "e.md")
    assert since(catalog, 2_001) == History(datetime.fromtimestamp(2_001, UTC), found.begins)


def test_what_came_and_went_in_between_is_not_named(catalog: Catalog, clock: Clock) -> None:
    change(catalog, [stored("a.md"), stored("b.md")])
    clock.now = 2_000
    change(catalog, [stored("c.md")])
    change(catalog, [stored("c.md", "Another text.")])
    change(catalog, [stored("d.md", "Another text.")], ["c.md"])
    change(catalog, [], ["d.md"])
    change(catalog, [stored("x.md", "The text of a.md.")], ["a.md"])
    change(catalog, [stored("a.md")], ["x.md"])
    found = since(catalog, 2_000)
    assert (found.added, found.changed, found.renamed, found.removed) == ((), (), (), ())
    assert found.updates == 6


def test_a_document_that_went_and_came_again_is_changed(catalog: Catalog, clock: Clock) -> None:
    change(catalog, [stored("a.md"), stored("b.md")])
    clock.now = 2_000
    change(catalog, [], ["a.md"])
    change(catalog, [stored("a.md", "Another text.")])
    found = since(catalog, 2_000)
    assert (found.added, found.changed, found.removed) == ((), ("a.md",), ())


def test_one_that_changed_and_was_renamed_is_both(catalog: Catalog, clock: Clock) -> None:
    change(catalog, [stored("a.md")])
    clock.now = 2_000
    change(catalog, [stored("a.md", "Another text.")])
    change(catalog, [stored("b.md", "Another text.")], ["a.md"])
    found = since(catalog, 2_000)
    assert (found.added, found.changed, found.renamed) == ((), ("b.md",), (("a.md", "b.md"),))


def test_a_day_begins_at_midnight_here(catalog: Catalog, clock: Clock) -> None:
    clock.now = datetime(2026, 3, 1, 0, 0, 1).timestamp()
    change(catalog, [stored("a.md")])
    with catalog.transaction() as db:
        assert read_history(db, date(2026, 3, 1)).added == ("a.md",)
        assert read_history(db, date(2026, 3, 2)).added == ()


def test_a_clock_that_was_set_back_hides_nothing(catalog: Catalog, clock: Clock) -> None:
    clock.now = 2_000
    change(catalog, [stored("a.md")])
    clock.now = 5
    change(catalog, [stored("b.md")])
    assert since(catalog, 1_500).added == ("a.md", "b.md")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde"), st.integers(0, 3)), max_size=14))
def test_then_and_the_difference_make_now(steps: list[tuple[str, str, int]]) -> None:
    """Any order of writing, renaming and removing five documents, where renames meet names that are taken and freed."""
    with TemporaryDirectory() as folder:
        catalog = Catalog(Path(folder) / "catalog.sqlite")
        change(catalog, [stored("a"), stored("b"), stored("c")])
        then = catalog.records()
        (number,) = catalog.rows("SELECT max(number) FROM history")[0]
        catalog.rows("UPDATE history SET time = 0 WHERE number = ?", number)
        for key, other, text in steps:
            document = catalog.document(key)
            if text == 0:
                change(catalog, [], [key])
            elif text == 1 and document is not None and key != other:
                change(catalog, [stored(other, document.text)], [key])
            else:
                change(catalog, [stored(key, f"Text {text} of {key}.")])
        now, found = catalog.records(), since(catalog, 10)
        catalog.close()
    before, after = {old for old, _ in found.renamed}, {new for _, new in found.renamed}
    assert (then.keys() - set(found.removed) - before) | set(found.added) | after == now.keys()
    assert set(found.removed) | before <= then.keys()
    assert set(found.changed) <= now.keys() - set(found.added)
    stayed = now.keys() & then.keys() - set(found.removed) - before - after
    assert {key for key in stayed if now[key].sha256 != then[key].sha256} <= set(found.changed)


# --- summaries


LEAVES = [leaf(f"l{number}") for number in range(8)]


def tree(
    first: str = "g1",
    root: str = "r1",
    leaves: Sequence[Node] = LEAVES,
    texts: tuple[str, str] = ("Of the first.", "Of all."),
) -> list[Node]:
    """Two groups and a root; the second group is always the same."""
    groups = [parent(first, leaves[:-4], texts[0]), parent("g2", leaves[-4:], "Of the second.")]
    return [*leaves, *groups, parent(root, groups, texts[1], kind="collection")]


def test_a_summary_that_was_written_anew_says_what_it_said(catalog: Catalog, clock: Clock) -> None:
    change(catalog, [stored("d.md")], nodes=tree())
    clock.now = 2_000
    more = [leaf("new"), *LEAVES]
    change(catalog, [stored("n.md")], nodes=tree("g1b", "r1b", more, ("Of one more.", "Of all and more.")))
    root, group = since(catalog, 2_000).summaries
    assert root == SummaryChange("rewritten", "r1b", "r1b", "Of all.", "Of all and more.")
    assert group == SummaryChange("rewritten", "g1b", "g1b", "Of the first.", "Of one more.")
    assert [change.kind for change in since(catalog, 0).summaries] == ["new", "new", "new"]


def test_several_steps_are_one_change_and_the_way_back_none_of_the_text(catalog: Catalog, clock: Clock) -> None:
    change(catalog, [stored("d.md")], nodes=tree())
    clock.now = 2_000
    for number in range(3):
        texts = (f"Of the first {number}.", f"Of all {number}.")
        change(catalog, [stored("d.md", str(number))], nodes=tree(f"g{number}x", f"r{number}x", texts=texts))
    root, group = since(catalog, 2_000).summaries
    assert (root.before, root.after) == ("Of all.", "Of all 2.")
    assert (group.before, group.after) == ("Of the first.", "Of the first 2.")
    change(catalog, [stored("d.md", "as it was")], nodes=tree())
    assert [change.kind for change in since(catalog, 2_000).summaries] == ["regrouped", "regrouped"]


def test_new_nodes_with_the_old_text_are_regrouped(catalog: Catalog, clock: Clock) -> None:
    change(catalog, [stored("d.md")], nodes=tree())
    clock.now = 2_000
    change(catalog, [stored("n.md")], nodes=tree("g1b", "r1b", [leaf("new"), *LEAVES]))
    assert [(one.kind, one.before) for one in since(catalog, 2_000).summaries] == [
        ("regrouped", "Of all."),
        ("regrouped", "Of the first."),
    ]


def test_a_rename_moves_no_summary_and_a_stale_share_does(catalog: Catalog, clock: Clock) -> None:
    change(catalog, [stored("d.md")], nodes=tree())
    clock.now = 2_000
    moved = [leaf(f"moved {node.id}", document="e.md") for node in LEAVES]
    change(catalog, [stored("e.md", "The text of d.md.")], ["d.md"], nodes=tree(leaves=moved))
    assert since(catalog, 2_000).summaries == ()
    stale = [replace(node, stale=0.05) if node.id == "r1" else node for node in tree(leaves=moved)]
    change(catalog, [stored("n.md")], nodes=stale)
    assert since(catalog, 2_000).summaries == (SummaryChange("regrouped", "r1", "r1", "Of all.", "Of all.", 0.05),)


def test_groups_that_are_gone_and_groups_that_are_new(catalog: Catalog, clock: Clock) -> None:
    change(catalog, [stored("d.md")], nodes=tree())
    clock.now = 2_000
    fresh = [leaf(f"n{number}") for number in range(4)]
    groups = [parent("g2", LEAVES[4:], "Of the second."), parent("g3", fresh, "Of the third.")]
    change(
        catalog,
        [stored("n.md")],
        ["d.md"],
        nodes=[*LEAVES[4:], *fresh, *groups, parent("r2", groups, "Of both.", kind="collection")],
    )
    assert [(one.kind, one.before, one.after) for one in since(catalog, 2_000).summaries] == [
        ("rewritten", "Of all.", "Of both."),
        ("new", "", "Of the third."),
        ("gone", "Of the first.", ""),
    ]


def test_a_level_more_makes_no_summary_gone(catalog: Catalog, clock: Clock) -> None:
    change(catalog, [stored("d.md")], nodes=tree())
    clock.now = 2_000
    one = tree()
    others = [leaf(f"n{number}") for number in range(2)]
    lower = parent("g3", others, "Of the third.")
    upper = [parent("u1", one[8:10], "Of the first two."), parent("u2", [lower], "Of the last.")]
    change(
        catalog,
        [stored("n.md")],
        nodes=[*LEAVES, *others, *one[8:10], lower, *upper, parent("r2", upper, "Now.", kind="collection")],
    )
    assert [(change.kind, change.before, change.after) for change in since(catalog, 2_000).summaries] == [
        ("rewritten", "Of all.", "Now."),
        ("new", "", "Of the first two."),
        ("new", "", "Of the last."),
    ]


# --- what is kept of it


def sentences(catalog: Catalog) -> list[str]:
    return [row[0] for row in catalog.rows("SELECT sentence FROM history_summaries WHERE sentence != ''")]


def test_a_purge_leaves_no_sentence_and_no_name_of_what_is_gone(catalog: Catalog, clock: Clock) -> None:
    change(catalog, [stored("a.md"), stored("b.md"), stored("c.md")], nodes=tree(texts=("Of a.", "Of a and b.")))
    clock.now = 2_000
    change(catalog, [], ["a.md"], nodes=tree("g1b", "r1b", texts=("Without.", "Of b alone.")))
    change(catalog, [stored("d.md", "The text of c.md.")], ["c.md"], nodes=tree("g1c", "r1c", texts=("With.", "Of b.")))
    change(catalog, [stored("e.md")], nodes=tree("g1c", "r1c", texts=("With.", "Of b.")))
    assert sentences(catalog) == ["Of a and b.", "Of a.", "Of b alone.", "Without."]
    with catalog.transaction() as db:
        assert forget(db) == 4 + 3 + 1
        assert forget(db) == 0
    assert sentences(catalog) == []
    names = {name for row in catalog.rows("SELECT document_id, before FROM history_documents") for name in row}
    assert names <= {"", "b.md", "d.md", "e.md"}
    found = since(catalog, 2_000)
    assert (found.added, found.changed, found.renamed, found.removed) == (("e.md",), ("d.md",), (), ())
    assert [(one.kind, one.before, one.after) for one in found.summaries] == [
        ("rewritten", "", "Of b."),
        ("rewritten", "", "With."),
    ]


def test_a_change_that_fails_leaves_no_record(catalog: Catalog) -> None:
    def documents() -> Iterator[StoredDocument]:
        yield stored("a.md")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        catalog.change(TreeChange(), documents())
    assert since(catalog, 0).updates == 0


def test_a_change_of_nothing_that_is_recorded_is_no_update(catalog: Catalog) -> None:
    change(catalog, [stored("d.md")], nodes=tree())
    change(catalog)
    assert since(catalog, 0).updates == 1


def test_old_changes_are_let_go_and_the_history_begins_later(
    catalog: Catalog, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "_KEPT", 3)
    for number in range(5):
        clock.now = 2_000 + number
        change(catalog, [stored(f"{number}.md")])
    found = since(catalog, 0)
    assert found.added == ("2.md", "3.md", "4.md")
    assert found.begins.timestamp() == 2_002
    assert catalog.rows("SELECT min(number) FROM history_documents") == [(3,)]


def test_an_index_from_before_there_was_a_history_gets_one(catalog: Catalog, clock: Clock, tmp_path: Path) -> None:
    change(catalog, [stored("a.md")], nodes=tree())
    catalog.close()
    db = sqlite3.connect(tmp_path / "catalog.sqlite")
    for table in ("history", "history_documents", "history_summaries"):
        db.execute(f"DROP TABLE {table}")
    db.execute("DELETE FROM meta WHERE key = 'history'")
    db.commit()
    db.close()
    clock.now = 3_000
    again = Catalog(tmp_path / "catalog.sqlite")
    assert since(again, 0).begins.timestamp() == 3_000
    change(again, [stored("b.md")])
    assert since(again, 0).added == ("b.md",)
    again.close()


@pytest.mark.parametrize("since", [date(1, 1, 1), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)])
def test_times_at_the_ends_of_the_calendar_are_told_or_taken(catalog: Catalog, since: date) -> None:
    with catalog.transaction() as db:
        try:
            assert read_history(db, since).updates >= 0
        except QueryError as error:  # by the zone of the machine
            assert since.isoformat()[:4] in str(error)
