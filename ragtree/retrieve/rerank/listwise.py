"""The language model sorts passages, in a window that slides from the last to the first (RankGPT, arXiv
2304.09542, section 3.2).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...errors import ContextOverflowError
from ...prompting import fence
from ...types import Node
from ..expand.query_writer import QueryWriter

_WINDOW = 10
_STEP = 5
_WORDS = 120
"""Most words of a passage that are shown."""
_TOKENS_OF_A_NUMBER = 6


class ListwiseReranker:
    """Sorts by the model's reply. Whatever it says, no passage is lost: those that it does not name keep their order.

    A window that does not fit the model's context is halved.
    """

    share = 1.0

    def __init__(self, writer: QueryWriter) -> None:
        self._writer = writer

    def rank(self, question: str, nodes: Sequence[Node]) -> NDArray[np.float64]:
        order = list(range(len(nodes)))
        window, step = _WINDOW, _STEP
        start = max(0, len(order) - window)
        while True:
            part = order[start : start + window]
            try:
                said = self._sorted(question, [nodes[row] for row in part])
            except ContextOverflowError:
                if window == 2:
                    raise
                window, step = max(2, window // 2), max(1, step // 2)
                start = max(0, start + len(part) - window)
                continue
            order[start : start + window] = [part[place] for place in said]
            if start == 0:
                break
            start = max(0, start - step)
        scores = np.zeros(len(nodes))
        scores[order] = np.arange(len(nodes), 0, -1)
        return scores

    def _sorted(self, question: str, nodes: Sequence[Node]) -> list[int]:
        shown = "\n".join(
            fence(number, " ".join(node.text.split()[:_WORDS])) for number, node in enumerate(nodes, start=1)
        )
        count = len(nodes)
        said = self._writer.write(
            "rerank",
            "retrieve.rerank = llm",
            _TOKENS_OF_A_NUMBER * count,
            passages=shown,
            question=question,
            count=str(count),
        )
        return permutation(said, count)


def permutation(text: str, count: int) -> list[int]:
    """Indices 0 to count - 1 as `text` orders them, counted from 1; unknown ones are dropped, missing ones follow."""
    named = (int(number) - 1 for number in re.findall(r"(?<!\d)\d{1,4}(?!\d)", text))
    known = dict.fromkeys(place for place in named if 0 <= place < count)
    return [*known, *(place for place in range(count) if place not in known)]
