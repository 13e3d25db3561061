"""What a change of documents does to the leaves, and how much of a summary's ground it is."""

from __future__ import annotations

from ragtree import Node
from ragtree.grow.living.leaf_change import leaf_change
from ragtree.grow.living.shares import leaves_below, stale_share


def leaf(key: str, text: str, document: str = "a.md") -> Node:
    return Node(key, 0, text, 10, document_id=document)


def test_an_edit_keeps_the_chunks_whose_text_stays() -> None:
    before = [leaf("1", "one"), leaf("2", "two"), leaf("3", "three")]
    after = [leaf("1", "one"), leaf("9", "new"), leaf("3", "three")]
    change = leaf_change({"a.md": after}, {"a.md": before}, [])
    assert [node.id for node in change.new] == ["9"]
    assert change.gone == {"2"}
    assert {old: node.id for old, node in change.same.items()} == {"1": "1", "3": "3"}
    assert change.documents == {"a.md": ("1", "9", "3")}
    assert change.cut == {"a.md": after}


def test_a_renamed_document_has_the_same_chunks_under_other_ids() -> None:
    before = [leaf("1", "same"), leaf("2", "same")]
    after = [leaf("8", "same", "b.md"), leaf("9", "same", "b.md")]
    change = leaf_change({"b.md": after}, {"b.md": before}, [])
    assert (change.new, change.gone) == ((), frozenset())
    assert {old: node.id for old, node in change.same.items()} == {"1": "8", "2": "9"}


def test_removed_and_added_documents() -> None:
    change = leaf_change({"b.md": [leaf("5", "five", "b.md")]}, {}, [leaf("1", "one")])
    assert change.gone == {"1"} and [node.id for node in change.new] == ["5"]


def test_the_leaves_below_a_node_count_once() -> None:
    children = {"root": ("x", "y"), "x": ("1", "2"), "y": ("2", "3")}
    assert leaves_below("root", lambda key: children.get(key, ())) == {"1", "2", "3"}
    assert leaves_below("1", lambda key: children.get(key, ())) == {"1"}


def test_what_takes_the_place_of_something_else_counts_once() -> None:
    tokens = dict.fromkeys("abcde", 10)
    assert stale_share(0.0, "abcd", "abce", tokens) == 0.25
    assert stale_share(0.25, "abcd", "abce", tokens) == 0.5  # shares add up
    assert stale_share(0.0, "abcd", "abcde", tokens) == 0.2
    assert stale_share(0.9, "ab", "cd", tokens) == 1.0
    assert stale_share(0.1, "abcd", "abcd", tokens) == 0.1
