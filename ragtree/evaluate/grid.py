"""A grid of settings that are varied, and its cells."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..configuration import merge, validate
from ..errors import SettingsError
from ..retrieve.modes import FLAT_MODES
from ..settings import Settings

_SHAPING = ("chunk", "embed", "tree", "summarize")
"""Stages that decide which tree is built. The language model's name does, too, but only if the model writes."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """One combination of values. Its name says only what is varied."""

    name: str
    settings: Settings

    @property
    def tree_key(self) -> str:
        """Cells with the same key search the same tree."""
        values = self.settings.model_dump(mode="json", include=set(_SHAPING))
        if self.settings.summarize.kind != "extractive" or self.settings.chunk.context == "llm":
            values["llm"] = self.settings.llm.model
            values["prompts"] = str(self.settings.prompts)
        return json.dumps(values, sort_keys=True)


def parse_grid(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """A grid from texts such as `retrieve.mode=leaves,collapsed`. Raises SettingsError for other forms."""
    grid: dict[str, tuple[str, ...]] = {}
    for text in texts:
        setting, equals, values = text.partition("=")
        parts = tuple(value.strip() for value in values.split(","))
        if not equals or "." not in setting or not all(parts):
            raise SettingsError(
                f"--grid {text}: wanted is stage.field=value,value, such as retrieve.mode=leaves,collapsed"
            )
        if len(set(parts)) < len(parts):
            raise SettingsError(f"--grid {text}: it contains a value twice")
        if setting.strip() in grid:
            raise SettingsError(f"--grid {text}: {setting} is varied twice")
        grid[setting.strip()] = parts
    return grid


def cells_of(base: Settings, grid: Mapping[str, Sequence[str]]) -> tuple[GridCell, ...]:
    """Every combination of the grid's values over `base`, the last setting varying fastest; `base` alone for no grid.

    Raises SettingsError for an unknown setting or an invalid value.
    """
    cells = []
    for values in itertools.product(*grid.values()):
        chosen = dict(zip(grid, values, strict=True))
        name = " ".join(f"{setting}={value}" for setting, value in chosen.items())
        cells.append(GridCell(name or "as set", _with(base, chosen)))
    return tuple(cells)


def without_unused_trees(cells: Sequence[GridCell]) -> tuple[GridCell, ...]:
    """The same cells, but a tree that no mode would search is not built."""
    used = {cell.tree_key for cell in cells if cell.settings.retrieve.mode not in FLAT_MODES}
    return tuple(
        cell if cell.tree_key in used else GridCell(cell.name, _with(cell.settings, {"tree.cluster": "none"}))
        for cell in cells
    )


def _with(base: Settings, values: Mapping[str, str]) -> Settings:
    """Settings in which every field is set, so that none is taken from those that an index stored."""
    full: dict[str, Any] = base.model_dump()
    for setting, value in values.items():
        stage, _, field = setting.partition(".")
        merge(full, {stage: {field: value}})
    return validate(full)
