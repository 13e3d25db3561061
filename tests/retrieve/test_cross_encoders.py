"""Rerankers that want a model, with random weights made here: scores are chance, but those of the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from samples import leaf

from ragtree.embed.hashing import HashingEmbedder
from ragtree.errors import ModelError
from ragtree.models import make_reranker
from ragtree.retrieve.base import Reranker
from ragtree.retrieve.expand.query_writer import QueryWriter
from ragtree.retrieve.rerank.colbert import ColbertReranker
from ragtree.retrieve.rerank.cross_encoder import CrossEncoderReranker
from ragtree.settings import RetrieveSettings
from tests.tiny_models import make_bert, make_colbert, make_cross_encoder

NODES = [leaf("a", "the cat sleeps on the roof"), leaf("b", "interest rates rose by two percent"), leaf("c", "a boat")]
QUESTION = "where does the cat sleeps"


def made(name: str) -> Reranker | None:
    return make_reranker(RetrieveSettings(rerank=name), HashingEmbedder(), QueryWriter(lambda: None, None))


def test_a_cross_encoder_scores_question_and_passage(tmp_path: Path) -> None:
    from sentence_transformers import CrossEncoder

    folder = str(make_cross_encoder(tmp_path, ("LABEL_0",)))
    reranker = made(folder)
    assert isinstance(reranker, CrossEncoderReranker)
    wanted = CrossEncoder(folder).predict([(QUESTION, node.text) for node in NODES])
    assert reranker.rank(QUESTION, NODES) == pytest.approx(wanted, abs=1e-5)
    assert reranker.rank(QUESTION, NODES[1:2]) == pytest.approx(wanted[1:2], abs=1e-5)
    assert len(set(wanted)) == len(NODES)


def test_a_cross_encoder_for_something_else_is_refused(tmp_path: Path) -> None:
    folder = str(make_cross_encoder(tmp_path, ("entailment", "neutral", "contradiction")))
    with pytest.raises(ModelError, match="3 labels; wanted is one with a single label"):
        CrossEncoderReranker(folder).rank(QUESTION, NODES)


def test_a_late_interaction_model_scores_by_its_tokens(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers", minversion="6")
    from sentence_transformers import MultiVectorEncoder

    folder = str(make_colbert(make_bert(tmp_path / "bert"), tmp_path / "colbert"))
    reranker = made(f"colbert:{folder}")
    assert isinstance(reranker, ColbertReranker)
    model = MultiVectorEncoder(folder)
    asked, passages = model.encode_query([QUESTION]), model.encode_document([node.text for node in NODES])
    wanted = model.similarity(asked, passages)[0].float().cpu().numpy() / len(asked[0])
    assert reranker.rank(QUESTION, NODES) == pytest.approx(wanted, abs=1e-4)
    pooled = ColbertReranker(folder, factor=2).rank(QUESTION, NODES)
    assert np.isfinite(pooled).all()
    assert not np.allclose(pooled, wanted, atol=1e-4)


@pytest.mark.parametrize("kind", ["", "colbert:"])
def test_a_model_that_is_not_there_is_an_error(kind: str, tmp_path: Path) -> None:
    reranker = made(f"{kind}{tmp_path / 'nothing'}")
    assert reranker is not None
    with pytest.raises(ModelError, match=r"retrieve\.rerank is .* could not be loaded"):
        reranker.rank(QUESTION, NODES)


def test_none_is_none() -> None:
    assert made("none") is None
