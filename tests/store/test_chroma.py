from __future__ import annotations

import socket
from pathlib import Path

import pytest
from samples import LIBRARY, built, whole_tree

from ragtree.embed.hashing import HashingEmbedder
from ragtree.errors import IndexDamagedError
from ragtree.indexing.outbox import update_mirrors
from ragtree.store.catalog import Catalog
from ragtree.store.chroma import ChromaStore
from ragtree.store.lexical_index import LexicalIndex


def test_the_tree_reads_back_from_chroma_alone(tmp_path: Path) -> None:
    nodes, _ = built(tmp_path, LIBRARY)
    catalog = Catalog(tmp_path / "catalog.sqlite")
    catalog.change(whole_tree(catalog, nodes))
    store = ChromaStore(tmp_path / "chroma")
    update_mirrors(catalog, store, LexicalIndex(None))
    store.close()
    kept = {node.id: node for node in catalog.nodes()}
    catalog.close()
    again = ChromaStore(tmp_path / "chroma")
    assert {node.id: node for node in again.nodes()} == kept == {node.id: node for node in nodes}
    assert again.ids() == kept.keys()
    again.close()


def test_telemetry_is_off_and_nothing_reaches_for_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: reached.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *address, **_: reached.append(address) or [])
    nodes, _ = built(tmp_path, LIBRARY)
    store = ChromaStore(tmp_path / "chroma")
    store.upsert(nodes, HashingEmbedder().embed([node.text for node in nodes]))
    store.search(HashingEmbedder().embed_query("whales"), 3, leaves=True)
    assert store._client.get_settings().anonymized_telemetry is False
    store.close()
    assert reached == []


def test_a_damaged_chroma_is_reported_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "chroma").mkdir()
    (tmp_path / "chroma" / "chroma.sqlite3").write_bytes(b"not a database" * 500)
    with pytest.raises(IndexDamagedError, match="ragtree repair FOLDER") as caught:
        ChromaStore(tmp_path / "chroma")
    assert "\n" not in str(caught.value)
