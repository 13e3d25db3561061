"""Has a language model say which of two cells' answers is better, question by question."""

from __future__ import annotations

from pathlib import Path

from ..errors import DatasetError
from ..models import make_chat_model
from ..settings import LlmSettings
from ..types import OnProgress, Progress, no_progress
from .metrics.judge import judge
from .records import Journal, KeptRecords, VerdictRecord
from .run import Spec


def judge_answers(
    spec: Spec, folder: Path, name: str, baseline: str | None = None, progress: OnProgress = no_progress
) -> KeptRecords:
    """Judge every cell's answers against the baseline's, in both orders. A journal in `folder` keeps the verdicts.

    Raises DatasetError for a run without answers, and what making and asking the model `name` raises.
    """
    if spec.reader == "none":
        raise DatasetError("there are no answers to judge; say --reader short or --reader full")
    model = make_chat_model(LlmSettings.model_validate({**spec.cells[0].settings.llm.model_dump(), "model": name}))
    if model is None:
        raise DatasetError("--judge none judges nothing; name a language model")
    first = baseline or spec.cells[0].name
    others = [cell for cell in spec.cells if cell.name != first]
    questions = spec.questions()
    try:
        with Journal(folder / f"judged-{_plain(name)}.jsonl") as journal, Journal(folder / "records.jsonl") as run:
            done = 0
            for cell in others:
                for question in questions:
                    if (cell.name, first, question.id) not in journal.kept.verdicts:
                        found = judge(
                            model,
                            question.text,
                            question.references,
                            run.kept.records[cell.name, question.id].answer or "",
                            run.kept.records[first, question.id].answer or "",
                            cell.settings.prompts,
                        )
                        journal.add(
                            VerdictRecord(
                                first=cell.name,
                                second=first,
                                question=question.id,
                                score=found.score,
                                unread=found.unread,
                            )
                        )
                    done += 1
                    progress(Progress("judge", done, len(others) * len(questions)))
            return KeptRecords(run.kept.records, run.kept.trees, journal.kept.verdicts)
    finally:
        model.close()


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-." else "-" for letter in name)[-60:]
