"""An index that took some work to make, and ways to damage it."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ragtree import Document, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.base import Message
from ragtree.llm.scripted import ScriptedChat

SETTINGS = {
    "chunk": {"tokens": 16},
    "summarize": {"tokens": 32, "kind": "abstractive"},
    "tree": {"group_tokens": 128},
}


def first_sentence(messages: Sequence[Message]) -> str:
    """The first sentence that the model is shown: valid as a summary and as a context."""
    found = re.findall(r"[A-Z][^.<>\n]{8,80}\.", messages[-1].content)
    return found[0] if found else "Nothing."


class CountingEmbedder(HashingEmbedder):
    """Counts the texts that it embeds."""

    def __init__(self) -> None:
        super().__init__()
        self.texts = 0

    def embed(self, texts, progress=None):  # type: ignore[no-untyped-def]
        self.texts += len(texts)
        return super().embed(texts)


def opened(path: Path, **how: object) -> RagTree:
    """Open the index, with models that count what they are asked."""
    settings = Settings.model_validate(SETTINGS)
    return RagTree.open(
        path,
        settings,
        embedder=CountingEmbedder(),
        llm=ScriptedChat(first_sentence),
        **how,  # type: ignore[arg-type]
    )


def write_folder(folder: Path, count: int, sentences: int = 24) -> None:
    """Write documents of invented words; each document has some words of its own."""
    generator = random.Random(7)
    words = ["".join(generator.choice("abdegiklmnoprstu") for _ in range(7)) for _ in range(600)]
    folder.mkdir()
    for number in range(count):
        own = generator.sample(words, 60)
        text = " ".join(" ".join(generator.choices(own, k=9)).capitalize() + "." for _ in range(sentences))
        (folder / f"paper{number:02}.txt").write_text(text, encoding="utf-8")


def make(path: Path, folder: Path) -> None:
    """Make an index: sync the folder, edit a file, add a document as an application does, and sync again."""
    with opened(path) as tree:
        tree.sync(folder)
        first = folder / "paper00.txt"
        first.write_text(first.read_text(encoding="utf-8") + " The keeper added a line at the end.", encoding="utf-8")
        tree.add([Document("memo", "The canary is called Admiral. It sings at noon.", metadata={"by": "the clerk"})])
        tree.sync(folder)


def copy(index: Path, target: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(index, target, ignore=shutil.ignore_patterns("lock*")))


def cut(path: Path, size: int) -> None:
    """Cut a file off after `size` bytes."""
    with path.open("r+b") as file:
        file.truncate(size)


def overwrite(path: Path, at: int, length: int = 4096) -> None:
    """Overwrite a part of a file with noise."""
    with path.open("r+b") as file:
        file.seek(at)
        file.write(random.Random(at).randbytes(length))


def each(paths: Iterable[Path], damage: Callable[[Path], object]) -> None:
    """Damage all of the files; there has to be at least one."""
    found = list(paths)
    assert found
    for path in found:
        damage(path)


def into_a_file(path: Path) -> None:
    """Replace a folder by a file."""
    shutil.rmtree(path)
    path.write_text("x", encoding="utf-8")
