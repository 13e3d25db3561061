"""Processes around a place where an index is published: one that publishes, and readers that check what they see.

    python processes.py publisher INDEX PLACE LOG ROUNDS SEED
    python processes.py reader PLACE COPY LOG

The publisher logs each state before it publishes it, and again after that. A reader asks until the file `over` beside
the log exists and it has seen the last state, and prints one JSON object: what it saw, and what was wrong.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from sharing import HITS, MODES, NAMES, QUERIES, change, note, noted, opened, over, settings
from versions import State, faults, next_state, version_of

from ragtree import PublishedError, RagTree
from ragtree.embed.hashing import HashingEmbedder


def publish(index: Path, place: str, log: Path, rounds: int, seed: int) -> None:
    """Publish what is there, then change it and publish it again, some times."""
    chance = random.Random(seed)
    with opened(index, "") as tree:
        for number in range(rounds + 1):
            before: State = {one.id: version_of(one) for one in tree.documents()}
            if number:
                new = next_state(before, chance, NAMES, most=2)
                for step in ({key: before[key] for key in before if key in new}, new):
                    if step != before:
                        change(tree, before, step)
                        before = step
            note(log, "begun", before)
            tree.publish(place, purge=chance.random() < 0.3, grace=0.5)
            note(log, "done", before)


def reader_of(place: str, copy: Path) -> RagTree:
    return RagTree.open_published(place, copy, settings(""), embedder=HashingEmbedder(), every=0.05)


def read(place: str, copy: Path, log: Path) -> dict[str, object]:
    """Ask until the end."""
    chance, wrong, last, queries, seen = random.Random(str(copy)), [], -1, 0, set()
    with _opened_at_last(place, copy) as tree:
        while True:
            ends = over(log).exists()
            mode, query = chance.choice(MODES), chance.choice(QUERIES)
            with tree.snapshot():
                hits = tree.search(query, k=HITS, mode=mode)
                time.sleep(0.05 * chance.random())  # so that switches happen in between
                evidence = {item.leaf for hit in hits for claim in hit.node.claims for item in claim.evidence}
                behind = tree.nodes(ids=sorted(evidence))
                state: State = {one.id: version_of(one) for one in tree.documents()}
            queries += 1
            states = noted(log)[0]
            leaves = [*(hit.node for hit in hits if not hit.node.level), *behind]
            wrong += [f"{mode}: {fault}" for fault in faults(state, leaves)]
            if len(behind) != len(evidence):
                wrong.append(f"{mode}: a summary has lost {len(evidence) - len(behind)} of its leaves")
            if len(hits) != HITS and mode in ("hybrid", "leaves", "collapsed"):
                wrong.append(f"{mode}: {len(hits)} hits")
            found = [number for number, one in enumerate(states) if one == state]
            if not found or found[-1] < last:
                wrong.append(f"after state {last}: {state} is {found} of {len(states)}")
            else:
                last = found[-1]
                seen.add(json.dumps(state, sort_keys=True))
            if wrong or (ends and state == states[-1]):
                return {"queries": queries, "states": len(seen), "wrong": wrong[:3]}


def _opened_at_last(place: str, copy: Path) -> RagTree:
    """Opened, as soon as there is something, and the place answers."""
    while True:
        try:
            return reader_of(place, copy)
        except PublishedError:
            time.sleep(0.05)


def start(*arguments: object) -> subprocess.Popen[str]:
    """Run this file in a process of its own."""
    command = [sys.executable, __file__, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


if __name__ == "__main__":
    kind, *rest = sys.argv[1:]
    if kind == "publisher":
        publish(Path(rest[0]), rest[1], Path(rest[2]), int(rest[3]), int(rest[4]))
    else:
        print(json.dumps(read(rest[0], Path(rest[1]), Path(rest[2]))))
