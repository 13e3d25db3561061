"""The tools that change a collection, where the server was started with --write."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from ...errors import LoadError, QueryError
from ...types import Document
from .arguments import AddArguments, RemoveArguments
from .call import Call, not_there
from .results import ChangedDocument


async def add_document(call: Call, asked: AddArguments) -> ChangedDocument:
    """Add a text to the collection, so that it can be found at once; one with the same id is replaced.

    Use it only when the user wants something to be kept. No file is written: the text is in the index alone.
    """
    await _check_changeable(call, asked.id)
    if not asked.id.isprintable() or {"", ".", ".."} & set(asked.id.split("/")):
        raise QueryError(
            f"{asked.id!r} cannot be part of an address; use letters, digits, spaces, '-', '_', '.' and '/'"
        )
    try:
        document = Document(asked.id, asked.text, asked.title or "", metadata=_metadata(asked))
        report = await call.tree.add([document])
    except LoadError as error:
        raise QueryError(f"{asked.id!r} cannot be added: {error.reason}") from None
    done = "added" if report.added else "replaced" if report.changed else "unchanged"
    return await _changed(call, document.id, done)


def _metadata(asked: AddArguments) -> dict[str, str | int | float | bool | tuple[str | int | float | bool, ...]]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in asked.metadata.items()}


async def remove_document(call: Call, asked: RemoveArguments) -> ChangedDocument:
    """Remove a document that was added with `add_document`. This cannot be undone, so ask the user before.

    Documents that are files of the folder are not removed: whoever keeps the folder removes the file.
    """
    if await call.tree.document(asked.id) is None:
        raise not_there(asked.id)
    await _check_changeable(call, asked.id)
    await call.tree.remove([asked.id])
    return await _changed(call, asked.id, "removed")


async def _changed(call: Call, key: str, done: str) -> ChangedDocument:
    return ChangedDocument(id=key, done=done, documents=(await call.tree.stats()).documents)


async def _check_changeable(call: Call, key: str) -> None:
    """Raises QueryError where the index is only read, and for a document that is a file of the folder: the next look at
    the folder would undo the change.

    Only documents that can be read anyway are looked for, so that nobody learns what other files there are.
    """
    if call.collection.is_view:
        raise QueryError(f"{call.collection.name} shows documents of other collections; change them there")
    if call.tree.read_only:
        raise QueryError("this server only reads the index, because another process holds it; change it there")
    if await call.tree.document(key) is None:
        return
    if _is_file(call.collection.folders[""], PurePosixPath(key)):
        raise QueryError(f"{key!r} is a file of the folder, which this server only reads; use another id")


def _is_file(folder: Path, path: PurePosixPath) -> bool:
    """True for a file of the folder, and for what lies in an archive of it."""
    if path.is_absolute() or ".." in path.parts:
        return False
    try:
        return any((folder / part).is_file() for part in (path, *path.parents))
    except OSError:  # such as a name that is too long for a file
        return False
