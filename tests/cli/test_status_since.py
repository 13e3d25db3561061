"""`ragtree status --since` and `--json`."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from library import ragtree

from ragtree import Document, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder

NAMES = "harbour rope lantern keeper ferry stove kitten ledger tide quarry winter captain".split()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An index of words alone, whose folder changed after it was made."""
    monkeypatch.setattr("ragtree.models.make_embedder", lambda *settings: HashingEmbedder())
    monkeypatch.setattr("ragtree.model_names.embedder_name", lambda settings: HashingEmbedder().name)
    place = tmp_path / "docs"
    place.mkdir()
    for number, name in enumerate(NAMES):
        (place / f"{name}.md").write_text(f"The {name} was sold in {1900 + number}. Nobody missed the {name}.")
    settings = ("--set", "chunk.tokens=16", "--set", "tree.group_tokens=64", "--set", "summarize.tokens=24")
    assert ragtree("index", place, *settings, "--llm", "none", "--set", "embed.kind=plain").status == 0
    return place


def test_what_changed_since_is_said_in_words_and_as_json(folder):
    between = datetime.now().astimezone()
    (folder / "rope.md").rename(folder / "hawser.md")
    (folder / "stove.md").unlink()
    (folder / "anchor.md").write_text("The anchor was lost in 1921. The diver found the anchor.")
    (folder / "ferry.md").write_text("The ferry was sold in 1931. Everybody missed the ferry. It sank.")
    assert ragtree("index", folder).status == 0
    ran = ragtree("status", folder, "--since", between.isoformat())
    assert ran.status == 0, ran.err
    assert "the index has changed once\n" in ran.out
    for line in (
        "added      anchor.md",
        "changed    ferry.md",
        "renamed    rope.md -> hawser.md",
        "removed    stove.md",
    ):
        assert f"\n  {line}\n" in ran.out
    assert "\nsummaries at the top of the tree:\n" in ran.out

    found = json.loads(ragtree("status", folder, "--since", between.isoformat(), "--json").out)
    assert (found["added"], found["removed"]) == (["anchor.md"], ["stove.md"])
    assert found["renamed"] == [["rope.md", "hawser.md"]]
    moved = found["summaries"]
    assert moved and {one["kind"] for one in moved} <= {"new", "rewritten", "regrouped", "gone"}
    assert all(one["after"] for one in moved if one["kind"] != "gone")

    day = ragtree("status", folder, "--since", between.date().isoformat()).out
    assert "are not recorded" in day  # the index is younger than the day
    later = ragtree("status", folder, "--since", (between + timedelta(days=2)).isoformat())
    assert later.out.startswith("nothing has changed since ")


def test_the_summaries_that_are_named_are_those_of_the_tree(folder):
    before = datetime.now().astimezone()
    with RagTree.open(folder / ".ragtree", Settings.model_validate({"llm": {"model": "none"}})) as tree:
        old = {node.text for node in tree.nodes()}
        tree.add([Document(f"memo {number}", f"The lantern of {name} is a lamp.") for number, name in enumerate(NAMES)])
        history = tree.history(before)
        nodes = {node.id: node for node in tree.nodes()}
        assert len(history.added) == len(NAMES)
        assert history.summaries
        for change in history.summaries:
            if change.kind != "gone":
                assert nodes[change.id].text.startswith(change.after)
            assert not change.before or any(text.startswith(change.before) for text in old)


@pytest.mark.parametrize("said", ["yesterday", "2026-13-01", "", "99999"])
def test_what_is_no_date_is_wrong_usage(folder, said):
    ran = ragtree("status", folder, "--since", said)
    assert ran.status == 2
    assert "is not a date; write it as 2026-11-28" in ran.err


def test_status_as_json_has_what_the_folder_holds_besides(folder):
    (folder / "anchor.md").write_text("The anchor was lost.")
    found = json.loads(ragtree("status", folder, "--json").out)
    assert found["documents"] == len(NAMES)
    assert found["since then"]["added"] == ["anchor.md"]
    assert found["since then"]["unchanged"] == len(NAMES)
