"""The file that says who may see what: for each reader a token, and the collections with the documents to be seen."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import QueryError, SettingsError
from ..retrieve.where import conditions
from ..text_files import decoded

_KEYS = frozenset({"token", "token_variable", "collections"})
_SHORTEST = 16
"""Characters of a token. Shorter ones can be guessed."""


@dataclass(frozen=True, slots=True)
class AuthorizedReader:
    """Somebody who sees a part of the documents."""

    name: str
    token: str = field(repr=False)
    sees: Mapping[str, Mapping[str, Any]]
    """For each collection, the filter that documents have to pass; empty for all of them."""


def read_readers(
    path: Path, collections: Collection[str], folders: Sequence[Path], environment: Mapping[str, str]
) -> tuple[AuthorizedReader, ...]:
    """The readers that a file names. `collections` are the names that the server has for its `folders`.

    Raises SettingsError, with the reader's name, for what cannot be used, and for a file in one of the folders: its
    tokens would be found like any text.
    """
    same = [folder for folder in folders if sum(one.resolve().name == folder.resolve().name for one in folders) > 1]
    if same:
        raise SettingsError(f"several folders are called {same[0].name}, so readers' rights could change; rename one")
    for folder in folders:
        if path.resolve().is_relative_to(folder.resolve()):
            raise SettingsError(f"the readers' file {path} is in the served folder {folder}; move it elsewhere")
    try:
        told = tomllib.loads(decoded(path.read_bytes()))
    except OSError as error:
        raise SettingsError(f"the readers' file {path} cannot be read: {error.strerror}") from error
    except ValueError as error:  # TOML's errors are ValueErrors, too
        raise SettingsError(f"the readers' file {path} is not TOML: {error}") from error
    if not told:
        raise SettingsError(f"the readers' file {path} names nobody; write a table [NAME] for each reader")
    readers = tuple(_reader(path, name, table, collections, environment) for name, table in told.items())
    names: dict[str, str] = {}
    for reader in readers:
        if reader.token in names:
            raise _fault(path, reader.name, f"it has the same token as {names[reader.token]}; each needs its own")
        names[reader.token] = reader.name
    return readers


def _reader(
    path: Path, name: str, table: object, collections: Collection[str], environment: Mapping[str, str]
) -> AuthorizedReader:
    if not name.strip():
        raise _fault(path, name, "its name is empty; write a table [NAME]")
    if not isinstance(table, dict):
        raise _fault(path, name, "it is a single value; write a table: [NAME], then token and collections")
    unknown = sorted(table.keys() - _KEYS)
    if unknown:
        raise _fault(path, name, f"it has the unknown key {unknown[0]!r}; the keys are {', '.join(sorted(_KEYS))}")
    sees = table.get("collections")
    if not isinstance(sees, dict) or not sees:
        raise _fault(path, name, "it has no collections; write collections = { NAME = {} } for all documents of NAME")
    for collection, where in sees.items():
        if collection not in collections:
            names = ", ".join(collections)
            raise _fault(path, name, f"there is no collection {collection!r}; the collections are: {names}")
        _check_filter(path, name, collection, where)
    exact = {collection: _exact(path, name, where) for collection, where in sees.items()}
    return AuthorizedReader(name, _token(path, name, table, environment), exact)


def _check_filter(path: Path, name: str, collection: str, where: object) -> None:
    if not isinstance(where, dict):
        raise _fault(path, name, f"{collection} is not a filter; write {collection} = {{}} for all of its documents")
    if "level" in where:
        raise _fault(path, name, f"{collection} is filtered by level, which is not a matter of documents")
    if any(value == {} or (isinstance(value, dict) and [] in value.values()) for value in where.values()):
        raise _fault(path, name, f"{collection} has an empty condition, which all documents pass; leave it out")
    try:
        conditions(where)
    except QueryError as error:
        raise _fault(path, name, f"{collection}: {error}") from error


def _exact(path: Path, name: str, where: Mapping[str, Any]) -> dict[str, Any]:
    """The filter, with names and globs told apart for good: in searches the names that there are decide, and they
    change. What is not to be seen cannot be named: a document of another name would be seen."""
    found = dict(where)
    for key in sorted({"source", "document_id"} & where.keys()):
        asked = where[key] if isinstance(where[key], dict) else {"$eq": where[key]}
        if not asked.keys() <= {"$eq", "$in", "$glob"} or len(asked) != 1:
            raise _fault(
                path, name, f"{key} has {', '.join(asked)}; say what may be seen, by a name or a glob, or a list"
            )
        (said,) = asked.values()
        found[key] = {"$glob": [said] if isinstance(said, str) else list(said)}
    return found


def _token(path: Path, name: str, table: Mapping[str, object], environment: Mapping[str, str]) -> str:
    token, variable = table.get("token"), table.get("token_variable")
    if (token is None) == (variable is None):
        raise _fault(path, name, "it needs either token, or token_variable for the name of an environment variable")
    if isinstance(variable, str):
        token = environment.get(variable, "")
        if not token:
            raise _fault(path, name, f"the environment variable {variable} is not set")
    if not isinstance(token, str) or not (token.isascii() and token.isprintable()) or " " in token:
        raise _fault(path, name, "its token has characters that HTTP headers cannot hold; use ASCII letters and digits")
    if len(token) < _SHORTEST:
        raise _fault(path, name, f"its token has {len(token)} characters; it must have {_SHORTEST} or more")
    return token


def _fault(path: Path, name: str, what: str) -> SettingsError:
    return SettingsError(f"the reader {name!r} in {path}: {what}")
