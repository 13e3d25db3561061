"""Syncs that are killed with SIGKILL at random moments, and what is left of them.

    python tests/indexing/living/killing.py --kills 200 --embedder bundled

A process of its own for each sync is forked from one that has loaded the libraries; the embedder has a process of its
own, too, which remembers what it was asked, and answers after as long as embedding takes. After each kill the
index is opened and verified, synced once more, and compared with one that nobody disturbed. Every call of the model is
written to a file before it is answered, so that repeated ones can be counted. `--keep FOLDER` keeps what a kill
left, as it was at once and in the end, where anything is wrong with it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.connection import Client, Listener
from multiprocessing.synchronize import Event
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2]), str(Path(__file__).parents[3])]

from folder_machine import Remembering, each_first_sentence
from library import LIBRARY

from ragtree import Message, RagTree, Settings
from ragtree.embed.base import Embedder
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.scripted import ScriptedChat
from ragtree.models import make_embedder
from ragtree.settings import EmbedSettings
from ragtree.types import OnProgress, Vectors, no_progress

FORK = multiprocessing.get_context("fork")
DOCUMENTS = 60
_PIECE = 1200
_EMBEDDING = 0.001
"""Seconds a text."""
_LONGEST = 600.0
"""Seconds after which a sync hangs, and is no longer waited for."""


@dataclass(frozen=True)
class Outcome:
    """What one killed sync left."""

    scenario: str
    share: float
    """When it was killed, as a share of the time that an undisturbed one takes; 1 and more where it was done."""
    faults: list[str]
    """After the kill, and after the sync that followed."""
    same: bool
    """Whether the second sync ended as an undisturbed one."""
    repeated: int
    """Calls of the model that were made more often than by the undisturbed one."""

    @property
    def is_bad(self) -> bool:
        """True where a kill did more than cost the calls that it fell into."""
        return bool(self.faults) or not self.same or self.repeated > Noted.concurrency


def settings_of(kind: str) -> Settings:
    return Settings.model_validate({"summarize": {"kind": kind}})


def write_folder(folder: Path) -> None:
    """Sixty short documents."""
    texts = [
        path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(LIBRARY.rglob("*"))
        if path.suffix in (".md", ".txt")
    ]
    pieces = [text[start : start + _PIECE] for text in texts for start in range(0, len(text) - _PIECE, _PIECE)]
    folder.mkdir()
    for number in range(DOCUMENTS):
        (folder / f"{number:02}.md").write_text(pieces[number % len(pieces)], encoding="utf-8")


def change_folder(folder: Path) -> None:
    """Edits, removals, renames and new files, three each."""
    for number in range(3):
        path = folder / f"{10 + number:02}.md"
        text = path.read_text(encoding="utf-8")
        path.write_text(f"{text[:300]} The keeper wrote {number} in the margin. {text[300:]}", encoding="utf-8")
        (folder / f"{20 + number:02}.md").unlink()
        (folder / f"{30 + number:02}.md").rename(folder / f"moved-{number}.md")
        new = (folder / f"{40 + number:02}.md").read_text(encoding="utf-8")[::-1][:500]
        (folder / f"new-{number}.md").write_text(f"Of lamp {number}. {text[600:]} {new}", encoding="utf-8")


def serve_embedder(name: str, address: str, ready: Event) -> None:
    """Answer with vectors, one who asks after the other; who asks may be killed at any time."""
    embedder = Remembering(make_embedder(EmbedSettings()) if name == "bundled" else HashingEmbedder(256))
    embedder.embed(["loaded"])
    with Listener(address, "AF_UNIX") as listener:
        ready.set()
        while True:
            with listener.accept() as asked:
                try:
                    while True:
                        asked.send(embedder.embed(asked.recv()))
                except (EOFError, OSError):
                    continue


class Served:
    """The embedder in the other process."""

    def __init__(self, name: str, dimension: int, address: str) -> None:
        self.name = name
        self.dimension = dimension
        self._address = address

    def embed(self, texts: Sequence[str], progress: OnProgress = no_progress) -> Vectors:
        with Client(self._address, "AF_UNIX") as server:
            server.send(list(texts))
            vectors: Vectors = server.recv()
        time.sleep(_EMBEDDING * len(texts))
        return vectors

    def embed_query(self, text: str) -> Vectors:
        return self.embed([text])[0]


class Noted(ScriptedChat):
    """Notes every call in a file, before it answers."""

    concurrency = 1

    def __init__(self, log: Path) -> None:
        super().__init__(self._noted)
        self._log = log

    def _noted(self, messages: Sequence[Message]) -> str:
        text = json.dumps([message.content for message in messages])
        line = f"{hashlib.sha256(text.encode()).hexdigest()} {os.getpid()} {time.monotonic():.3f}\n"
        descriptor = os.open(self._log, os.O_APPEND | os.O_CREAT | os.O_WRONLY)
        os.write(descriptor, line.encode())
        os.close(descriptor)
        time.sleep(0.01)  # as long as a kill may well fall into
        return each_first_sentence(messages)


def sync(place: Path, folder: Path, kind: str, embedder: Embedder) -> None:
    with RagTree.open(place / "index", settings_of(kind), embedder=embedder, llm=Noted(place / "calls")) as tree:
        tree.sync(folder)


def verify(place: Path, folder: Path, kind: str, embedder: Embedder) -> None:
    """What is wrong right after a kill, in a file."""
    faults: list[str] = []
    if (place / "index" / "catalog.sqlite").exists():
        with RagTree.open(place / "index", settings_of(kind), embedder=embedder, llm=Noted(place / "calls")) as tree:
            faults = tree.verify()
    (place / "faults").write_text(json.dumps(faults), encoding="utf-8")


def describe(place: Path, folder: Path, kind: str, embedder: Embedder) -> None:
    """All that an index holds, in a file, and its faults."""
    with RagTree.open(place / "index", settings_of(kind), embedder=embedder, llm=Noted(place / "calls")) as tree:
        nodes = [json.dumps(asdict(node), default=str, sort_keys=True) for node in tree.nodes()]
        documents = [f"{document.id} {document.sha256}" for document in tree.documents()]
        faults = tree.verify()
        plan = tree.plan(folder, measure=False)
    (place / "faults").write_text(json.dumps(faults), encoding="utf-8")
    (place / "held").write_text("\n".join([*nodes, *documents, str(plan.is_empty)]), encoding="utf-8")


def apart(step: Callable[..., None], *arguments: object) -> int:
    """Run a step in a process of its own; its exit status."""
    process = FORK.Process(target=step, args=arguments)
    process.start()
    process.join(_LONGEST)
    if process.is_alive():
        process.kill()
        process.join()
        raise TimeoutError(f"{step.__name__} hangs")
    return process.exitcode or 0


def killed_after(seconds: float, step: Callable[..., None], *arguments: object) -> None:
    """Run a step in a process of its own, and kill it."""
    process = FORK.Process(target=step, args=arguments)
    process.start()
    process.join(seconds)
    if process.pid is not None and process.is_alive():
        os.kill(process.pid, signal.SIGKILL)
    process.join()


class Scenario:
    """One sync, from one state of a folder and its index, undisturbed and killed."""

    def __init__(self, name: str, kind: str, place: Path, embedder: Embedder) -> None:
        self.name = f"{name}, {kind}"
        self._kind = kind
        self._place = place / f"{name}-{kind}"
        self._embedder = embedder
        self._folder = self._place / "folder"
        self._start = self._place / "start"
        self._start.mkdir(parents=True)
        write_folder(self._folder)
        if name == "change":
            assert apart(sync, self._start, self._folder, kind, embedder) == 0
            (self._start / "calls").unlink(missing_ok=True)
            change_folder(self._folder)
        assert apart(sync, self._copy("first"), self._folder, kind, embedder) == 0  # the embedder knows the texts then
        whole = self._copy("whole")
        started = time.monotonic()
        assert apart(sync, whole, self._folder, kind, embedder) == 0
        self.seconds = time.monotonic() - started
        self._calls = self._calls_of(whole)
        self._held, faults = self._described(whole)
        assert not faults and self._held.endswith("True"), faults

    @property
    def told(self) -> dict[str, object]:
        """What an undisturbed sync takes."""
        return {"scenario": self.name, "seconds": round(self.seconds, 1), "calls": sum(self._calls.values())}

    def killed(self, share: float, keep: Path | None = None) -> Outcome:
        """Kill a sync after that share of its time, and look at what is left; keep it where it is wrong."""
        place = self._copy("killed")
        killed_after(share * self.seconds, sync, place, self._folder, self._kind, self._embedder)
        if keep is not None:
            shutil.copytree(place, self._place / "at-once")
        opened = apart(verify, place, self._folder, self._kind, self._embedder)
        faults = json.loads((place / "faults").read_text()) if opened == 0 else ["it does not open"]
        if apart(sync, place, self._folder, self._kind, self._embedder) != 0:
            faults.append("the next sync fails")
        held, more = self._described(place)
        repeated = sum((self._calls_of(place) - self._calls).values())
        outcome = Outcome(self.name, share, [*faults, *more], held == self._held, repeated)
        if keep is not None:
            if outcome.is_bad:
                kept = keep / f"{self.name}, {share:.4f}"
                shutil.copytree(self._place / "at-once", kept / "at-once")
                shutil.copytree(place, kept / "in-the-end")
            shutil.rmtree(self._place / "at-once")
        shutil.rmtree(place)
        return outcome

    def _copy(self, name: str) -> Path:
        place = self._place / name
        shutil.copytree(self._start, place)
        return place

    def _calls_of(self, place: Path) -> Counter[str]:
        log = place / "calls"
        return Counter(line.split()[0] for line in log.read_text().splitlines()) if log.exists() else Counter()

    def _described(self, place: Path) -> tuple[str, list[str]]:
        if apart(describe, place, self._folder, self._kind, self._embedder) != 0:
            return "", ["it does not open"]
        return (place / "held").read_text(encoding="utf-8"), json.loads((place / "faults").read_text())


@contextmanager
def served(asked: str, known: Embedder, place: str) -> Iterator[Embedder]:
    """The embedder that was asked for, while its process runs."""
    spawn = multiprocessing.get_context("spawn")
    address, ready = str(Path(place) / "embedder"), spawn.Event()
    server = spawn.Process(target=serve_embedder, args=(asked, address, ready), daemon=True)
    server.start()
    try:
        if not ready.wait(_LONGEST):
            raise TimeoutError("the embedder does not start")
        yield Served(known.name, known.dimension, address)
    finally:
        server.kill()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--embedder", choices=["bundled", "hashing"], default="bundled")
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    parser.add_argument("--at-once", type=int, default=1, metavar="CALLS", help="calls in flight, as a server has them")
    asked = parser.parse_args()
    Noted.concurrency = asked.at_once
    chance = random.Random(asked.seed)
    known: Embedder = make_embedder(EmbedSettings()) if asked.embedder == "bundled" else HashingEmbedder(256)
    bad = 0
    with TemporaryDirectory(prefix="ragtree-killed-") as place, served(asked.embedder, known, place) as embedder:
        scenarios = [
            Scenario(name, kind, Path(place), embedder)
            for name in ("build", "change")
            for kind in ("extractive", "abstractive")
        ]
        for scenario in scenarios:
            print(json.dumps(scenario.told), flush=True)
        for number in range(asked.kills):
            outcome = scenarios[number % len(scenarios)].killed(chance.uniform(0, 1.05), asked.keep)
            bad += outcome.is_bad
            print(json.dumps(asdict(outcome)), flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
