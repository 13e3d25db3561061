"""A path or a name on the Hub -> a dataset, whatever its format."""

from __future__ import annotations

from pathlib import Path

from ...errors import DatasetError
from ..base import Dataset
from . import (
    beir,
    hotpotqa,
    limit,
    longbench,
    musique,
    narrativeqa,
    plain,
    qasper,
    quality,
    squad,
    squality,
    wikimultihop,
)
from .base import Format
from .hub import PREFIX, known_as, parse_name

FORMATS: tuple[Format, ...] = (
    quality.FORMAT,
    qasper.FORMAT,
    narrativeqa.FORMAT,
    squality.FORMAT,
    squad.FORMAT,
    hotpotqa.FORMAT,
    wikimultihop.FORMAT,
    musique.FORMAT,
    longbench.FORMAT,
    beir.FORMAT,
    limit.FORMAT,
    plain.FORMAT,
)
"""Each recognises only its own files, except for the plain format, which comes last."""


def open_dataset(name: str, format: str | None = None, split: str | None = None) -> Dataset:
    """The dataset of a file or folder, or of `hf:owner/name` or `hf:owner/name:config`.

    Without `format`, it is the first that recognises the files; without `split`, the format's default. Raises
    DatasetError if there is nothing, for an unknown format or split, and for a broken row; MissingExtraError for the
    Hub without the extra `eval`.
    """
    chosen = None if format is None else _by_name(format)
    if name.startswith(PREFIX):
        return _from_hub(name, chosen, split)
    path = Path(name).expanduser()
    try:
        if not path.exists():
            raise DatasetError(f"there is no file or folder {name}; for a dataset on the Hub write hf:owner/name")
        return (chosen or _of_path(path)).read(path, split)
    except OSError as error:
        raise DatasetError(f"{error.filename or name} cannot be read: {error.strerror or error}") from error


def _from_hub(name: str, chosen: Format | None, split: str | None) -> Dataset:
    wanted = parse_name(name)
    for form in FORMATS if chosen is None else (chosen,):
        place = known_as(wanted, form)
        if place is not None:
            return form.read_hub(place, split)
    if chosen is None:
        raise DatasetError(f"{name} is not known; name its format, one of {_names()}")
    return chosen.read_hub(wanted, split)


def _of_path(path: Path) -> Format:
    for form in FORMATS:
        if form.recognises(path):
            return form
    raise DatasetError(f"{path} has the form of no dataset that is known; name its format, one of {_names()}")


def _by_name(name: str) -> Format:
    for form in FORMATS:
        if form.name == name.lower():
            return form
    raise DatasetError(f"there is no format {name!r}; there is {_names()}")


def _names() -> str:
    return ", ".join(form.name for form in FORMATS)
