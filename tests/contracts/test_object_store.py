"""What every place for snapshots has to keep: a folder, and a bucket."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from bucket_server import BucketServer

from ragtree import PublishedError
from ragtree.publish.base import ObjectStore
from ragtree.publish.bucket import store_at


@pytest.fixture(params=["folder", "file", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    if request.param != "bucket":
        place = tmp_path / "a place"
        yield store_at(place if request.param == "folder" else place.as_uri())
        return
    pytest.importorskip("obstore")
    with BucketServer() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield store_at("s3://bucket/some/prefix/")


def test_what_is_put_is_got_and_listed(store: ObjectStore) -> None:
    before = time.time()
    store.put("blobs/3f/3fa9", b"first")
    store.put("blobs/3f/3fa9", bytes(range(256)) * 300)
    store.put("blobs/40/40aa", b"")
    store.put("latest", b"{}")
    assert store.get("blobs/3f/3fa9", 76800) == bytes(range(256)) * 300
    assert store.get("blobs/40/40aa", 10) == b""
    listed = {one.name: one for one in store.listed("blobs/")}
    assert {name: one.size for name, one in listed.items()} == {"blobs/3f/3fa9": 76800, "blobs/40/40aa": 0}
    assert all(before - 2 < one.modified < time.time() + 2 for one in listed.values())


def test_what_is_not_there_is_none(store: ObjectStore) -> None:
    assert store.get("latest", 10) is None
    assert list(store.listed("blobs/")) == []
    store.delete(["latest", "blobs/3f/3fa9"])


def test_what_is_deleted_is_gone(store: ObjectStore) -> None:
    for name in ("blobs/aa", "blobs/bb", "blobs/cc"):
        store.put(name, b"x")
    store.delete(["blobs/aa", "blobs/never", "blobs/cc"])
    assert [one.name for one in store.listed("blobs/")] == ["blobs/bb"]


def test_an_object_that_is_larger_than_expected_is_refused(store: ObjectStore) -> None:
    store.put("latest", b"x" * 200_000)
    with pytest.raises(PublishedError, match="has more than 1000 bytes"):
        store.get("latest", 1000)
