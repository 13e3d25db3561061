"""Bars on a terminal, and what Ctrl-C leaves behind."""

from __future__ import annotations

import re
import sys

import pexpect
from library import ragtree


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
    for stage in ("Indexing", "Embedding", "Summarizing"):
        child.expect(stage)
    child.expect(r"1 added; \d+ texts embedded")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_ctrl_c_ends_indexing_with_130_and_the_next_run_goes_on(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(120):
        (folder / f"bell-{number}.md").write_text(f"Bell {number} weighs {number + 10} tons.", encoding="utf-8")
    child = spawn("index", folder)
    child.expect(r"Indexing.* (3[3-9]|[4-9]\d)/120")  # the first batch is committed, and the next one on its way
    child.sendintr()
    child.expect("interrupted; what was done is kept")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    there = re.search(r"documents  (\d+) of 120; the next `ragtree index` continues", ragtree("status", folder).out)
    assert there is not None
    assert ragtree("verify", folder).status == 0
    again = ragtree("index", folder)
    assert again.status == 0
    assert 0 < int(there.group(1)) < 120
    assert f"{120 - int(there.group(1))} added, {there.group(1)} unchanged; " in again.err
