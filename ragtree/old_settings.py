"""The names that settings had one version ago, and what has replaced them.

Files, variables, options and indexes that use them still work, and a warning says what to write instead.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

logger = logging.getLogger(__name__)

Known: TypeAlias = Callable[[str], Any]
"""The value of a setting beside the old one, by its name; None if it is not set."""


def _nothing(value: Any, known: Known) -> dict[str, Any]:
    return {}


def _eight_bits(value: Any, known: Known) -> dict[str, Any]:
    return {"embed.backend": "onnx-int8"} if value == "int8" else {}


def _layers(value: Any, known: Known) -> dict[str, Any]:
    named = known("embed.model") or "bundled"
    return {"embed.model": f"{named} ({value} layers)"} if str(value).strip() != "0" else {}


def _clusters(value: Any, known: Known) -> dict[str, Any]:
    return {"tree.shape": "clusters"} if value == "clusters" and known("tree.shape") != "raptor" else {}


def _umap(value: Any, known: Known) -> dict[str, Any]:
    return {"tree.cluster": "gmm-umap"} if value == "umap" and known("tree.cluster") == "gmm" else {}


def _strictness(default: float) -> Callable[[Any, Known], dict[str, Any]]:
    def became(value: Any, known: Known) -> dict[str, Any]:
        try:
            given = float(value)
        except (TypeError, ValueError):
            return {}
        return {"answer.strictness": "low" if given < default else "high"} if given != default else {}

    return became


def _extra_temperature(value: Any, known: Known) -> dict[str, Any]:
    extra = known("llm.extra") or {}
    try:
        given, others = float(value), json.loads(extra) if isinstance(extra, str) else dict(extra)
    except (TypeError, ValueError):
        return {}
    return {"llm.extra": {"temperature": given, **others}} if given else {}


def _with_database(value: Any, known: Known) -> dict[str, Any]:
    url = known("store.url")
    return {"store.url": f"{url}#{value}"} if url and "#" not in url else {}


@dataclass(frozen=True, slots=True)
class RemovedSetting:
    """A setting that there is no more."""

    default: Any
    """Its value unless someone set it. Indexes store it all the same."""
    renamed: str = ""
    """Its new name, if it only has another one."""
    told: str = "has no effect any more"
    """Otherwise, what has replaced it: the end of a sentence that begins with the old name."""
    became: Callable[[Any, Known], dict[str, Any]] = _nothing
    """From the value, the settings that replace it, by name; none if it has no effect."""

    @property
    def advice(self) -> str:
        """What has replaced it, as the end of a sentence."""
        return f"is now called {self.renamed}" if self.renamed else self.told


_STRICT = "is now a part of answer.strictness, which is low, normal or high"
OLD = {
    "load.max_memory_megabytes": RemovedSetting(2048),
    "load.max_depth": RemovedSetting(3, told="has no effect any more; unpack archives that are nested deeper"),
    "load.max_members": RemovedSetting(10_000, told="has no effect any more; unpack archives that hold more files"),
    "load.max_unpacked_megabytes": RemovedSetting(500.0, told="has no effect any more; unpack larger archives"),
    "load.max_ratio": RemovedSetting(200, told="has no effect any more; unpack archives that are packed more tightly"),
    "embed.window": RemovedSetting(0),
    "embed.timeout": RemovedSetting(120.0, told="has no effect any more; llm.timeout holds for all servers"),
    "embed.retries": RemovedSetting(2, told="has no effect any more; llm.retries holds for all servers"),
    "embed.precision": RemovedSetting(
        "auto", told="is now a part of embed.backend, which can be onnx-int8", became=_eight_bits
    ),
    "embed.layers": RemovedSetting(0, told="is now a part of embed.model, as in `NAME (4 layers)`", became=_layers),
    "embed.reduce": RemovedSetting(
        "pca", told="has no effect any more; vectors are shortened to their principal components"
    ),
    "tree.inside": RemovedSetting("auto", told="is now a part of tree.shape, which can be clusters", became=_clusters),
    "tree.goal_calls": RemovedSetting(200),
    "tree.second_parent": RemovedSetting(0.97),
    "tree.reduce": RemovedSetting("auto", told="is now a part of tree.cluster, which can be gmm-umap", became=_umap),
    "tree.dimensions": RemovedSetting(10),
    "tree.membership": RemovedSetting(0.1),
    "tree.seed": RemovedSetting(0),
    "tree.stale": RemovedSetting(0.2, renamed="tree.stale_share"),
    "summarize.read_tokens": RemovedSetting(240),
    "summarize.support": RemovedSetting(0.5),
    "summarize.nli": RemovedSetting("none", renamed="summarize.entailment_model"),
    "llm.max_tokens": RemovedSetting(300, renamed="llm.answer_tokens"),
    "llm.temperature": RemovedSetting(
        0.0,
        told='is now a part of llm.extra, for a server, as in {"temperature": 0.7}',
        became=_extra_temperature,
    ),
    "llm.seed": RemovedSetting(0, told='has no effect any more; for a server, set llm.extra = {"seed": 7}'),
    "retrieve.beam": RemovedSetting(5),
    "retrieve.guide_calls": RemovedSetting(8),
    "retrieve.words": RemovedSetting(0.5, renamed="retrieve.word_weight"),
    "retrieve.neighbours": RemovedSetting(0.5),
    "retrieve.names": RemovedSetting(8.0, renamed="retrieve.name_weight"),
    "retrieve.rerank_share": RemovedSetting(None),
    "retrieve.pool_factor": RemovedSetting(1),
    "retrieve.expand_count": RemovedSetting(3),
    "answer.support": RemovedSetting(0.55, told=_STRICT),
    "answer.relevance": RemovedSetting(0.445, told=_STRICT, became=_strictness(0.445)),
    "answer.answerable": RemovedSetting(-0.3, told=_STRICT, became=_strictness(-0.3)),
    "answer.entailed": RemovedSetting(0.0, told=_STRICT, became=_strictness(0.0)),
    "answer.searches": RemovedSetting(2),
    "answer.read_tokens": RemovedSetting(
        0, told="has no effect any more; retrieve.max_tokens says how much is found and read"
    ),
    "answer.list_calls": RemovedSetting(4),
    "answer.history_tokens": RemovedSetting(600),
    "store.database": RemovedSetting(
        "default_database", told="is now a part of store.url, as in http://HOST:PORT#NAME", became=_with_database
    ),
}


def with_new_names(values: Mapping[str, Any], beside: Mapping[str, Any], source: str) -> dict[str, Any]:
    """What a file, variable or option sets (stage -> field -> value), with new names. Warns of every old one.

    `beside` is what weaker sources set, with new names.
    """
    new, found = _translated(values, beside)
    for name in found:
        logger.warning("%s: %s %s", source, name, OLD[name].advice)
    return new


def remembered_with_new_names(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same for what an index stored. Warns only of what was set and has no effect any more."""
    new, found = _translated(values, {})
    for name, lost in found.items():
        if lost and values[name.partition(".")[0]][name.partition(".")[2]] != OLD[name].default:
            logger.warning("the index was made with %s, which %s", name, OLD[name].advice)
    return new


def _translated(values: Mapping[str, Any], beside: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, bool]]:
    """The values with new names; and the old names among them, with true for a value that nothing came of."""
    new = {stage: dict(given) if isinstance(given, Mapping) else given for stage, given in values.items()}

    def known(name: str) -> Any:
        return _get(new, name) if _get(new, name) is not None else _get(beside, name)

    found: dict[str, bool] = {}
    for name, old in OLD.items():
        stage, _, field = name.partition(".")
        given = new.get(stage)
        if not isinstance(given, dict) or field not in given:
            continue
        value = given.pop(field)
        became = old.became(value, known)
        if old.renamed and _get(new, old.renamed) is None:
            became = {old.renamed: value}
        for target, made in became.items():
            _set(new, target, made)
        found[name] = not became and not old.renamed
    return new, found


def _get(values: Mapping[str, Any], name: str) -> Any:
    stage, _, field = name.partition(".")
    given = values.get(stage)
    return given.get(field) if isinstance(given, Mapping) else None


def _set(values: dict[str, Any], name: str, value: Any) -> None:
    stage, _, field = name.partition(".")
    given = values.setdefault(stage, {})
    if isinstance(given, dict):
        given[field] = value
