"""What people ask a folder first, and what a good answer has.

first_questions/*.jsonl are questions over real folders; first_answers.py says what the fields of a row mean. The
baseline is a plain prompt: the same model, the same passages with the names of their files, and one line of
instruction.

    RAGTREE_LLM_MODEL=FILE.gguf pytest tests/benchmarks/test_first_questions.py -k german
"""

from __future__ import annotations

import json
import os
import statistics
import time
from pathlib import Path

import pytest
from first_answers import faults
from first_folders import DATA, FOLDERS

from ragtree import Message, RagTree, Settings
from ragtree.llm.base import complete

QUESTIONS = Path(__file__).parent / "first_questions"
WRITTEN = Path(__file__).parent / "folders"
"""Folders as people have them, written for this. The weights of quotes were chosen on half `a` of their questions."""
OFFICE = DATA / "folder-office" / "files"
MODEL = os.environ.get("RAGTREE_LLM_MODEL", "bundled")


def rows_of(name):
    return [json.loads(line) for line in (QUESTIONS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def folder_of(name, place):
    """The folder of that name, written below `place` where it is not there yet; None where its data is not there."""
    if name == "office":
        return OFFICE if OFFICE.is_dir() else None
    if (WRITTEN / name).is_dir():
        return WRITTEN / name
    made_of, write = FOLDERS[name]
    if not (DATA / made_of).is_dir():
        return None
    if not (place / name).is_dir():
        write(place / name)
    return place / name


@pytest.mark.parametrize("name", ["office", *FOLDERS, *sorted(folder.name for folder in WRITTEN.iterdir())])
def test_first_questions(tmp_path_factory, name, report):
    folder = folder_of(name, tmp_path_factory.getbasetemp())
    if folder is None:
        pytest.skip("the data is not beside the repository")
    right, plain, seconds = [], [], []
    halves = {"a": [], "b": []}
    settings = Settings.model_validate({"llm": {"model": MODEL, "context": 8192}, "summarize": {"kind": "extractive"}})
    with RagTree.open(tmp_path_factory.getbasetemp() / f"first-{name}", settings) as tree:
        tree.sync(folder)
        for row in rows_of(name):
            chat, started = tree.chat(), time.monotonic()
            for part in row["question"].split("||"):
                answer = chat.ask(part.strip())
            seconds.append(time.monotonic() - started)
            wrong = faults(row, answer.text, [citation.source for citation in answer.citations])
            right.append(not wrong)
            halves.setdefault(row.get("half", ""), []).append(not wrong)
            if wrong:
                report(f"{row['id']} {row['question']}: {'; '.join(wrong)}: {' '.join(answer.text.split())[:200]}")
            if tree.llm is not None and "||" not in row["question"]:
                plain.append(not faults(row, plainly(tree, row["question"]), None))
    half = f" (half b {sum(halves['b'])} of {len(halves['b'])})" if halves["b"] else ""
    report(
        f"{name}, {MODEL}: {sum(right)} of {len(right)} right{half}; a plain prompt {sum(plain)} of {len(plain)}; "
        f"median {statistics.median(seconds):.1f} s an answer"
    )


def plainly(tree, question):
    """What the model says to the same passages, with the names of their files and one line of instruction."""
    hits = tree.search(question, max_tokens=tree.settings.retrieve.max_tokens)
    passages = "\n\n".join(f"[{hit.node.source}]\n{hit.node.text}" for hit in hits)
    asked = f"{passages}\n\nAnswer the question from the passages above.\nQuestion: {question}"
    return complete(tree.llm, [Message("user", asked)], 300)
