"""Ranked documents and graded relevance -> nDCG, recall, MAP, MRR, precision, as trec_eval computes them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import DatasetError, MissingExtraError

_MEASURE = re.compile(r"((?:nDCG|AP|RR)(?=@|$)|(?:R|P|Success)(?=@))(?:@([1-9][0-9]{0,8}))?")
"""The names that are allowed. On some others, such as R@0, trec_eval's code ends the whole process."""
_SPELLINGS = "nDCG@k, R@k (recall), P@k (precision), AP (its mean is MAP), RR (its mean is MRR), Success@k"
_OTHER_NAMES = {
    "ndcg": "nDCG",
    "ap": "AP",
    "map": "AP",
    "rr": "RR",
    "mrr": "RR",
    "r": "R",
    "recall": "R",
    "p": "P",
    "precision": "P",
    "success": "Success",
    "hit": "Success",
}
_HIGHEST_GRADE = 10_000
"""trec_eval keeps a table as long as the highest grade."""


def ranking_scores(
    measures: Sequence[str],
    relevant: Mapping[str, Mapping[str, int]],
    run: Mapping[str, Sequence[tuple[str, float]]],
) -> dict[str, NDArray[np.float64]]:
    """Values in [0, 1] by measure, each of shape (len(relevant),), in the order of `relevant`.

    `relevant` has the graded relevance of documents by query, `run` the documents that were found with their scores,
    best first. Only the order of the list counts, not the scores: ties are broken by whoever made the list, and not by
    the documents' names, as in trec_eval. The gain of nDCG is the grade itself (Järvelin and Kekäläinen,
    Cumulated gain-based evaluation of IR techniques, 2002, with a discount of log2(rank + 1)); for the other measures
    a grade of 1 or more is relevant. Grades below 0 count as 0.

    As in `trec_eval -c`, a query that is not in `run` or found nothing has 0, and so has one whose documents were all
    judged irrelevant; queries of `run` that were not judged are ignored.

    Measures are named as in ir_measures: nDCG@10, R@100, AP, RR, P@5, Success@5. Raises DatasetError for another
    name, for a query without any judged document (trec_eval knows no such query: leave it out), for a grade that is
    no whole number up to 10,000, and for a document that is ranked twice; MissingExtraError.
    """
    try:
        import ir_measures
    except ImportError as error:
        raise MissingExtraError("ir-measures, which scores rankings,", "eval") from error
    parsed = [_parse(name, ir_measures) for name in measures]
    # Numbers stand in for names: the C code behind the library takes a name to end at a zero byte.
    numbers: defaultdict[str, str] = defaultdict(lambda: str(len(numbers)))
    grades = {str(row): _grades(query, relevant[query], numbers) for row, query in enumerate(relevant)}
    ranked = {str(row): _falling(query, run[query], numbers) for row, query in enumerate(relevant) if run.get(query)}
    scores = {name: np.zeros(len(relevant)) for name in measures}
    if not parsed or not ranked:
        return scores
    # Only these two, so that no figure depends on what else is installed; the second is for RR@k.
    chain: Any = ir_measures.providers.FallbackProvider
    providers = chain([ir_measures.pytrec_eval, ir_measures.msmarco])
    for metric in providers.evaluator(parsed, grades).iter_calc(ranked):
        scores[str(metric.measure)][int(metric.query_id)] = metric.value
    return scores


def _parse(name: str, ir_measures: Any) -> Any:
    """The library's measure with that name. Raises DatasetError for an unknown name."""
    found = _MEASURE.fullmatch(name)
    if found is None:
        stem, at, cutoff = name.partition("@")
        right = _OTHER_NAMES.get(stem.strip().lower(), "") + at + cutoff
        advice = f"write {right}" if _MEASURE.fullmatch(right) else f"measures are {_SPELLINGS}, with k from 1 up"
        raise DatasetError(f"there is no ranking measure {name[:60]!r}; {advice}")
    measure = ir_measures.parse_measure(found[1])
    return measure @ int(found[2]) if found[2] else measure


def _grades(query: str, grades: Mapping[str, int], numbers: defaultdict[str, str]) -> dict[str, int]:
    if not grades:
        raise DatasetError(f"no document was judged for query {query!r}; leave queries without judgements out")
    for document, grade in grades.items():
        if not isinstance(grade, Integral) or grade > _HIGHEST_GRADE:
            raise DatasetError(
                f"query {query!r}, document {document!r}: relevance {grade} is no whole number up to {_HIGHEST_GRADE}; "
                "write grades such as 0, 1, 2"
            )
    # Below 0 means unjudged to trec_eval, whose nDCG does not always return from such a query.
    return {numbers[document]: max(0, int(grade)) for document, grade in grades.items()}


def _falling(query: str, found: Sequence[tuple[str, float]], numbers: defaultdict[str, str]) -> dict[str, float]:
    """Scores that strictly decrease in the order given."""
    falling = {numbers[document]: float(-rank) for rank, (document, _) in enumerate(found)}
    if len(falling) < len(found):
        twice = next(name for rank, (name, _) in enumerate(found) if falling[numbers[name]] != -rank)
        raise DatasetError(f"query {query!r}: document {twice!r} is ranked twice; keep its best rank only")
    return falling
