"""What a sync has cost, and whether it may go on."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing

from ..errors import BudgetError
from ..llm.base import ChatModel, Ending, Message, OptionScore, OptionScorer, prompt_tokens, requests_at_once
from ..reports import Budget


class Spending:
    """Counts calls, tokens and time against a budget. Threads may share one."""

    def __init__(self, budget: Budget | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.calls = 0
        self.prompt_tokens = 0
        self.answer_tokens = 0
        self._budget = budget or Budget()
        self._clock = clock
        self._started = clock()
        self.refused = False
        """True once a call was refused."""
        self._begun = 0
        """Most tokens that the calls in flight can cost."""
        self._lock = threading.Lock()

    @property
    def limits_tokens(self) -> bool:
        """True if the budget has a limit of tokens."""
        return self._budget.tokens is not None

    @property
    def seconds(self) -> float:
        """Seconds since it was made."""
        return self._clock() - self._started

    def seconds_left(self) -> float:
        """Seconds left: negative if time is up, infinite if there is no limit."""
        if self._budget.minutes is None:
            return math.inf
        return 60 * self._budget.minutes - self.seconds

    def has_time(self) -> bool:
        """False when time is up."""
        return self.seconds_left() > 0

    def check(self, most: int) -> None:
        """Raise BudgetError if a call of at most `most` tokens would exceed the budget, or if time is up."""
        limit = self._budget.tokens
        spent = self.prompt_tokens + self.answer_tokens + self._begun
        if limit is not None and spent + most > limit:
            self.refused = True
            raise BudgetError(f"a call needs up to {most} tokens, but {spent} of the budget of {limit} are spent")
        if not self.has_time():
            self.refused = True
            raise BudgetError(f"the budget of {self._budget.minutes:g} minutes is used up")

    def begin(self, most: int) -> None:
        """Begin a call of at most `most` tokens. Raises as `check` does."""
        with self._lock:
            self.check(most)
            self._begun += most

    def end(self, most: int, read: int, written: int) -> None:
        """End that call, and count its tokens. `read` is 0 if it failed before the model began to answer."""
        with self._lock:
            self._begun -= most
            self.calls += 1 if read else 0
            self.prompt_tokens += read
            self.answer_tokens += written

    def count(self, calls: int, read: int, written: int) -> None:
        """Count calls that were made elsewhere."""
        with self._lock:
            self.calls += calls
            self.prompt_tokens += read
            self.answer_tokens += written


class MeteredChat:
    """A chat model whose calls are counted, and refused with a BudgetError if they may cost too much."""

    def __init__(self, model: ChatModel, spending: Spending) -> None:
        self.name = model.name
        self.concurrency = requests_at_once(model)
        self._model = model
        self._spending = spending

    @property
    def context(self) -> int:
        return self._model.context

    def count(self, text: str) -> int:
        return self._model.count(text)

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, Ending | None]:
        self._spending.check(1)  # if nothing is left, the model is not loaded only to count tokens
        prompt = prompt_tokens(self._model, messages)
        most = prompt + max_tokens
        self._spending.begin(most)
        pieces: list[str] = []
        whole = False
        try:
            ending = yield from _kept(self._model.stream(messages, max_tokens), pieces)
            whole = True
            return ending
        finally:
            written = self._model.count("".join(pieces)) if pieces else 0
            self._spending.end(most, prompt if pieces or whole else 0, written)

    def close(self) -> None:
        self._model.close()


def _kept(written: Generator[str, None, Ending | None], pieces: list[str]) -> Generator[str, None, Ending | None]:
    """Yield what a model writes, and append it to `pieces`."""
    with closing(written):
        try:
            while True:
                piece = next(written)
                pieces.append(piece)
                yield piece
        except StopIteration as end:
            ending: Ending | None = end.value
            return ending


class MeteredScorer(MeteredChat):
    """The same for a model that scores given answers. A question is one call, however many answers it offers."""

    def __init__(self, model: ChatModel, scorer: OptionScorer, spending: Spending) -> None:
        super().__init__(model, spending)
        self._scorer = scorer

    @property
    def scores_texts(self) -> bool:
        return self._scorer.scores_texts

    def score_options(self, messages: Sequence[Message], options: Sequence[str]) -> tuple[OptionScore, ...]:
        self._spending.check(1)
        read = prompt_tokens(self._model, messages) + sum(map(self._model.count, options))
        self._spending.begin(read)
        done = False
        try:
            scores = self._scorer.score_options(messages, options)
            done = True
            return scores
        finally:
            self._spending.end(read, read if done else 0, 0)


def with_metering(model: ChatModel, spending: Spending) -> MeteredChat:
    """The model, with every call counted."""
    if isinstance(model, OptionScorer):
        return MeteredScorer(model, model, spending)
    return MeteredChat(model, spending)
