"""The settings reach the search of a tree, and its one reranker is made once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from ragtree import Document, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.errors import ModelError
from ragtree.llm.base import Message
from ragtree.llm.scripted import ScriptedChat

TEXTS = {
    "hut": "The stove of the toll hut was bought in October.",
    "price": "Two pounds and six shillings were paid for it.",
    "rope": "Hemp rope is tarred twice a year.",
}


def price_first(messages: Sequence[Message]) -> str:
    shown = re.findall(r'<passage id="(\d+)".*?>\n(.*?)\n</passage>', messages[-1].content, re.DOTALL)
    return " > ".join(f"[{number}]" for number, text in shown if "shillings" in text)


def opened(path: Path, model: ScriptedChat | None, **retrieve: object) -> RagTree:
    settings = Settings.model_validate({"retrieve": retrieve, "tree": {"cluster": "none"}, "llm": {"model": "none"}})
    tree = RagTree.open(path, settings, embedder=HashingEmbedder(), llm=model)
    tree.add(Document(key, text) for key, text in TEXTS.items())
    return tree


def test_the_language_model_reranks(tmp_path: Path) -> None:
    model = ScriptedChat(price_first)
    with opened(tmp_path, model, mode="hybrid", rerank="llm") as tree:
        hits = tree.search("What did the stove cost?", k=3)
        assert hits[0].node.document_id == "price"
        assert hits[0].ranks["rerank"] == 1
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        assert tree.search("What did the stove cost?", k=3, mode="lexical")[0].node.document_id == "hut"
        assert len(model.calls) == 1


def test_steps_ask_for_what_is_missing(tmp_path: Path) -> None:
    model = ScriptedChat(["Were two pounds and six shillings paid?", "ENOUGH"])
    with opened(tmp_path, model, mode="leaves", expand="steps") as tree:
        hits = tree.search("What did the stove of the toll hut cost?", k=2)
    assert {hit.node.document_id for hit in hits} == {"hut", "price"}
    assert len(model.calls) == 2


def test_feedback_wants_no_model(tmp_path: Path) -> None:
    with opened(tmp_path, None, mode="auto", expand="feedback") as tree:
        assert tree.search("hemp rope", k=1)[0].node.document_id == "rope"


@pytest.mark.parametrize(
    ("retrieve", "message"),
    [
        ({"rerank": "late"}, r"retrieve\.rerank is late, but hashing.* does not hand out"),
        ({"rerank": "llm"}, r"retrieve\.rerank = llm .*llm\.model is none"),
        ({"expand": "hyde"}, r"retrieve\.expand = hyde .*llm\.model is none"),
    ],
)
def test_what_cannot_be_done_says_so(retrieve: dict[str, str], message: str, tmp_path: Path) -> None:
    with opened(tmp_path, None, mode="hybrid", **retrieve) as tree, pytest.raises(ModelError, match=message):
        tree.search("hemp rope", k=1)
