"""An index of an earlier version is brought up to date on opening, step by step; the next sync builds its trees from
what it holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from damaged import first_sentence

from ragtree import Document, IndexMismatchError, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.scripted import ScriptedChat
from ragtree.store import lexical_index, lexical_reader, migrations
from ragtree.store.catalog import Catalog
from ragtree.store.migrations import FORMAT, STEPS
from ragtree.types import OnProgress, Vectors, no_progress

GOLDEN = Path(__file__).parent / "golden"
DOCUMENTS = {
    "ferry.md": "# Ferry\n\nThe ferry Marigold sails at nine. Captain Dace commands her. She carries forty passengers.",
    "lamp.txt": "The lamp at Maw Head burns paraffin. The keeper is Abel Strake. "
    "The oil comes in barrels from Tolbrack.",
    "prices.md": "# Prices\n\nHemp rope cost four shillings. Tar cost two shillings. The stove cost two pounds.",
}
"""What the golden indexes were made of, beside a memo of an application."""


@pytest.fixture(params=sorted(path.stem for path in GOLDEN.glob("*.sql")))
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An index as an earlier version left it, without its copies."""
    folder = tmp_path / "index"
    folder.mkdir()
    db = sqlite3.connect(folder / "catalog.sqlite")
    db.executescript((GOLDEN / f"{request.param}.sql").read_text(encoding="utf-8"))
    db.close()
    return folder


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


class CountingEmbedder(HashingEmbedder):
    """Notes the texts."""

    def __init__(self, dimension: int = 64) -> None:
        super().__init__(dimension)
        self.texts: set[str] = set()

    def embed(self, texts: Sequence[str], progress: OnProgress = no_progress) -> Vectors:
        self.texts |= set(texts)
        return super().embed(texts, progress)


def opened(index: Path, embedder: HashingEmbedder | None = None, **settings: object) -> RagTree:
    given = Settings.model_validate(settings)
    return RagTree.open(index, given, embedder=embedder or HashingEmbedder(16), llm=ScriptedChat(first_sentence))


def version(index: Path) -> str:
    rows = sqlite3.connect(index / "catalog.sqlite").execute("SELECT value FROM meta WHERE key = 'format'")
    return str(rows.fetchone()[0])


def test_there_is_an_index_of_every_earlier_version() -> None:
    assert {path.stem for path in GOLDEN.glob("*.sql")} == {f"format_{number}" for number in range(1, FORMAT)}
    assert [step.version for step in STEPS] == list(range(2, FORMAT + 1))


def test_an_earlier_index_is_sound_before_its_trees_are_built(index: Path) -> None:
    with opened(index) as tree:
        assert tree.verify() == []
        assert version(index) == str(FORMAT)
        assert {node.kind for node in tree.nodes()} == {"chunk"}
        assert tree.search("paraffin lamp", k=1)[0].node.source == "lamp.txt"
        assert {document.id for document in tree.documents()} == {*DOCUMENTS, "memo"}


def test_the_next_sync_builds_the_trees_from_what_the_index_holds(
    index: Path, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if index_has_files(index):  # format 1 did not note what was in the files
        monkeypatch.setattr("ragtree.indexing.folder_changes.VERSION", "2")  # the readers are still those of that time
        monkeypatch.setattr("ragtree.load.pool.parse", None)
    embedder = CountingEmbedder(16)
    with opened(index, embedder) as tree:
        chunks = tree.nodes(0)
        report = tree.sync(docs)
        assert (report.unchanged, report.added, report.changed, report.removed) == (3, (), (), ())
        assert tree.nodes(0) == chunks
        known = {chunk.text for chunk in chunks if chunk.text.endswith(" ")}  # no summary ends so
        assert known and not embedder.texts & known
        written = [node for node in tree.nodes() if node.made == "abstractive"]
        assert report.calls == report.summarized <= len(written)
        assert tree.stats().kinds == {"chunk": len(chunks), "collection": 1, "document": 4, **themes(tree)}
        assert tree.verify() == []
        assert tree.document("memo") is not None
        again = tree.sync(docs)
        assert (again.calls, again.summarized, again.embedded) == (0, 0, 0)
        assert tree.plan(docs).is_empty


def themes(tree: RagTree) -> dict[str, int]:
    count = sum(node.kind == "theme" for node in tree.nodes())
    return {"theme": count} if count else {}


def index_has_files(index: Path) -> bool:
    db = sqlite3.connect(index / "catalog.sqlite")
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = 'files'").fetchone() is not None


@pytest.mark.parametrize("index", ["format_2"], indirect=True)
def test_a_summary_that_an_earlier_index_holds_is_not_asked_for(index: Path, docs: Path) -> None:
    """The lamp was the only document once: a summary of its chunks was written then."""
    with opened(index) as tree:
        tree.sync(docs)
        (lamp,) = (node for node in tree.nodes() if node.kind == "document" and node.document_id == "lamp.txt")
        assert lamp.made == "abstractive"
        asked = [call[-1].content for call in tree.llm.calls]  # type: ignore[union-attr]
        assert asked and not any("paraffin" in text and "Tolbrack" in text for text in asked)


def test_an_earlier_index_follows_its_folder(index: Path, docs: Path) -> None:
    (docs / "lamp.txt").write_text(DOCUMENTS["lamp.txt"] + " It was lit at dusk.", encoding="utf-8")
    (docs / "prices.md").unlink()
    with opened(index) as tree:
        report = tree.sync(docs)
        assert (report.changed, report.removed) == (("lamp.txt",), ("prices.md",))
        assert tree.verify() == []
        assert tree.sync(docs).calls == 0
        tree.purge()
        assert tree.verify() == []


def test_settings_that_are_said_hold_for_an_earlier_index_too(index: Path, docs: Path) -> None:
    with opened(index, chunk={"tokens": 24}, summarize={"tokens": 24}, tree={"group_tokens": 64}) as tree:
        before = len(tree.nodes(0))
        tree.sync(docs)
        assert len(tree.nodes(0)) < before
        assert tree.verify() == []


@pytest.mark.parametrize("number", range(len(STEPS)))
def test_a_step_that_is_interrupted_leaves_the_index_as_it_was(
    index: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    before = int(version(index))
    step = STEPS[number]

    def interrupted(db: sqlite3.Connection) -> None:
        step.run(db)
        raise KeyboardInterrupt

    steps = list(STEPS)
    steps[number] = replace(step, run=interrupted)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", tuple(steps))
        if step.version > before:
            with pytest.raises(KeyboardInterrupt):
                Catalog(index / "catalog.sqlite")
            assert int(version(index)) == step.version - 1
    with opened(index) as tree:
        assert tree.verify() == []


@pytest.fixture
def new(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.sqlite"
    Catalog(path).close()
    return path


@pytest.mark.parametrize("said", [str(FORMAT + 1), "99", "0", "next"])
def test_a_later_version_is_refused_and_left_as_it_is(new: Path, said: str) -> None:
    db = sqlite3.connect(new)
    with db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'format'", (said,))
    db.close()
    with pytest.raises(IndexMismatchError, match=f"format {said}, this ragtree reads {FORMAT}") as caught:
        Catalog(new)
    assert "\n" not in str(caught.value)
    assert version(new.parent) == said


def test_a_new_index_has_the_tables_of_one_that_was_brought_up_to_date(index: Path, new: Path) -> None:
    Catalog(index / "catalog.sqlite").close()

    def tables(path: Path) -> dict[str, list[tuple[object, ...]]]:
        db = sqlite3.connect(path)
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")]
        return {name: [row[1:4] for row in db.execute(f"PRAGMA table_info({name})")] for name in names}

    assert tables(index / "catalog.sqlite") == tables(new)


def test_words_that_were_indexed_otherwise_are_indexed_anew_on_opening(index, docs, monkeypatch) -> None:
    (docs / "quay.txt").write_text("Rope lies about.", encoding="utf-8")
    for module in (lexical_index, lexical_reader):
        monkeypatch.setattr(module, "TERMS", "text_alone")
    monkeypatch.setattr(lexical_index, "headings_above", lambda node: "")
    with opened(index) as tree:
        tree.sync(docs)
        ids = {node.id for node in tree.nodes()}
        assert not tree.search("quay", mode="lexical")
    monkeypatch.undo()
    with opened(index) as tree:
        assert [hit.node.source for hit in tree.search("quay", mode="lexical")] == ["quay.txt"]
        assert tree.verify() == [] and {node.id for node in tree.nodes()} == ids


def test_an_index_without_notes_of_copies_can_be_read_only(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    with RagTree.open(folder, Settings(llm={"model": "none"}), embedder=HashingEmbedder()) as tree:
        tree.add([Document(id="lamp.txt", text=DOCUMENTS["lamp.txt"])])
    with sqlite3.connect(folder / "catalog.sqlite") as db:
        db.execute("DROP TABLE passages")
    db.close()
    with RagTree.open(folder, embedder=HashingEmbedder(), read_only=True) as tree:
        (hit,) = tree.search("Who is the keeper?", k=1)
    assert hit.node.document_id == "lamp.txt"
