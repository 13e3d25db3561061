"""Lists of all there is: by patterns over the library's own papers, and with a model that says what it was told to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from samples import random_units

from ragtree import Budget, Document, ModelError, QueryError, RagTree, Settings, Survey, SurveyCost
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.base import Message
from ragtree.llm.scripted import ScriptedChat
from ragtree.retrieve.exhaustive.pruning import parts_to_read
from ragtree.store.memory_store import MemoryStore
from ragtree.types import Node

COST = ["£2", "nine pounds", "£1,200", "£2", "£14"]
TEXTS = {
    f"letter{number}.md": f"Letter {number} of {number + 1} March 1922.\n\nThe {thing} cost {cost} in all, and no more "
    f"than that.\n\nIt rained on the {thing} for the whole week, and nobody came to look at it."
    for number, (thing, cost) in enumerate(zip(("stove", "lamp", "boat", "rope", "clock"), COST, strict=True))
}
SETTINGS = Settings.model_validate(
    {"llm": {"model": "none"}, "chunk": {"tokens": 24}, "summarize": {"tokens": 24}, "tree": {"group_tokens": 64}}
)


def copies(messages: Sequence[Message]) -> str:
    """Copies every sum of money, and invents one."""
    lines = []
    for number, text in re.findall(r'<passage id="(\d+)".*?>\n(.*?)\n</passage>', messages[-1].content, re.DOTALL):
        lines += [f"{number} | {sum_}" for sum_ in re.findall(r"£[\d,]+|nine pounds", text)]
    return "\n".join([*lines, "1 | £999,999"]) if lines else "NONE"


def opened(path: Path, model: ScriptedChat | None = None) -> RagTree:
    tree = RagTree.open(path, SETTINGS, embedder=HashingEmbedder(), llm=model)
    tree.add(Document(key, text, metadata={"number": int(key[6])}) for key, text in TEXTS.items())
    return tree


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[RagTree]:
    with opened(tmp_path / "index") as tree:
        yield tree


def said(found: Survey) -> list[tuple[str, list[str]]]:
    return [(item.text, [citation.document_id for citation in item.citations]) for item in found.items]


ALL = [
    ("£2", ["letter0.md", "letter3.md"]),
    ("nine pounds", ["letter1.md"]),
    ("£1,200", ["letter2.md"]),
    ("£14", ["letter4.md"]),
]


def quotes_read_back(found: Survey) -> bool:
    return all(
        TEXTS[citation.document_id][slice(*citation.span)] == citation.quote
        for item in found.items
        for citation in item.citations
    )


def test_a_pattern_finds_all_and_every_citation_reads_back(tree: RagTree) -> None:
    found = tree.survey(pattern="amounts")
    assert said(found) == ALL
    assert found.leaves_read == found.leaves == tree.stats().levels[0]
    assert found.complete
    assert found.calls == 0
    assert quotes_read_back(found)
    dates = tree.survey(pattern="dates")
    assert [item.text for item in dates.items] == [f"{day} March 1922" for day in range(1, 6)]


def test_a_filter_narrows_a_survey(tree: RagTree) -> None:
    found = tree.survey(pattern="amounts", where={"number": {"$lte": 1}})
    assert said(found) == [("£2", ["letter0.md"]), ("nine pounds", ["letter1.md"])]
    assert found.leaves < tree.stats().levels[0]


def test_the_model_is_asked_about_every_part_and_what_it_invents_is_left_out(tmp_path: Path) -> None:
    model = ScriptedChat(copies)
    with opened(tmp_path / "index", model) as tree:
        model.calls.clear()
        found = tree.survey("What did things cost?")
    assert said(found) == ALL
    assert quotes_read_back(found)
    assert found.calls == len(model.calls) > 0
    assert found.complete


def test_the_cost_is_told_before_and_nothing_is_read_without_consent(tmp_path: Path) -> None:
    model = ScriptedChat(copies)
    told: list[SurveyCost] = []

    def refuse(cost: SurveyCost) -> bool:
        told.append(cost)
        return False

    with opened(tmp_path / "index", model) as tree:
        model.calls.clear()
        found = tree.survey("What did things cost?", approve=refuse)
        assert not model.calls
        assert not found.complete
        assert found.leaves_read == 0
        whole = tree.survey("What did things cost?", approve=lambda cost: True)
    assert told[0].calls == whole.calls
    assert told[0].leaves == whole.leaves_read


def test_a_budget_ends_a_survey_with_what_was_found(tmp_path: Path) -> None:
    model = ScriptedChat(copies)
    with opened(tmp_path / "index", model) as tree:
        first = tree.survey("What did things cost?", budget=Budget(tokens=700))
        nothing = tree.survey("What did things cost?", budget=Budget(tokens=10))
        whole = tree.survey("What did things cost?")
    assert 0 < first.calls < whole.calls
    assert 0 < first.leaves_read < whole.leaves_read
    assert not first.complete
    assert "budget of 700" in first.note
    assert not nothing.items
    assert quotes_read_back(first)


def test_a_model_that_fails_is_not_asked_for_ever(tmp_path: Path) -> None:
    def fail(_: Sequence[Message]) -> str:
        raise ModelError("the server is gone")

    model = ScriptedChat(["1"])
    with opened(tmp_path / "index", model) as tree:
        model._answers = fail
        model.calls.clear()
        found = tree.survey("What did things cost?")
    assert len(model.calls) <= 3
    assert not found.complete
    assert found.note == "the server is gone"


def test_a_question_wants_a_model_and_a_model_a_question(tmp_path: Path, tree: RagTree) -> None:
    with pytest.raises(QueryError, match=r"llm.model is none; name a model, or pass a pattern"):
        tree.survey("What did things cost?")
    with opened(tmp_path / "other", ScriptedChat(["NONE"])) as other, pytest.raises(QueryError, match="empty"):
        other.survey(" ")


def test_parts_far_from_the_question_are_left_out_and_the_nearest_come_first() -> None:
    vectors = random_units(330, 64)
    leaves = [Node(f"n{row}", 0, "text", 1) for row in range(300)]
    groups = [(f"g{row}", tuple(f"n{leaf}" for leaf in range(10 * row, 10 * row + 10))) for row in range(30)]
    vectors[70:80] += 2 * vectors[0]  # the seventh part speaks of it, and a single chunk of the ninth
    vectors[95] = vectors[0]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for row in range(30):
        mean = vectors[10 * row : 10 * row + 10].mean(axis=0)
        vectors[300 + row] = mean / np.linalg.norm(mean)
    store = MemoryStore()
    store.upsert([*leaves, *(Node(key, 1, "text", 1, children=part) for key, part in groups)], vectors)
    kept = parts_to_read(groups, store, vectors[0])
    assert groups[7][1] in [part.leaves for part in kept[:3]]
    assert groups[9][1] in [part.leaves for part in kept[:3]]
    assert len(kept) < len(groups)
    assert [part.nearness for part in kept] == sorted((part.nearness for part in kept), reverse=True)
    assert len(parts_to_read(groups, store, None)) == 30
