"""`ragtree index` with --plan and with a budget, in plain words."""

from __future__ import annotations

import re

import pytest
from library import ragtree

WORDS = "harbour rope lantern keeper ferry stove kitten ledger tide quarry winter captain".split()


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "docs"
    place.mkdir()
    for number in range(4):
        text = " ".join(f"The {WORDS[(number * 3 + at) % 12]} {number} weighs {at} pounds." for at in range(40))
        (place / f"{number}.md").write_text(text, encoding="utf-8")
    return place


def test_a_plan_says_what_it_costs_and_makes_no_index(folder):
    ran = ragtree("index", folder, "--plan")
    assert ran.status == 0, ran.err
    assert "add     0.md\n" in ran.out
    assert "\n4 files to take in, 0 unchanged\n" in ran.out
    assert re.search(r"^\d+ chunks of \d+ tokens to embed, \d+ groups to summarize$", ran.out, re.MULTILINE)
    assert re.search(r"^the tree: \d+ \+ .*1 nodes \(leaves first\)$", ran.out, re.MULTILINE)
    assert "\nthe language model: not asked\n" in ran.out
    assert re.search(r"^about \d+ s on this machine", ran.out, re.MULTILINE)
    assert not (folder / ".ragtree").exists()


def test_a_plan_takes_no_budget(folder):
    for flag in ("--budget-tokens", "--budget-minutes"):
        ran = ragtree("index", folder, "--plan", flag, "5")
        assert ran.status == 2
        assert "--plan tells what all would cost" in ran.err


@pytest.mark.parametrize(("flag", "value"), [("--budget-tokens", "-1"), ("--budget-minutes", "0")])
def test_a_budget_of_less_than_nothing_is_wrong_usage(folder, flag, value):
    assert ragtree("index", folder, flag, value).status == 2


def test_what_the_budget_does_not_allow_is_said_and_goes_on(folder, monkeypatch):
    monkeypatch.setattr("ragtree.grow.waiting._PART", 4)
    ran = ragtree("index", folder, "--budget-minutes", "1e-9")
    assert ran.status == 0, ran.err
    left = re.search(r"; the budget is used up: (\d+) documents wait; the next `ragtree index` goes on", ran.err)
    assert left is not None, ran.err
    status = ragtree("status", folder).out
    assert f"\nleft over  {left.group(1)} documents wait; the next `ragtree index` goes on\n" in status
    assert ragtree("verify", folder).status == 0
    again = ragtree("index", folder)
    assert f"{left.group(1)} added" in again.err and "budget" not in again.err
    assert "left over" not in ragtree("status", folder).out
