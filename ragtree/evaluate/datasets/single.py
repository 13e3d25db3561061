"""Formats with one file per split: rows -> a dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ..base import Dataset
from .base import Format, HubName, Split
from .hub import rows_of
from .row_files import RowEntry
from .splits import choose_file, hub_split, published_split


def one_file_format(
    *,
    name: str,
    title: str,
    source: str,
    hub: tuple[HubName, ...],
    splits: tuple[Split, ...],
    default: str,
    fits: Callable[[Path], bool],
    entries: Callable[[Path], Iterator[RowEntry]],
    build: Callable[[Iterable[RowEntry], str], Dataset],
    prefer: str = "",
) -> Format:
    """A format for which `build` makes the dataset of a split from rows of a file or of the Hub.

    `fits` says whether a file has this format, and `entries` reads its rows. If a split has two files, the one with
    `prefer` in its name is used.
    """

    def recognises(path: Path) -> bool:
        if path.is_dir():
            return any(fits(file) for file in sorted(path.iterdir()))
        return fits(path)

    def read(path: Path, split: str | None) -> Dataset:
        file, named = choose_file(path, split, form, fits, prefer)
        return build(entries(file), named)

    def read_hub(place: HubName, split: str | None) -> Dataset:
        named = published_split(form, split)
        return build(rows_of(place, hub_split(named)), named)

    form = Format(name, title, source, hub, splits, default, recognises, read, read_hub)
    return form
