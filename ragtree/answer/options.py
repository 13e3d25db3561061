"""How answers are made: what the settings say, what they leave to the model, and what nobody has to set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SUPPORT = 0.55
"""Least similarity of a written sentence to a passage; below it the rules find the sentence unsupported."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How sure it has to be that there is an answer, and that a sentence is supported (`answer.strictness`)."""

    relevance: float = 0.445
    """For answers that quote: the least evidence that the passages contain the answer. Evidence is the similarity of
    question and passages, less if no near sentence has the sum, time, number or name that is asked for, or if it is
    about another month."""
    answerable: float = -0.3
    """The least log-odds with which the model has to say that the passages contain the answer."""
    entailed: float = 0.0
    """The log-odds above which the model has to say that a sentence follows from the passage that says most of it; .3
    less if the rules find it supported."""


THRESHOLDS = {"low": Thresholds(0.3, -0.6, -0.3), "normal": Thresholds(), "high": Thresholds(0.5, 0.0, 0.3)}
"""What was measured of them is in docs/benchmarks.md, under what is asked and questions without an answer."""


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """How one question is answered."""

    style: Literal["written", "quoted"] = "written"
    least: Thresholds = THRESHOLDS["normal"]
    unsupported: Literal["auto", "drop", "mark"] = "auto"
    quotes: int = 3
    """The most sentences of an answer that only quotes; an overview and a list have twice as many."""
    read_tokens: int = 0
    """The most tokens of passages that the model reads; 0 is all that were found."""
    searches: int = 2
    """The most searches for a question: if the model finds no answer, it says what is missing."""
    list_calls: int = 4
    """The most calls of the model for a list or a count."""
