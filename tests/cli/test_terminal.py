"""Bars on a terminal, and what Ctrl-C leaves behind."""

from __future__ import annotations

import sys

import pexpect
from library import LIBRARY, ragtree


def spawn(*arguments: object) -> pexpect.spawn:
    return pexpect.spawn(
        sys.executable,
        ["-m", "ragtree", *map(str, arguments)],
        encoding="utf-8",
        dimensions=(40, 160),
        timeout=120,
    )


def test_bars_show_every_stage_with_the_time_left(tmp_path):
    (tmp_path / "a.md").write_text("The bell weighs two tons. " * 60, encoding="utf-8")
    child = spawn("index", tmp_path)
    for stage in ("Reading", "Embedding", "Summarizing"):
        child.expect(stage)
    child.expect(r"1 added; \d+ texts embedded")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_ctrl_c_ends_indexing_with_130_and_the_next_run_goes_on(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    for name in ("purchases-1923.md", "annual-accounts-to-march-1923.html"):
        (folder / name).write_bytes((LIBRARY / "accounts" / name).read_bytes())
    child = spawn("index", folder)
    child.expect("Summarizing")  # by then all chunks are embedded
    child.sendintr()
    child.expect("interrupted; what was done is kept")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    again = ragtree("index", folder)
    assert again.status == 0
    embedded = int(again.err.split(" texts embedded")[0].split()[-1])
    leaves = int(ragtree("status", folder).out.split("nodes")[1].split()[0])
    assert embedded < leaves  # of the chunks none was embedded a second time
