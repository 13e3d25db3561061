"""Some groups summarized without a model: what the model would be asked, and what would be embedded for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from ...errors import BudgetError
from ...llm.base import Message
from ...summarize.base import Summarizer
from ...tokens import count_tokens
from ...types import Node
from .word_vectors import StandIn

_PAIRS = 6
_FILLS = (0.4, 0.7)
"""Shares of a group's token budget that the two groups of a pair fill: around what clusterers fill on average, and
apart, to tell what of a prompt grows with its group."""

Prompt = tuple[tuple[Message, ...], int]
"""Messages, and the most tokens of the answer."""


class Listener:
    """A chat model that notes what it is asked, and answers nothing: every call is over its budget."""

    name = "listener"

    def __init__(self, context: int) -> None:
        self.context = context
        self.prompts: list[Prompt] = []

    def count(self, text: str) -> int:
        return count_tokens(text)

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
        self.prompts.append((tuple(messages), max_tokens))
        raise BudgetError("nothing is written while a plan is made")
        yield ""

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What summarizing some groups of chunks takes."""

    group_tokens: tuple[int, ...]
    """Of each group."""
    prompts: tuple[tuple[Prompt, ...], ...]
    """What the model would be asked, a group each."""
    sentences: tuple[str, ...]
    """What would be embedded, each once."""
    summary_tokens: int
    """Of an extractive summary on average."""
    seconds: float
    """All but models: cutting and choosing."""

    def prompt_tokens_of(self, groups: int, tokens: int, count: Callable[[Sequence[Message]], int]) -> tuple[int, int]:
        """Calls for so many groups of so many tokens together, and the tokens of their prompts by `count`."""
        own = np.array(self.group_tokens, dtype=np.float64)
        calls = np.array([len(asked) for asked in self.prompts], dtype=np.float64)
        read = np.array([sum(count(messages) for messages, _ in asked) for asked in self.prompts], dtype=np.float64)
        if not calls.sum():
            return 0, 0
        # A prompt has a part that grows with its group, and one that does not.
        slope, start = np.polyfit(own, read, 1) if np.ptp(own) > 0.2 * own.mean() else (-1.0, 0.0)
        if slope < 0:
            slope, start = 0.0, read.mean()
        elif start < 0:
            slope, start = read.sum() / own.sum(), 0.0
        return round(groups * float(calls.mean())), round(float(start * groups + slope * tokens))


def rehearse(
    leaves: Sequence[Node], budget: int, make: Callable[[StandIn, Listener], Summarizer], context: int
) -> Rehearsal:
    """Summarize runs of neighbouring leaves, spread over all, by the summarizer that `make` gives for the stand-ins."""
    words, listener = StandIn(), Listener(context)
    summarizer = make(words, listener)
    groups = _runs(leaves, budget)
    prompts: list[tuple[Prompt, ...]] = []
    written = []
    started = time.monotonic()
    with closing(summarizer.summarize([[leaf.text for leaf in group] for group in groups])) as summaries:
        for summary in summaries:
            written.append(count_tokens(" ".join(sentence.text for sentence in summary.sentences)))
            prompts.append(tuple(listener.prompts))
            listener.prompts.clear()
    return Rehearsal(
        tuple(sum(leaf.tokens for leaf in group) for group in groups),
        tuple(prompts),
        tuple(dict.fromkeys(words.texts)),
        round(float(np.mean(written))) if written else 0,
        time.monotonic() - started - words.seconds,
    )


def _runs(leaves: Sequence[Node], budget: int) -> list[list[Node]]:
    """Some pairs of runs of leaves, a short and a long one."""
    runs: list[list[Node]] = []
    tokens = budget
    for leaf in leaves:
        if tokens + leaf.tokens > _FILLS[(len(runs) + 1) % 2] * budget and not (runs and len(runs[-1]) < 2):
            runs.append([])
            tokens = 0
        runs[-1].append(leaf)
        tokens += leaf.tokens
    pairs = [runs[start : start + 2] for start in range(0, len(runs), 2)]
    chosen = np.unique(np.linspace(0, len(pairs) - 1, _PAIRS).astype(int)).tolist() if pairs else []
    return [run for number in chosen for run in pairs[number]]
