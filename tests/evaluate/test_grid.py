"""Which cells a grid has, and which of them share a tree."""

from __future__ import annotations

import pytest

from ragtree import Settings, SettingsError
from ragtree.evaluate.grid import cells_of, parse_grid, without_unused_trees
from ragtree.settings import ChunkSettings


def test_a_grid_is_read_as_it_is_written() -> None:
    grid = parse_grid(["retrieve.mode=leaves, collapsed", "chunk.tokens=64,128"])
    assert grid == {"retrieve.mode": ("leaves", "collapsed"), "chunk.tokens": ("64", "128")}


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["retrieve.mode"], "wanted is stage.field=value,value"),
        (["mode=leaves"], "wanted is stage.field=value,value"),
        (["retrieve.mode=leaves,"], "wanted is stage.field=value,value"),
        (["retrieve.mode=leaves,leaves"], "it contains a value twice"),
        (["chunk.tokens=64", "chunk.tokens=32"], "varied twice"),
    ],
)
def test_what_is_no_grid_is_refused(texts: list[str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        parse_grid(texts)


def test_every_combination_is_a_cell_that_says_what_is_varied() -> None:
    cells = cells_of(Settings(), {"retrieve.mode": ("leaves", "collapsed"), "chunk.tokens": ("64", "128")})
    assert [cell.name for cell in cells] == [
        "retrieve.mode=leaves chunk.tokens=64",
        "retrieve.mode=leaves chunk.tokens=128",
        "retrieve.mode=collapsed chunk.tokens=64",
        "retrieve.mode=collapsed chunk.tokens=128",
    ]
    assert cells[3].settings.chunk.tokens == 128
    assert cells[3].settings.retrieve.mode == "collapsed"


def test_without_a_grid_there_is_one_cell() -> None:
    (cell,) = cells_of(Settings(chunk=ChunkSettings(tokens=77)), {})
    assert (cell.name, cell.settings.chunk.tokens) == ("as set", 77)


def test_a_value_that_cannot_be_is_refused() -> None:
    with pytest.raises(SettingsError, match="semantics"):
        cells_of(Settings(), {"chunk.kind": ("semantics",)})
    with pytest.raises(SettingsError, match="there is no such setting"):
        cells_of(Settings(), {"chunk.sort": ("a",)})


def test_cells_set_every_field_so_that_no_index_can_bring_its_own() -> None:
    (cell,) = cells_of(Settings(), {})
    assert cell.settings.tree.model_fields_set == set(type(cell.settings.tree).model_fields)


def test_modes_share_a_tree_and_clusterers_do_not() -> None:
    grid = {"retrieve.mode": ("leaves", "collapsed"), "tree.cluster": ("kmeans", "gmm")}
    keys = [cell.tree_key for cell in cells_of(Settings(), grid)]
    assert keys[0] == keys[2] != keys[1] == keys[3]


def test_a_model_shapes_the_tree_only_where_it_summarizes() -> None:
    grid = {"llm.model": ("bundled", "none")}
    auto = cells_of(Settings(), grid)
    extractive = cells_of(Settings(), {"summarize.kind": ("extractive",)})
    assert auto[0].tree_key != auto[1].tree_key
    two = cells_of(extractive[0].settings, grid)
    assert two[0].tree_key == two[1].tree_key


def test_a_tree_that_only_leaves_would_search_is_not_grown() -> None:
    grid = {"retrieve.mode": ("leaves",)}
    (alone,) = without_unused_trees(cells_of(Settings(), grid))
    assert alone.settings.tree.cluster == "none"
    both = without_unused_trees(cells_of(Settings(), {"retrieve.mode": ("leaves", "traverse")}))
    assert [cell.settings.tree.cluster for cell in both] == ["kmeans", "kmeans"]
