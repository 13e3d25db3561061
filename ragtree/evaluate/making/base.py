"""The questions that were made, and the reasons why other sentences gave none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..base import Question

SHARES = {"several": 1, "written": 1, "known-item": 1, "cloze": 2}
"""The kinds, and their shares of the questions. The kind that needs the most sentences at once is made first, and the
last one takes what is left: people mostly ask for single facts (33 of the 54 questions of examples/questions.jsonl that
have proofs)."""
KINDS = tuple(SHARES)


class Reason(StrEnum):
    """Why no question was made, in the words of a report."""

    LENGTH = "sentences too short or too long"
    PROSE = "headings, table rows, lists and fragments"
    LEANING = "sentences that lean on the one before"
    BOILERPLATE = "sentences that stand in many places"
    WORDLESS = "without enough telling words"
    ALONE = "sentences without a neighbour in their paragraph"
    ELSEWHERE = "whose words stand together elsewhere too"
    REPEATED = "about sentences that were asked about already"
    FORM = "written, but not one question of 5 to 30 words"
    SPEAKS = "written, but about the passage and not its matter"
    COPIED = "written, but copied from the passage"
    INVENTED = "written, but with words, names or numbers that are not the passage's"
    VAGUE = "written, but not telling enough"
    TOO_LONG = "passages too long for the model"


@dataclass(frozen=True, slots=True)
class Rejection:
    """How many sentences or questions were left out, and why."""

    reason: Reason
    count: int


@dataclass(frozen=True, slots=True)
class MadeQuestions:
    """Questions, and the counts that say why there are not more."""

    questions: tuple[Question, ...]
    sentences: int
    """All sentences of the folder."""
    usable: int
    """Those that a question could be made of: prose that can be read alone, in few places."""
    asked: int
    """Passages that the model was shown."""
    rejections: tuple[Rejection, ...]

    @property
    def kinds(self) -> Mapping[str, int]:
        """The number of questions by kind."""
        return Counter(question.kind for question in self.questions)

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.kinds.items())
        begin = f"{len(self.questions)} questions{f' ({kinds})' if kinds else ''} from {self.usable} usable of "
        model = f"; the model was shown {self.asked} passages" if self.asked else ""
        left = "; ".join(f"{rejection.count} {rejection.reason}" for rejection in self.rejections)
        return f"{begin}{self.sentences} sentences{model}{f'; left out: {left}' if left else ''}"
