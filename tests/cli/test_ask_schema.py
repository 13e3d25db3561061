"""`ragtree ask --schema`: an object on standard output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from library import copy_of, ragtree

SCHEMA = {
    "type": "object",
    "properties": {"pounds": {"type": "integer", "description": "what the stove for the toll hut cost, in pounds"}},
    "required": ["pounds"],
}
QUESTION = "What did the stove for the toll hut cost?"


def test_the_object_is_one_json_document(library_index: Path, tmp_path: Path) -> None:
    (tmp_path / "form.json").write_text(json.dumps(SCHEMA))
    index = copy_of(library_index, tmp_path / "index")
    place = ("ask", tmp_path, QUESTION, "--index", index, "--no-sync", "--schema", tmp_path / "form.json")
    ran = ragtree(*place, "--json", "--set", "llm.threads=1")
    assert ran.status == 0, ran.err
    told = json.loads(ran.out)
    assert set(told["answer"]) == {"pounds"}
    assert set(told["fields"]) | set(told["unsupported"]) == {"pounds"}
    refused = ragtree(*place, "--llm", "none")
    assert refused.status == 1
    assert "llm.model is none" in refused.err


@pytest.mark.parametrize("text", ["no JSON", "[1]", '{"type": "thing"}', None])
def test_a_file_that_is_no_schema_is_told(text: str | None, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "form.json").write_text(text)
    (tmp_path / "a.txt").write_text("The lamp is lit.")
    ran = ragtree("ask", tmp_path, QUESTION, "--schema", tmp_path / "form.json", "--set", "embed.kind=plain")
    assert ran.status == 1
    assert ran.err.count("\n") <= 3
