from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest
from samples import leaf

from ragtree.embed.base import Embedder, Tokens, has_token_vectors
from ragtree.embed.hashing import HashingEmbedder
from ragtree.errors import ModelError
from ragtree.models import make_reranker
from ragtree.retrieve.expand.query_writer import QueryWriter
from ragtree.retrieve.rerank import late_interaction as rerank_late
from ragtree.retrieve.rerank.late_interaction import LateInteraction, max_similarity
from ragtree.settings import RetrieveSettings
from ragtree.types import Span, Vectors

WORDS = ("rope", "lamp", "boat", "cat", "oil")


class OneAxisAWord:
    """A token embedder of five words; its two marks lie on an axis of their own."""

    name = "words"
    dimension = len(WORDS) + 1
    window = 6
    marks_before = 1

    def __init__(self) -> None:
        self.read: list[int] = []

    def tokenize(self, text: str) -> Tokens:
        found = [match for match in re.finditer(r"\w+", text) if match[0] in WORDS]
        return Tokens(tuple(WORDS.index(one[0]) for one in found), tuple(Span(*one.span()) for one in found))

    def embed_windows(self, windows: Sequence[Sequence[int]]) -> list[Vectors]:
        self.read.extend(map(len, windows))
        axes = np.eye(self.dimension, dtype=np.float32)
        return [3 * axes[[len(WORDS), *window, len(WORDS)]] for window in windows]


NODES = [leaf("a", "rope and lamp"), leaf("b", "lamp"), leaf("c", "rope lamp boat"), leaf("d", "cat")]


def test_it_is_the_mean_of_the_best_similarities() -> None:
    assert max_similarity(np.eye(2, dtype=np.float32), np.array([[0.6, 0.8]], dtype=np.float32)) == pytest.approx(0.7)
    scores = LateInteraction(OneAxisAWord()).rank("rope lamp boat", NODES)
    assert scores == pytest.approx([2 / 3, 1 / 3, 1, 0])


def test_a_passage_is_read_once_and_up_to_the_window() -> None:
    model = OneAxisAWord()
    late = LateInteraction(model)
    long = leaf("long", "oil " * 20)
    late.rank("oil", [*NODES, long])
    late.rank("cat", [long, *NODES])
    assert sorted(model.read) == [1, 1, 1, 1, 2, 3, 6]


def test_no_more_is_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerank_late, "_KEPT_NUMBERS", 4 * OneAxisAWord.dimension)
    model = OneAxisAWord()
    late = LateInteraction(model)
    assert late.rank("rope lamp", NODES) == pytest.approx(late.rank("rope lamp", NODES))
    model.read.clear()
    late.rank("rope lamp", NODES[2:])  # the last ones are still there
    assert model.read == [2]


def test_a_text_without_tokens_has_its_marks() -> None:
    scores = LateInteraction(OneAxisAWord()).rank("?", [leaf("a", "rope"), leaf("e", "...")])
    assert scores == pytest.approx([0, 1])


def test_pooled_passages_score_nearly_the_same(bundled_embedder: Embedder) -> None:
    assert has_token_vectors(bundled_embedder)
    nodes = [
        leaf("cat", "The harbour cat sleeps on the warm roof of the toll hut all day long."),
        leaf("rope", "The company bought forty fathoms of hemp rope for the new ferry."),
        leaf("rates", "Interest rates rose by two percent in the spring."),
    ]
    whole, half = (
        LateInteraction(bundled_embedder, factor).rank("Where does the cat sleep?", nodes) for factor in (1, 2)
    )
    assert whole.argmax() == half.argmax() == 0
    assert np.abs(whole - half).max() < 0.1


def test_it_wants_an_embedder_that_hands_out_tokens() -> None:
    settings = RetrieveSettings(rerank="late")
    with pytest.raises(ModelError, match=r"retrieve\.rerank is late, but .* tokens"):
        make_reranker(settings, HashingEmbedder(), QueryWriter(lambda: None, None))
