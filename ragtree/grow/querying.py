"""What a question is asked of: the tree as it stands now."""

from __future__ import annotations

from ..retrieve.base import Index
from ..store.base import NodeStore, WordIndex
from ..store.catalog import Catalog
from ..store.table import QueriedStore, TableReader


def queried(catalog: Catalog, tables: TableReader, store: NodeStore, words: WordIndex) -> Index:
    """The index that retrievers search. What they read comes from the catalog, which is quicker than the store."""
    table = tables.table()
    return Index(QueriedStore(store, catalog, table), words, tuple(catalog.top()), table.neighbours, table)
