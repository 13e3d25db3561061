"""Spreads questions evenly over the documents, and never asks twice about the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeVar

from ..base import Place, Question
from .base import Reason
from .near_duplicates import bare
from .prepared_folder import PreparedFolder

Candidate = TypeVar("Candidate")

_MOST_ASKED_ABOUT = 0.5
"""Largest share of a question's proofs that earlier questions may have had."""


class Spread:
    """Takes documents in turn, and remembers what was asked, about which places, and what was left out."""

    def __init__(self, folder: PreparedFolder) -> None:
        self.left_out: Counter[Reason] = Counter()
        self._folder = folder
        self._usable: dict[int, list[int]] = {}
        self._asked: set[str] = set()
        self._asked_about: set[Place] = set()
        self._questions_of: Counter[int] = Counter()
        for index, sentence in enumerate(folder.sentences):
            reason = folder.unfit(index)
            if reason is None:
                self._usable.setdefault(sentence.document, []).append(index)
            else:
                self.left_out[reason] += 1

    @property
    def usable_count(self) -> int:
        """Sentences that a question can be made of."""
        return sum(map(len, self._usable.values()))

    def sentences(
        self,
        kind: str,
        make: Callable[[int], Question | Reason],
        is_over: Callable[[], bool] = lambda: False,
        worth: Callable[[int], int] = lambda _: 0,
    ) -> Iterator[Question]:
        """Yield questions that `make` makes of single sentences and what follows them, until `is_over`.

        The order is random, but sentences of more `worth` come first.
        """
        dice = self._folder.dice("order", kind)
        candidates = {
            document: sorted((indices[place] for place in dice.permutation(len(indices)).tolist()), key=worth)
            for document, indices in self._usable.items()
        }

        def make_once(index: int) -> Question | Reason:
            return Reason.REPEATED if self._folder.place(index) in self._asked_about else make(index)

        return self.round(kind, candidates, make_once, is_over)

    def round(
        self,
        kind: str,
        candidates: dict[int, list[Candidate]],
        make: Callable[[Candidate], Question | Reason],
        is_over: Callable[[], bool] = lambda: False,
    ) -> Iterator[Question]:
        """Yield one question per document in every round, the documents with the fewest questions first.

        The lists in `candidates`, by document, are consumed from the end.
        """
        chance = self._folder.dice("round", kind).random(len(self._folder.documents)).tolist()
        while candidates:
            for document in sorted(candidates, key=lambda one: (self._questions_of[one], chance[one])):
                while candidates[document] and not is_over():
                    made = self._checked(make(candidates[document].pop()))
                    if made is not None:
                        self._questions_of[document] += 1
                        yield made
                        break
            candidates = {} if is_over() else {one: left for one, left in candidates.items() if left}

    def _checked(self, made: Question | Reason) -> Question | None:
        """The question, if nothing like it was asked before; else None, and the reason is counted."""
        if isinstance(made, Question):
            about = [any(place in self._asked_about for place in proof.places) for proof in made.proofs]
            if bare(made.text) in self._asked or sum(about) > _MOST_ASKED_ABOUT * len(about):
                made = Reason.REPEATED
        if isinstance(made, Reason):
            self.left_out[made] += 1
            return None
        self._asked.add(bare(made.text))
        self._asked_about.update(place for proof in made.proofs for place in proof.places)
        return made
