"""Random changes of a folder, one after the other: the tree stays sound, and follows for little."""

from __future__ import annotations

from pathlib import Path

from folder_machine import FolderMachine, Spent, each_first_sentence
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from library import LIBRARY

from ragtree import RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.scripted import ScriptedChat


def test_a_tree_follows_whatever_happens_to_its_folder() -> None:
    class Machine(FolderMachine):
        spent = Spent()
        subjects = "[a-l]*"

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=3,
            stateful_step_count=6,
            deadline=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Machine.spent.steps > 8
    assert Machine.spent.share < 0.3  # of so few steps; tests/benchmarks/test_living.py does a thousand


def test_a_file_that_was_edited_and_renamed_keeps_its_tree(tmp_path: Path) -> None:
    text = (LIBRARY / "manual" / "catalogue-of-buoys.md").read_text(encoding="utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    model = ScriptedChat(each_first_sentence)
    settings = Settings.model_validate({"summarize": {"kind": "abstractive"}})
    with RagTree.open(tmp_path / "index", settings, embedder=HashingEmbedder(64), llm=model) as tree:
        (folder / "buoys.md").write_text(text, encoding="utf-8")
        tree.sync(folder)
        parts = text.split("\n\n")
        for at in (3, 9, 5, 12, 2, 7):
            parts[at : at + 1] = ["The harbour master wrote in the margin."] * (at % 2)
            (folder / "buoys.md").write_text("\n\n".join(parts), encoding="utf-8")
            tree.sync(folder)
        before = [(node.kind, node.text) for node in tree.nodes()]
        (folder / "buoys.md").rename(folder / "marks.md")
        calls = len(model.calls)
        report = tree.sync(folder)
        assert report.renamed == (("buoys.md", "marks.md"),)
        assert len(model.calls) == calls and report.embedded <= 1, "a document is found by its path, too"
        assert [(node.kind, node.text) for node in tree.nodes()] == before
