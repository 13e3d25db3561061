"""The implementations of each protocol by name: ragtree's own, and those of installed packages (docs/plugins.md).

A package offers one by an entry point, whose group is the registry's. Nothing is imported before it is used, and the
packages are searched only for a name that is not ragtree's.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from pydantic import ValidationInfo

from .errors import QueryError, RagtreeError, SettingsError

STORED = "stored"
"""Key in the context of a validation, for the settings that an index stored: the package that it was built with may be
gone, and is missed only when it is used."""


@dataclass(frozen=True, slots=True)
class Registry:
    """The implementations of one protocol. They are named by a setting, the ending of a file, or a scheme."""

    group: str
    """Of the entry points: `ragtree.chunkers`."""
    what: str
    """One of them, for messages: `chunker`."""
    own: Mapping[str, str]
    """Name -> `module:attribute` below the package ragtree."""
    others: tuple[str, ...] = ()
    """Names that stand for a choice or for none (`auto`, `none`), or that need more than a name."""
    error: type[RagtreeError] = SettingsError

    def __contains__(self, name: object) -> bool:
        return name in self.own or name in self.others or name in self._offered

    def names(self) -> tuple[str, ...]:
        """All names, ragtree's first. Raises `error` if a name is offered twice."""
        for name in self._offered:
            self._point(name)
        return (*self.others, *self.own, *sorted(self._offered))

    def make(self, name: str, *given: Any) -> Any:
        """An implementation, made with what docs/plugins.md says.

        Raises `error` if there is none of that name, if two packages offer it, or if its package does not work.
        """
        if name in self.own:
            return resolve_name(f"ragtree.{self.own[name]}")(*given)
        point = self._point(name)
        if point is None:
            raise self.error(self._unknown(name))
        try:
            return point.load()(*given)
        except (RagtreeError, MemoryError):
            raise
        except Exception as error:
            raise self.error(
                f"the package {_package(point)}, which offers the {self.what} {name}, does not work "
                f"({type(error).__name__}: {error}); install it again, or ask its authors"
            ) from error

    def package(self, name: str) -> str:
        """The package that offers the name, and its version; empty for ragtree's own and for an unknown name."""
        point = self._point(name) if name not in self.own else None
        return _package(point) if point is not None else ""

    def packages(self) -> tuple[str, ...]:
        """All packages that offer something here, with their versions."""
        return tuple(sorted({_package(point) for points in self._offered.values() for point in points}))

    def checked(self, name: str, info: ValidationInfo) -> str:
        """The value of a setting. Raises ValueError if there is no such name, except in the settings of an index."""
        if name not in self and not (info.context or {}).get(STORED):
            raise ValueError(self._unknown(name))
        return name

    def in_model(self, model: str) -> str:
        """NAME of a model that is called `NAME:MODEL`; empty for other names, and for paths. Raises `error` if there is
        no such name."""
        found = re.match(r"([\w.-]{2,}):(?!//)", model)
        if found is None or Path(model).expanduser().exists():
            return ""
        if found[1] not in self:
            raise self.error(f"{model!r}: {self._unknown(found[1])}")
        return found[1]

    @property
    def _offered(self) -> Mapping[str, tuple[EntryPoint, ...]]:
        return _entry_points(self.group, tuple(sys.path))

    def _unknown(self, name: str) -> str:
        return f"there is no {self.what} {name!r}; there are {', '.join(self.names())}"

    def _point(self, name: str) -> EntryPoint | None:
        """The entry point of that name. Raises `error` if it is offered twice."""
        points = self._offered.get(name, ())
        offering = [*(["ragtree"] if name in self.own or name in self.others else []), *map(_package, points)]
        if len(offering) > 1:
            raise self.error(f"{' and '.join(offering)} both offer the {self.what} {name}; uninstall one of them")
        return points[0] if points else None


@lru_cache(maxsize=64)
def _entry_points(group: str, path: tuple[str, ...]) -> Mapping[str, tuple[EntryPoint, ...]]:
    """Name -> the entry points of the group that have it. `path` is where packages are looked for."""
    found: dict[str, tuple[EntryPoint, ...]] = {}
    for point in entry_points(group=group):
        found[point.name] = (*found.get(point.name, ()), point)
    return found


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else point.module


def _in(room: str, **own: str) -> dict[str, str]:
    """Name -> target, for implementations in modules of their names."""
    return {name: f"{room}.{name}:{attribute}" for name, attribute in own.items()}


CHUNKERS = Registry(
    "ragtree.chunkers",
    "chunker",
    _in("chunk", sentences="SentenceChunker", tokens="TokenChunker", recursive="RecursiveChunker")
    | _in("chunk", structure="StructureChunker", semantic="SemanticChunker", layout="LayoutChunker"),
)
CLUSTERERS = Registry(
    "ragtree.clusterers",
    "clusterer",
    {**_in("cluster", kmeans="KMeans", gmm="GaussianMixtures"), "gmm-umap": "cluster.gmm:mixtures_on_umap"},
    ("llm", "none"),
)
SUMMARIZERS = Registry(
    "ragtree.summarizers",
    "summarizer",
    _in("summarize", abstractive="AbstractiveSummarizer", hybrid="HybridSummarizer"),
    ("auto", "extractive"),
)
RETRIEVERS = Registry(
    "ragtree.retrievers",
    "mode",
    _in("retrieve", hybrid="Hybrid", leaves="Leaves", lexical="Lexical", collapsed="Collapsed", traverse="Traverse"),
    ("auto", "guided"),
    QueryError,
)
"""These four are here, and not in their rooms, because the settings check their names."""
