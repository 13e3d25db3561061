"""How long it takes to publish folder-peps and to fetch it elsewhere, whole and after one file has changed.

The bucket is on this machine and takes 20 ms for each request. Also: how long readers would take to make the lexical
index themselves, and how much of the catalog differs after the change in blocks of several sizes. RAGTREE_FILES=20 is a
quick look.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from bucket_server import BucketServer

from ragtree import RagTree, Settings
from ragtree.embed.base import Embedder
from ragtree.store.lexical_index import LexicalIndex

DATA = Path(__file__).parents[3] / "shared" / "data" / "folder-peps" / "files"
FILES = int(os.environ.get("RAGTREE_FILES", "1000"))
SETTINGS = Settings.model_validate({"llm": {"model": "none"}})
BLOCKS = [2**bits * 1024 for bits in (2, 4, 6, 8, 10)]


@pytest.mark.skipif(not DATA.exists(), reason="needs the PEPs beside the project")
def test_publishing_and_fetching(
    report, tmp_path: Path, bundled_embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("obstore")
    folder = tmp_path / "peps"
    folder.mkdir()
    paths = sorted(path for path in DATA.rglob("*") if path.is_file())[:FILES]
    for path in paths:
        (folder / path.name).write_bytes(path.read_bytes())
    with (
        BucketServer() as server,
        RagTree.open(tmp_path / "index", SETTINGS, embedder=bundled_embedder) as tree,
    ):
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        server.delay = 0.02
        tree.sync(folder)
        catalog = copied(tree.path / "catalog.sqlite", tmp_path / "before.sqlite")
        for place in (tmp_path / "place", "s3://bucket/peps"):
            first = tree.publish(place)
            began = time.perf_counter()
            with RagTree.open_published(place, tmp_path / f"copy of {type(place).__name__}", SETTINGS, every=None):
                seconds = time.perf_counter() - began
            report(f"{place}: {first.bytes / 1e6:.1f} MB published in {first.seconds:.1f} s, opened in {seconds:.1f} s")
        edited = folder / paths[len(paths) // 4].name
        edited.write_text(edited.read_text(encoding="utf-8") + "\nOne more line about zebras.\n", encoding="utf-8")
        tree.sync(folder)
        for place in (tmp_path / "place", "s3://bucket/peps"):
            second = tree.publish(place)
            began = time.perf_counter()
            with RagTree.open_published(place, tmp_path / f"copy of {type(place).__name__}", SETTINGS, every=None):
                seconds = time.perf_counter() - began
            report(f"  one file changed: {second.uploaded / 1e6:.1f} MB in {second.seconds:.1f} s, {seconds:.1f} s")
        changed = copied(tree.path / "catalog.sqlite", tmp_path / "after.sqlite")
        for size in BLOCKS:
            starts = range(0, len(changed), size)
            count = sum(catalog[start : start + size] != changed[start : start + size] for start in starts)
            report(f"  blocks of {size // 1024} KiB: {count} of {len(starts)} differ, {count * size / 1e6:.1f} MB")
        began = time.perf_counter()
        nodes = tree.nodes()
        LexicalIndex(None).upsert(nodes)
        report(f"the lexical index of {len(nodes)} nodes, made again: {time.perf_counter() - began:.1f} s")


def copied(source: Path, target: Path) -> bytes:
    with closing(sqlite3.connect(source)) as db, closing(sqlite3.connect(target)) as copy:
        db.backup(copy)
    return target.read_bytes()
