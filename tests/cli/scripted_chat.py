"""`python scripted_chat.py FOLDER INDEX`: the chat of a small folder with a model that says what it was told to say,
a word at a time, so that a test at a pseudo-terminal takes no model."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from ragtree import RagTree, Settings
from ragtree.cli.conversation import converse
from ragtree.cli.line_input import lines_of
from ragtree.cli.terminal import Screen
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.scripted import ScriptedChat

ANSWER = "The stove cost two pounds. Tar cost two shillings. Hemp rope cost four shillings."


class Slow(ScriptedChat):
    """Asked for something long it takes its time."""

    def stream(self, messages, max_tokens):
        if "at length" in messages[-1].content:
            for _ in range(max_tokens):
                yield "and "
                time.sleep(0.02)
        else:
            yield from super().stream(messages, max_tokens)


def main(folder: Path, index: Path) -> None:
    answer = {"strictness": "low", "style": "written"}
    settings = Settings.model_validate({"chunk": {"tokens": 16}, "summarize": {"kind": "extractive"}, "answer": answer})
    with RagTree.open(index, settings, embedder=HashingEmbedder(), llm=Slow([ANSWER])) as tree:
        tree.sync(folder)
        converse(tree, folder, lines_of(tree.path / "questions.history"), Screen())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
