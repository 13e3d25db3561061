"""How soon does the chat show something? From the question, and from the model's first token."""

from __future__ import annotations

import io
import os
import statistics
import time
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path

from ragtree import Message, RagTree, Settings
from ragtree.cli.chat_commands import ChatState
from ragtree.cli.conversation import answer
from ragtree.cli.terminal import Look, Screen

LIBRARY = Path(__file__).parents[2] / "examples" / "library"
QUESTIONS = (
    "What did the stove for the toll hut cost?",
    "What is the harbour cat called?",
    "What does the Company forfeit for every sailing missed?",
    "Who kept the light at Maw Head?",
)


class Clock(io.StringIO):
    """A terminal that notes when something is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[tuple[float, str]] = []

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if isinstance(text, str):  # click tries with bytes what kind of stream it is
            self.written.append((time.perf_counter(), text))
        return super().write(text)

    def first(self, after: float, words: str = "") -> float:
        """When the first text with letters came that holds `words`."""
        return next(at for at, text in self.written if at >= after and words in text and any(map(str.isalpha, text)))


class Told:
    """A model that notes when its first token came."""

    def __init__(self, model) -> None:
        self.model, self.name, self.count, self.close = model, model.name, model.count, model.close
        self.first = 0.0

    @property
    def context(self) -> int:
        return self.model.context

    def stream(self, messages, max_tokens):
        for piece in self.model.stream(messages, max_tokens):
            self.first = self.first or time.perf_counter()
            yield piece


def test_from_the_question_to_the_first_word(tmp_path, report):
    status, draft, checked, start = [], [], [], []
    with RagTree.open(tmp_path / "index", Settings()) as tree:
        tree.sync(LIBRARY)
        tree.llm = told = Told(tree.llm)
        tree.ask(QUESTIONS[0])  # the models are loaded
        for question in QUESTIONS:
            out, err = Clock(), Clock()
            told.first = 0.0
            with redirect_stdout(out), redirect_stderr(err):
                talk = ChatState(tree, tree.chat(), LIBRARY, Screen(Look(True, True, True, True)))
                begun = time.perf_counter()
                answer(talk, question)
            start.append(told.first - begun)
            status.append((err.first(begun) - begun) / start[-1])
            draft.append((err.first(told.first) - begun) / start[-1])
            checked.append((out.first(begun) - begun) / start[-1])
    for what, ratios in (("status", status), ("word, unchecked", draft), ("checked sentence", checked)):
        report(
            f"chat, first {what}: {statistics.median(ratios):.3f} times as long after the question as the model's "
            f"first token ({len(ratios)} questions, worst {max(ratios):.3f})"
        )
    slowest = max((ratio - 1) * seconds for ratio, seconds in zip(draft, start, strict=True))
    report(
        f"chat, from the question to the model's first token {statistics.median(start):.2f} s, and from there to the "
        f"first word on the screen at most {slowest * 1000:.1f} ms (wanted: under 300)"
    )
    assert statistics.median(draft) <= statistics.median(checked)


def test_against_a_plain_prompt(tmp_path, report):
    """The first word of a model of one's own: RAGTREE_LLM_MODEL=FILE.gguf."""
    model = os.environ.get("RAGTREE_LLM_MODEL", "bundled")
    settings = {"llm": {"model": model, "context": 8192}, "summarize": {"kind": "extractive"}}
    ratios, seconds = [], []
    with RagTree.open(tmp_path / "index", Settings.model_validate(settings)) as tree:
        tree.sync(LIBRARY)
        tree.ask("What is the harbour cat called?")  # the models are loaded
        for question in QUESTIONS:
            begun = time.perf_counter()
            hits = tree.search(question, max_tokens=tree.settings.retrieve.max_tokens)
            passages = "\n\n".join(f"[{hit.node.source}]\n{hit.node.text}" for hit in hits)
            asked = f"{passages}\n\nAnswer the question from the passages above.\nQuestion: {question}"
            with closing(tree.llm.stream([Message("user", asked)], 300)) as pieces:
                next(pieces)
            plain = time.perf_counter() - begun
            chat, written = tree.chat(), []
            chat.on_step = lambda step, written=written: written.append((step.kind, time.perf_counter()))
            begun = time.perf_counter()
            chat.ask(question)
            first = next((at for kind, at in written if kind == "write"), time.perf_counter()) - begun
            ratios.append(first / plain)
            seconds.append(first)
    report(
        f"{model}: the first word after {statistics.median(seconds):.1f} s (median of {len(ratios)}), "
        f"{statistics.median(ratios):.2f} times as long as a plain prompt (worst {max(ratios):.2f}; wanted: 1.3)"
    )
