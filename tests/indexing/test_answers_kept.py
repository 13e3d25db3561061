"""A summary may take two answers of the model: a sync that is stopped between them does not ask for the first again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from ragtree import Document, Message, ModelError, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.scripted import ScriptedChat

SETTINGS = {
    "chunk": {"tokens": 24},
    "summarize": {"kind": "abstractive", "tokens": 24},
    "tree": {"group_tokens": 64},
}
WORDS = "harbour rope lantern keeper ferry stove kitten ledger tide quarry winter captain".split()
DOCUMENTS = [
    Document(f"{number}.md", " ".join(f"The {word} {number} weighs {at} pounds." for at, word in enumerate(WORDS)))
    for number in range(3)
]
INVENTED = "Zubrowkanian emperors sailed past."


class Stopped(ScriptedChat):
    """Its first answer to a group is nothing that can be kept, its second is; after some calls it is interrupted."""

    def __init__(self, calls: int) -> None:
        super().__init__(self._reply)
        self._left = calls

    def _reply(self, messages: Sequence[Message]) -> str:
        self._left -= 1
        if self._left < 0:
            raise KeyboardInterrupt
        text = messages[-1].content
        second = "in English" in text
        return text.split(">", 1)[1].split(".")[0].strip() + "." if second else INVENTED


def prompts(*models: ScriptedChat) -> Counter[str]:
    return Counter(call[-1].content for model in models for call in model.calls)


@pytest.mark.parametrize("lives", [1, 2, 5, 8])
def test_no_answer_is_asked_for_twice_but_the_one_in_flight(tmp_path: Path, lives: int) -> None:
    wanted = Settings.model_validate(SETTINGS)
    whole, stopped, after = Stopped(1000), Stopped(lives), Stopped(1000)
    with RagTree.open(tmp_path / "whole", wanted, embedder=HashingEmbedder(64), llm=whole) as tree:
        tree.add(DOCUMENTS)
        nodes = tree.nodes()
    assert len(whole.calls) >= 10
    with (
        RagTree.open(tmp_path / "index", wanted, embedder=HashingEmbedder(64), llm=stopped) as tree,
        pytest.raises(KeyboardInterrupt),
    ):
        tree.add(DOCUMENTS)
    with RagTree.open(tmp_path / "index", wanted, embedder=HashingEmbedder(64), llm=after) as tree:
        tree.add(DOCUMENTS)
        assert tree.nodes() == nodes
        assert tree._catalog.rows("SELECT count(*) FROM answers") == [(0,)]  # they have done their work
    assert sum((prompts(stopped, after) - prompts(whole)).values()) == 1  # the call that was interrupted


def test_nor_is_one_where_another_change_comes_between(tmp_path: Path) -> None:
    stopped, other, after = Stopped(5), Stopped(1000), Stopped(1000)
    tried = [(stopped, DOCUMENTS), (other, [Document("z.md", "A lamp was lit. It burned.")]), (after, DOCUMENTS)]
    for model, documents in tried:
        with (
            RagTree.open(
                tmp_path / "index", Settings.model_validate(SETTINGS), embedder=HashingEmbedder(64), llm=model
            ) as tree,
            suppress(KeyboardInterrupt),
        ):
            tree.add(documents)
    assert len(stopped.calls) == 6 and len(after.calls) > 5
    answered = Counter(call[-1].content for call in stopped.calls[:5])
    assert not answered & prompts(other, after)


class Busy(Stopped):
    """Fails at every second prompt."""

    def _reply(self, messages: Sequence[Message]) -> str:
        if "in English" in messages[-1].content:
            raise ModelError("busy")
        return super()._reply(messages)


def test_nor_is_one_whose_summary_the_model_failed_to_finish(tmp_path: Path) -> None:
    busy, after = Busy(1000), Stopped(1000)
    for model in (busy, after):
        with RagTree.open(
            tmp_path / "index", Settings.model_validate(SETTINGS), embedder=HashingEmbedder(64), llm=model
        ) as tree:
            with suppress(ModelError):
                tree.add(DOCUMENTS)
            waiting = tree._catalog.rows("SELECT count(*) FROM answers")[0][0]
            assert bool(waiting) == (model is busy)
    answered = {call[-1].content for call in busy.calls if "in English" not in call[-1].content}
    assert answered and not answered & set(prompts(after))


def test_a_purge_takes_answers_that_wait_for_a_sync(tmp_path: Path) -> None:
    with RagTree.open(
        tmp_path / "index", Settings.model_validate(SETTINGS), embedder=HashingEmbedder(64), llm=Stopped(1)
    ) as tree:
        with pytest.raises(KeyboardInterrupt):
            tree.add(DOCUMENTS)
        assert INVENTED in str(tree._catalog.rows("SELECT answer FROM answers"))
        report = tree.purge()
        assert not report.found and report.dropped["answers to a sync that did not end"] == 1
    assert not [
        path
        for path in (tmp_path / "index").rglob("*")
        if path.is_file() and b"zubrowkanian" in path.read_bytes().lower()
    ]
