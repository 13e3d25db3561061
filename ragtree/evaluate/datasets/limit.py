"""LIMIT: judgements that no embedding of few dimensions can satisfy, in MTEB's layout."""

from __future__ import annotations

from pathlib import Path

from ..base import Dataset
from .base import Format, HubName, Split
from .collected import Collected
from .hub import rows_of
from .qrels import add_corpus, add_queries, read_qrels
from .row_files import json_lines
from .splits import published_split

_FILES = ("corpus.jsonl", "queries.jsonl", "qrels.jsonl")
_SMALL = 1000
"""The small edition (46 documents) has fewer documents than this, the whole one (50,000) more."""


def _read(path: Path, split: str | None) -> Dataset:
    split = published_split(FORMAT, split)
    corpus, queries, judgements = (path / name for name in _FILES)
    collected = Collected()
    qrels = read_qrels(json_lines(judgements), collected)
    add_corpus(json_lines(corpus), collected)
    add_queries(json_lines(queries), qrels, collected)
    return _dataset(collected, path.resolve().name, split)


def _read_hub(place: HubName, split: str | None) -> Dataset:
    split = published_split(FORMAT, split)
    collected = Collected()
    qrels = read_qrels(rows_of(HubName(place.name, "default"), split), collected)
    add_corpus(rows_of(HubName(place.name, "corpus"), "corpus"), collected)
    add_queries(rows_of(HubName(place.name, "queries"), "queries"), qrels, collected)
    return _dataset(collected, place.name, split)


def _dataset(collected: Collected, name: str, split: str) -> Dataset:
    small = "small" in name.lower() or len(collected.documents) < _SMALL
    return collected.dataset(FORMAT, split, "corpus", edition="small" if small else "")


def _recognises(path: Path) -> bool:
    return path.is_dir() and all((path / name).is_file() for name in _FILES)


FORMAT = Format(
    name="limit",
    title="LIMIT",
    source="Weller et al., On the Theoretical Limitations of Embedding-Based Retrieval (arXiv 2508.21038); "
    "https://github.com/google-deepmind/limit",
    hub=(HubName("orionweller/LIMIT"), HubName("orionweller/LIMIT-small")),
    splits=(Split("test", 50_000, 1000), Split("test", 46, 1000, "small")),
    default="test",
    recognises=_recognises,
    read=_read,
    read_hub=_read_hub,
)
