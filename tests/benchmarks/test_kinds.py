"""How often is the kind of a request told right?

kinds.jsonl has 300 questions of ten languages that were written apart from the examples (prompts/kinds.md). Those in
even places were looked at when the classifier was chosen; those in odd places were not.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from ragtree.understand.kinds import RequestClassifier

ROWS = [json.loads(line) for line in (Path(__file__).parent / "kinds.jsonl").read_text(encoding="utf-8").splitlines()]
NAMES = {"collection": "documents", "smalltalk": "small talk"}


def test_kinds(report):
    kinds = RequestClassifier()
    right, total = Counter(), Counter()
    for place, row in enumerate(ROWS):
        wanted = NAMES.get(row["kind"], row["kind"])
        is_right = kinds.classify(row["text"]).kind == wanted
        half = "even" if place % 2 == 0 else "odd"
        spoken = "English" if row["language"] == "en" else "other languages"
        for group in (half, f"{spoken}, {half}", f"{wanted}, {half}"):
            total[group] += 1
            right[group] += is_right
    report("kinds told right: " + "; ".join(f"{group} {right[group] / total[group]:.2f}" for group in sorted(total)))
