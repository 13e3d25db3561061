"""`ragtree index` with --plan and with a budget, in plain words."""

from __future__ import annotations

import re

import pytest
from library import ragtree

from ragtree import SyncReport
from ragtree.cli.common import summary_line

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
    assert ran.out.startswith("add     0.md\n")
    assert "\n4 documents to take in, 0 to remove, 0 unchanged. About " in ran.out
    assert re.search(r" About \d+ chunks with \d+ tokens to embed, and \d+ summaries to write\. ", ran.out)
    assert re.search(r" The tree will have about \d+ \+ .*1 nodes \(chunks first\)\. ", ran.out)
    assert " The language model is not called. This takes about " in ran.out
    assert re.search(r"This takes about \d+ \w+ on this machine( \(.*\))?\.\n$", ran.out)
    assert not (folder / ".ragtree").exists()


def test_a_plan_of_what_is_there_says_so(folder):
    assert ragtree("index", folder).status == 0
    assert ragtree("index", folder, "--plan").out == "Nothing to do: 4 documents are unchanged.\n"
    (folder / "1.md").rename(folder / "new.md")
    (folder / "2.md").unlink()
    planned = ragtree("index", folder, "--plan").out
    assert planned.startswith(
        "remove  2.md\nrename  1.md -> new.md\n1 documents to take in, 1 to remove, 2 unchanged. "
    )
    status = ragtree("status", folder).out
    assert "  renamed    1.md -> new.md\n" in status and "  removed    2.md" in status


def test_a_plan_takes_no_budget(folder):
    for flag in ("--budget-tokens", "--budget-minutes"):
        ran = ragtree("index", folder, "--plan", flag, "5")
        assert ran.status == 2
        assert "--plan says what all would cost" in ran.err


@pytest.mark.parametrize(("flag", "value"), [("--budget-tokens", "-1"), ("--budget-minutes", "0")])
def test_a_budget_of_less_than_nothing_is_wrong_usage(folder, flag, value):
    assert ragtree("index", folder, flag, value).status == 2


def test_what_the_budget_does_not_allow_is_said_and_goes_on(folder):
    ran = ragtree("index", folder, "--budget-minutes", "1e-9")
    assert ran.status == 0, ran.err
    left = re.search(r"; the budget is used up: (\d+) documents wait; the next `ragtree index` continues", ran.err)
    assert left is not None, ran.err
    status = ragtree("status", folder).out
    assert f"\nleft over  {left.group(1)} documents wait; the next `ragtree index` continues\n" in status
    assert ragtree("verify", folder).status == 0
    again = ragtree("index", folder)
    assert f"{left.group(1)} added" in again.err and "budget" not in again.err
    assert "left over" not in ragtree("status", folder).out


def test_what_was_cut_stands_beside_what_was_embedded():
    line = summary_line(SyncReport(unchanged=1, embedded=3, cut_texts=2, summarized=5, without_context=6, unwritten=4))
    assert "; 3 texts embedded (2 in parts, because they are too long for the server: lower chunk.tokens), 5 g" in line
    assert "them" not in line
