"""A tree that follows its documents: what a change costs, and what is left of the tree after a thousand of them.

`test_a_document_among_ten_thousand_chunks` adds a document of 20 chunks to 10,000 and removes it again, and renames
another. Wanted: its own summaries and at most (depth of the tree over the documents + 2) others, under 2 s without a
model's time; of a rename none, and under 0.5 s.
RAGTREE_CHUNKS=1000 is a quick look.

`test_a_thousand_changes` adds, edits, renames and removes files at random, a sync each, with a scripted model. Wanted:
the tree is sound after each; under 10 % of the calls that a new tree at every step would take; and in the end evidence
recall within 2 points of a fresh tree's. RAGTREE_STEPS=100 is a quick look.

`test_thresholds` does the same hundred changes with other values of `tree.stale_share`. RAGTREE_CHANGES=20 is a quick
look.

`test_two_hundred_kills` kills syncs of 60 documents at random moments (tests/indexing/living/killing.py). Wanted: the
index opens and is sound, the next sync ends as an undisturbed one, and at most one call is made again.
RAGTREE_KILLS=20 is a quick look.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "indexing" / "living"))

from folder_machine import FolderMachine, Remembering, Spent, each_first_sentence, written_by_a_model
from library import QUESTIONS

from ragtree import Document, RagTree, Settings
from ragtree.chunk.sentences import SentenceChunker
from ragtree.embed.base import Embedder
from ragtree.evaluate.base import Place, Proof
from ragtree.evaluate.datasets.registry import open_dataset
from ragtree.evaluate.metrics.spans import evidence_recall, found_spans
from ragtree.llm.scripted import ScriptedChat
from ragtree.settings import ChunkSettings
from ragtree.types import Span

DATA = Path(__file__).parents[3] / "shared" / "data" / "qasper-train"
CHUNKS = int(os.environ.get("RAGTREE_CHUNKS", "10000"))
CHANGES = int(os.environ.get("RAGTREE_CHANGES", "100"))
KILLS = int(os.environ.get("RAGTREE_KILLS", "200"))
KILLING = Path(__file__).parents[1] / "indexing" / "living" / "killing.py"
STEPS = int(os.environ.get("RAGTREE_STEPS", "1000"))
FOLDER_STEPS = 100
"""Changes of one folder; then its questions are asked, and a fresh folder begins."""
MODES = ("leaves", "collapsed", "traverse")


def papers(count: int) -> tuple[list[Document], list[Document]]:
    """Papers of so many chunks together, and the first 20 chunks of five other ones."""
    chunker, left = SentenceChunker(ChunkSettings()), count
    found: list[Document] = []
    others: list[Document] = []
    for document in open_dataset(str(DATA)).documents:
        spans = chunker.chunk(document)
        if left > 0:
            found.append(document)
            left -= len(spans)
        elif len(spans) > 20:
            others.append(Document(f"added-{len(others)}.md", document.text[: spans[19].end]))
            if len(others) == 5:
                return found, others
    raise ValueError(f"{DATA} has fewer than {count} chunks")


@pytest.fixture(scope="module")
def remembering(bundled_embedder: Embedder) -> Remembering:
    """The second index of the same papers embeds nothing again."""
    return Remembering(bundled_embedder)


@pytest.mark.skipif(not DATA.exists(), reason="needs the papers of QASPER beside the project")
@pytest.mark.parametrize("kind", ["extractive", "abstractive"])
def test_a_document_among_ten_thousand_chunks(report, tmp_path: Path, remembering: Remembering, kind: str) -> None:
    many, others = papers(CHUNKS)
    folder = tmp_path / "folder"
    folder.mkdir()
    for document in many:
        (folder / f"{document.id}.md").write_text(document.text, encoding="utf-8")
    wanted = Settings.model_validate({"summarize": {"kind": kind}})
    model = ScriptedChat(each_first_sentence, context=100_000)
    with RagTree.open(tmp_path / "index", wanted, embedder=remembering, llm=model) as tree:

        def sync(what: str) -> float:
            calls, started = len(model.calls), time.perf_counter()
            done = tree.sync(folder)
            seconds = time.perf_counter() - started
            report(
                f"  {what}: {done.summarized} summaries, {len(model.calls) - calls} calls, {done.embedded} embedded, "
                f"{seconds:.2f} s, of these {remembering.take_seconds():.2f} s embedding"
            )
            return seconds

        built = sync(f"{kind}, built")
        stats = tree.stats()
        above = [node for node in tree.nodes() if node.kind in ("theme", "collection")]
        depth = len({node.level for node in above})
        report(f"  {stats.levels} nodes, {stats.kinds}: wanted are at most {depth + 2} summaries of other documents")
        for one in others:
            (folder / one.id).write_text(one.text, encoding="utf-8")
            sync("20 chunks added")
            (folder / one.id).unlink()
            sync("removed")
        first = next(iter(folder.iterdir()))
        first.rename(folder / "renamed.md")
        seconds = sync("another renamed")
        report(f"  a rename takes {seconds / built:.5f} of the build")
        assert tree.verify() == []


def test_a_thousand_changes(report, bundled_embedder: Embedder) -> None:
    recalls: dict[str, list[tuple[float, float]]] = {mode: [] for mode in MODES}

    class Machine(FolderMachine):
        embedder = Remembering(bundled_embedder)
        spent = Spent()

    started, chance = time.perf_counter(), random.Random(17)
    while Machine.spent.steps < STEPS:
        machine, before = Machine(), Machine.spent.steps
        machine.begin()
        while Machine.spent.steps < min(STEPS, before + FOLDER_STEPS):
            change_at_random(machine, chance)
            machine.the_tree_is_sound()
            machine.the_index_shows_the_folder()
            machine.what_is_stale_is_little()
        for mode, pair in compared(machine).items():
            recalls[mode].append(pair)
        machine.teardown()
    spent = Machine.spent
    report(
        f"{spent.steps} changes in {time.perf_counter() - started:.0f} s, all sound; {len(recalls[MODES[0]])} folders"
    )
    report(f"  calls: {spent.calls} of {spent.rebuilding:.0f} for new trees, {spent.share:.1%}")
    for kind in sorted({kind for kind, _ in spent.shares}):
        shares = [share for one, share in spent.shares if one == kind]
        report(f"    {kind}: {len(shares)} times, {mean(shares):.1%} of a new tree's calls, at most {max(shares):.1%}")
    for mode, pairs in recalls.items():
        living, fresh = mean(pair[0] for pair in pairs), mean(pair[1] for pair in pairs)
        report(f"  evidence recall, {mode}: {living:.3f} living, {fresh:.3f} fresh, {living - fresh:+.3f}")


def change_at_random(machine: FolderMachine, chance: random.Random) -> None:
    """One change of the folder, and a sync."""
    seed = chance.getrandbits(64)
    what = chance.choice(["add", "edit", "rename", "remove", "many at once"])
    if what == "edit":
        machine.edit(seed, chance.choice(["insert", "change", "cut"]), seed)
    elif what == "many at once":
        machine.many_at_once([chance.getrandbits(64) for _ in range(chance.randint(2, 4))])
    else:
        {"add": machine.add, "rename": machine.rename, "remove": machine.remove}[what](seed)


THRESHOLDS = (0.0, 0.1, 0.2, 0.4)


def test_thresholds(report, bundled_embedder: Embedder) -> None:
    """The same changes with other thresholds: what they cost, and what of the tree they leave."""
    known = Remembering(bundled_embedder)
    for stale in THRESHOLDS:
        wanted = written_by_a_model()
        wanted = wanted.model_copy(update={"tree": wanted.tree.model_copy(update={"stale_share": stale})})

        class Machine(FolderMachine):
            embedder = known
            settings = wanted
            spent = Spent()

        machine, chance = Machine(), random.Random(5)
        machine.begin()
        for _ in range(CHANGES):
            seed = chance.getrandbits(64)
            change = chance.choice([machine.add, machine.edit, machine.rename, machine.remove])
            if change == machine.edit:
                machine.edit(seed, chance.choice(["insert", "change", "cut"]), seed)
            else:
                change(seed)
        stats = machine.tree.stats()
        assert machine.tree.verify() == []
        found = ", ".join(f"{mode} {pair[0]:.3f} ({pair[1]:.3f} fresh)" for mode, pair in compared(machine).items())
        report(
            f"stale {stale}: {machine.spent.share:.1%} of new trees' calls; {stats.stale} stale "
            f"({stats.stale_share:.1%}), {stats.levels}; evidence recall: {found}"
        )
        machine.teardown()


def test_two_hundred_kills(report) -> None:
    started = time.perf_counter()
    done = subprocess.run([sys.executable, str(KILLING), "--kills", str(KILLS)], capture_output=True, text=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    for row in rows:
        if "calls" in row:
            report(f"{row['scenario']}: {row['seconds']} s undisturbed, {row['calls']} calls")
    outcomes = [row for row in rows if "share" in row]
    report(
        f"{len(outcomes)} kills in {time.perf_counter() - started:.0f} s: "
        f"{sum(bool(row['faults']) for row in outcomes)} left faults, "
        f"{sum(not row['same'] for row in outcomes)} ended otherwise, "
        f"{sum(row['repeated'] > 0 for row in outcomes)} repeated a call, at most "
        f"{max(row['repeated'] for row in outcomes)} each"
    )
    assert done.returncode == 0, done.stderr


def compared(machine: FolderMachine) -> dict[str, tuple[float, float]]:
    """Evidence recall of the folder's questions by mode: of the living tree, and of a fresh one."""
    texts = {document.id: document.text for document in machine.tree.documents()}
    questions = list(_questions(texts))
    with (
        TemporaryDirectory() as place,
        RagTree.open(
            Path(place) / "index", machine.settings, embedder=machine.embedder, llm=ScriptedChat(each_first_sentence)
        ) as fresh,
    ):
        fresh.sync(machine.folder)
        return {mode: (_recall(machine.tree, questions, mode), _recall(fresh, questions, mode)) for mode in MODES}


def _questions(texts: dict[str, str]):
    """Questions with the places of their proofs, as far as these are still in the folder."""
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        proofs = []
        for quote in row["quotes"]:
            places = tuple(
                Place(key, Span(text.index(quote["quote"]), text.index(quote["quote"]) + len(quote["quote"])))
                for key, text in texts.items()
                if quote["quote"] in text
            )
            if places:
                proofs.append(Proof(places[0], places[1:]))
        if proofs:
            yield row["question"], tuple(proofs)


def _recall(tree: RagTree, questions, mode: str) -> float:
    leaves = {node.id: node for node in tree.nodes(0)}
    found = []
    for question, proofs in questions:
        hits = tree.search(question, mode=mode)
        places = found_spans(hits, lambda ids: [leaves[key] for key in ids if key in leaves])
        found.append(evidence_recall(proofs, places))
    return mean(found)
