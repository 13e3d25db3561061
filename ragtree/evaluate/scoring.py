"""Answers a question, and measures the answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..answer.options import SUPPORT
from ..errors import DatasetError
from ..llm.base import ChatModel, OptionScorer, choice_scores
from ..prompting import lettered
from ..tree import RagTree
from ..types import Answer, Hit
from .base import Question
from .grid import GridCell
from .metrics.answer_match import exact_match, qasper_f1, token_f1
from .metrics.choice import choice_accuracy
from .metrics.citations import (
    GroundingCheck,
    abstention,
    citation_precision,
    citation_recall,
    faithfulness,
    plain_text,
)
from .metrics.overlap import meteor, meteor_name, rouge_l, sentence_bleu
from .shared_models import LoadedModels
from .short_answers import passages_prompt, read_short

_LETTER_TOKENS = 8


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """An answer, and how good it is."""

    values: dict[str, float] = field(default_factory=dict)
    text: str | None = None
    refused: bool | None = None
    seconds: float = 0.0
    prompt_tokens: int = 0
    answer_tokens: int = 0


def read(
    kind: Literal["short", "full"],
    cell: GridCell,
    question: Question,
    hits: Sequence[Hit],
    tree: RagTree,
    models: LoadedModels,
    no_answer: str,
) -> ScoredAnswer:
    """Answer the question, and score the answer by every measure for which the question has a gold standard.

    Short answers and choices come from `hits`, full answers from `tree.ask`. `no_answer` is how the dataset's
    references say that there is none. Raises DatasetError without a model where one is needed, and ModelError.
    """
    model = models.chat_model(cell.settings.llm)
    if model is None and (kind == "short" or question.options):
        raise DatasetError("llm.model is none, but answers were asked for; name a model with --llm, or --reader none")
    if question.options:
        assert model is not None
        return _choose(model, cell, question, hits)
    if kind == "full":
        answer = tree.ask(question.text, mode=cell.settings.retrieve.mode)
    else:
        assert model is not None
        answer = read_short(model, question.text, hits, cell.settings.retrieve.max_tokens, cell.settings.prompts)
    text = plain_text(answer) if answer.supported else no_answer
    values = _answer_values(question, text, no_answer)
    values["abstention"] = abstention(answer, question.unanswerable)
    if kind == "full":
        values.update(_citation_values(question, answer, cell, tree))
    usage = answer.usage
    return ScoredAnswer(
        values, answer.text, not answer.supported, usage.seconds, usage.prompt_tokens, usage.answer_tokens
    )


def _answer_values(question: Question, text: str, no_answer: str) -> dict[str, float]:
    references = question.references or ((no_answer,) if question.unanswerable else ())
    if not references:
        return {}
    f1 = qasper_f1 if no_answer else token_f1
    values = {"exact match": exact_match(references, text), "F1": f1(references, text)}
    spoken = [reference for reference in references if reference]
    if spoken:
        values["ROUGE-L"] = rouge_l(spoken, text)
        values["BLEU-1"] = sentence_bleu(spoken, text, 1)
        values["BLEU-4"] = sentence_bleu(spoken, text, 4)
        values[meteor_name()] = meteor(spoken, text)
    return values


def _citation_values(question: Question, answer: Answer, cell: GridCell, tree: RagTree) -> dict[str, float]:
    settings = cell.settings
    check = GroundingCheck(tree.embedder, SUPPORT, question.text, settings.chunk.language)
    values = {"faithfulness": faithfulness(answer, check, settings.chunk.language)}
    if question.proofs:
        values["citation precision"] = citation_precision(answer, question.proofs)
        values["citation recall"] = citation_recall(answer, question.proofs)
    return values


def _choose(model: ChatModel, cell: GridCell, question: Question, hits: Sequence[Hit]) -> ScoredAnswer:
    """Multiple choice by the log-probabilities that the model gives the options (QuALITY, Pang et al. 2022)."""
    if not isinstance(model, OptionScorer):
        raise DatasetError(
            f"{model.name} gives no log-probabilities, so it cannot choose among options; name another with --llm"
        )
    if question.label is None:
        return ScoredAnswer()
    started = time.monotonic()
    # A model that scores texts does better if the prompt does not list them: else the bundled one is at chance.
    template, fields = ("short", {}) if model.scores_texts else ("choice", {"options": lettered(question.options)})
    messages = passages_prompt(
        model,
        template,
        question.text,
        hits,
        cell.settings.retrieve.max_tokens,
        _LETTER_TOKENS + max(model.count(option) for option in question.options),
        cell.settings.prompts,
        **fields,
    )
    scores = choice_scores(model, messages, question.options)
    best = max(range(len(scores)), key=lambda row: scores[row])
    return ScoredAnswer(
        {"accuracy": choice_accuracy(scores.tolist(), question.label)},
        question.options[best],
        seconds=time.monotonic() - started,
        prompt_tokens=sum(model.count(message.content) for message in messages),
    )
