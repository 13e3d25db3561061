"""Runs a dataset through every cell of a grid. Work that cells share is done once; an interrupted run continues."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from .. import __version__
from ..errors import DatasetError
from ..model_names import vectors_name
from ..settings import StoreSettings
from ..tree import RagTree
from ..types import Document, OnProgress, Progress, no_progress
from .base import Dataset, Question, Scope
from .grid import GridCell, without_unused_trees
from .records import Journal, KeptRecords, Record, TreeRecord
from .scoring import ScoredAnswer, read
from .searching import Searcher
from .shared_models import LoadedModels

ReaderKind: TypeAlias = Literal["none", "short", "full"]
"""Retrieval only; short answers by the model alone; whole answers as `ragtree ask` gives them."""


@dataclass(frozen=True, slots=True)
class Spec:
    """Everything that decides what a run finds."""

    dataset: Dataset
    cells: tuple[GridCell, ...]
    budgets: tuple[int, ...]
    """Tokens of context at which retrieval is measured."""
    scope: Scope
    reader: ReaderKind = "none"
    limit: int | None = None
    """Most questions; they are drawn with the seed."""
    seed: int = 0

    @property
    def digest(self) -> str:
        """Two specs with the same digest find the same, except for the models' rounding."""
        parts = [
            __version__,
            self.dataset.digest,
            [[cell.name, cell.settings.model_dump(mode="json")] for cell in self.cells],
            self.budgets,
            self.scope,
            self.reader,
            self.limit,
            self.seed,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def questions(self) -> tuple[Question, ...]:
        """The questions that are asked, in the dataset's order.

        With a limit, whole documents are drawn if every document has its own tree, because trees are what costs.
        """
        questions = self.dataset.questions
        if self.limit is None or self.limit >= len(questions):
            return questions
        dice = random.Random(self.seed)
        if self.scope == "corpus":
            chosen = set(dice.sample(range(len(questions)), self.limit))
        else:
            order = sorted({question.document_id for question in questions})
            dice.shuffle(order)
            rank = {key: place for place, key in enumerate(order)}
            rows = sorted(range(len(questions)), key=lambda row: (rank[questions[row].document_id], row))
            chosen = set(rows[: self.limit])
        return tuple(question for row, question in enumerate(questions) if row in chosen)


@dataclass(frozen=True, slots=True)
class _Unit:
    """Documents that share a tree, and the questions that are asked of it."""

    key: str
    documents: tuple[Document, ...]
    questions: tuple[Question, ...]


def run_grid(spec: Spec, folder: Path, indexes: Path, progress: OnProgress = no_progress) -> KeptRecords:
    """Ask every question in every cell; records are kept in `folder`, trees below `indexes`.

    Later runs over the same documents use the trees again, also with other grids. Raises DatasetError if the folder
    holds another run or the dataset does not fit the scope, and what RagTree raises.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _claim(folder, spec.digest)
    cells = without_unused_trees(spec.cells)
    questions = spec.questions()
    asked = 0
    total = len(questions) * len(cells)
    loaded = LoadedModels()
    try:
        with Journal(folder / "records.jsonl") as journal:
            for unit in _units(spec, questions):
                for shared in _sharing(cells):
                    todo = [cell for cell in shared if not _is_done(cell, unit, journal.kept)]
                    if todo:
                        path = indexes / _short(vectors_name(shared[0].settings.embed)) / _short(unit.key)
                        whole = progress if spec.scope == "corpus" else no_progress
                        for _ in _ask(spec, unit, todo, path, loaded, journal, whole):
                            asked += 1
                            progress(Progress("evaluate", asked, total))
                    asked += len(unit.questions) * (len(shared) - len(todo))
                    progress(Progress("evaluate", asked, total))
            return journal.kept
    finally:
        loaded.close()


def _ask(
    spec: Spec,
    unit: _Unit,
    cells: Sequence[GridCell],
    path: Path,
    loaded: LoadedModels,
    journal: Journal,
    progress: OnProgress,
) -> Iterator[None]:
    """Build the tree that the cells share, and ask the questions. Yields once for each question and cell."""
    settings = cells[0].settings.model_copy(update={"store": StoreSettings()})  # a run has its own indexes
    embedder = loaded.embedder(settings)
    llm = loaded.chat_model(settings.llm) if settings.llm.model != "none" else None
    with RagTree.open(path, settings, embedder=embedder, llm=llm) as tree:
        report = tree.add(unit.documents, progress)
        tree_key = tree_name(cells[0])
        if (tree_key, unit.key) not in journal.kept.trees:
            tokens = tree.stats().tokens
            journal.add(
                TreeRecord(
                    tree=tree_key,
                    unit=unit.key,
                    nodes=report.nodes,
                    tokens=tokens,
                    embedded=report.embedded,
                    summarized=report.summarized,
                    seconds=report.seconds,
                )
            )
        searcher = Searcher(tree, spec.budgets, spec.dataset.proved)
        for question in unit.questions:
            for cell in cells:
                if (cell.name, question.id) not in journal.kept.records:
                    journal.add(_record(spec, cell, question, tree, searcher, loaded))
                yield


def _record(
    spec: Spec, cell: GridCell, question: Question, tree: RagTree, searcher: Searcher, loaded: LoadedModels
) -> Record:
    found = searcher.search(question, cell.settings.retrieve.mode)
    said = ScoredAnswer()
    if spec.reader != "none":
        said = read(spec.reader, cell, question, found.hits, tree, loaded, spec.dataset.abstention)
    return Record(
        cell=cell.name,
        question=question.id,
        values={**found.values, **said.values},
        ranking=found.ranking,
        answer=said.text,
        refused=said.refused,
        search_seconds=found.seconds,
        read_seconds=said.seconds,
        context_tokens=sum(hit.node.tokens for hit in found.hits),
        prompt_tokens=said.prompt_tokens,
        answer_tokens=said.answer_tokens,
    )


def tree_name(cell: GridCell) -> str:
    """The name of the tree that a cell searches: the same for cells that share it."""
    return _short(vectors_name(cell.settings.embed) + cell.tree_key)


def _units(spec: Spec, questions: Sequence[Question]) -> Iterator[_Unit]:
    documents = {document.id: document for document in spec.dataset.documents}
    if spec.scope == "corpus":
        if questions:
            key = hashlib.sha256("".join(document.sha256 for document in documents.values()).encode()).hexdigest()
            yield _Unit(f"all {key}", spec.dataset.documents, tuple(questions))
        return
    of_document: dict[str, list[Question]] = {}
    for question in questions:
        if question.document_id not in documents:
            raise DatasetError(
                f"question {question.id} of {spec.dataset.name} does not say of which document it is asked "
                f"({question.document_id!r}), so there cannot be one tree a document; ask with --scope corpus"
            )
        of_document.setdefault(question.document_id, []).append(question)
    for key, asked in of_document.items():
        yield _Unit(f"{key} {documents[key].sha256}", (documents[key],), tuple(asked))


def _sharing(cells: Sequence[GridCell]) -> list[list[GridCell]]:
    """Groups of cells that differ only in their mode. Groups with the same tree follow each other."""
    groups: dict[tuple[str, str], list[GridCell]] = {}
    for cell in cells:
        rest = cell.settings.model_dump_json(exclude={"retrieve": {"mode"}})
        groups.setdefault((cell.tree_key, rest), []).append(cell)
    first = {key: number for number, (key, _) in reversed(list(enumerate(groups)))}
    return [groups[key] for key in sorted(groups, key=lambda key: first[key[0]])]


def _is_done(cell: GridCell, unit: _Unit, kept: KeptRecords) -> bool:
    return all((cell.name, question.id) in kept.records for question in unit.questions)


def _claim(folder: Path, digest: str) -> None:
    """Reserve the folder for this run. Raises DatasetError if it belongs to another."""
    path = folder / "run.sha256"
    if path.exists() and path.read_text(encoding="utf-8").strip() != digest:
        raise DatasetError(f"{folder} holds a run with other data, settings or version; name another --out")
    path.write_text(digest + "\n", encoding="utf-8")


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
