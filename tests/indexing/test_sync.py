"""A sync is a stream of commits: what is committed is searched at once, what fails is named and holds up nothing."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from small_index import NotingEmbedder, first_sentences, opened, sentence, settings, text_of, write_folder

from ragtree import Message, ModelError
from ragtree.llm.scripted import ScriptedChat


def test_documents_are_found_in_another_thread_before_the_sync_has_ended(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "docs", range(5))
    found: list[tuple[int, set[str]]] = []

    def answer(messages: Sequence[Message]) -> str:
        def look() -> None:
            hits = tree.search("the harbour weighs pounds", k=50, mode="leaves")
            found.append((tree.stats().found, {hit.node.document_id for hit in hits}))

        thread = threading.Thread(target=look)
        thread.start()
        thread.join(60)
        return first_sentences(messages)

    with opened(tmp_path / "index", settings("abstractive"), llm=ScriptedChat(answer)) as tree:
        tree.sync(folder)
    sizes = [len(names) for _, names in found]
    assert sizes == sorted(sizes)
    assert {0, 1, 2, 3, 4} <= set(sizes)  # one document after the other
    assert {total for total, _ in found} == {5}


def test_small_files_come_first_and_of_these_the_newest(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "docs", [1], sentences=40)
    for number in range(3):
        path = folder / f"small{number}.md"
        path.write_text(f"Note {number}.", encoding="utf-8")
        os.utime(path, (1_000_000 + number, 1_000_000 + number))
    order: list[str] = []
    embedder = NotingEmbedder(lambda texts: order.extend(text for text in texts if text.startswith(("Note", "The"))))
    with opened(tmp_path / "index", settings(), embedder) as tree:
        tree.sync(folder)
    first = list(dict.fromkeys(text[:6] for text in order))
    assert first[:3] == ["Note 2", "Note 1", "Note 0"]


class Failing(ScriptedChat):
    """Fails at every passage with a word."""

    def __init__(self, word: str) -> None:
        super().__init__(self._reply)
        self.word = word

    def _reply(self, messages: Sequence[Message]) -> str:
        if self.word and self.word in messages[-1].content:
            raise ModelError("the model is busy")
        return first_sentences(messages)


def test_a_document_whose_embedding_fails_is_named_skipped_and_tried_again(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "docs", range(6))
    (folder / "bad.md").write_text("The unreadable page. " + text_of(9), encoding="utf-8")
    broken = True

    def fail(texts: Sequence[str]) -> None:
        if broken and any("unreadable" in text for text in texts):
            raise ModelError("out of memory")

    with opened(tmp_path / "index", settings(), NotingEmbedder(fail)) as tree:
        report = tree.sync(folder)
        assert [skipped.source for skipped in report.skipped] == ["bad.md"]
        assert "out of memory" in report.skipped[0].reason
        assert "tried again" in report.skipped[0].reason
        assert len(report.added) == 6
        assert tree.verify() == []
        assert tree.document("bad.md") is None
        again = tree.sync(folder)
        assert [skipped.source for skipped in again.skipped] == ["bad.md"]
        broken = False
        assert tree.sync(folder).added == ("bad.md",)
        assert tree.verify() == []


def test_a_changed_document_that_fails_stays_as_it_was(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "docs", range(4))
    broken = True

    def fail(texts: Sequence[str]) -> None:
        if broken and any("unreadable" in text for text in texts):
            raise ModelError("out of memory")

    with opened(tmp_path / "index", settings(), NotingEmbedder(fail)) as tree:
        tree.sync(folder)
        (folder / "002.md").write_text("Now unreadable. " + text_of(2), encoding="utf-8")
        report = tree.sync(folder)
        assert (report.changed, [one.source for one in report.skipped]) == ((), ["002.md"])
        found = tree.document("002.md")
        assert found is not None and found.text == text_of(2)
        assert tree.verify() == []
        broken = False
        assert tree.sync(folder).changed == ("002.md",)
        assert tree.verify() == []


def test_a_summary_that_the_model_failed_to_write_is_extractive_until_the_next_sync(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "docs", range(4))
    model = Failing(sentence(2, 3))
    with opened(tmp_path / "index", settings("abstractive"), llm=model) as tree:
        report = tree.sync(folder)
        assert len(report.added) == 4 and report.unwritten > 0
        assert {node.document_id for node in tree.nodes() if node.stale == 1 and node.document_id} == {"002.md"}
        assert tree.verify() == []
        model.word = ""
        asked = len(model.calls)
        report = tree.sync(folder)
        assert report.unwritten == tree.stats().unwritten == 0
        assert len(model.calls) > asked
        assert all(node.stale < 1 for node in tree.nodes())
        assert tree.verify() == []
        assert tree.sync(folder).calls == 0


def test_an_embedder_that_is_gone_ends_the_sync_and_what_was_committed_stays(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "docs", range(30))
    gone = False

    def fail(_: Sequence[str]) -> None:
        if gone:
            raise ModelError("no connection")

    with opened(tmp_path / "index", settings(), NotingEmbedder(fail)) as tree:
        write_folder(folder, range(30, 40))
        tree.sync(folder)
        write_folder(folder, range(40, 60))
        gone = True
        with pytest.raises(ModelError, match="no connection"):
            tree.sync(folder)
        assert tree.stats().documents == 40
        assert tree.verify() == []
        gone = False
        assert len(tree.sync(folder).added) == 20
        assert tree.verify() == []


@pytest.mark.parametrize("stage", ["load", "embed", "summarize", "store"])
def test_an_interrupted_sync_goes_on_from_what_is_committed(tmp_path: Path, stage: str) -> None:
    folder = write_folder(tmp_path / "docs", range(12))
    made = settings("abstractive", tree={"group_tokens": 240})
    with opened(tmp_path / "whole", made) as tree:
        tree.sync(folder)
        wanted = tree.nodes()
    embedder = NotingEmbedder()
    seen = 0

    def interrupt(step) -> None:  # type: ignore[no-untyped-def]
        nonlocal seen
        seen += step.stage == stage
        if seen == 6:
            seen += 1
            raise KeyboardInterrupt

    with opened(tmp_path / "index", made, embedder) as tree:
        with pytest.raises(KeyboardInterrupt):
            tree.sync(folder, interrupt)
        assert tree.verify() == []
        done = {document.id for document in tree.documents()}
        embedder.texts.clear()
        report = tree.sync(folder)
        assert set(report.added) == {f"{number:03}.md" for number in range(12)} - done
        chunks = {node.text for node in tree.nodes(0) if node.document_id in done}
        assert not chunks & set(embedder.texts)
        assert tree.verify() == []
        assert {node.id: node for node in tree.nodes() if node.document_id} == {
            node.id: node for node in wanted if node.document_id
        }


def test_the_commits_of_one_sync_are_one_update_of_the_history(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "docs", range(8))
    with opened(tmp_path / "index", settings("abstractive")) as tree:
        tree.sync(folder)
        assert tree.history(date(2000, 1, 1)).updates == 1
        write_folder(folder, range(8, 11))
        (folder / "001.md").unlink()
        tree.sync(folder)
        found = tree.history(date(2000, 1, 1))
        assert found.updates == 2
        assert len(found.added) == 10
        tree.sync(folder)
        assert tree.history(date(2000, 1, 1)).updates == 2


def test_other_settings_build_the_documents_again_from_their_texts(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "docs", range(6))
    with opened(tmp_path / "index", settings()) as tree:
        tree.sync(folder)
        before = len(tree.nodes(0))
    with opened(tmp_path / "index", settings(chunk={"tokens": 32})) as tree:
        tree.sync(folder)
        assert len(tree.nodes(0)) < before  # larger chunks, and not the cuts from before
        assert tree.verify() == []
    with opened(tmp_path / "index", settings(tree={"cluster": "none"})) as tree:
        tree.sync(folder, settings_too=False)
        assert tree.stats().kinds["document"] == 6
        tree.sync(folder)
        assert set(tree.stats().kinds) == {"chunk"}
        assert tree.verify() == []
    with opened(tmp_path / "index", settings(tree={"shape": "raptor", "cluster": "kmeans"})) as tree:
        tree.sync(folder)
        assert set(tree.stats().kinds) == {"chunk", "theme", "collection"}
        assert tree.verify() == []
        for mode in ("collapsed", "traverse", "guided"):
            assert tree.search("the harbour weighs pounds", k=3, mode=mode)
