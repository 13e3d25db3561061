"""Finds the sentences that answer a question, with a small model that reads the question and the passage together.

Similarity of vectors shows what a sentence is about, not whether it answers. A cross-encoder (Nogueira and Cho, arXiv
1901.04085) sees both at once. As in reading comprehension with questions that nothing answers (SQuAD 2.0, arXiv
1806.03822; BERT, arXiv 1810.04805, section 4.3), the sentences of a stretch of text compete with "none of them".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ragtree.answer.passages import Passages

UNREAD = -20.0
"""The log-odds of a sentence that the model did not read."""
_LONGEST = 850
"""Most characters of a stretch: about 200 tokens, as in training."""
_GAP = 400
"""Sentences of a document that are more characters apart are not in the same stretch."""
_TOKENS = 224
_QUESTION = 48
_HEADING = 24
"""Most tokens of all, of the question and of the heading, as in training."""
_BATCH = 16
_BEGIN, _END, _COLON = 101, 102, 1024
"""Tokens of BERT's vocabulary: [CLS], [SEP] and the colon."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sentences that stand together, and what stands above them."""

    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model reads at once: the tokens, the first one after the question, and where each sentence stands."""

    ids: tuple[int, ...]
    first: int
    sentences: tuple[tuple[int, int], ...]


def load_tokenizer(file: Path) -> Any:
    """The tokenizer of a tokenizer.json, set to neither truncate nor pad."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def read_stretch(tokenizer: Any, question: str, stretch: Stretch) -> Reading:
    """The tokens as the model reads them: question, heading and sentences, as far as there is room."""
    texts = [question, stretch.heading, *stretch.sentences]
    found = (one.ids for one in tokenizer.encode_batch_fast(texts, add_special_tokens=False))
    asked, above, *sentences = found
    ids = [_BEGIN, *asked[:_QUESTION], _END]
    first = len(ids)
    if above:
        ids += [*above[:_HEADING], _COLON]
    bounds = []
    for sentence in sentences:
        start = len(ids)
        ids += sentence[: _TOKENS - 1 - start]
        if len(ids) == start:
            break
        bounds.append((start, len(ids)))
    return Reading((*ids, _END), first, tuple(bounds))


class AnswerFinder:
    """An ONNX file that train.py wrote, with the tokenizer of the bundled embedder."""

    def __init__(self, model: Path, tokenizer: Path) -> None:
        self._model_file = model
        self._tokenizer_file = tokenizer

    def log_odds(self, question: str, stretches: Sequence[Stretch]) -> list[NDArray[np.float64]]:
        """For each stretch, the log-odds that a sentence answers, against that none of the stretch does; shape
        (sentences,). `UNREAD` for those past what the model can read."""
        read = [read_stretch(self._tokenizer, question, one) for one in stretches]
        found = [np.full(len(one.sentences), UNREAD) for one in stretches]
        order = sorted(range(len(read)), key=lambda row: len(read[row].ids))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            for row, scores in zip(batch, self._scores([read[one] for one in batch]), strict=True):
                found[row][: len(scores)] = np.maximum(scores, UNREAD)
        return found

    def _scores(self, batch: Sequence[Reading]) -> Iterator[NDArray[np.float64]]:
        """Yield the log-odds of the sentences of each stretch."""
        shape = (len(batch), max(len(one.ids) for one in batch))
        ids, types, mask = (np.zeros(shape, dtype=np.int64) for _ in range(3))
        for row, one in enumerate(batch):
            ids[row, : len(one.ids)] = one.ids
            types[row, one.first : len(one.ids)] = 1
            mask[row, : len(one.ids)] = 1
        (out,) = self._session.run(None, {"input_ids": ids, "token_type_ids": types, "attention_mask": mask})
        for tokens, one in zip(np.asarray(out, dtype=np.float64), batch, strict=True):
            parts = [tokens[start:end, 0].mean() + tokens[start:end, 1].max() for start, end in one.sentences]
            yield np.array(parts) - tokens[0, 2]

    @cached_property
    def _tokenizer(self) -> Any:
        return load_tokenizer(self._tokenizer_file)

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        return onnxruntime.InferenceSession(str(self._model_file), providers=["CPUExecutionProvider"])


def find_answers(finder: AnswerFinder, question: str, passages: Passages) -> list[float]:
    """The log-odds for each quote of the passages."""
    placed = list(_stretches(passages))
    stretches = [Stretch(_heading(rows[0], passages), _texts(rows, passages)) for rows in placed]
    found = [UNREAD] * len(passages.quotes)
    for rows, scores in zip(placed, finder.log_odds(question, stretches), strict=True):
        for row, score in zip(rows, scores, strict=True):
            found[row] = float(score)
    return found


def _stretches(passages: Passages) -> Iterator[list[int]]:
    """Yield the rows of quotes that are read together, in the order of their text."""
    quotes = passages.quotes
    rows: list[int] = []
    size, last = 0, None
    for row in sorted(range(len(quotes)), key=lambda one: _place(one, passages)):
        place, length = quotes[row].citation, len(quotes[row].text)
        apart = last is not None and (
            place.document_id != last.document_id or place.span.start - last.span.end > _GAP or size + length > _LONGEST
        )
        if apart:
            yield rows
            rows, size = [], 0
        rows.append(row)
        size, last = size + length, place
    if rows:
        yield rows


def _place(row: int, passages: Passages) -> tuple[str, int]:
    citation = passages.quotes[row].citation
    return citation.document_id, citation.span.start


def _texts(rows: Sequence[int], passages: Passages) -> tuple[str, ...]:
    return tuple(passages.quotes[row].text for row in rows)


def _heading(row: int, passages: Passages) -> str:
    """The document's title and the nearest heading."""
    citation = passages.quotes[row].citation
    title = passages.titles.get(citation.document_id, "") or citation.source
    above = citation.location.heading[-1:]
    return title if title in above else ": ".join([title, *above])
