"""Makes questions from a folder's own documents: a share of every kind, spread over the documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from ...llm.base import ChatModel
from ...text.languages import prevailing_language
from ...types import Document, Node, OnProgress, Progress, no_progress
from ..base import Question
from .base import KINDS, SHARES, MadeQuestions, Rejection
from .cloze import has_number, make_cloze
from .known_item import make_known_item
from .prepared_folder import PreparedFolder
from .question_writer import QuestionWriter
from .several_chunks import make_several, names_by_document
from .spread import Spread


def make_questions(
    documents: Sequence[Document],
    leaves: Sequence[Node],
    count: int,
    seed: int,
    language: str,
    model: ChatModel | None,
    progress: OnProgress = no_progress,
    prompts: Path | None = None,
) -> MadeQuestions:
    """At most `count` questions whose proofs are sentences of the documents. The same seed gives the same ones.

    `leaves` are the tree's nodes of level 0, which say where a chunk begins; `language` is the code of the sentence
    rules, or `auto` for that of most documents; `prompts` is a folder with your own `question.md`. Without a model, or
    with one that cannot write questions, the other kinds take the place of `written`.

    The questions consist of the documents' own words, which favours a search for words over one for meaning: use them
    to compare modes that read the same embeddings. Raises ModelError, and PromptError for a template that cannot be
    used.
    """
    progress(Progress("questions", 0, count))
    language = prevailing_language((document.text for document in documents), language)
    folder = PreparedFolder(documents, leaves, language, seed)
    spread = Spread(folder)
    writer = None if model is None else QuestionWriter(folder, model, prompts)
    sources = _sources(folder, spread, writer)
    made: list[Question] = []
    kinds = [kind for kind in KINDS if kind in sources]
    # First every kind's share of what is left; then each kind fills in what others did not yield.
    shares = [SHARES[kind] / sum(SHARES[later] for later in kinds[place:]) for place, kind in enumerate(kinds)]
    for kind, share in [*zip(kinds, shares, strict=True), *((kind, 1.0) for kind in reversed(kinds))]:
        for question in islice(sources[kind], int(share * max(0, count - len(made)))):
            made.append(question)
            progress(Progress("questions", len(made), count))
    return MadeQuestions(
        questions=tuple(sorted(made, key=lambda question: KINDS.index(question.kind))),
        sentences=len(folder.sentences),
        usable=spread.usable_count,
        asked=0 if writer is None else writer.asked,
        rejections=tuple(Rejection(reason, number) for reason, number in sorted(spread.left_out.items())),
    )


def _sources(folder: PreparedFolder, spread: Spread, writer: QuestionWriter | None) -> dict[str, Iterator[Question]]:
    """The questions of every kind, made on demand."""
    sources = {
        "several": spread.round("several", names_by_document(folder), lambda name: make_several(folder, name)),
        "known-item": spread.sentences("known-item", lambda index: make_known_item(folder, index)),
        "cloze": spread.sentences(
            "cloze", lambda index: make_cloze(folder, index), worth=lambda index: has_number(folder, index)
        ),
    }
    if writer is not None:
        sources["written"] = spread.sentences("written", writer.make, lambda: writer.is_hopeless)
    return sources
