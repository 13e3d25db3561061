"""A small index for tests of what a sync does: budgets of some dozens of tokens, and a scripted model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ragtree import Message, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.scripted import ScriptedChat
from ragtree.types import Node, OnProgress, Vectors, no_progress

WORDS = "harbour rope lantern keeper ferry stove kitten ledger tide quarry winter captain anchor mill chapel".split()


class NotingEmbedder(HashingEmbedder):
    """Notes every text; before each call it runs `before`, which may raise."""

    def __init__(self, before: Callable[[Sequence[str]], object] = lambda _: None) -> None:
        super().__init__(64)
        self.texts: list[str] = []
        self._before = before

    def embed(self, texts: Sequence[str], progress: OnProgress = no_progress) -> Vectors:
        self._before(texts)
        self.texts.extend(texts)
        return super().embed(texts, progress)


def first_sentences(messages: Sequence[Message]) -> str:
    """A summary that the check lets through: the first sentence of the first passages, as far as they fit."""
    said: list[str] = []
    for passage in re.findall(r">([^<]+)</", messages[-1].content):
        sentence = passage.strip().split(". ")[0].strip().rstrip(".") + "."
        if sum(len(one.split()) for one in [*said, sentence]) > 14:
            break
        said.append(sentence)
    return " ".join(said) or "Nothing."


def settings(kind: str = "extractive", **more: dict[str, object]) -> Settings:
    given: dict[str, dict[str, object]] = {
        "llm": {},
        "embed": {"kind": "plain"},
        "chunk": {"tokens": 16, "language": "en"},
        "summarize": {"kind": kind, "tokens": 24},
        "tree": {"group_tokens": 64},
    }
    for stage, fields in more.items():
        given[stage] = given.get(stage, {}) | fields
    return Settings.model_validate(given)


def opened(
    path: Path, made: Settings, embedder: HashingEmbedder | None = None, llm: ScriptedChat | None = None
) -> RagTree:
    return RagTree.open(
        path, made, embedder=embedder or NotingEmbedder(), llm=llm if llm is not None else ScriptedChat(first_sentences)
    )


def sentence(number: int, at: int) -> str:
    return f"The {WORDS[(number + at) % 15]} {number} of the {WORDS[(number * at + 5) % 15]} weighs {at} pounds."


def text_of(number: int, sentences: int = 8) -> str:
    return " ".join(sentence(number, at) for at in range(1, sentences + 1))


def write_folder(folder: Path, numbers: Iterable[int], sentences: int = 8) -> Path:
    """A file for each number."""
    folder.mkdir(exist_ok=True)
    for number in numbers:
        (folder / f"{number:03}.md").write_text(text_of(number, sentences), encoding="utf-8")
    return folder


def document_node(tree: RagTree, key: str) -> Node:
    (found,) = (node for node in tree.nodes() if node.kind == "document" and node.document_id == key)
    return found


def of_kind(tree: RagTree, kind: str) -> list[Node]:
    return [node for node in tree.nodes() if node.kind == kind]
