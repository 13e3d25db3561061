"""Other queries beside the question, with a scripted model and vectors by words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from samples import index_of, leaf

from ragtree.embed.hashing import HashingEmbedder
from ragtree.errors import ModelError
from ragtree.llm.scripted import ScriptedChat
from ragtree.retrieve.base import Index, Limit, Query
from ragtree.retrieve.expand.feedback import Feedback
from ragtree.retrieve.expand.hyde import Hypothetical
from ragtree.retrieve.expand.query_writer import QueryWriter
from ragtree.retrieve.expand.refining import Refinement
from ragtree.retrieve.expand.rewordings import Rewordings, averaged
from ragtree.retrieve.expand.steps import Steps, best_of
from ragtree.retrieve.leaves import Leaves
from ragtree.retrieve.modes import make_retriever
from ragtree.retrieve.rerank.reranked import Reranked
from ragtree.settings import RetrieveSettings
from ragtree.store.memory_store import MemoryStore
from ragtree.types import Hit

EMBEDDER = HashingEmbedder()
TEXTS = {
    "stove": "The stove was bought for the toll hut in October.",
    "keeper": "The toll hut is kept by Agnes Vane.",
    "vane": "Agnes Vane was born in Tolbrack.",
    "rope": "Hemp rope is tarred twice a year.",
    "cat": "The harbour cat weighs nine pounds.",
}


@pytest.fixture
def index() -> Index:
    store = MemoryStore()
    nodes = [leaf(key, text, document=f"{key}.md") for key, text in TEXTS.items()]
    store.upsert(nodes, EMBEDDER.embed([node.text for node in nodes]))
    return index_of(store, [])


def asked(text: str) -> Query:
    return Query(text, EMBEDDER.embed_query(text))


def keys(hits: Sequence[Hit]) -> list[str]:
    return [hit.node.id for hit in hits]


def writer(*answers: str) -> QueryWriter:
    model = ScriptedChat(answers)
    return QueryWriter(lambda: model, None)


def test_hyde_finds_by_what_the_model_makes_up(index: Index) -> None:
    question = asked("What animal lives there?")
    hyde = Hypothetical(
        Leaves(), writer("1. The harbour cat weighs ten pounds.\n2. The cat of the harbour."), EMBEDDER.embed, 2
    )
    (hit,) = hyde.retrieve(question, index, Limit(hits=1))
    assert hit.node.id == "cat"
    passages = EMBEDDER.embed(["The harbour cat weighs ten pounds.", "The cat of the harbour."])
    mean = question.vector + passages.sum(axis=0)
    assert hit.score == pytest.approx(float(EMBEDDER.embed([TEXTS["cat"]])[0] @ mean / np.linalg.norm(mean)), abs=1e-5)


def test_hyde_without_a_passage_is_the_question(index: Index) -> None:
    question = asked("hemp rope")
    assert Hypothetical(Leaves(), writer("---"), EMBEDDER.embed, 2).retrieve(
        question, index, Limit(hits=5)
    ) == Leaves().retrieve(question, index, Limit(hits=5))


def test_feedback_brings_what_is_like_the_first(index: Index) -> None:
    question = asked("Who has kept the hut?")
    plain = {hit.node.id: hit.score for hit in Leaves().retrieve(question, index, Limit(hits=5))}
    fed = {hit.node.id: hit.score for hit in Feedback(Leaves(), 1).retrieve(question, index, Limit(hits=5))}
    assert max(plain, key=plain.__getitem__) == "keeper"
    assert fed["vane"] > plain["vane"]
    mean = question.vector + 0.5 * EMBEDDER.embed([TEXTS["keeper"]])[0]
    assert fed["vane"] == pytest.approx(
        float(EMBEDDER.embed([TEXTS["vane"]])[0] @ mean / np.linalg.norm(mean)), abs=1e-5
    )


def test_feedback_of_nothing_is_nothing() -> None:
    assert Feedback(Leaves(), 3).retrieve(asked("x"), index_of(MemoryStore(), []), Limit(hits=5)) == []


def test_rewordings_are_fused_with_the_question(index: Index) -> None:
    several = Rewordings(Leaves(), writer("- hemp rope tarred\n- harbour cat pounds"), EMBEDDER.embed_query, 2)
    hits = several.retrieve(asked("The stove was bought for the hut."), index, Limit(hits=5))
    assert keys(hits)[0] == "stove"
    assert set(keys(hits)[:3]) == {"stove", "rope", "cat"}
    assert next(hit for hit in hits if hit.node.id == "rope").ranks["question 2"] == 1
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_a_list_without_a_hit_gives_it_its_lowest_score() -> None:
    a, b, c = (Hit(leaf(key), score, {"leaves": 1}) for key, score in (("a", 0.8), ("b", 0.4), ("c", 0.6)))
    found = averaged([[a, b], [c, Hit(b.node, 0.2, {})], []], [1.0, 0.5, 0.5])
    assert {hit.node.id: hit.score for hit in found} == pytest.approx(
        {"a": (0.8 + 0.1) / 1.5, "b": (0.4 + 0.1) / 1.5, "c": (0.4 + 0.3) / 1.5}
    )


def test_a_step_finds_what_the_question_does_not_name(index: Index) -> None:
    steps = Steps(Leaves(), writer("Where was Agnes Vane born?", "ENOUGH."), EMBEDDER.embed_query, 4)
    question = asked("Where does who kept the toll hut come from?")
    hits = steps.retrieve(question, index, Limit(hits=2))
    assert "vane" in keys(hits)
    assert "vane" not in keys(Leaves().retrieve(question, index, Limit(hits=2)))


@pytest.mark.parametrize(
    ("answers", "calls"),
    [
        (("ENOUGH",), 1),
        (("",), 1),
        (("Who kept the toll hut?",), 1),
        (("What does rope cost?", "What does the rope cost?"), 2),
        (("What is tar?", "What is hemp?", "What is oil?"), 2),
    ],
)
def test_steps_end(index: Index, answers: tuple[str, ...], calls: int) -> None:
    model = ScriptedChat(answers)
    question = asked("Who kept the toll hut?")
    Steps(Leaves(), QueryWriter(lambda: model, None), EMBEDDER.embed_query, 3).retrieve(question, index, Limit(hits=3))
    assert len(model.calls) == calls
    assert "kept by Agnes Vane" in model.calls[0][-1].content


def test_the_best_of_all_scores_counts() -> None:
    a, b = leaf("a"), leaf("b")
    found = best_of([[Hit(a, 0.5, {"leaves": 1}), Hit(b, 0.4, {"leaves": 2})], [Hit(b, 0.9, {"leaves": 1})]])
    assert [(hit.node.id, hit.score, hit.ranks) for hit in found] == [
        ("b", 0.9, {"leaves": 1, "question 2": 1}),
        ("a", 0.5, {"leaves": 1}),
    ]


def refining(model: ScriptedChat | None = None) -> Refinement:
    return Refinement(QueryWriter(lambda: model, None), EMBEDDER.embed, EMBEDDER.embed_query, lambda: None)


@pytest.mark.parametrize("expand", ["hyde", "several", "steps"])
def test_without_a_model_it_says_what_to_do(index: Index, expand: str) -> None:
    settings = RetrieveSettings(expand=expand)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=rf"retrieve\.expand = {expand} .*llm\.model is none"):
        make_retriever("leaves", settings, refining()).retrieve(asked("rope"), index, Limit(hits=1))


@pytest.mark.parametrize("mode", ["lexical", "collapsed", "traverse"])
def test_other_modes_are_as_they_were(index: Index, mode: str) -> None:
    settings = RetrieveSettings(expand="several", rerank="late")
    plain = make_retriever(mode, settings).retrieve(asked("hemp rope"), index, Limit(hits=2))
    assert make_retriever(mode, settings, refining()).retrieve(asked("hemp rope"), index, Limit(hits=2)) == plain


def test_an_overview_is_not_reranked(index: Index) -> None:
    broad = Query("What is it about?", EMBEDDER.embed_query("it"), broad=True)
    used = Refinement(QueryWriter(lambda: None, None), EMBEDDER.embed, EMBEDDER.embed_query, lambda: None)
    assert make_retriever("auto", RetrieveSettings(expand="hyde"), used).retrieve(broad, index, Limit(hits=2))


def test_steps_are_reranked_each_by_its_own() -> None:
    class AsTheyAre:
        share = 1.0

        def rank(self, question: str, nodes: Sequence[object]) -> np.ndarray:
            return -np.arange(len(nodes), dtype=float)

    used = Refinement(writer(""), EMBEDDER.embed, EMBEDDER.embed_query, AsTheyAre)
    wanted = {"steps": Steps, "several": Reranked, "hyde": Reranked, "feedback": Reranked, "none": Reranked}
    for expand, kind in wanted.items():
        settings = RetrieveSettings(expand=expand, rerank="late")  # type: ignore[arg-type]
        assert type(used.around(Leaves(), settings)) is kind
