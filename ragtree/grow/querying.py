"""What a question is asked of: the tree as it stands now."""

from __future__ import annotations

from ..errors import QueryError
from ..retrieve.base import Index
from ..retrieve.exhaustive.extraction import Extractor
from ..retrieve.exhaustive.patterns import make_pattern
from ..retrieve.exhaustive.survey import Approve, Survey, Surveyor
from ..retrieve.passing import passing
from ..store.base import NodeStore, WordIndex
from ..store.catalog import Catalog
from ..store.table import QueriedStore, TableReader
from ..types import Budget, Where
from .spending import MeteredChat, Spending


def queried(catalog: Catalog, tables: TableReader, store: NodeStore, words: WordIndex) -> Index:
    """The index that retrievers search. What they read comes from the catalog, which is quicker than the store."""
    table = tables.table()
    return Index(QueriedStore(store, catalog, table), words, tuple(catalog.top()), table.neighbours, table)


def survey(
    surveyor: Surveyor,
    question: str,
    pattern: str | None,
    where: Where | None,
    budget: Budget | None,
    approve: Approve | None,
) -> Survey:
    """What `RagTree.survey` gives."""
    table = surveyor.index.table
    allowed = passing(where, table) if table is not None else None
    if pattern is not None:
        return surveyor.by_pattern(question, make_pattern(pattern), allowed)
    model = surveyor.chat_model()
    if model is None:
        raise QueryError("listing by a question asks a language model, and llm.model is none; name one, or a pattern")
    metered = MeteredChat(model, Spending(budget))
    return surveyor.by_model(question, Extractor(metered, surveyor.prompts), allowed, approve)
