"""An index with shorter vectors (`embed.dim`)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from samples import LIBRARY

from ragtree import Document, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.errors import IndexDamagedError, IndexMismatchError, SettingsError
from ragtree.indexing.projecting import kept_projection
from ragtree.settings import ChunkSettings, EmbedSettings
from ragtree.store.catalog import Catalog

DOCUMENTS = [Document(id=name, text=text) for name, text in LIBRARY.items()]


def opened(path: Path, **embed: object) -> RagTree:
    settings = Settings(embed=EmbedSettings.model_validate(embed), chunk=ChunkSettings(tokens=16)) if embed else None
    return RagTree.open(path, settings, embedder=HashingEmbedder(64))


def test_what_is_grouped_searched_and_asked_is_shortened(tmp_path: Path) -> None:
    with opened(tmp_path, dim=16) as tree:
        tree.add(DOCUMENTS)
        assert tree.stats().dimension == 16
        assert tree._store.vectors([node.id for node in tree.nodes()]).shape == (len(tree.nodes()), 16)
        whole = [len(vector) for vector in tree._catalog.get_vectors(keys_of(tree)).values()]
        assert set(whole) == {64}
        for mode in ("leaves", "collapsed", "traverse"):
            assert tree.search("the pendulum clock was built by Huygens", k=3, mode=mode)
        text = tree.nodes(0)[0].text
        assert tree.search(text, k=1, mode="leaves")[0].score == pytest.approx(1, abs=1e-4)
        assert tree.verify() == []


def keys_of(tree: RagTree) -> list[bytes]:
    return [one.key for one in tree._catalog.placed_of([node.id for node in tree.nodes()])]


def test_the_projection_is_kept_and_named(tmp_path: Path) -> None:
    with opened(tmp_path, dim=16) as tree:
        tree.add(DOCUMENTS)
        name = tree.stats().embedder
        projection = kept_projection(tree._catalog)
        assert projection is not None
        assert name == f"hashing-64 pca 16 {projection.digest}"
        vectors = tree._store.vectors([node.id for node in tree.nodes(0)])
    with opened(tmp_path) as tree:  # nothing said: as the index remembers
        assert tree.stats().embedder == name
        assert tree.add([]).embedded == 0
        tree.repair()
        assert np.array_equal(tree._store.vectors([node.id for node in tree.nodes(0)]), vectors)


@pytest.mark.parametrize("other", [{"dim": 0}, {"dim": 8}])
def test_an_index_is_not_opened_with_another_shortening(tmp_path: Path, other: dict[str, object]) -> None:
    with opened(tmp_path, dim=16) as tree:
        tree.add(DOCUMENTS)
    with pytest.raises(IndexMismatchError, match="pca 16"):
        opened(tmp_path, **other)


@pytest.mark.parametrize("way", ["truncate", "whiten"])
def test_an_index_that_was_shortened_in_another_way_is_read_as_it_is(tmp_path: Path, way: str) -> None:
    with opened(tmp_path, dim=16) as tree:
        tree.add(DOCUMENTS)
        text = tree.nodes(0)[0].text
        facts = tree._catalog.facts()
        kept = json.loads(facts.settings)
        kept["embed"]["reduce"] = way
        tree._catalog.set_facts({"embedder": facts.embedder.replace(" pca ", f" {way} "), "settings": json.dumps(kept)})
    with opened(tmp_path) as tree:
        assert tree.search(text, k=1, mode="leaves")[0].score == pytest.approx(1, abs=1e-4)
        assert tree.add([]).embedded == 0


def test_what_was_learned_from_little_is_learned_anew_and_written_anew(tmp_path: Path) -> None:
    with opened(tmp_path, dim=16) as tree:
        tree.add(DOCUMENTS[:1])
        first = tree.stats().embedder
        leaf = tree.nodes(0)[0]
        before = tree._store.vectors([leaf.id])
        report = tree.add(DOCUMENTS[1:])
        assert tree.stats().embedder != first
        assert leaf.text not in {node.text for node in tree.nodes(0) if node.document_id != leaf.document_id}
        after = tree._store.vectors([leaf.id])
        assert not np.allclose(before, after, atol=1e-3)
        assert report.embedded < len(tree.nodes())
        vectors = tree._store.vectors([node.id for node in tree.nodes()])
        projection = kept_projection(tree._catalog)
        assert projection is not None
        known = tree._catalog.get_vectors(keys_of(tree))
        whole = np.stack([known[key] for key in keys_of(tree)])
        assert np.allclose(vectors, projection.apply(whole), atol=1e-5)


def test_what_was_learned_is_kept_while_the_folder_grows_a_little(tmp_path: Path) -> None:
    with opened(tmp_path, dim=16) as tree:
        tree.add(DOCUMENTS)
        name = tree.stats().embedder
        tree.add([Document(id="memo", text="The canary is called Admiral.")])
        assert tree.stats().embedder == name
        tree.remove([document.id for document in tree.documents()])
        assert tree.search("canary", k=1) == []
        tree.add(DOCUMENTS)
        assert tree.search("canary", k=1)


def test_more_numbers_than_there_are_is_told(tmp_path: Path) -> None:
    with opened(tmp_path, dim=65) as tree, pytest.raises(SettingsError, match="1 to 64"):
        tree.add(DOCUMENTS)


def test_a_projection_that_cannot_be_read_is_a_damaged_index(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    catalog.set_facts({"projection": "no base64"})
    with pytest.raises(IndexDamagedError, match="projection"):
        kept_projection(catalog)
    catalog.close()
