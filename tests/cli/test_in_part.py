"""`ragtree index` and `ragtree status` say what is missing from documents that were read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from library import ragtree

from ragtree.embed.hashing import HashingEmbedder

LINE = "fares.html: embedded pages: 1, not read (map.html)"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a page that holds another; no model is loaded."""
    monkeypatch.setattr("ragtree.models.make_embedder", lambda *settings: HashingEmbedder())
    monkeypatch.setattr("ragtree.model_names.embedder_name", lambda settings: HashingEmbedder().name)
    monkeypatch.setenv("RAGTREE_LLM_MODEL", "none")
    monkeypatch.setenv("RAGTREE_EMBED_KIND", "plain")
    place = tmp_path / "docs"
    place.mkdir()
    (place / "fares.html").write_text("<p>The fares of the ferry.</p><iframe src='map.html'></iframe>")
    return place


def test_what_is_missing_is_said_once_by_index_and_always_by_status(folder: Path) -> None:
    first = ragtree("index", folder)
    assert f"in part {LINE}" in first.err
    assert "1 added" in first.err
    assert LINE not in ragtree("index", folder).err
    status = ragtree("status", folder)
    assert f"in part    {LINE}" in status.out
    found = json.loads(ragtree("status", folder, "--json").out)["since then"]["notices"]
    assert found == [{"source": "fares.html", "text": LINE.partition(": ")[2]}]
