"""Processes that share an index: a writer, and readers that check every answer they get.

The writer logs what the index holds, before each change and after it:

    python sharing.py writer INDEX URL LOG SYNCS [SEED]
    python sharing.py reader INDEX URL LOG QUERIES SEED

A reader prints one JSON object: the number of queries, the seconds of each, and what was wrong.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from versions import State, document, faults, next_state, version_of

from ragtree import RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder

NAMES = [f"record{number}" for number in range(24)]
MODES = ("hybrid", "leaves", "lexical", "collapsed", "traverse", "auto")
QUERIES = (
    "the keeper of the lantern and the mill",
    "record3 version 2 orchard",
    "quarry ferry chapel bridge",
    "what stands in the ledger of record11?",
)
HITS = 8


def settings(url: str) -> Settings:
    return Settings.model_validate(
        {
            "llm": {"model": "none"},
            "embed": {"kind": "plain"},
            "chunk": {"tokens": 40, "language": "en"},
            "tree": {"group_tokens": 240},
            "summarize": {"tokens": 60},
            "store": {"url": url},
        }
    )


def opened(index: Path, url: str, read_only: bool = False) -> RagTree:
    return RagTree.open(index, settings(url), embedder=HashingEmbedder(), read_only=read_only)


# --- the log of what the index holds


def note(log: Path, what: str, state: State) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write(json.dumps([what, state]) + "\n")


def over(log: Path) -> Path:
    """A file that tells the writer to end."""
    return log.with_name("over")


def noted(log: Path) -> tuple[list[State], int]:
    """All states that were begun, and how many of them are complete for certain."""
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines(keepends=True) if line[-1] == "\n"]
    return [state for what, state in lines if what == "begun"], sum(what == "done" for what, _ in lines)


# --- the writer


def write(index: Path, url: str, log: Path, syncs: int, seed: int = 5) -> None:
    chance = random.Random(seed)
    with opened(index, url) as tree:
        state: State = {one.id: version_of(one) for one in tree.documents()}  # the last writer may have been killed
        for _ in range(syncs):
            if over(log).exists():
                break
            new = next_state(state, chance, NAMES, most=2)
            for step in ({key: state[key] for key in state if key in new}, new):
                if step != state:
                    note(log, "begun", step)
                    change(tree, state, step)
                    note(log, "done", step)
                    state = step


def change(tree: RagTree, before: State, after: State) -> None:
    gone = before.keys() - after.keys()
    if gone:
        tree.remove(gone)
    else:
        tree.add([document(name, version) for name, version in after.items() if before.get(name) != version])


def fill(index: Path, url: str, log: Path) -> None:
    """Make the first state: most of the documents."""
    state = dict.fromkeys(NAMES[:16], 1)
    with opened(index, url) as tree:
        change(tree, {}, state)
    note(log, "begun", state)
    note(log, "done", state)


# --- the readers


def read(index: Path, url: str, log: Path, queries: int, seed: int) -> dict[str, object]:
    chance, wrong, seconds, between = random.Random(seed), [], [], 0
    with opened(index, url, read_only=True) as tree:
        for _ in range(queries):
            mode, query = chance.choice(MODES), chance.choice(QUERIES)
            done = noted(log)[1]
            started = time.perf_counter()
            with tree.snapshot():
                hits = tree.search(query, k=HITS, mode=mode)
                seconds.append(time.perf_counter() - started)
                time.sleep(0.03 * chance.random())  # so that changes happen in between
                evidence = {item.leaf for hit in hits for claim in hit.node.claims for item in claim.evidence}
                behind = tree.nodes(ids=sorted(evidence))
                names = {one.id for one in tree.documents()}
            states = noted(log)[0]
            between += done < len(states)
            leaves = [*(hit.node for hit in hits if not hit.node.level), *behind]
            around = states[done - 1 :]
            if len(behind) != len(evidence):
                wrong.append(f"{mode}: a summary has lost {len(evidence) - len(behind)} of its leaves")
            if not any(state.keys() == names and not faults(state, leaves) for state in around):
                wrong.append(f"{mode}: of no state between {done} and {len(states)}: {faults(around[-1], leaves)[:2]}")
            if len(hits) != HITS and mode not in ("traverse", "auto", "lexical"):
                wrong.append(f"{mode}: {len(hits)} hits")
    return {"queries": queries, "between": between, "seconds": seconds, "wrong": wrong}


@dataclass(frozen=True)
class Outcome:
    """What the readers of one run report."""

    queries: int
    between: int
    """Queries during which the index changed, or may have."""
    syncs: int
    seconds: list[float]
    wrong: list[str]


def share(index: Path, url: str, log: Path, readers: int, queries: int, syncs: int, killed: bool = False) -> Outcome:
    """Run a writer and some readers, each in a process of its own. The writer syncs until the readers are done, at most
    `syncs` times.

    With `killed`, the writer is killed again and again, and another one continues.
    """
    fill(index, url, log)

    def start(*arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, __file__, *map(str, arguments)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    writer = start("writer", index, url, log, syncs)
    reading = [start("reader", index, url, log, -(-queries // readers), seed) for seed in range(readers)]
    try:
        chance = random.Random(1)
        while killed and any(process.poll() is None for process in reading):
            begun = len(noted(log)[0])
            while len(noted(log)[0]) == begun and writer.poll() is None:
                time.sleep(0.01)
            time.sleep(1.5 * chance.random())  # within that sync, or the next one
            writer.kill()
            writer.communicate()
            writer = start("writer", index, url, log, syncs, chance.randrange(1000))
        told = [process.communicate(timeout=900) for process in reading]
        over(log).touch()
        _, failure = writer.communicate(timeout=900)
    finally:
        for process in (writer, *reading):
            process.kill()
    failed = [err[-2000:] for process, (_, err) in zip(reading, told, strict=True) if process.returncode]
    assert not failed, failed[0]
    assert writer.returncode == 0, failure[-2000:]
    found = [json.loads(out) for out, _ in told]
    states, _ = noted(log)
    return Outcome(
        sum(one["queries"] for one in found),
        sum(one["between"] for one in found),
        len(states) - 1,
        [second for one in found for second in one["seconds"]],
        [text for one in found for text in one["wrong"]],
    )


@contextmanager
def served(folder: Path, index: Path, port: int = 0) -> Iterator[str]:
    """Run `ragtree serve-store` for an index; yields its address."""
    command = [sys.executable, "-m", "ragtree", "serve-store", str(folder), "--index", str(index), "--port", str(port)]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        line = server.stderr.readline()
        assert "store.url=" in line, line
        yield line.partition("store.url=")[2].split()[0]
    finally:
        server.terminate()
        server.communicate(timeout=30)


def main(arguments: Sequence[str]) -> None:
    what, index, url, log, count, *seed = arguments
    if what == "writer":
        write(Path(index), url, Path(log), int(count), *map(int, seed))
    else:
        print(json.dumps(read(Path(index), url, Path(log), int(count), int(seed[0]))))


if __name__ == "__main__":
    main(sys.argv[1:])
