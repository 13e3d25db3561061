"""Finds the file of a split in a folder, and the name of its split."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ...errors import DatasetError
from .base import Format, Split

_SAME = {"validation": "dev", "valid": "dev", "val": "dev"}
_SPLITS = frozenset({"train", "dev", "test", *_SAME})


def is_same(name: str, other: str) -> bool:
    """True for two names of one split, such as `dev` and `validation`."""
    return _canonical(name) == _canonical(other)


def hub_split(name: str) -> str:
    """The Hub's name for a split."""
    return "validation" if _canonical(name) == "dev" else name


def split_in(file: Path) -> str:
    """The split in a file's name, such as `dev` in `hotpot_dev_distractor_v1.json`; empty if it has none."""
    words = re.split(r"[^a-z0-9]+", file.name.lower())
    return next((word for word in words if word in _SPLITS), "")


def published_split(format_: Format, wanted: str | None) -> str:
    """The dataset's own name for the wanted split, or for the default one.

    Raises DatasetError, which names the splits that there are, for an unknown split.
    """
    wanted = wanted or format_.default
    for split in format_.splits:
        if is_same(split.name, wanted):
            return split.name
    raise unknown_split(wanted, format_.title, (split.name for split in format_.splits))


def unknown_split(wanted: str, what: str, names: Iterable[str]) -> DatasetError:
    """The error for an unknown split, or for no split if there are several."""
    there = ", ".join(dict.fromkeys(name for name in names if name)) or "none by name"
    if not wanted:
        return DatasetError(f"{what} has several splits; name one of {there}")
    return DatasetError(f"{what} has no split {wanted!r}; there is {there}")


def choose_file(
    path: Path, wanted: str | None, format_: Format, fits: Callable[[Path], bool], prefer: str = ""
) -> tuple[Path, str]:
    """The file of a split, and the dataset's own name for the split (empty if neither file name nor caller names one).

    Of several files of one split, those with `prefer` in their name are preferred. Raises DatasetError if there is no
    such split, or if several files have it.
    """
    if path.is_file():
        return path, _of_file(path, wanted, format_)
    files = [file for file in sorted(path.iterdir()) if fits(file)]
    if not files:
        raise DatasetError(f"{path} holds no file of {format_.title}; give the path of the file itself")
    named = {file: split_in(file) for file in files}
    chosen = _wanted(files, named, wanted, format_)
    if not chosen:
        raise unknown_split(wanted or format_.default, str(path), named.values())
    chosen = [file for file in chosen if prefer in file.name] or chosen
    if len(chosen) > 1:
        names = ", ".join(file.name for file in chosen)
        raise DatasetError(f"{path} holds several files of one split: {names}; give the path of one of them")
    return chosen[0], _own_word(format_.splits, named[chosen[0]])


def _wanted(files: Sequence[Path], named: dict[Path, str], wanted: str | None, format_: Format) -> list[Path]:
    if wanted is not None:
        return [file for file in files if is_same(named[file], wanted)]
    usual = [file for file in files if is_same(named[file], format_.default)]
    if usual or len({_canonical(name) for name in named.values()}) == 1:
        return usual or list(files)
    raise DatasetError(
        f"several splits lie side by side: {', '.join(file.name for file in files)}; name one, or give a file's path"
    )


def _of_file(path: Path, wanted: str | None, format_: Format) -> str:
    named = split_in(path)
    if wanted is None or (named and is_same(named, wanted)):
        return _own_word(format_.splits, named)
    if named:
        raise unknown_split(wanted, str(path), [named])
    return published_split(format_, wanted)


def _own_word(splits: Sequence[Split], name: str) -> str:
    return next((split.name for split in splits if is_same(split.name, name)), name)


def _canonical(name: str) -> str:
    return _SAME.get(name.lower(), name.lower())
