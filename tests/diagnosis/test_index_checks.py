"""What the doctor says of an index, and that looking changes nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ragtree import Document, RagTree, Settings
from ragtree.diagnosis.all_checks import diagnose
from ragtree.diagnosis.base import Check
from ragtree.diagnosis.index_checks import index_checks, index_facts
from ragtree.embed.hashing import HashingEmbedder
from ragtree.settings import EmbedSettings, LlmSettings
from ragtree.store.lock import CHROMA, IndexLock

NO_MODEL = Settings(llm=LlmSettings(model="none"))


@pytest.fixture
def index(tmp_path: Path) -> Path:
    path = tmp_path / "docs" / ".ragtree"
    with RagTree.open(path, NO_MODEL, embedder=HashingEmbedder(64)) as tree:
        tree.add([Document(id="memo", text="The canary is called Admiral.")])
    with sqlite3.connect(path / "catalog.sqlite") as db:  # as if the bundled embedder had made it
        db.execute("UPDATE meta SET value = 'all-MiniLM-L6-v2' WHERE key = 'embedder'")
    db.close()
    return path


def checks(index: Path, settings: Settings = NO_MODEL) -> dict[str, Check]:
    return {check.name: check for check in index_checks(index, settings)}


def changed(index: Path, statement: str) -> dict[str, Check]:
    with sqlite3.connect(index / "catalog.sqlite") as db:
        db.execute(statement)
    db.close()
    return checks(index)


def test_a_sound_index(index: Path) -> None:
    found = checks(index)
    assert set(found) == {"index in use", "index", "index's embedder", "catalog"}
    assert {check.state for check in found.values()} == {"good"}
    assert found["index"].found.endswith("format 3, 1 documents")
    assert index_facts(index, NO_MODEL).dimension == 64


def test_a_missing_index_is_not_a_problem(tmp_path: Path) -> None:
    assert checks(tmp_path)["index"].state == "good"


def test_looking_writes_nothing(index: Path) -> None:
    def written() -> dict[Path, bytes]:
        """All files but those that say who has it open."""
        files = (path for path in index.rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in files if not path.name.endswith((".pid", "-shm", "-wal"))}

    before = written()
    checks(index)
    assert written() == before


def test_the_holder_is_named(index: Path) -> None:
    with sqlite3.connect(index / "catalog.sqlite") as db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'embedder'", (HashingEmbedder(64).name,))
    db.close()
    with RagTree.open(index, NO_MODEL, embedder=HashingEmbedder(64)):
        found = checks(index)["index in use"]
    assert found.state == "note"
    assert found.advice


def test_a_server_of_its_chroma_holds_it_too(index: Path) -> None:
    held = IndexLock(index, CHROMA, "http://127.0.0.1:8000")
    try:
        found = checks(index)["index in use"]
    finally:
        held.release()
    assert found.state == "note"


def test_formats_of_other_versions(index: Path) -> None:
    assert changed(index, "UPDATE meta SET value = '2' WHERE key = 'format'")["index"].state == "note"
    newer = changed(index, "UPDATE meta SET value = '99' WHERE key = 'format'")["index"]
    assert (newer.state, newer.advice) == ("wrong", "pip install --upgrade ragtree")
    assert changed(index, "UPDATE meta SET value = 'x' WHERE key = 'format'")["index"].state == "wrong"


def test_settings_that_this_ragtree_does_not_know(index: Path) -> None:
    newer = changed(index, """UPDATE meta SET value = '{"embed": {"new": 1}}' WHERE key = 'settings'""")
    assert [check.state for check in newer.values()].count("wrong") == 1
    damaged = changed(index, "UPDATE meta SET value = '{' WHERE key = 'settings'")
    assert "ragtree repair" in next(check.advice for check in damaged.values() if check.state == "wrong")


def test_another_embedder_than_the_settings_name(index: Path) -> None:
    other = Settings(embed=EmbedSettings(model="http://h/v1#e"))
    found = checks(index, other)["index's embedder"]
    assert found.state == "wrong"
    assert "all-MiniLM-L6-v2, but the settings name http://h/v1#e" in found.found


@pytest.mark.parametrize("kept", [0, 100, 4096, 20_000])
def test_a_truncated_catalog_is_reported(index: Path, kept: int) -> None:
    data = (index / "catalog.sqlite").read_bytes()
    (index / "catalog.sqlite").write_bytes(data[:kept])
    found = checks(index)
    wrong = [check for check in found.values() if check.state == "wrong"]
    assert wrong
    assert "ragtree repair" in wrong[0].advice
    assert index_facts(index, NO_MODEL).settings == NO_MODEL or kept > 4096


def test_the_whole_report_never_raises(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    (index / "catalog.sqlite").write_bytes(b"no catalog" * 1000)
    (index.parent / "ragtree.toml").write_text("[nonsense]\n", encoding="utf-8")
    found = list(diagnose(index.parent, index, {}, ["llm.model=http://127.0.0.1:1/v1#m"], index.parent))
    assert {"settings", "Python", "packages", "llama.cpp", "memory", "disk", "index"} <= {check.name for check in found}
    assert "settings" in [check.name for check in found if check.state == "wrong"]
    assert all(check.advice for check in found if check.state == "wrong")
