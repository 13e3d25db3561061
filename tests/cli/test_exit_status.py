"""What a script sees of a command that found something wrong."""

from __future__ import annotations

import sqlite3

from library import ragtree


def test_verify_fails_where_it_finds_faults(tmp_path):
    (tmp_path / "lamp.md").write_text("The lamp burns oil.\n", encoding="utf-8")
    assert ragtree("index", tmp_path, "--llm", "none").status == 0
    assert ragtree("verify", tmp_path).status == 0
    with sqlite3.connect(tmp_path / ".ragtree" / "catalog.sqlite") as db:
        db.execute("UPDATE nodes SET tokens = tokens + 1")
    db.close()
    ran = ragtree("verify", tmp_path)
    assert "differs from what its row says" in ran.out
    assert ran.status == 1


def test_help_and_version_are_no_failures():
    assert ragtree("--help").status == ragtree("--version").status == ragtree("doctor", "--help").status == 0


def test_an_option_that_is_not_there_is_wrong_usage():
    assert ragtree("models", "--nonsense").status == 2
