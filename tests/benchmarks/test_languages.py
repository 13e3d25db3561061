"""Is the language of a question told? XQuAD's 1,190 questions in each language, in a folder in another language."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ragtree.text.languages import question_language

DATA = Path(__file__).parents[3] / "shared" / "data"
FILES = sorted(DATA.glob("xquad-*/queries.jsonl"))


@pytest.mark.skipif(not FILES, reason="XQuAD is not beside the repository")
def test_languages(report):
    for usual in ("en", "de"):
        shares = []
        for file in FILES:
            code = file.parent.name.removeprefix("xquad-")
            asked = [json.loads(line)["text"] for line in file.read_text(encoding="utf-8").splitlines()]
            asked = [text for text in asked if len(text.split()) >= 3 or code in ("th", "zh")]
            shares.append(f"{code} {sum(question_language(text, (usual,)) == code for text in asked) / len(asked):.3f}")
        report(f"documents in {usual}: " + ", ".join(shares))
