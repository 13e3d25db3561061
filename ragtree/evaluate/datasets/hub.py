"""Reads rows from the Hub, with the `datasets` library of the extra `eval`."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from importlib import import_module
from re import fullmatch
from typing import Any

from ...errors import DatasetError, MissingExtraError
from .base import Format, HubName
from .row_files import RowEntry, Where

PREFIX = "hf:"
_NO_SCRIPTS = "scripts are no longer supported"
_EXPORT = "refs/convert/parquet"
"""The branch with the Parquet files that the Hub makes of every public dataset, also of those with a script."""


def parse_name(address: str) -> HubName:
    """`hf:owner/name` or `hf:owner/name:config`. Raises DatasetError for anything else."""
    if not fullmatch(r"hf:[\w-][\w.-]*/[\w-][\w.-]*(:[\w.-]+)?", address):
        raise DatasetError(f"{address!r} is not a name on the Hub; write hf:owner/name or hf:owner/name:config")
    name, _, config = address.removeprefix(PREFIX).partition(":")
    return HubName(name, config or None)


def known_as(wanted: HubName, format_: Format) -> HubName | None:
    """The format's dataset on the Hub that `wanted` names, with the configuration it has there; None if there is none.

    A configuration that `wanted` names is kept.
    """
    for place in format_.hub:
        if fnmatchcase(wanted.name.lower(), place.name.lower()):
            return HubName(wanted.name, wanted.config or place.config)
    return None


def rows_of(name: HubName, split: str) -> Iterator[RowEntry]:
    """The rows of a split, one at a time.

    Raises DatasetError if the Hub cannot be reached or has no such split, and MissingExtraError without `datasets`.
    """
    try:
        from datasets.exceptions import DatasetsError

        http_error = import_module("huggingface_hub.errors").HTTPError
    except ImportError as error:
        raise MissingExtraError("datasets, which reads from the Hub,", "eval") from error
    try:
        rows = _load(name, split)
    except (ConnectionError, http_error) as error:
        raise DatasetError(
            f"{name}: the Hub cannot be reached ({_line(error)}); without a network, give the path of a copy"
        ) from error
    except (DatasetsError, OSError, ValueError, RuntimeError) as error:
        raise DatasetError(f"{name}, split {split}: {_line(error)}") from error
    for number, row in enumerate(rows):
        yield RowEntry(Where(f"{name}, split {split}", "row", number), row)


def _load(name: HubName, split: str) -> Any:
    from datasets import load_dataset

    try:
        return load_dataset(name.name, name.config, split=split)
    except RuntimeError as error:
        if _NO_SCRIPTS not in str(error):
            raise
    return load_dataset(name.name, data_dir=name.config, split=split, revision=_EXPORT)


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
