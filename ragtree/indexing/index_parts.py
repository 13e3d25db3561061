"""A folder -> the parts of the index in it, for a process that has the index to itself or shares it."""

from __future__ import annotations

from pathlib import Path

from ..errors import IndexMismatchError, IndexNotFoundError, StoreError
from ..settings import Settings
from ..store.access import IndexAccess
from ..store.catalog import Catalog
from ..store.catalog_reader import CatalogReader
from ..store.faults import refuse_emptied
from ..store.index_files import BorrowedFiles, IndexFiles, unwritable
from ..store.migrations import FORMAT
from ..store.published import PublishedFiles, is_copy
from .mirrors import Mirrors
from .read_mirrors import ReadMirrors


def index_folder(folder: Path, create: bool, read_only: bool = False) -> Path:
    """The folder of an index, made if there is none and it may be. Raises IndexNotFoundError."""
    create = create and not read_only
    if is_copy(folder):
        if not read_only:
            raise StoreError(f"{folder} is the copy of a published index; open it with read_only=True")
        return folder
    refuse_emptied(folder / "catalog.sqlite")
    if not (folder / "catalog.sqlite").is_file():
        if not create:
            raise IndexNotFoundError(f"there is no index at {folder}; make one with: ragtree index FOLDER")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IndexNotFoundError(
                f"an index cannot be made at {folder} ({error.strerror}); name another place with --index"
            ) from error
    return folder


def files_of(folder: Path, read_only: bool) -> IndexFiles:
    """The files of an index; through a temporary folder if it is opened read-only and cannot be written."""
    if is_copy(folder):
        return PublishedFiles(folder)
    return BorrowedFiles(folder) if read_only and unwritable(folder) is not None else IndexFiles(folder)


def opened_catalog(files: IndexFiles, access: IndexAccess) -> Catalog:
    """The catalog. A read-only one raises IndexMismatchError if its format is not the current one."""
    if not access.read_only:
        return Catalog(files.catalog)
    catalog = CatalogReader(files.catalog)
    found = catalog.facts().format
    if found != str(FORMAT):
        catalog.close()
        raise IndexMismatchError(
            f"the index at {files.folder} has format {found}, this ragtree reads {FORMAT}; bring it up to date from a "
            "process that may write: ragtree index FOLDER"
        )
    return catalog


def make_mirrors(files: IndexFiles, catalog: Catalog, settings: Settings, access: IndexAccess) -> Mirrors:
    """Chroma and the lexical index. Neither is opened before it is needed."""

    def language() -> str:
        return settings.chunk.language

    if access.shared:
        from .shared_mirrors import SharedMirrors

        return SharedMirrors(files, catalog, language, settings.store, lambda: access.may_write)
    return ReadMirrors(files, catalog, language) if access.read_only else Mirrors(files.folder, catalog, language)
