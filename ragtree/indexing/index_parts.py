"""A folder -> the parts of the index in it, for a process that has it alone and for one that shares it."""

from __future__ import annotations

from pathlib import Path

from ..errors import IndexMismatchError, IndexNotFoundError
from ..settings import Settings
from ..store.access import Access
from ..store.catalog import Catalog
from ..store.catalog_reader import CatalogReader
from ..store.faults import refuse_emptied
from ..store.formats import FORMAT
from .mirrors import Mirrors


def index_folder(folder: Path, create: bool) -> Path:
    """The folder of an index; made where there is none and one is to be. Raises IndexNotFoundError."""
    refuse_emptied(folder / "catalog.sqlite")
    if not (folder / "catalog.sqlite").is_file():
        if not create:
            raise IndexNotFoundError(f"there is no index at {folder}; make one with: ragtree index FOLDER")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IndexNotFoundError(
                f"an index cannot be made at {folder} ({error.strerror}); --index names another place"
            ) from error
    return folder


def opened_catalog(path: Path, access: Access) -> Catalog:
    """The catalog; one that cannot be written for a process that only reads what others write."""
    if not (access.shared and access.read_only):
        return Catalog(path)
    catalog = CatalogReader(path)
    found = catalog.facts().format
    if found != str(FORMAT):
        catalog.close()
        raise IndexMismatchError(
            f"the index at {path.parent} has format {found}, this ragtree reads {FORMAT}; a process that may write "
            "brings it up to date: ragtree index FOLDER"
        )
    return catalog


def make_mirrors(folder: Path, catalog: Catalog, settings: Settings, access: Access) -> Mirrors:
    """Chroma and the lexical index; neither is opened before it is asked for."""
    if not access.shared:
        return Mirrors(folder, catalog, lambda: settings.chunk.language)
    from .shared_mirrors import SharedMirrors

    return SharedMirrors(folder, catalog, lambda: settings.chunk.language, settings.store, lambda: access.may_write)
