"""A conversation over a tree."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

from ..errors import QueryError
from ..processes import ProcessBound, process_bound
from ..types import Answer, Citation, OnStep, Step, Where, no_step

Ask = Callable[[str, str, Sequence[Citation]], Generator[str, None, Answer]]
"""(question as asked, complete question, what was cited for it before) -> pieces of the answer, and the Answer at the
end."""

Rewrite = Callable[[str, list[Answer]], str]


_LONGEST = 300
"""Characters of an earlier question that are kept for understanding later ones."""


class Chat(ProcessBound):
    """A conversation. It keeps what was said, and understands follow-up questions from it."""

    def __init__(self, ask: Ask, rewrite: Rewrite, mode: str | None = None, where: Where | None = None) -> None:
        self.mode = mode
        """The mode in which the next questions are searched; None is retrieve.mode."""
        self.where = where
        """The filter for the documents that answer the next questions; None is all of them."""
        self.on_step: OnStep = no_step
        """Called with every step while an answer is made. It may be replaced at any time."""
        self._ask = ask
        self._rewrite = rewrite
        self.history: list[Answer] = []
        # The same with complete questions: "and why?" points at what "and who?" was about.
        self._understood: list[Answer] = []
        self.rewritten = ""
        """The last question as it was searched for."""

    @property
    def last(self) -> Answer | None:
        """The answer to the last question; None before the first and after a reset."""
        return self.history[-1] if self.history else None

    @process_bound
    def stream(self, question: str) -> Generator[str, None, None]:
        """Yield the answer in pieces; when all are read, it is `last`.

        Closing the iterator stops the model, and the question is not remembered. Raises QueryError for an
        empty question, and what `RagTree.ask` raises.
        """
        if not question.strip():
            raise QueryError("the question is empty; ask something")
        self.on_step(Step("search"))
        self.rewritten = self.alone(question)
        answer = yield from self._ask(question, self.rewritten, self._cited_before(question))
        self.history.append(answer)
        self._understood.append(replace(answer, question=self.rewritten[:_LONGEST]))

    def alone(self, question: str) -> str:
        """The question as it would be asked without the conversation before it. It is not remembered."""
        return self._rewrite(question, self._understood)

    def _cited_before(self, question: str) -> list[Citation]:
        """What was cited for an earlier question that is now asked again in other words: "tell me more"."""
        if question == self.rewritten:
            return []
        again = [turn for turn in self._understood if turn.question == self.rewritten[:_LONGEST]]
        return [citation for turn in again for citation in turn.citations]

    def ask(self, question: str) -> Answer:
        """The whole answer at once."""
        for _ in self.stream(question):
            pass
        return self.history[-1]

    def resume(self, turns: Sequence[Answer], understood: Sequence[str] = ()) -> None:
        """Forget the conversation, and go on from these turns, oldest first.

        `understood` are their complete questions (`rewritten`). Without them the questions are taken as they were
        asked.
        """
        if understood and len(understood) != len(turns):
            raise QueryError(f"`understood` has {len(understood)} questions for {len(turns)} turns; give one for each")
        self.reset()
        alone = understood or [turn.question for turn in turns]
        self.history.extend(turns)
        self._understood.extend(
            replace(turn, question=question[:_LONGEST]) for turn, question in zip(turns, alone, strict=True)
        )
        self.rewritten = alone[-1] if alone else ""

    def reset(self) -> None:
        """Forget the conversation."""
        self.history.clear()
        self._understood.clear()
        self.rewritten = ""
