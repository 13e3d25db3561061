"""Every file that a person writes for ragtree is read as Windows saves it, and names of Linux and Windows alike."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from library import ragtree

from ragtree.answer.wording import wording
from ragtree.configuration import collect_settings, write_setting
from ragtree.errors import DatasetError
from ragtree.evaluate.datasets.registry import open_dataset
from ragtree.evaluate.report import read_report
from ragtree.load.listing import list_files
from ragtree.prompting import examples, render

PROMPTS = Path(__file__).parents[2] / "prompts"
WAYS = {"notepad": ("utf-8-sig", "\r\n"), "old mac": ("utf-8", "\r"), "powershell": ("utf-16", "\r\n")}

pytestmark = pytest.mark.parametrize("way", WAYS)


def save(path: Path, text: str, way: str) -> Path:
    encoding, end = WAYS[way]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.replace("\n", end).encode(encoding))
    return path


def test_settings(tmp_path: Path, way: str) -> None:
    save(tmp_path / "ragtree.toml", '[retrieve]\nmode = "leaves"  # naïve\n', way)
    assert collect_settings(tmp_path, {}, []).retrieve.mode == "leaves"


def test_variables_out_of_a_file(tmp_path: Path, way: str) -> None:
    lines = f"RAGTREE_RETRIEVE_MODE=leaves{WAYS[way][1]}".split("\n")
    assert collect_settings(None, dict(line.split("=") for line in lines if line), []).retrieve.mode == "leaves"


def test_writing_a_setting_keeps_the_rest_of_the_file(tmp_path: Path, way: str) -> None:
    path = save(tmp_path / "ragtree.toml", '# mine\n[retrieve]\nmode = "leaves"\n', way)
    write_setting(tmp_path, "llm.model", "none")
    assert collect_settings(tmp_path, {}, []).llm.model == "none"
    assert path.read_bytes().startswith(b"# mine")
    assert (b"\r\n" in path.read_bytes()) == (WAYS[way][1] == "\r\n")


def test_patterns_of_files_to_leave_out(tmp_path: Path, way: str) -> None:
    save(tmp_path / ".ragtreeignore", "drafts/\n*.log\n", way)
    for name in ("drafts/a.md", "b.log", "c.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [entry.id for entry in list_files(tmp_path).entries] == ["c.md"]


def test_templates_examples_and_wording(tmp_path: Path, way: str) -> None:
    save(tmp_path / "rewrite.md", "# system\nSay it.\n# user\n$conversation $question\n", way)
    save(tmp_path / "kinds.md", (PROMPTS / "kinds.md").read_text(encoding="utf-8"), way)
    save(tmp_path / "wording.toml", '[en]\nnearest = "Near by:"\n', way)
    assert render("rewrite", tmp_path, conversation="c", question="q").user == "c q"
    assert examples("kinds", tmp_path) == examples("kinds")
    assert wording("en", tmp_path).nearest == "Near by:"


def test_a_schema(tmp_path: Path, way: str, model_server) -> None:
    save(tmp_path / "docs" / "lamp.md", "# The lamp\n\nThe lamp burns oil and stands 74 feet high.\n", way)
    schema = {"type": "object", "properties": {"light": {"type": "string"}, "feet": {"type": "integer"}}}
    path = save(tmp_path / "s.json", json.dumps(schema, indent=1), way)
    ran = ragtree("ask", tmp_path / "docs", "How high?", "--schema", path, "--llm", f"{model_server.url}#m")
    assert ran.status == 0, ran.err
    assert '"feet"' in ran.out


def test_a_dataset(tmp_path: Path, way: str) -> None:
    save(tmp_path / "corpus.jsonl", '{"id": "d1", "text": "The lamp burns öl."}\n\n{"id": "d2", "text": "Tar."}\n', way)
    save(tmp_path / "queries.jsonl", '{"id": "q1", "text": "Oil?", "answers": ["öl"]}\n', way)
    save(tmp_path / "qrels.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t1\n", way)
    dataset = open_dataset(str(tmp_path), "plain")
    assert dataset.questions[0].references == ("öl",)
    assert dict(dataset.questions[0].relevant) == {"d1": 1}


def test_a_report(tmp_path: Path, way: str) -> None:
    path = save(tmp_path / "a.json", '{\n"folder": 7}\n', way)
    with pytest.raises(DatasetError, match="is no report of ragtree eval: folder: Input should be a valid string"):
        read_report(path)


def test_questions_from_a_pipe(tmp_path: Path, way: str) -> None:
    save(tmp_path / "docs" / "a.md", "The lamp burns oil.\n", way)
    assert ragtree("index", tmp_path / "docs", "--llm", "none").status == 0
    lines = save(tmp_path / "lines", "/mode lexical\n/mode leaves\n", way)
    with lines.open("rb") as stdin:
        done = subprocess.run(
            [sys.executable, "-m", "ragtree", "chat", tmp_path / "docs", "--no-sync", "--llm", "none"],
            stdin=stdin, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "the mode is lexical" in done.stdout + done.stderr
    assert "the mode is leaves" in done.stdout + done.stderr
