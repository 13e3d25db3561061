"""After a purge no byte of what was removed is in the index; killed anywhere, it can be done again."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from library import ragtree

from ragtree import Document, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.indexing import mirrors
from ragtree.llm.base import Message
from ragtree.llm.scripted import ScriptedChat
from ragtree.store.catalog import Catalog
from ragtree.store.raw_search import search_folder
from ragtree.upkeep import purging

STAYS = {
    "ferry.md": "# Ferry\n\nThe ferry Marigold sails at nine. Captain Dace commands her. She carries forty passengers.",
    "lamp.txt": "The lamp at Maw Head burns paraffin. The keeper is Abel Strake. The oil comes from Tolbrack.",
    "prices.md": "# Prices\n\nHemp rope cost four shillings. Tar cost two shillings. The stove cost two pounds.",
}
GONE = (
    "# Quillfeather\n\nThe smuggler Quillfeather hid brandywine casks under the chandlery. Zubrowkanian lace was "
    "stowed with them. The exciseman Übelmüller sealed the storehouse. Nobody was prosecuted."
)
EDITED = " The velociraptor exhibit was shown."
SETTINGS = {
    "chunk": {"tokens": 16, "context": "llm"},
    "summarize": {"tokens": 24, "kind": "abstractive"},
    "tree": {"group_tokens": 64, "labels": "llm"},
}


def reply(messages: list[Message]) -> str:
    """The first sentence of what is shown: sound as a summary, a label and a context."""
    found = re.findall(r"[A-Z][^.<>\n]{8,80}\.", messages[-1].content)
    return found[0] if found else "Nothing."


def long_words(text: str) -> set[str]:
    return {word for word in re.findall(r"[^\W\d_]{5,}", text) if word.lower() not in " ".join(STAYS.values()).lower()}


RARE = sorted(long_words(GONE + EDITED))


def grep(folder: Path, word: str) -> list[str]:
    """The files below a folder that hold a word, by grep, whatever its capitals."""
    found = subprocess.run(["grep", "-rlai", word, str(folder)], capture_output=True, text=True, check=False)
    return found.stdout.splitlines()


def opened(path: Path) -> RagTree:
    settings = Settings.model_validate(SETTINGS)
    return RagTree.open(path, settings, embedder=HashingEmbedder(), llm=ScriptedChat(reply))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    docs.mkdir()
    for name, text in STAYS.items():
        (docs / name).write_text(text, encoding="utf-8")
    (docs / "gone.md").write_text(GONE, encoding="utf-8")
    (docs / "lamp.txt").write_text(STAYS["lamp.txt"] + EDITED, encoding="utf-8")
    return docs


@pytest.fixture
def removed(folder: Path, tmp_path: Path) -> Iterator[RagTree]:
    """An index whose folder has lost a document and a sentence, and that was asked about them."""
    with opened(tmp_path / "index") as tree:
        tree.sync(folder)
        tree.search("smuggler Quillfeather", mode="collapsed")
        (folder / "gone.md").unlink()
        (folder / "lamp.txt").write_text(STAYS["lamp.txt"], encoding="utf-8")
        tree.sync(folder)
        (tmp_path / "index" / "questions.history").write_text("+Who is Quillfeather?\n", encoding="utf-8")
        tree.search("smuggler Quillfeather")
        assert tree.verify() == []
        yield tree


def test_grep_finds_nothing_of_a_removed_file_after_a_purge(removed: RagTree, folder: Path) -> None:
    assert grep(removed.path, "quillfeather")  # in the caches, and in what databases have not overwritten
    report = removed.purge()
    for word in RARE:
        assert grep(removed.path, word) == [], word
    assert search_folder(removed.path, RARE).found == ()
    assert report.found == ()
    assert report.words >= 8
    assert report.files > 5
    assert report.dropped["cached summaries"] > 0
    assert report.dropped["cached contexts"] > 0
    assert report.dropped["cached vectors"] > 0
    assert report.dropped["files of questions that were asked"] == 1
    assert report.left["nodes"] == report.left["leaves in Chroma"] + report.left["summaries in Chroma"]
    assert removed.verify() == []
    assert removed.search("hemp rope", k=1)[0].node.source == "prices.md"


def test_a_purge_keeps_what_the_next_sync_needs(removed: RagTree, folder: Path) -> None:
    removed.purge()
    again = removed.sync(folder)
    assert (again.embedded, again.summarized, again.calls) == (0, 0, 0)
    (folder / "ferry.md").write_text(STAYS["ferry.md"] + " Tickets are sixpence.", encoding="utf-8")
    assert removed.sync(folder).changed == ("ferry.md",)
    assert removed.verify() == []


def test_all_trees_built_again_after_a_purge_asks_the_model_for_nothing(folder: Path, tmp_path: Path) -> None:
    with opened(tmp_path / "index") as tree:
        tree.sync(folder)
        nodes = {node.id for node in tree.nodes()}
        tree.purge()
        with tree._catalog.transaction() as db:
            db.execute("UPDATE documents SET built = ''")
        tree._catalog.set_facts({"collection": ""})
        again = tree.sync(folder)
        assert (again.embedded, again.calls) == (0, 0)
        assert {node.id for node in tree.nodes()} == nodes


def test_a_purge_with_nothing_removed_says_that_there_was_no_word_to_look_for(folder: Path, tmp_path: Path) -> None:
    with opened(tmp_path / "index") as tree:
        tree.sync(folder)
        report = tree.purge()
        assert (report.words, report.found) == (0, ())
        assert tree.verify() == []


def test_documents_of_an_application_are_purged(folder: Path, tmp_path: Path) -> None:
    with opened(tmp_path / "index") as tree:
        tree.add([Document("memo", GONE), Document("other", STAYS["ferry.md"])])
        tree.remove(["memo"])
        tree.purge()
        assert grep(tree.path, "quillfeather") == []
        assert tree.verify() == []


def test_parts_that_were_copied_for_others_are_deleted(removed: RagTree) -> None:
    with RagTree.open(removed.path / "views" / "1", removed.settings, embedder=HashingEmbedder()) as view:
        view.add([Document("gone.md", GONE, "Gone", "gone.md")])
    assert any(grep(removed.path, word) for word in RARE[:3])
    assert removed.purge().dropped["views"] == 1
    assert not [word for word in RARE[:3] if grep(removed.path, word)]


@pytest.mark.parametrize("step", ["drop_unused", "Mirrors.rewrite", "Catalog.compact", "_removed_files"])
def test_what_one_step_leaves_is_found_and_told(removed: RagTree, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """The search afterwards is a real one: with a step left out, it finds what that step is for."""

    def nothing(*_: object) -> dict[str, int]:
        return {}

    places: dict[str, tuple[object, str]] = {
        "Mirrors.rewrite": (mirrors.Mirrors, "rewrite"),
        "Catalog.compact": (Catalog, "compact"),
    }
    owner, name = places.get(step, (purging, step))
    monkeypatch.setattr(owner, name, nothing)
    report = removed.purge()
    assert any("still holds" in line for line in report.found)
    monkeypatch.undo()
    if step != "drop_unused":
        assert removed.purge().found == ()


@pytest.mark.parametrize(
    "step", ["drop_unused", "write_all", "finish_swap", "compact", "_removed_files", "search_folder"]
)
def test_killed_at_any_step_the_index_opens_and_a_purge_can_be_done_again(
    removed: RagTree, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    owner = {"write_all": mirrors, "finish_swap": mirrors, "compact": Catalog}.get(step, purging)
    monkeypatch.setattr(owner, step, killed)
    with pytest.raises(KeyboardInterrupt):
        removed.purge()
    monkeypatch.undo()
    left = tmp_path / "left"  # as a killed process leaves it
    shutil.copytree(removed.path, left, ignore=shutil.ignore_patterns("lock*"))
    with opened(left) as tree:
        assert tree.verify() == []
        assert tree.search("hemp rope", k=1)[0].node.source == "prices.md"
        tree.purge()
        assert [word for word in RARE if grep(left, word)] == []
        assert not list(left.glob("*.new")) + list(left.glob("*.old"))
        again = tree.sync(folder)
        assert (again.embedded, again.calls) == (0, 0)


def test_the_command_follows_the_folder_purges_and_tells(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    assert ragtree("index", folder, "--index", index, "--llm", "none").status == 0
    (folder / "gone.md").unlink()
    ran = ragtree("purge", folder, "--index", index)
    assert ran.status == 0, ran.err
    assert "1 removed" in ran.err
    assert re.search(r"searched: the bytes of \d+ files for \d+ rare words", ran.out)
    assert "found:" not in ran.out
    assert grep(index, "quillfeather") == []
    (folder / "lamp.txt").write_text(STAYS["lamp.txt"], encoding="utf-8")
    ran = ragtree("index", folder, "--index", index, "--purge")
    assert ran.status == 0, ran.err
    assert grep(index, "velociraptor") == []
    assert ragtree("verify", folder, "--index", index).status == 0
    assert ragtree("index", folder, "--index", index, "--purge", "--plan").status == 2


PURGE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from upkeep.test_purging import opened
with opened(Path(sys.argv[2])) as tree:
    print("purging", flush=True)
    tree.purge()
"""


@pytest.mark.parametrize("seconds", [0.02, 0.15, 0.4])
def test_a_process_that_is_killed_over_a_purge_leaves_a_sound_index(removed: RagTree, seconds: float) -> None:
    removed.close()
    tests = str(Path(__file__).parents[1])
    process = subprocess.Popen([sys.executable, "-c", PURGE, tests, str(removed.path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"purging\n"
    time.sleep(seconds)
    process.kill()
    process.communicate()
    with opened(removed.path) as tree:
        assert tree.verify() == []
        tree.purge()
        assert [word for word in RARE if grep(tree.path, word)] == []
