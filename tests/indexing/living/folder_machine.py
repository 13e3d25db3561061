"""A folder to which anything may happen, and a tree that follows it: what must hold after every step."""

from __future__ import annotations

import random
import re
import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import ClassVar

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from library import LIBRARY

from ragtree import Message, RagTree, Settings, SyncReport
from ragtree.embed.base import Embedder
from ragtree.embed.hashing import HashingEmbedder
from ragtree.indexing.chunks import embedded_text
from ragtree.llm.scripted import ScriptedChat
from ragtree.types import OnProgress, Vectors, no_progress

_WORDS = 80
SEEDS = st.integers(0, 2**64 - 1)


def _is_text(name: str, content: bytes) -> bool:
    """True for files that can be edited here."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return name.endswith((".md", ".txt"))


class Remembering:
    """An embedder that is asked for a text once in a whole run of machines; `asked` counts what it was given."""

    def __init__(self, embedder: Embedder) -> None:
        self.name = embedder.name
        self.dimension = embedder.dimension
        self.asked = 0
        self._seconds = 0.0
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}

    def embed(self, texts: Sequence[str], progress: OnProgress = no_progress) -> Vectors:
        self.asked += len(texts)
        started = time.perf_counter()
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._embedder.embed(new, progress), strict=True))
        self._seconds += time.perf_counter() - started
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.stack([self._known[text] for text in texts])

    def take_seconds(self) -> float:
        """What embedding took since this was asked the last time."""
        taken, self._seconds = self._seconds, 0.0
        return taken

    def embed_query(self, text: str) -> Vectors:
        return self._embedder.embed_query(text)


def each_first_sentence(messages: Sequence[Message]) -> str:
    """A summary that the check lets through: the first sentences of passages, up to some eighty words."""
    words = 0
    said = []
    for passage in re.findall(r">([^<]+)</", messages[-1].content):
        sentence = passage.strip().split(". ")[0].rstrip(".") + "."
        words += len(sentence.split())
        if said and words > _WORDS:
            break
        said.append(sentence)
    return " ".join(said)


def written_by_a_model(tokens: int = 1000) -> Settings:
    return Settings.model_validate({"tree": {"group_tokens": tokens}, "summarize": {"kind": "abstractive"}})


@dataclass
class Spent:
    """Calls of the model, and what growing the whole tree at every step would have taken."""

    steps: int = 0
    calls: int = 0
    rebuilding: float = 0
    shares: list[tuple[str, float]] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.calls / max(1, self.rebuilding)


class FolderMachine(RuleBasedStateMachine):
    """Files come, go, change and move; after each step the tree is synced and looked at."""

    embedder: ClassVar[Remembering] = Remembering(HashingEmbedder(256))
    settings: ClassVar[Settings] = written_by_a_model()
    source: ClassVar[Path] = LIBRARY
    subjects: ClassVar[str] = "*"
    """Which folders of the source."""
    spent: ClassVar[Spent] = Spent()

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(mkdtemp(prefix="ragtree-living-"))
        self.folder = self.place / "folder"
        self.originals = {
            str(path.relative_to(self.source)): path.read_bytes()
            for path in sorted(self.source.glob(f"{self.subjects}/**/*"))
            if path.is_file() and not path.name.startswith(".") and ".ragtree" not in path.parts
        }
        self.plain = {name for name, content in self.originals.items() if _is_text(name, content)}
        self.names: dict[str, str] = {}
        """Of every file that is there, by its name, the original that it began as."""
        self.number = 0
        self.model = ScriptedChat(each_first_sentence)
        self.tree = RagTree.open(self.place / "index", self.settings, embedder=self.embedder, llm=self.model)
        self.report: SyncReport | None = None
        self.doing = ""

    @initialize()
    def begin(self) -> None:
        for original, content in self.originals.items():
            self._write(original, original, content)
        self._sync(counted=False)
        self.calls_a_summary = len(self.model.calls) / sum(self.tree.stats().levels[1:])

    # --- what may happen

    @rule(choice=SEEDS)
    def add(self, choice: int) -> None:
        self._add(choice)
        self._sync()

    @rule(choice=SEEDS, how=st.sampled_from(["insert", "change", "cut"]), seed=SEEDS)
    def edit(self, choice: int, how: str, seed: int) -> None:
        if self.names:
            self._edit(choice, how, seed)
            before = {(node.id, embedded_text(node)) for node in self.tree.nodes()}  # a document's node keeps its id
            self._sync()
            new = [node for node in self.tree.nodes() if (node.id, embedded_text(node)) not in before]
            assert self.report is not None and self.report.embedded <= len(new)

    @rule(choice=SEEDS)
    def rename(self, choice: int) -> None:
        if self.names:
            before = (len(self.model.calls), self.embedder.asked)
            self._rename(choice)
            self._sync()
            if self.report is not None and self.report.renamed and not self.report.changed:
                titles = len(self.report.renamed)  # a document is found by its path, too
                assert len(self.model.calls) == before[0], self.report
                assert self.embedder.asked - before[1] <= titles and self.report.embedded <= titles, self.report

    @rule(choice=SEEDS)
    def remove(self, choice: int) -> None:
        if len(self.names) > len(self.originals) // 2:
            self._remove(choice)
            self._sync()

    @rule(seeds=st.lists(SEEDS, min_size=2, max_size=4))
    def many_at_once(self, seeds: list[int]) -> None:
        for seed in seeds:
            how = random.Random(seed).choice(["add", "edit", "rename", "remove"])
            if how == "add":
                self._add(seed)
            elif how == "edit" and self.names:
                self._edit(seed, "change", seed)
            elif how == "rename" and self.names:
                self._rename(seed)
            elif how == "remove" and len(self.names) > len(self.originals) // 2:
                self._remove(seed)
        self.doing = "many at once"
        self._sync()

    # --- what must hold

    @invariant()
    def the_tree_is_sound(self) -> None:
        if self.report is not None:
            faults = self.tree.verify()
            assert not faults, faults

    @invariant()
    def the_index_shows_the_folder(self) -> None:
        if self.report is not None:
            texts = {document.id: document.text for document in self.tree.documents()}
            assert texts.keys() == self.names.keys()
            for name in [name for name, original in self.names.items() if original in self.plain]:
                assert texts[name].split() == (self.folder / name).read_text(encoding="utf-8").split()

    @invariant()
    def what_is_stale_is_little(self) -> None:
        stale = [node.stale for node in self.tree.nodes() if node.level]
        assert all(share <= self.settings.tree.stale_share for share in stale), (stale, self.report)

    def teardown(self) -> None:
        try:
            if self.report is not None:
                self.at_the_end()
        finally:
            self.tree.close()
            shutil.rmtree(self.place)

    def at_the_end(self) -> None:
        """What else is to be looked at after the last step."""

    # --- the folder

    def _pick(self, names: Iterable[str], choice: int) -> str:
        found = sorted(names)
        return found[choice % len(found)]

    def _write(self, name: str, original: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.names[name] = original

    def _add(self, choice: int) -> None:
        self.doing = "add"
        missing = self.originals.keys() - set(self.names.values())
        original = self._pick(missing or self.plain, choice)
        if original not in self.names.values():
            self._write(original, original, self.originals[original])
        else:  # the same once more, with words of its own in front
            self.number += 1
            stem, dot, ending = original.rpartition(".")
            name = f"{stem}-{self.number}{dot}{ending}"
            self._write(name, original, f"Copy {self.number}.\n\n".encode() + self.originals[original])

    def _edit(self, choice: int, how: str, seed: int) -> None:
        self.doing = "edit"
        texts = [name for name in sorted(self.names) if self.names[name] in self.plain]
        if not texts:
            return
        path = self.folder / self._pick(texts, choice)
        parts = path.read_text(encoding="utf-8").split("\n\n")
        at = seed % len(parts)
        self.number += 1
        sentence = f"On day {self.number} the harbour master wrote {seed} in the margin of this page."
        if how == "insert":
            parts.insert(at + 1, sentence)
        elif how == "change":
            parts[at] = f"{parts[at]} {sentence}"
        elif len(parts) > 2:
            del parts[at]
        path.write_text("\n\n".join(parts), encoding="utf-8")

    def _rename(self, choice: int) -> None:
        self.doing = "rename"
        name = self._pick(self.names, choice)
        self.number += 1
        other = f"moved/{self.number}-{Path(name).name}"
        (self.folder / "moved").mkdir(exist_ok=True)
        (self.folder / name).rename(self.folder / other)
        self.names[other] = self.names.pop(name)

    def _remove(self, choice: int) -> None:
        self.doing = "remove"
        name = self._pick(self.names, choice)
        (self.folder / name).unlink()
        del self.names[name]

    def _sync(self, counted: bool = True) -> None:
        calls = len(self.model.calls)
        self.report = self.tree.sync(self.folder)
        done = (self.report.added, self.report.changed, self.report.renamed, self.report.removed)
        if counted and any(done):
            whole = sum(self.tree.stats().levels[1:])
            spent = len(self.model.calls) - calls
            self.spent.steps += 1
            self.spent.calls += spent
            self.spent.rebuilding += whole * self.calls_a_summary
            self.spent.shares.append((self.doing, spent / max(1.0, whole * self.calls_a_summary)))
