"""An index of a few documents that say something of themselves."""

from __future__ import annotations

import pytest

from ragtree import Document, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder

DOCUMENTS = [
    Document(
        "letters/anna.txt",
        "Letter to the board\n\nThe crane is broken again. I have told the board twice.\n",
        "Letter to the board",
        metadata={"author": "Anna van Dorn", "date": "1922-03-01"},
    ),
    Document(
        "letters/ben.txt",
        "Letter about rope\n\nThe rope of the crane is worn. Rope costs 4s. a fathom. We need rope.\n",
        "Letter about rope",
        metadata={"author": "Ben Gray", "date": "1923-05-07"},
    ),
    Document(
        "reports/light.pdf",
        "Report upon the light\n\n# Condition\n\nThe lamp smokes. Mr. Gray, keeper of the light, cleans it daily.\n\n"
        "# Cost\n\nOil costs £90 a year. Electric light would cost £40.\n",
        "Report upon the light",
        metadata={"author": "C. Moor", "date": "1923-11-30", "status": "Rejected"},
    ),
    Document(
        "reports/harbour.pdf",
        "Report upon the harbour\n\nThe harbour is silting up. It was measured in January 1922. "
        + "Mud lies everywhere. " * 60
        + "\n",
        "Report upon the harbour",
        metadata={"author": "C. Moor", "date": "1921", "status": "Accepted"},
    ),
]


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    settings = Settings.model_validate({"llm": {"model": "none"}, "embed": {"kind": "plain"}})
    with RagTree.open(tmp_path_factory.mktemp("gather") / "index", settings, embedder=HashingEmbedder(64)) as tree:
        tree.add(DOCUMENTS)
        yield tree
