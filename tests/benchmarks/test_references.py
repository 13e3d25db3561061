"""Is a document first that people name by number, file, part of its title, kind and date, or kind and a word?

By names alone, without a search. The constants of ragtree/text/references.py were chosen on the references in even
places; those in odd places are reported apart. False: a question about a text that names no document, and one is sure
all the same; of those that are sure, how often it is the one with the answer.
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from references import DATA, FOLDERS, Reference, load, make

from ragtree import RagTree, Settings
from ragtree.text.references import DocumentNames
from ragtree.text.titles import describe
from ragtree.types import Document

SETS = ("qasper-train", "covidqa", "anthropic-docs", "xquad-en", "xquad-de", "xquad-es", "xquad-zh")
SURE = (0.5, 0.7, 0.9)


def names_of(documents: list[Document]) -> DocumentNames:
    return DocumentNames([(document.id, describe(document)) for document in documents])


def test_references(report):
    documents = {name: load(folder) for name, folder in FOLDERS.items() if folder.is_dir()}
    names = {name: names_of(found) for name, found in documents.items()}
    rows: dict[tuple[str, str], list[tuple[int, bool, bool, bool]]] = defaultdict(list)
    wrong: list[tuple[Reference, str]] = []
    for place, reference in enumerate(make(documents)):
        found = names[reference.folder].match(reference.text)
        first = bool(found) and found[0].document_id in reference.right
        row = (place % 2, first, *(first and found[0].score >= share for share in SURE[:2]))
        for key in ((reference.folder, reference.kind), (reference.folder, "all"), ("all", "all")):
            rows[key].append(row)
        if not first:
            wrong.append((reference, found[0].document_id if found else ""))
    report(f"{'references':<40} {'number':>6} {'first':>6} {'even':>6} {'odd':>6} {'and .5':>6} {'and .7':>6}")
    for (folder, kind), values in sorted(rows.items()):
        table = np.array(values)
        even, odd = (table[table[:, 0] == half, 1].mean() for half in (0, 1))
        report(
            f"{folder + ', ' + kind:<40} {len(table):>6} {table[:, 1].mean():>6.2f} {even:>6.2f} {odd:>6.2f} "
            f"{table[:, 2].mean():>6.2f} {table[:, 3].mean():>6.2f}"
        )
    for reference, first_id in wrong:
        report(f"not first: {reference.folder}, {reference.kind}: {reference.text!r} gave {first_id!r}")


@pytest.mark.parametrize("name", [name for name in SETS if (DATA / name).is_dir()])
def test_questions_that_name_no_document(name, report):
    rows = lines_of(*sorted((DATA / name).glob("corpus*.jsonl")))
    names = names_of([Document(row["id"], row["text"], row.get("title", "")) for row in rows])
    gold = defaultdict(set)
    qrels = DATA / name / "qrels.tsv"
    for line in qrels.read_text(encoding="utf-8").splitlines()[1:] if qrels.is_file() else ():
        query, document, _ = line.split("\t")
        gold[query].add(document)
    scores, right, began = [], [], time.perf_counter()
    questions = lines_of(*sorted((DATA / name).glob("queries*.jsonl")))
    for question in questions:
        found = names.match(question["text"])
        wanted = gold[question["id"]] | ({question["doc_id"]} if question.get("doc_id") else set())
        scores.append(found[0].score if found else 0.0)
        best = [match.document_id for match in found if match.score == found[0].score]
        right.append(not wanted.isdisjoint(best))
    milliseconds = (time.perf_counter() - began) / len(questions) * 1000
    sure = ", ".join(
        f"{share:.1f}: {(np.array(scores) >= share).mean():.3f} (right {_mean(right, scores, share):.2f})"
        for share in SURE
    )
    report(
        f"{name:<16} {len(rows):>5} documents, {len(questions):>5} questions, {milliseconds:.1f} ms each; sure {sure}"
    )


def _mean(right: list[bool], scores: list[float], share: float) -> float:
    kept = [one for one, score in zip(right, scores, strict=True) if score >= share]
    return sum(kept) / len(kept) if kept else float("nan")


def lines_of(*files: Path) -> list[dict]:
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("folder", [name for name, path in FOLDERS.items() if path.is_dir()])
def test_references_through_search(folder, report, tmp_path):
    """The right document is that of the first hit of `search`, with the names of documents and without.

    Set RAGTREE_INDEXES to a folder to keep the indexes between runs.
    """
    kept = os.environ.get("RAGTREE_INDEXES")
    path = Path(kept) / folder if kept else tmp_path / folder
    references = [one for one in make({name: load(place) for name, place in FOLDERS.items()}) if one.folder == folder]
    for weight in (Settings().retrieve.name_weight, 0.0):
        with RagTree.open(path, Settings.model_validate({"retrieve": {"name_weight": weight}})) as tree:
            tree.sync(FOLDERS[folder])
            right: dict[str, list[bool]] = defaultdict(list)
            for reference in references:
                hits = tree.search(reference.text, k=1)
                first = bool(hits) and hits[0].node.document_id in reference.right
                right[reference.kind].append(first)
                right["all"].append(first)
        shares = ", ".join(f"{kind} {np.mean(found):.2f}" for kind, found in sorted(right.items()))
        report(f"{folder}, weight of names {weight:g}: {shares} of {len(references)}")
