"""2WikiMultihopQA: in the format of HotpotQA, made from Wikipedia and Wikidata."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..base import Dataset
from .base import HubName, Split
from .hotpotqa import build_for
from .row_files import RowEntry, head_keys, json_array
from .single import one_file_format


def _build(entries: Iterable[RowEntry], split: str) -> Dataset:
    return build_for(FORMAT, entries, split)


def _fits(file: Path) -> bool:
    keys = head_keys(file, "[")
    return {"question", "context"} <= keys and bool({"evidences", "entity_ids"} & keys)


FORMAT = one_file_format(
    name="2wikimultihopqa",
    title="2WikiMultihopQA",
    source="Ho et al., Constructing A Multi-hop QA Dataset for Comprehensive Evaluation of Reasoning Steps "
    "(COLING 2020, arXiv 2011.01060); https://github.com/Alab-NII/2wikimultihop",
    hub=(HubName("framolfese/2WikiMultihopQA"),),
    splits=(Split("train", questions=167_454), Split("dev", questions=12_576), Split("test", questions=12_576)),
    default="dev",
    fits=_fits,
    entries=json_array,
    build=_build,
)
