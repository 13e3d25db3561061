"""Measures multiple choice by the score that a model gives each option."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...errors import DatasetError


def choice_accuracy(scores: Sequence[float], label: int) -> float:
    """1.0 if option `label` scores highest, 0.0 if another one does (QuALITY: Pang et al. 2022).

    `scores` has one value per option, such as its log-probability; -inf is allowed. If n options share the highest
    score and the right one is among them, the value is 1/n, the worth of a guess among them. So a model that cannot
    tell the options apart gets the accuracy of chance, whatever the order of the options.
    Raises DatasetError for a label that is no option, and for a score that is not a number.
    """
    if not 0 <= label < len(scores):
        raise DatasetError(f"the right option is number {label}, but there are {len(scores)}; count from 0")
    if any(math.isnan(score) for score in scores):
        raise DatasetError(f"the scores of the options are {list(scores)}; every option needs a number")
    best = max(scores)
    return 1 / list(scores).count(best) if scores[label] == best else 0.0
