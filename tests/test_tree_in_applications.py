"""What applications do to a tree: threads, abandoned streams, closing at the wrong moment, models of their own."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from library import LIBRARY

from ragtree import Document, IndexMismatchError, LoadError, ModelError, RagTree, Settings, StoreError
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.scripted import ScriptedChat
from ragtree.store.chroma import ChromaStore

MEMO = "The keeper of the light is Abel Strake. The oil comes in barrels from Tolbrack. The canary sings at noon."
SMALL = {"chunk": {"tokens": 16}, "summarize": {"tokens": 24}, "tree": {"group_tokens": 64}}
QUESTION = "Who is the keeper of the light?"


def open_tree(path, llm=None, **settings):
    return RagTree.open(path, Settings.model_validate(SMALL | settings), embedder=HashingEmbedder(), llm=llm)


@pytest.fixture
def tree(tmp_path):
    with open_tree(tmp_path / "index") as opened:
        opened.add([Document(id="memo", text=MEMO)])
        yield opened


@pytest.fixture
def spoken(tmp_path):
    model = ScriptedChat(["The keeper of the light is Abel Strake. The canary sings at noon."])
    with open_tree(tmp_path / "spoken", llm=model, summarize={"tokens": 24, "kind": "extractive"}) as opened:
        opened.add([Document(id="memo", text=MEMO)])
        yield opened


def test_a_stream_begun_in_one_thread_is_read_in_another(spoken):
    stream = spoken.chat().stream(QUESTION)
    first = next(stream)
    with ThreadPoolExecutor(1) as pool:
        rest = pool.submit(lambda: list(stream)).result(timeout=60)
        assert "Abel Strake" in first + "".join(rest)
        assert pool.submit(spoken.search, "canary", 1).result(timeout=60)


def test_a_stream_that_is_left_blocks_nobody(spoken):
    stream = spoken.chat().stream(QUESTION)
    next(stream)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(spoken.search, "canary", 1).result(timeout=60)
        assert pool.submit(spoken.ask, QUESTION).result(timeout=60).supported


def test_closing_in_the_middle_of_an_answer_of_the_bundled_model_ends_it(tmp_path):
    tree = RagTree.open(tmp_path / "index", Settings.model_validate({"llm": {"model": "bundled"}}))
    tree.add([Document(id="memo", text=MEMO)])
    model = tree.llm
    assert model is not None
    from ragtree.llm.base import Message

    stream = model.stream([Message("user", "Count from one to fifty.")], 100)
    next(stream)
    tree.close()
    with pytest.raises(ModelError, match="closed while it wrote"):
        list(stream)


def test_a_closed_tree_says_that_it_is_closed(tree):
    tree.close()
    tree.close()
    for call in (lambda: tree.search("x"), lambda: tree.ask("x"), lambda: tree.add([]), tree.repair):
        with pytest.raises(StoreError, match="is closed"):
            call()


def test_closed_in_another_thread_it_can_be_opened_again(tree, tmp_path):
    thread = threading.Thread(target=tree.close)
    thread.start()
    thread.join()
    with open_tree(tmp_path / "index") as again:
        assert again.stats().documents == 1


def test_pdfs_can_be_read_by_several_threads():
    from ragtree.load.parsing import parse, read_bytes, scan
    from ragtree.settings import LoadSettings

    entries = [entry for entry in scan(LIBRARY) if entry.id.endswith(".pdf")] * 4
    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(lambda e: parse(read_bytes(e, LoadSettings()), e.id, LoadSettings()).text, entries))
    assert len(set(texts)) == 4


def test_a_mend_that_was_interrupted_is_made_good_by_the_next_question(tree, tmp_path, monkeypatch):
    tree._catalog.mark_all_unstored()
    tree.close()
    upsert = ChromaStore.upsert

    def interrupted(*_):
        monkeypatch.setattr(ChromaStore, "upsert", upsert)
        raise KeyboardInterrupt

    monkeypatch.setattr(ChromaStore, "upsert", interrupted)
    with open_tree(tmp_path / "index") as again:
        again._catalog.mark_all_unstored()
        with pytest.raises(KeyboardInterrupt):
            again.search("canary", k=1)
        assert again.search("canary", k=1)
        assert again.verify() == []


def test_a_model_that_the_application_brings_writes_the_summaries(tmp_path):
    model = ScriptedChat(["The keeper of the light is Abel Strake. The oil comes in barrels from Tolbrack."])
    with open_tree(tmp_path / "index", llm=model) as tree:
        tree.add([Document(id="memo", text=MEMO)])
        assert "abstractive" in {node.made for node in tree.nodes()}
        assert model.calls


def test_new_metadata_alone_is_a_change(tree):
    report = tree.add([Document(id="memo", text=MEMO, metadata={"author": "Venn"})])
    assert report.changed == ("memo",)
    assert report.embedded == 0
    assert tree.search("canary", k=1, where={"author": "Venn"})


def test_a_file_does_not_take_the_place_of_an_applications_document(tree, tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "memo").write_text("Another text altogether.", encoding="utf-8")
    (folder / "b.md").write_text("The bell weighs two tons.", encoding="utf-8")
    report = tree.sync(folder)
    assert [skipped.source for skipped in report.skipped] == ["memo"]
    assert tree.search("canary", k=1)[0].node.document_id == "memo"


def test_plan_sees_that_the_settings_have_changed(tree, tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "b.md").write_text(
        "The bell weighs two tons. It was cast in Tolbrack. It is rung at noon.", encoding="utf-8"
    )
    tree.sync(folder)
    assert tree.plan(folder).is_empty
    tree.close()
    with open_tree(tmp_path / "index", chunk={"tokens": 24}) as again:
        plan = again.plan(folder)
        assert plan.settings_changed
        assert not plan.is_empty
        assert plan.chunks > 0
        assert again.sync(folder).embedded >= plan.chunks
        assert again.plan(folder).is_empty


def test_a_model_for_one_question_is_not_remembered_and_one_for_a_sync_is(tree, tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "b.md").write_text("The bell weighs two tons.", encoding="utf-8")
    tree.sync(folder)
    tree.close()
    one_off = Settings.model_validate({"llm": {"model": "none"}})
    (folder / "b.md").write_text("The bell weighs three tons.", encoding="utf-8")
    with RagTree.open(tmp_path / "index", one_off, embedder=HashingEmbedder()) as asked:
        asked.sync(folder, settings_too=False)
    with RagTree.open(tmp_path / "index", embedder=HashingEmbedder()) as later:
        assert later.settings.llm.model == "bundled"
    with RagTree.open(tmp_path / "index", one_off, embedder=HashingEmbedder()) as indexed:
        indexed.sync(folder)
    with RagTree.open(tmp_path / "index", embedder=HashingEmbedder()) as later:
        assert later.settings.llm.model == "none"


def test_text_that_is_not_unicode_is_refused_before_any_work(tree):
    for document in (Document(id="x", text="a\udc80b"), Document(id="x", text="a", metadata={"k": "\udc80"})):
        with pytest.raises(LoadError, match="half a surrogate pair"):
            tree.add([document])
    assert tree.stats().documents == 1


def test_an_index_of_an_embedder_object_says_to_pass_it_again(tree, tmp_path):
    tree.close()
    with pytest.raises(IndexMismatchError, match="same embedder="):
        RagTree.open(tmp_path / "index")


def test_a_third_turn_still_knows_what_it_is_about(spoken):
    chat = spoken.chat()
    list(chat.stream("What is the canary of the keeper called?"))
    list(chat.stream("and when does it sing?"))
    list(chat.stream("and why?"))
    assert "canary" in chat.rewritten
