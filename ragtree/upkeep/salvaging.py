"""Recovers a damaged catalog, so that only what is really lost has to be computed again.

Rows come from the intact pages of the file, nodes and vectors that it has lost from Chroma, facts from their second
copy. A document whose tree is intact keeps it. The next sync rebuilds the other trees, and the themes if any is
missing, from the texts and caches that were found. The summaries of all nodes that were found go into the cache, so
that no model is asked for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import StoreError
from ..indexing.chunks import embedded_text
from ..indexing.claims import summary_of
from ..indexing.summary_cache import summary_key, summary_to_json
from ..store.access import IndexAccess
from ..store.carving import Carved, carve, other_rows
from ..store.catalog import Catalog, vector_key
from ..store.documents import DocumentRecord, StoredDocument
from ..store.facts import read_copy
from ..store.faults import catalog_fault, has_records
from ..store.tree_change import TreeChange, placed
from ..types import Document, Location, Mark, Node, Vectors
from .reports import SalvageReport
from .verify import find_faults

if TYPE_CHECKING:
    from ..store.chroma import ChromaStore

_ANY_BUDGET = 2**62
_HISTORY = ("history", "history_documents", "history_summaries")
_PAGE = 1000


def salvage(path: Path, folder: Path | None = None) -> SalvageReport | None:
    """Make a new catalog from what can be read of a damaged one, in the index at `path`. None if it is sound.

    `folder` shows which documents can be read again. The damaged file is kept as catalog.sqlite.damaged. If the process
    is killed at any point, this can be run again. Raises IndexLockedError.
    """
    catalog, damaged = path / "catalog.sqlite", path / "catalog.sqlite.damaged"
    if catalog_fault(catalog) is None:  # checked without a lock, as a sound one may be open elsewhere
        return None
    if not catalog.exists() and not damaged.exists() and not has_records(path / "chroma" / "chroma.sqlite3"):
        return None  # there never was an index
    access = IndexAccess(path, shared=False, read_only=False)
    try:
        fault = catalog_fault(catalog)
        if fault is None:
            return None
        _set_aside(catalog, damaged)
        new = path / "catalog.sqlite.new"
        for rest in path.glob("catalog.sqlite.new*"):
            rest.unlink()
        with_facts = Catalog(new)
        try:
            report = _Salvage(path, folder, damaged, with_facts).report(fault)
        finally:
            with_facts.close()
        new.replace(catalog)
        return report
    finally:
        access.release()


def _set_aside(catalog: Path, damaged: Path) -> None:
    """Move the damaged file and its log away, unless the catalog is gone, or is empty and a damaged one is there from a
    run that was killed."""
    if not catalog.is_file() or (catalog.stat().st_size == 0 and damaged.exists()):
        return
    for end in ("-wal", "-shm"):
        log = catalog.with_name(catalog.name + end)
        if log.exists():
            log.replace(damaged.with_name(damaged.name + end))
    catalog.replace(damaged)


@dataclass(slots=True)
class _Tree:
    """The nodes that were recovered, and the documents that belong to them."""

    nodes: list[Node] = field(default_factory=list)
    documents: dict[str, StoredDocument] = field(default_factory=dict)
    read_again: set[str] = field(default_factory=set)
    put_together: set[str] = field(default_factory=set)
    whole: bool = False


class _Salvage:
    """Recovers one damaged catalog into a new one."""

    def __init__(self, path: Path, folder: Path | None, damaged: Path, new: Catalog) -> None:
        self._path = path
        self._folder = folder
        self._damaged = damaged
        self._new = new
        self._found: Carved = carve(damaged, new)
        self._facts = read_copy(path) | self._found.facts
        self._of_folder = {
            key for text in self._found.files.values() for key in json.loads(text)["documents"]
        }  # the records of the folder's files name their documents

    def report(self, fault: str) -> SalvageReport:
        """Write the new catalog, and report what was recovered."""
        try:
            tree = self._tree()
            lost = self._write(tree)
        finally:
            if self._chroma is not None:
                self._chroma.close()
        sizes = {
            name: int(self._new.rows(f"SELECT count(*) FROM {table}")[0][0])
            for name, table in (
                ("documents", "documents"),
                ("nodes", "nodes"),
                ("vectors", "vectors"),
                ("cached answers of models", "summaries"),
            )
        }
        return SalvageReport(
            fault,
            sizes,
            tree.whole,
            tuple(sorted(tree.read_again)),
            tuple(sorted(tree.put_together)),
            lost,
            str(self._damaged),
        )

    # --- what can be read

    @cached_property
    def _chroma(self) -> ChromaStore | None:
        """Chroma, if there is one that can be opened."""
        from ..store.chroma import ChromaStore

        if (self._path / "chroma" / "chroma.sqlite3").is_file():
            with suppress(StoreError):
                return ChromaStore(self._path / "chroma")
        return None

    def _nodes_of_chroma(self) -> dict[str, Node]:
        found: dict[str, Node] = {}
        if self._chroma is not None:
            with suppress(StoreError):
                for node in self._chroma.nodes():
                    found[node.id] = node
        return found

    def _vectors_of_chroma(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """Vectors by id; none if Chroma's are shortened and the cache's are not."""
        found: dict[str, Vectors] = {}
        if self._chroma is not None and not self._facts.get("projection"):
            with suppress(StoreError, KeyError):
                there = [node.id for node in self._chroma.get(ids)]
                found = dict(zip(there, self._chroma.vectors(there), strict=True))
        return found

    def _tree(self) -> _Tree:
        carved = {key: node for key, (node, _) in self._found.nodes.items()}
        tree = self._tree_of(in_order(carved.values()))
        if tree.whole and tree.nodes[-1].kind == "collection":
            self._keep_summaries(carved)
            return tree
        copied = self._nodes_of_chroma()
        self._keep_summaries(copied | carved)
        for nodes in (copied | carved, carved, copied):
            tree = self._tree_of(in_order(nodes.values()))
            if tree.whole:
                return tree
        return self._parts_of(copied | carved)

    def _tree_of(self, nodes: Sequence[Node]) -> _Tree:
        chunks: dict[str, list[Node]] = {}
        for node in nodes:
            if node.level == 0:
                chunks.setdefault(node.document_id, []).append(node)
        tree = _Tree(list(nodes))
        for key in chunks.keys() | self._found.documents.keys():
            self._take_document(tree, key, chunks.get(key, []))
        documents = {key: stored.document for key, stored in tree.documents.items()}
        behind = self._facts.get("behind") == "yes"
        lacks_top = not behind and self._facts.get("collection") and nodes and nodes[-1].kind != "collection"
        tree.whole = bool(nodes) and not lacks_top and not find_faults(nodes, documents, _ANY_BUDGET, behind)
        return tree

    def _take_document(self, tree: _Tree, key: str, leaves: Sequence[Node]) -> None:
        stored = self._found.documents.get(key)
        if stored is not None and not find_faults(leaves, {key: stored.document}, _ANY_BUDGET):
            tree.documents[key] = stored
        elif leaves:
            document = join_chunks(leaves)
            in_folder = stored.record.origin == "folder" if stored is not None else self._is_in_folder(key)
            (tree.read_again if in_folder else tree.put_together).add(key)
            sha256, origin = ("", "folder") if in_folder else (document.sha256, "api")
            record = DocumentRecord(key, sha256, origin, -1, -1)
            tree.documents[key] = StoredDocument(document, record, self._facts.get("built", ""))
        elif stored is not None:
            tree.documents[key] = stored  # without its chunks its tree is not whole, unless it has no text

    def _parts_of(self, nodes: Mapping[str, Node]) -> _Tree:
        """The documents, and the trees of those whose tree is whole, without themes. The next sync builds the rest."""
        tree = self._tree_of(in_order(nodes.values()))
        for key in tree.read_again:  # a sync adds them as new ones
            del tree.documents[key]
        for key in self._of_folder - tree.documents.keys():
            tree.read_again.add(key)
        own: dict[str, list[Node]] = {}
        for node in tree.nodes:
            own.setdefault(node.document_id, []).append(node)
        tree.nodes = []
        for key, stored in sorted(tree.documents.items()):
            if find_faults(own.get(key, []), {key: stored.document}, _ANY_BUDGET):
                tree.documents[key] = replace(stored, built="")
            else:
                tree.nodes += own.get(key, [])
        tree.nodes = in_order(tree.nodes)
        return tree

    def _is_in_folder(self, key: str) -> bool:
        if key in self._of_folder:
            return True
        if self._folder is None:
            return False
        path = self._folder / key
        return any(part.is_file() for part in (path, *path.parents) if part != self._folder)

    # --- what is written

    def _keep_summaries(self, nodes: Mapping[str, Node]) -> None:
        """Add the summaries of nodes to the cache, if it is known which summarizer wrote them."""
        fingerprint = self._facts.get("summarizer", "")
        if not fingerprint or f"/{fingerprint}/" not in self._facts.get("built", ""):
            return
        found: dict[str, str] = {}
        for node in nodes.values():
            children = [nodes[key] for key in node.children if key in nodes]
            if node.stale or not children or len(children) < len(node.children) or node.made == "verbatim":
                continue
            summary = summary_of(node, children)
            if summary is not None:
                found[summary_key(fingerprint, [child.text for child in children])] = summary_to_json(summary)
        with self._new.transaction() as db:
            db.executemany("INSERT OR IGNORE INTO summaries VALUES (?, ?)", found.items())

    def _write(self, tree: _Tree) -> int:
        """Write the tree and all that goes with it. Returns the number of vectors that are lost."""
        known = {key: row for key, (_, row) in self._found.nodes.items()}
        embedder = self._facts.get("embedder", "").split(" ")[0]
        keys = [known.get(node.id) or vector_key(embedder, embedded_text(node)) for node in tree.nodes]
        lost = self._fill_vectors(tree.nodes, keys)
        nodes = [(node, key) for node, key in zip(tree.nodes, keys, strict=True)]
        if lost:
            tree.whole = False
            again = {node.document_id for node, key in nodes if key in lost}
            for key in again & tree.documents.keys():
                tree.documents[key] = replace(tree.documents[key], built="")
            nodes = [pair for pair in nodes if pair[0].document_id not in again]
        facts = {key: text for key, text in self._facts.items() if key not in ("format", "state")}
        if not tree.whole:
            nodes = [pair for pair in nodes if pair[0].document_id]
            facts |= {"collection": "", "behind": "yes"}
        files = [
            (key, text)
            for key, text in self._found.files.items()
            if tree.read_again.isdisjoint(json.loads(text)["documents"])
        ]
        change = TreeChange(placed([node for node, _ in nodes], [key for _, key in nodes]))
        self._new.change(change, tree.documents.values(), known=facts)
        with self._new.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO files VALUES (?, ?)", files)
            for table in _HISTORY:
                db.execute(f"DELETE FROM {table}")
                for row in other_rows(self._damaged, table):
                    db.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(row))})", row)
        return len(lost)

    def _fill_vectors(self, nodes: Sequence[Node], keys: Sequence[bytes]) -> set[bytes]:
        """Fill in missing vectors from Chroma. Returns the keys of those that it lacks, too."""
        lost: set[bytes] = set()
        for start in range(0, len(nodes), _PAGE):
            part = list(zip(nodes[start : start + _PAGE], keys[start : start + _PAGE], strict=True))
            there = self._new.get_vectors([key for _, key in part])
            absent = {key: node.id for node, key in part if key not in there}
            known = self._vectors_of_chroma(list(absent.values())) if absent else {}
            self._new.put_vectors({key: known[name] for key, name in absent.items() if name in known})
            lost |= {key for key, name in absent.items() if name not in known}
        return lost


def in_order(nodes: Iterable[Node]) -> list[Node]:
    """Leaves in reading order, then level by level, each summary at the place of its first leaf."""
    every = list(nodes)
    ordered = sorted((node for node in every if node.level == 0), key=lambda node: (node.document_id, node.span))
    ranks = {node.id: rank for rank, node in enumerate(ordered)}
    for level in range(1, max((node.level for node in every), default=0) + 1):
        of_level = [node for node in every if node.level == level]
        first = {node.id: min((ranks.get(child, 2**62) for child in node.children), default=2**62) for node in of_level}
        of_level.sort(key=lambda node: (first[node.id], node.id))
        ranks.update(first)
        ordered += of_level
    return ordered


def join_chunks(leaves: Sequence[Node]) -> Document:
    """Put a document together from its chunks. Between them was white space, which becomes as many line breaks."""
    text = ""
    marks: list[Mark] = []
    for leaf in sorted(leaves, key=lambda leaf: leaf.span):
        text += "\n" * (leaf.span.start - len(text)) + leaf.text
        if marks or leaf.location != Location():
            marks.append(Mark(leaf.span.start, leaf.location))
    metadata = dict(leaves[0].metadata)
    title = str(metadata.pop("title", ""))
    first = leaves[0]
    return Document(first.document_id, text, title, first.source, metadata=metadata, marks=tuple(marks), lines=False)
