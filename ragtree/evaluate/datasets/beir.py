"""BEIR: a folder with a corpus, queries, and judgements by split; and the copies of BEIR and MTEB on the Hub."""

from __future__ import annotations

from pathlib import Path

from ...errors import DatasetError
from ..base import Dataset
from .base import Format, HubName, Split
from .collected import Collected
from .hub import rows_of
from .qrels import add_corpus, add_queries, qrels_table, read_qrels
from .row_files import json_lines
from .splits import hub_split, is_same, published_split, unknown_split

_QRELS = "qrels"


def _read(path: Path, split: str | None) -> Dataset:
    file = _judgements(path, split)
    collected = Collected()
    qrels = read_qrels(qrels_table(file), collected)
    add_corpus(json_lines(path / "corpus.jsonl"), collected)
    add_queries(json_lines(path / "queries.jsonl"), qrels, collected)
    return _dataset(collected, path.resolve().name, file.stem)


def _judgements(path: Path, wanted: str | None) -> Path:
    files = sorted((path / _QRELS).glob("*.tsv")) if path.is_dir() else []
    if not files:
        raise DatasetError(f"{path} has no judgements in qrels/*.tsv; give the folder that holds them and corpus.jsonl")
    chosen = [file for file in files if is_same(file.stem, wanted or FORMAT.default)]
    if not chosen and wanted is None and len(files) == 1:
        chosen = files
    if not chosen:
        raise unknown_split(wanted or FORMAT.default, str(path), (file.stem for file in files))
    return chosen[0]


def _read_hub(place: HubName, split: str | None) -> Dataset:
    named = published_split(FORMAT, split)
    owner, _, name = place.name.partition("/")
    apart = owner.lower() == "beir"  # BEIR's judgements are a separate dataset, MTEB's the default configuration
    judgements = HubName(f"{place.name}-qrels") if apart else HubName(place.name, "default")
    collected = Collected()
    qrels = read_qrels(rows_of(judgements, hub_split(named) if apart else named), collected)
    add_corpus(rows_of(HubName(place.name, "corpus"), "corpus"), collected)
    add_queries(rows_of(HubName(place.name, "queries"), "queries"), qrels, collected)
    return _dataset(collected, name, named)


def _dataset(collected: Collected, name: str, split: str) -> Dataset:
    return collected.dataset(FORMAT, split, "corpus", edition=name.lower(), name=f"BEIR {name}")


def _recognises(path: Path) -> bool:
    return path.is_dir() and all((path / name).exists() for name in ("corpus.jsonl", "queries.jsonl", _QRELS))


FORMAT = Format(
    name="beir",
    title="BEIR",
    source="Thakur et al., BEIR: A Heterogeneous Benchmark for Zero-shot Evaluation of Information Retrieval Models "
    "(NeurIPS 2021, arXiv 2104.08663); https://github.com/beir-cellar/beir",
    hub=(HubName("BeIR/*"), HubName("mteb/*")),
    splits=(
        Split("test", 5183, 300, "scifact"),
        Split("test", 3633, 323, "nfcorpus"),
        Split("test", 57_638, 648, "fiqa"),
        Split("test", 8674, 1406, "arguana"),
        Split("test", 25_657, 1000, "scidocs"),
        Split("test", 171_332, 50, "trec-covid"),
        Split("dev"),
        Split("train"),
    ),
    default="test",
    recognises=_recognises,
    read=_read,
    read_hub=_read_hub,
)
