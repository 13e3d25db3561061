"""The whole work through the Python API, with the real embedder; summaries are extractive, so nothing is slow.

Every test runs with RagTree, and with AsyncRagTree inside a running loop.
"""

from __future__ import annotations

import os

import pytest
from library import LIBRARY, QUESTIONS
from looped import LoopedTree

import ragtree
from ragtree import Document, IndexLockedError, IndexMismatchError, ModelError, QueryError, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.scripted import ScriptedChat
from ragtree.store.chroma import ChromaStore

NOTES = {
    "a.md": "# Ferry\n\nThe ferry Marigold sails at nine. Captain Dace commands her. She carries forty passengers.",
    "b.txt": "The lamp at Maw Head burns paraffin. The keeper is Abel Strake. The oil comes in barrels from Tolbrack.",
    "sub/c.md": "# Prices\n\nHemp rope cost four shillings. Tar cost two shillings. The stove cost two pounds.",
}


@pytest.fixture(autouse=True, params=["sync", "async"])
def front(request, monkeypatch):
    """What is used as RagTree in this file."""
    if request.param == "sync":
        yield
        return
    looped = LoopedTree()
    monkeypatch.setitem(globals(), "RagTree", looped)
    yield
    for tree in looped.trees:
        tree.close()
    looped.loop.close()


@pytest.fixture
def folder(tmp_path):
    for name, text in NOTES.items():
        path = tmp_path / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "docs"


@pytest.fixture
def small(tmp_path):
    """An index of small chunks and groups, so that a few sentences make a tree of several levels."""
    settings = Settings.model_validate(
        {"chunk": {"tokens": 16}, "summarize": {"tokens": 24}, "tree": {"group_tokens": 64}, "llm": {"model": "none"}}
    )
    with RagTree.open(tmp_path / "index", settings, embedder=HashingEmbedder()) as tree:
        yield tree


def test_sync_follows_the_folder_and_pays_for_the_change_alone(folder, small):
    plan = small.plan(folder)
    assert plan.added == ("a.md", "b.txt", "sub/c.md")
    first = small.sync(folder)
    assert first.added == plan.added
    assert first.embedded >= plan.chunks > 0
    assert small.verify() == []
    assert len(small.stats().levels) > 2

    again = small.sync(folder)
    assert (again.embedded, again.summarized, again.unchanged) == (0, 0, 3)

    (folder / "b.txt").write_text(NOTES["b.txt"] + " The lamp was lit at dusk.", encoding="utf-8")
    changed = small.sync(folder)
    assert changed.changed == ("b.txt",)
    assert 0 < changed.embedded < first.embedded
    assert changed.summarized > 0
    assert small.verify() == []
    assert "lit at dusk" in small.search("lamp lit at dusk", k=1)[0].node.text

    (folder / "sub" / "c.md").rename(folder / "prices.md")
    renamed = small.sync(folder)
    assert renamed.renamed == (("sub/c.md", "prices.md"),)
    assert (renamed.embedded, renamed.summarized) == (1, 0)  # the title line of a document names its path
    assert {hit.node.source for hit in small.search("hemp rope", k=2)} & {"prices.md"}

    (folder / "a.md").unlink()
    removed = small.sync(folder)
    assert removed.removed == ("a.md",)
    assert all("Marigold" not in hit.node.text for hit in small.search("ferry Marigold", k=50, mode="collapsed"))
    assert small.verify() == []


def test_a_touched_file_is_unchanged(folder, small):
    small.sync(folder)
    os.utime(folder / "a.md", (1, 1))
    assert small.plan(folder).is_empty
    assert small.sync(folder).embedded == 0


def test_a_folder_that_became_empty_does_not_empty_the_index(folder, small):
    small.sync(folder)
    for path in folder.rglob("*.*"):
        path.unlink()
    with pytest.raises(ragtree.NothingToIndexError):
        small.sync(folder)
    assert small.stats().documents == 3


def test_documents_of_the_application_stay_beside_the_folders(folder, small):
    small.sync(folder)
    small.add([Document(id="memo", text="The canary sings in the customs shed.", metadata={"kind": "memo"})])
    assert small.sync(folder).removed == ()
    hit = small.search("canary", k=1, where={"kind": "memo"})[0]
    assert (hit.node.document_id, hit.node.metadata["kind"]) == ("memo", "memo")
    assert small.search("canary", k=5, where={"source": "*.md"})[0].node.document_id != "memo"
    small.remove(["memo", "never there"])
    assert "memo" not in {document.id for document in small.documents()}
    assert small.verify() == []


def test_the_last_document_can_be_removed(small):
    small.add([Document(id="memo", text="The canary sings.")])
    small.remove(["memo"])
    assert small.stats().levels == ()
    assert small.search("canary", k=3) == []
    answer = small.ask("Does the canary sing?")
    assert not answer.supported


@pytest.mark.parametrize("text", ["One.", "One. Two."])
def test_the_smallest_trees(small, text):
    small.add([Document(id="memo", text=text)])
    assert small.verify() == []
    assert small.search("one", k=3, mode="collapsed")
    assert small.search("one", k=3, mode="traverse")


WRITTEN = Settings.model_validate(
    {"chunk": {"tokens": 16}, "summarize": {"tokens": 24, "kind": "abstractive"}, "tree": {"group_tokens": 64}}
)


class Echo(ScriptedChat):
    """Writes the first line of its prompt that is a sentence; fails in the calls (counted from 1) in `fails`."""

    def __init__(self, fails=lambda call: False):
        super().__init__(self.first)
        self.fails = fails

    def first(self, messages):
        if self.fails(len(self.calls)):
            raise ModelError("the server went away")
        return next(line for line in messages[-1].content.split("\n") if len(line.split()) > 3 and "<" not in line)


@pytest.fixture
def harbour(folder):
    """Enough text for several groups."""
    things = "crane quay boat ferry lamp store chain bell mast rope sail tower".split()
    told = " ".join(f"The {thing} of the harbour was painted in {1900 + year}." for year, thing in enumerate(things))
    (folder / "paint.txt").write_text(told, encoding="utf-8")
    return folder


def test_a_model_that_goes_away_costs_only_the_calls_in_flight(harbour, tmp_path):
    model = Echo(lambda call: call > 1)
    with RagTree.open(tmp_path / "index", WRITTEN, embedder=HashingEmbedder(), llm=model) as tree:
        report = tree.sync(harbour)
        assert [one.source for one in report.skipped] == ["paint.txt"] and "went away" in report.skipped[0].reason
        assert tree.verify() == []
        assert tree.stats().documents == 3  # those that need no model are in the index
    again = Echo()
    with RagTree.open(tmp_path / "index", WRITTEN, embedder=HashingEmbedder(), llm=again) as tree:
        report = tree.sync(harbour)
        assert report.unwritten == 0
        assert report.summarized < sum(node.level > 0 for node in tree.nodes())
        assert report.added == ("paint.txt",)
        assert report.embedded < report.nodes
        assert tree.verify() == []


def test_a_group_that_the_model_failed_to_write_is_extractive_until_the_next_sync(harbour, tmp_path):
    model = Echo(lambda call: call in (2, 3))
    with RagTree.open(tmp_path / "index", WRITTEN, embedder=HashingEmbedder(), llm=model) as tree:
        report = tree.sync(harbour)
        assert report.unwritten == 2  # that group, and the one above it, which waits for it
        assert [node.made for node in tree.nodes()].count("extractive") == 2
        assert not any("went away" in node.text for node in tree.nodes())
        assert tree.verify() == []
        written = {node.id for node in tree.nodes(1) if node.made == "abstractive"}
        model.fails = lambda call: False
        report = tree.sync(harbour)
        assert (report.unwritten, report.summarized > 0) == (0, True)
        assert "extractive" not in {node.made for node in tree.nodes()}
        assert written < {node.id for node in tree.nodes(1)}
        assert tree.verify() == []
        asked = len(model.calls)
        assert tree.sync(harbour).summarized == 0
        assert len(model.calls) == asked


def test_what_does_not_fit_the_model_is_counted(harbour, tmp_path):
    model = Echo()
    model.context = 230
    with RagTree.open(tmp_path / "index", WRITTEN, embedder=HashingEmbedder(), llm=model) as tree:
        assert tree.sync(harbour).left_out > 0


def test_the_index_remembers_how_it_was_made(folder, small, tmp_path):
    small.sync(folder)
    small.close()
    with RagTree.open(tmp_path / "index", embedder=HashingEmbedder()) as tree:
        assert tree.settings.chunk.tokens == 16
        assert tree.sync(folder).embedded == 0
    changed = Settings.model_validate({"summarize": {"tokens": 20}})
    with RagTree.open(tmp_path / "index", changed, embedder=HashingEmbedder()) as tree:
        assert tree.sync(folder, settings_too=False).summarized == 0
        assert tree.sync(folder).summarized > 0
        assert tree.verify() == []


def test_another_embedder_is_refused_and_a_second_holder_too(folder, small, tmp_path):
    small.sync(folder)
    with pytest.raises(IndexLockedError, match=str(os.getpid())):
        RagTree.open(tmp_path / "index")
    small.close()
    with pytest.raises(IndexMismatchError, match="hashing-64"):
        RagTree.open(tmp_path / "index", embedder=HashingEmbedder(32))
    with RagTree.open(tmp_path / "index", embedder=HashingEmbedder()) as tree:  # the refusal left it free
        assert tree.stats().documents == 3


def test_the_tree_can_be_read_back_from_chroma_alone(folder, small, tmp_path):
    small.sync(folder)
    nodes = {node.id: node for node in small.nodes()}
    small.close()
    (tmp_path / "index" / "catalog.sqlite").unlink()
    store = ChromaStore(tmp_path / "index" / "chroma")
    assert {node.id: node for node in store.nodes()} == nodes
    store.close()


def test_graph_has_edges_from_parents_to_children(folder, small):
    small.sync(folder)
    graph = small.graph()
    roots = [key for key, degree in graph.in_degree() if degree == 0]
    assert len(roots) == 1
    leaves = {key for key, level in graph.nodes(data="level") if level == 0}
    assert leaves == {key for key, degree in graph.out_degree() if degree == 0}


def test_answers_quote_what_the_files_say(folder, small):
    small.sync(folder)
    answer = small.ask("Who is the keeper of the lamp?")
    texts = {document.id: document.text for document in small.documents()}
    assert answer.supported
    for citation in answer.citations:
        assert citation.span.of(texts[citation.document_id]) == citation.quote


def test_entries_tell_of_documents_without_their_texts(folder, small):
    assert small.entries() == ()
    small.sync(folder)
    small.add([Document("memo", "The memo is short.", "A memo", metadata={"author": "Venn"})])
    entries = {entry.id: entry for entry in small.entries()}
    assert list(entries) == ["a.md", "b.txt", "memo", "sub/c.md"]
    file = folder / "b.txt"
    assert entries["b.txt"].size == file.stat().st_size
    assert abs(entries["b.txt"].modified.timestamp() - file.stat().st_mtime) < 0.001
    memo = entries["memo"]
    assert (memo.title, memo.source, memo.size, memo.modified) == ("A memo", "memo", 18, None)
    assert memo.metadata == {"author": "Venn"}
    assert [entry.id for entry in small.entries({"source": "sub/*"})] == ["sub/c.md"]
    with pytest.raises(QueryError, match="glob"):
        small.entries({"source": 3})


def test_a_chat_searches_for_what_was_meant(folder, small, tmp_path):
    small.sync(folder)
    small.close()
    said = ["Yes", "The keeper is Abel Strake.", "Where does the keeper's oil come from?", "Yes", "From Tolbrack."]
    model = ScriptedChat(said)
    with RagTree.open(tmp_path / "index", embedder=HashingEmbedder(), llm=model) as tree:
        chat = tree.chat()
        assert "Abel Strake" in "".join(chat.stream("Who is the keeper?"))
        list(chat.stream("and where does his oil come from?"))
        assert chat.last is not None
        assert chat.last.question == "and where does his oil come from?"
        assert len(chat.history) == 2


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda tree: tree.search(" "), "empty"),
        (lambda tree: tree.ask(""), "empty"),
        (lambda tree: tree.search("x", mode="best"), "leaves, lexical, collapsed, traverse"),
        (lambda tree: tree.search("x", k=0), "k is 0"),
        (lambda tree: tree.search("x", where={"source": 3}), "glob"),
    ],
)
def test_questions_that_cannot_be_asked(small, call, said):
    with pytest.raises(QueryError, match=said):
        call(small)


def test_examples_library_has_a_sound_tree_and_every_quote_stands_in_it(library_index, bundled_embedder, tmp_path):
    from library import copy_of

    from ragtree.evaluate.datasets.questions import read_questions

    with RagTree.open(copy_of(library_index, tmp_path / "index"), embedder=bundled_embedder) as tree:
        assert tree.verify() == []
        assert tree.plan(LIBRARY).is_empty
        documents = {document.id: document for document in tree.documents()}
        questions = read_questions(QUESTIONS, documents)  # it raises if a quote is not found
        assert len(questions) >= 40
        for question in questions:
            assert question.unanswerable == (question.kind == "none") == (not question.proofs)
        words = sum(len(document.text.split()) for document in documents.values())
        assert words >= 20_000
        assert {document.id.rsplit(".")[-1] for document in documents.values()} == {"md", "txt", "html", "pdf", "docx"}


def test_editing_one_file_of_the_library(library_index, bundled_embedder, tmp_path):
    import shutil

    from library import copy_of

    folder = tmp_path / "library"
    shutil.copytree(LIBRARY, folder, ignore=shutil.ignore_patterns(".ragtree"))
    with RagTree.open(copy_of(library_index, tmp_path / "index"), embedder=bundled_embedder) as tree:
        assert tree.sync(folder).embedded == 0  # copies of the same files, only their times differ
        path = folder / "accounts" / "purchases-1923.md"
        text = path.read_text(encoding="utf-8")
        path.write_text(text + "\nThe parrot's cage was bought in October for 7s. 9d.\n", encoding="utf-8")
        report = tree.sync(folder)
        nodes = tree.stats().levels
        assert report.changed == ("accounts/purchases-1923.md",)
        assert report.embedded < sum(nodes) / 3
        assert report.summarized < sum(nodes[1:])
        assert tree.verify() == []
        answer = tree.ask("What was paid for the parrot's cage?")
        assert "7s. 9d." in answer.text
        assert answer.citations[0].source == "accounts/purchases-1923.md"
