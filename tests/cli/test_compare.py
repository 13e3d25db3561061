"""`ragtree compare`: a table, a sentence, what was not found; and the winner in ragtree.toml."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pytest
from library import LIBRARY, QUESTIONS, copy_of, ragtree

from ragtree.retrieve.modes import MODES


@pytest.fixture
def library(library_index: Path, tmp_path: Path) -> list[str]:
    """Arguments that compare the library, with an index that is up to date and without a language model."""
    folder = tmp_path / "library"
    shutil.copytree(LIBRARY, folder, ignore=shutil.ignore_patterns(".ragtree"))
    return [str(folder), "--index", str(copy_of(library_index, tmp_path / "index")), "--llm", "none"]


def test_the_sentence_is_true_of_the_questions_that_people_asked(library: list[str]) -> None:
    """What is said of made questions as certain is not contradicted by the library's own 60."""
    made = json.loads(ragtree("compare", *library, "--json").out)
    own = json.loads(ragtree("compare", *library, "--questions", QUESTIONS, "--json").out)
    assert made["recommended"] == own["recommended"]
    assert made["tree"].startswith("The tree does not help") and own["tree"].startswith("The tree does not help")
    asked = {(one["first"], one["second"]): one for one in own["contrasts"]}
    for one in made["contrasts"]:
        pair, difference = (one["first"], one["second"]), one["difference"]
        if one["adjusted_p"] < 0.05 and "lexical" not in pair:  # made questions share more words than people's
            assert asked[pair]["high" if difference > 0 else "low"] * difference > 0, pair


def test_every_mode_is_in_the_table_and_the_worst_questions_are_named(library: list[str]) -> None:
    ran = ragtree("compare", *library, "--questions", QUESTIONS)
    assert ran.status == 0, ran.err
    header = ran.out.splitlines()[0]
    assert all(f"| {mode} " in header for mode in (*MODES, "whole documents"))
    assert "\nUse " in ran.out
    assert "documents fit whole into 1200 tokens" in ran.out
    worst = ran.out.partition("the worst:")[2]
    assert worst.count("  wanted  ") == 5
    assert worst.count("  found   ") == 10


def test_made_questions_can_be_saved_and_asked_again(library: list[str], tmp_path: Path) -> None:
    first = ragtree("compare", *library, "--count", "12", "--save", tmp_path / "made.jsonl", "--json")
    assert first.status == 0, first.err
    assert "12 questions (" in first.err
    again = ragtree("compare", *library, "--questions", tmp_path / "made.jsonl", "--json")
    assert json.loads(again.out)["contrasts"][0]["n"] == 12
    other = ragtree("compare", *library, "--count", "12", "--seed", "1", "--save", tmp_path / "other.jsonl", "--json")
    assert other.status == 0
    assert (tmp_path / "other.jsonl").read_bytes() != (tmp_path / "made.jsonl").read_bytes()


def test_apply_writes_the_winner_and_leaves_the_rest_of_the_file(library: list[str]) -> None:
    path = Path(library[0]) / "ragtree.toml"
    path.write_text('# mine\n[retrieve]\nmax_tokens = 800  # enough\nmode = "traverse"\n', encoding="utf-8")
    ran = ragtree("compare", *library, "--questions", QUESTIONS, "--apply", "--json")
    assert ran.status == 0, ran.err
    said = json.loads(ran.out)
    assert said["budget"] == 800
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# mine\n")
    assert "max_tokens = 800  # enough" in text
    assert tomllib.loads(text)["retrieve"] == {"max_tokens": 800, "mode": said["recommended"]}


def test_another_embedder_is_compared_by_what_it_finds(library: list[str]) -> None:
    ran = ragtree("compare", *library, "--questions", QUESTIONS, "--against", "bundled", "--json")
    assert ran.status == 0, ran.err
    said = json.loads(ran.out)
    assert said["cka"] == pytest.approx(1.0, abs=1e-3)
    assert said["jaccard@10"] == pytest.approx(1.0, abs=1e-3)
    assert said["same nearest passage"] == 1.0
    text = ragtree("compare", *library, "--questions", QUESTIONS, "--against", "bundled").out
    assert "| jaccard@10 | 1.000 |" in text


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('{"id": "q", "question": "Who?", "answer": "x", "quotes": [{"source": "a.md", "quote": "x"}]}', "line 1"),
        (
            '{"id": "q", "question": "Who?", "answer": null, "quotes": []}',
            "no question has a quote that proves its answer",
        ),
        ("{", "line 1"),
    ],
)
def test_questions_that_cannot_be_used_are_named(library: list[str], tmp_path: Path, row: str, said: str) -> None:
    (tmp_path / "questions.jsonl").write_text(row + "\n", encoding="utf-8")
    ran = ragtree("compare", *library, "--questions", tmp_path / "questions.jsonl")
    assert (ran.status, ran.out) == (1, "")
    assert said in ran.err


def test_a_folder_too_small_for_questions_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "a.txt").write_text("Hello.", encoding="utf-8")
    ran = ragtree("compare", folder, "--llm", "none")
    assert (ran.status, ran.out) == (1, "")
    assert "no question could be made" in ran.err
    assert "--questions" in ran.err
