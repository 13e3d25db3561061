"""Two reports, made at different times, compared over the questions that both asked."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ragtree.errors import DatasetError
from ragtree.evaluate.report import AskedQuestion, CellReport, DatasetFacts, Report
from ragtree.evaluate.report_comparison import compare_reports


def report(values: dict[str, Sequence[float | None]], ids: Sequence[str], **more: object) -> Report:
    facts = DatasetFacts(name="d", split="", source="s", sha256="0", documents=1, questions=len(ids))
    cells = tuple(
        CellReport(name=name, settings={}, estimates={}, by_kind={}, values={"F1": tuple(column)})
        for name, column in values.items()
    )
    fields: dict[str, object] = {
        "dataset": facts,
        "scope": "corpus",
        "reader": "short",
        "budgets": (300,),
        "limit": None,
        "seed": 0,
        "versions": {"ragtree": "1"},
        "models": {"bundled": "aa"},
        "asked": tuple(AskedQuestion(id=key) for key in ids),
        "cells": cells,
        "contrasts": (),
    }
    return Report(**{**fields, **more})  # type: ignore[arg-type]


def test_questions_are_matched_by_id_and_not_by_their_place() -> None:
    first = report({"a": [1.0, 0.5, 0.25]}, ["x", "y", "z"])
    second = report({"a": [0.25, 1.0, 0.5]}, ["z", "x", "y"])
    (found,), notices = compare_reports(first, second)
    assert (found.difference, found.n, found.p) == (0.0, 3, 1.0)
    assert notices == ()


def test_only_shared_questions_count_and_that_is_said() -> None:
    first = report({"a": [1.0, 0.0, 1.0]}, ["x", "y", "z"])
    second = report({"a": [0.0, 0.0]}, ["z", "w"])
    (found,), notices = compare_reports(first, second)
    assert (found.difference, found.n) == (1.0, 1)
    assert notices == ("1 questions are in both, of 3 and 2",)


def test_single_cells_are_compared_whatever_their_names() -> None:
    (found,), _ = compare_reports(report({"old": [0.0]}, ["x"]), report({"new": [1.0]}, ["x"]))
    assert (found.first, found.second, found.difference) == ("a: old", "b: new", -1.0)


def test_questions_without_a_value_in_one_of_them_are_left_out() -> None:
    (found,), _ = compare_reports(report({"a": [0.5, None]}, ["x", "y"]), report({"a": [0.25, 1.0]}, ["x", "y"]))
    assert (found.n, found.difference) == (1, 0.25)


def test_whatever_else_differs_is_said() -> None:
    data = DatasetFacts(name="d", split="", source="s", sha256="1", documents=1, questions=1)
    first = report({"a": [1.0]}, ["x"])
    second = report({"a": [1.0]}, ["x"], dataset=data, scope="document", versions={"ragtree": "2"}, models={})
    _, notices = compare_reports(first, second)
    assert len(notices) == 4
    assert "the data is not the same" in notices[0]
    assert notices[1:] == (
        "the scope differs: corpus and document",
        "bundled is not the same file, or only one run used it",
        "ragtree was 1, and is 2",
    )


def test_runs_that_share_nothing_cannot_be_compared() -> None:
    with pytest.raises(DatasetError, match="share no question"):
        compare_reports(report({"a": [1.0]}, ["x"]), report({"a": [1.0]}, ["y"]))
    with pytest.raises(DatasetError, match="share no cell: a, b in the one, c, d in the other"):
        compare_reports(report({"a": [1.0], "b": [1.0]}, ["x"]), report({"c": [1.0], "d": [1.0]}, ["x"]))
