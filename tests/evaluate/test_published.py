"""The examples that make the tables of the literature run over files in the published forms."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from dataset_files import qasper_answer, qasper_paper, quality_row, write_beir, write_json, write_lines, write_narrative
from library import ROOT

PAGE = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")


def quality(folder: Path) -> Path:
    return write_lines(folder / "QuALITY.v1.0.1.htmlstripped.dev", [quality_row()])


def qasper(folder: Path) -> Path:
    return write_json(
        folder / "qasper-dev-v0.3.json", {"2001.1": qasper_paper(qasper_answer(extractive_spans=["elm"]))}
    )


def narrativeqa(folder: Path) -> Path:
    return write_narrative(folder / "narrativeqa")


def beir(folder: Path) -> Path:
    return write_beir(folder / "beir")


@pytest.mark.parametrize(
    ("name", "write", "more", "said"),
    [
        ("quality", quality, ["--limit", "1"], "| accuracy |"),
        ("qasper", qasper, ["--limit", "1"], "| F1 |"),
        ("narrativeqa", narrativeqa, ["--limit", "1", "--split", "valid"], "| ROUGE-L |"),
        ("beir", beir, [], "| nDCG@10 |"),
    ],
)
def test_an_example_makes_its_table(
    name: str, write: Callable[[Path], Path], more: list[str], said: str, tmp_path: Path
) -> None:
    path = ROOT / "examples" / f"evaluate_{name}.py"
    assert len(path.read_text(encoding="utf-8").splitlines()) < 60
    assert f"python examples/{path.name}" in PAGE
    done = subprocess.run(
        [sys.executable, str(path), str(write(tmp_path)), *more, "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    for mode in ("leaves", "collapsed", "traverse"):
        assert f"retrieve.mode={mode}" in done.stdout
