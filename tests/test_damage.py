"""Whatever happens to a file of the index, there is a clear error, and a repair that asks no model for what is left."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from damaged import copy, cut, each, into_a_file, make, opened, overwrite, write_folder

from ragtree import Document, IndexDamagedError, RagTree

Damage = Callable[[Path], None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("damage") / "docs"
    write_folder(path, 30)
    return path


@pytest.fixture(scope="module")
def sound(folder: Path) -> Path:
    path = folder.parent / "sound"
    make(path, folder)
    return path


@pytest.fixture
def index(sound: Path, tmp_path: Path) -> Path:
    return copy(sound, tmp_path / "index")


def hnsw(index: Path) -> Path:
    """The folder of the vector index over the leaves, the only one that is large enough to be written to disk."""
    return max(index.glob("chroma/*/data_level0.bin"), key=lambda path: path.stat().st_size).parent


def question(tree: RagTree) -> str:
    return tree.nodes(0)[40].text


def works(tree: RagTree) -> None:
    leaf = tree.nodes(0)[40]
    assert tree.search(leaf.text, k=1)[0].node.id == leaf.id
    assert tree.search(leaf.text, k=1, mode="lexical")[0].node.id == leaf.id
    assert tree.verify() == []


def costs_nothing(tree: RagTree, folder: Path) -> None:
    before = [node.id for node in tree.nodes()]
    report = tree.sync(folder)
    assert (report.calls, report.summarized, report.embedded) == (0, 0, 0)
    assert [node.id for node in tree.nodes()] == before


# --- Chroma

OF_CHROMA: dict[str, Damage] = {
    "data_level0.bin is cut off": lambda i: cut(hnsw(i) / "data_level0.bin", 1000),
    "data_level0.bin is gone": lambda i: (hnsw(i) / "data_level0.bin").unlink(),
    "data_level0.bin is noise": lambda i: overwrite(hnsw(i) / "data_level0.bin", 0, 40_000),
    "header.bin is cut off": lambda i: cut(hnsw(i) / "header.bin", 10),
    "header.bin is empty": lambda i: cut(hnsw(i) / "header.bin", 0),
    "header.bin is noise": lambda i: overwrite(hnsw(i) / "header.bin", 0, 100),
    "link_lists.bin is cut off": lambda i: cut(hnsw(i) / "link_lists.bin", 3),
    "link_lists.bin is noise": lambda i: overwrite(hnsw(i) / "link_lists.bin", 0, 2000),
    "index_metadata.pickle is gone": lambda i: (hnsw(i) / "index_metadata.pickle").unlink(),
    "index_metadata.pickle is cut off": lambda i: cut(hnsw(i) / "index_metadata.pickle", 20),
    "the folder of the vectors is gone": lambda i: shutil.rmtree(hnsw(i)),
    "chroma.sqlite3 is cut off": lambda i: cut(i / "chroma" / "chroma.sqlite3", 40_960),
    "chroma.sqlite3 is noise": lambda i: overwrite(i / "chroma" / "chroma.sqlite3", 4096, 4096 * 40),
    "chroma.sqlite3 is no database": lambda i: overwrite(i / "chroma" / "chroma.sqlite3", 0, 4096),
    "chroma is a file": lambda i: into_a_file(i / "chroma"),
}


@pytest.mark.parametrize("damage", OF_CHROMA)
def test_a_damaged_chroma_is_told_and_written_anew_without_a_model(index: Path, folder: Path, damage: str) -> None:
    OF_CHROMA[damage](index)
    with opened(index, create=False) as tree:
        with pytest.raises(IndexDamagedError, match="ragtree repair") as caught:
            tree.search(question(tree))
        assert "\n" not in str(caught.value)
        assert str(index / "chroma") in str(caught.value) or "Chroma cannot" in str(caught.value)
        with pytest.raises(IndexDamagedError):  # as long as it is not repaired
            tree.search(question(tree))
        assert tree.repair() == len(tree.nodes())
        works(tree)
        costs_nothing(tree, folder)


@pytest.mark.parametrize("damage", ["header.bin is cut off", "data_level0.bin is gone", "chroma.sqlite3 is noise"])
@pytest.mark.parametrize("killed", ["over a sync", "while it was open"])
def test_what_a_killed_process_left_half_written_is_written_anew(
    index: Path, folder: Path, damage: str, killed: str
) -> None:
    OF_CHROMA[damage](index)
    with opened(index, create=False) as tree:
        if killed == "over a sync":
            with tree._catalog.transaction() as db:  # as it is until Chroma has taken everything in
                db.execute("UPDATE nodes SET stored = 0 WHERE id = ?", (tree.nodes(0)[7].id,))
        else:
            (index / "chroma.open").touch()
        works(tree)
        assert (index / "chroma.open").exists()
    assert not (index / "chroma.open").exists()
    with opened(index, create=False) as tree:
        costs_nothing(tree, folder)


OF_ITSELF: dict[str, Damage] = {
    "chroma is gone": lambda i: shutil.rmtree(i / "chroma"),
    "chroma.sqlite3 is gone": lambda i: (i / "chroma" / "chroma.sqlite3").unlink(),
    "chroma.sqlite3 is empty": lambda i: cut(i / "chroma" / "chroma.sqlite3", 0),
    "lexical is gone": lambda i: shutil.rmtree(i / "lexical"),
    "lexical is a file": lambda i: into_a_file(i / "lexical"),
    "meta.json is noise": lambda i: overwrite(i / "lexical" / "leaves" / "meta.json", 0, 100),
    "meta.json is gone": lambda i: (i / "lexical" / "leaves" / "meta.json").unlink(),
    "words are cut off": lambda i: each(i.glob("lexical/leaves/*.idx"), lambda path: cut(path, 10)),
    "words are gone": lambda i: each(i.glob("lexical/leaves/*.term"), Path.unlink),
    "the mapped vectors are cut off": lambda i: each(i.glob("vectors/*.npy"), lambda path: cut(path, 200)),
    "the mapped vectors are noise": lambda i: each(i.glob("vectors/*.npy"), lambda path: overwrite(path, 0, 100)),
    "facts.json is noise": lambda i: overwrite(i / "facts.json", 0, 100),
    "a writing anew was interrupted": lambda i: each([i / "chroma.new"], Path.mkdir),
}


@pytest.mark.parametrize("damage", OF_ITSELF)
def test_what_can_be_made_again_is_when_it_is_needed(index: Path, folder: Path, damage: str) -> None:
    with opened(index, create=False) as tree:
        tree.search(question(tree))
    OF_ITSELF[damage](index)
    with opened(index, create=False) as tree:
        works(tree)
        costs_nothing(tree, folder)


def test_words_that_are_noise_are_told_and_written_anew(index: Path, folder: Path) -> None:
    each(index.glob("lexical/leaves/*.term"), lambda path: overwrite(path, 0, 200))
    with opened(index, create=False) as tree:
        with pytest.raises(IndexDamagedError, match=r"lexical index .* ragtree repair"):
            tree.search(question(tree), mode="lexical")
        tree.repair()
        works(tree)
        costs_nothing(tree, folder)


# --- the catalog


def pages(index: Path) -> int:
    return (index / "catalog.sqlite").stat().st_size // 4096


def salvaged(index: Path, folder: Path) -> tuple[int, int]:
    """Repair, sync and check; return the number of calls and of texts that were embedded."""
    with pytest.raises(IndexDamagedError, match="ragtree repair") as caught, opened(index, create=False) as tree:
        tree.verify()
        list(tree.documents())
        raise IndexDamagedError("nothing of it was needed: ragtree repair")
    assert "\n" not in str(caught.value)
    report = RagTree.salvage(index, folder)
    assert report is not None
    with opened(index, create=False) as tree:
        if report.tree and not report.vectors_lost:
            tree.repair()
            assert tree.verify() == []
        done = tree.sync(folder)
        assert tree.verify() == []
        works(tree)
        assert tree.document("memo") is not None
        assert tree.document("memo").metadata["by"] == "the clerk"  # type: ignore[union-attr]
        assert tree.sync(folder).calls == 0
        return done.calls, done.embedded


@pytest.mark.parametrize("part", range(4))
def test_noise_in_the_catalog_costs_what_it_hit_alone(index: Path, folder: Path, part: int) -> None:
    count = pages(index)
    for page in range(count * part // 4 + 1, count * (part + 1) // 4, 9):
        overwrite(index / "catalog.sqlite", page * 4096, 4096)
    calls, _ = salvaged(index, folder)
    assert calls == 0  # Chroma has the nodes that are lost


def test_a_catalog_whose_first_page_is_noise_is_read_all_the_same(index: Path, folder: Path) -> None:
    overwrite(index / "catalog.sqlite", 0, 4096)
    assert salvaged(index, folder) == (0, 0)


def test_a_catalog_that_was_cut_in_half_costs_no_call(index: Path, folder: Path) -> None:
    cut(index / "catalog.sqlite", pages(index) // 2 * 4096)
    assert salvaged(index, folder)[0] == 0


@pytest.mark.parametrize("damage", ["empty", "gone"])
def test_a_catalog_that_is_lost_is_made_of_chroma_and_the_folder(index: Path, folder: Path, damage: str) -> None:
    path = index / "catalog.sqlite"
    cut(path, 0) if damage == "empty" else path.unlink()
    with pytest.raises(IndexDamagedError, match=f"is {damage}, but .* ragtree repair FOLDER"):
        opened(index)
    assert salvaged(index, folder)[0] == 0


def test_without_chroma_only_what_is_lost_is_asked_for_again(index: Path, folder: Path) -> None:
    with opened(index) as tree:
        nodes = len(tree.nodes())
    shutil.rmtree(index / "chroma")
    overwrite(index / "catalog.sqlite", pages(index) // 2 * 4096, 4096 * 3)
    calls, _ = salvaged(index, folder)
    assert calls < nodes // 4


def test_a_sound_catalog_is_left_alone(index: Path, folder: Path) -> None:
    before = (index / "catalog.sqlite").read_bytes()
    assert RagTree.salvage(index, folder) is None
    with opened(index):  # whoever has it
        assert RagTree.salvage(index, folder) is None
    assert (index / "catalog.sqlite").read_bytes() == before


def test_a_salvage_that_is_killed_can_be_done_again(index: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ragtree.upkeep import salvaging

    overwrite(index / "catalog.sqlite", 8 * 4096, 4096 * 8)
    rename = Path.replace

    def killed(path: Path, target: Path) -> None:
        if path.name == "catalog.sqlite.new":
            raise KeyboardInterrupt
        rename(path, target)

    monkeypatch.setattr(salvaging.Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        RagTree.salvage(index, folder)
    monkeypatch.undo()
    assert not (index / "catalog.sqlite").exists()
    assert salvaged(index, folder)[0] == 0


def test_documents_of_an_application_are_put_together_from_their_passages(sound: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    text = "The first passage of a memo says something.\n\nThe second one says something else of the same kind."
    with opened(index) as tree:
        tree.add([Document("memo", text, title="A memo", metadata={"by": "the clerk"})])
    (index / "catalog.sqlite").unlink()
    report = RagTree.salvage(index)
    assert report is not None
    assert report.put_together == ("memo",)
    with opened(index) as tree:
        tree.repair()
        found = tree.document("memo")
        assert found is not None
        assert found.text.split() == text.split()
        assert (found.title, found.metadata) == ("A memo", {"by": "the clerk"})
        assert tree.verify() == []


def test_where_there_never_was_an_index_none_is_made(tmp_path: Path) -> None:
    assert RagTree.salvage(tmp_path) is None
    assert not (tmp_path / "catalog.sqlite").exists()
