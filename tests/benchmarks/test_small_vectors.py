"""What shorter vectors, codes, fewer layers and other backends lose. The tables of docs/benchmarks.md.

nDCG@10 on scifact, documents cut at the model's 256 tokens, every difference paired over the 300 claims. What embeds is
kept in ragtree-eval/vectors/; the rest is arrays. One table: pytest tests/benchmarks/test_small_vectors.py -k codes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from vector_codes import binary_codes, hamming, int8_codes, int8_scores, nearest, rescore

from ragtree.embed.projection import learn_projection
from ragtree.evaluate.datasets.registry import open_dataset
from ragtree.evaluate.metrics.ranking import ranking_scores
from ragtree.evaluate.significance import compare
from ragtree.models import embedder_files, make_embedder
from ragtree.settings import EmbedSettings

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
KEPT = ROOT / "ragtree-eval" / "vectors"
DEPTH = 10
WAYS: dict[str, dict[str, object]] = {
    "torch (the default)": {},
    "onnx float32": {"backend": "onnx"},
    "onnx int8": {"backend": "onnx-int8"},
    "static": {"backend": "static"},
    "4 layers": {"model": "bundled (4 layers)"},
    "5 layers": {"model": "bundled (5 layers)"},
}


class Vectors(NamedTuple):
    documents: np.ndarray
    questions: np.ndarray


@cache
def scifact():
    if not (DATA / "scifact").is_dir():
        pytest.skip(f"{DATA / 'scifact'} is not there")
    return open_dataset(str(DATA / "scifact"))


def kept(name: str, embed: Callable[[], Vectors]) -> Vectors:
    file = KEPT / f"scifact {name}.npz"
    if file.exists():
        with np.load(file, allow_pickle=False) as found:
            return Vectors(found["documents"], found["questions"])
    vectors = embed()
    KEPT.mkdir(parents=True, exist_ok=True)
    np.savez(file, documents=vectors.documents, questions=vectors.questions)
    return vectors


def exact() -> Vectors:
    """Plain sentence-transformers in float32."""

    def embed() -> Vectors:
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(embedder_files(EmbedSettings())))
        texts = [document.text for document in scifact().documents]
        asked = [question.text for question in scifact().questions]
        return Vectors(*(model.encode(part, batch_size=32, normalize_embeddings=True) for part in (texts, asked)))

    return kept("float32", embed)


def embedded(name: str) -> Vectors:
    def embed() -> Vectors:
        embedder = make_embedder(EmbedSettings.model_validate(WAYS[name]))
        documents = embedder.embed([document.text for document in scifact().documents])
        return Vectors(documents, np.stack([embedder.embed_query(question.text) for question in scifact().questions]))

    return kept(name, embed)


def ndcg(find: Callable[[int], np.ndarray]) -> np.ndarray:
    """Of what `find` finds for the number of a question: rows of documents, the nearest first."""
    ids = [document.id for document in scifact().documents]
    run = {
        question.id: [(ids[row], -float(rank)) for rank, row in enumerate(find(number))]
        for number, question in enumerate(scifact().questions)
    }
    relevant = {question.id: question.relevant for question in scifact().questions}
    return ranking_scores([f"nDCG@{DEPTH}"], relevant, run)[f"nDCG@{DEPTH}"]


def by_dots(vectors: Vectors) -> np.ndarray:
    return ndcg(lambda number: nearest(vectors.documents @ vectors.questions[number], DEPTH))


def line(report, name: str, values: np.ndarray, base: np.ndarray, note: str = "") -> None:
    paired = compare(values, base)
    report(f"{name:<30} {values.mean():.4f}  {paired.difference:+.4f} [{paired.low:+.4f}, {paired.high:+.4f}]  {note}")


@pytest.mark.parametrize("name", WAYS)
def test_backends_and_layers(name, report):
    base, found = exact(), embedded(name)
    alike = ""
    if found.documents.shape == base.documents.shape:
        cosines = np.einsum("nd,nd->n", base.documents, found.documents)
        alike = f"cosine to float32: mean {cosines.mean():.4f}, least {cosines.min():.4f}"
    line(report, name, by_dots(found), by_dots(base), alike)


@pytest.mark.parametrize("way", ["truncate", "pca", "whiten"])
@pytest.mark.parametrize("kept_numbers", [64, 128, 256, 384])
def test_reductions(way, kept_numbers, report):
    base = exact()
    projection = learn_projection(base.documents, kept_numbers, way)
    reduced = Vectors(projection.apply(base.documents), projection.apply(base.questions))
    line(report, f"{way} to {kept_numbers}", by_dots(reduced), by_dots(base))


def searches(vectors: Vectors) -> Mapping[str, Callable[[np.ndarray], np.ndarray]]:
    """Ways of searching by codes: a question's vector -> rows."""
    bits, bytes_ = binary_codes(vectors.documents), int8_codes(vectors.documents)

    def by_bits(question: np.ndarray, count: int) -> np.ndarray:
        return nearest(-hamming(bits, binary_codes(question)), count)

    def by_bytes(question: np.ndarray, count: int) -> np.ndarray:
        return nearest(int8_scores(bytes_, question), count)

    return {
        "int8": lambda question: by_bytes(question, DEPTH),
        "int8, 40 rescored": lambda question: rescore(by_bytes(question, 40), vectors.documents, question, DEPTH),
        "binary": lambda question: by_bits(question, DEPTH),
        "binary, 40 rescored": lambda question: rescore(by_bits(question, 40), vectors.documents, question, DEPTH),
        "binary, 100 rescored": lambda question: rescore(by_bits(question, 100), vectors.documents, question, DEPTH),
    }


@pytest.mark.parametrize("name", ["int8", "int8, 40 rescored", "binary", "binary, 40 rescored", "binary, 100 rescored"])
def test_codes(name, report):
    base = exact()
    search = searches(base)[name]
    line(report, name, ndcg(lambda number: search(base.questions[number])), by_dots(base))


def test_codes_at_a_hundred_thousand_vectors(report):
    """Seconds and bytes, on scifact's vectors again and again with noise: Chroma's HNSW has float32."""
    base = exact()
    random = np.random.default_rng(0)
    rows = base.documents[random.integers(len(base.documents), size=100_000)]
    many = (rows + 0.02 * random.normal(size=rows.shape)).astype(np.float32)
    many /= np.linalg.norm(many, axis=1, keepdims=True)
    for name, search in searches(Vectors(many, base.questions)).items():
        started = time.perf_counter()
        for question in base.questions[:20]:
            search(question)
        report(f"{name:<30} {(time.perf_counter() - started) / 20 * 1000:6.1f} ms a question over 100,000")
    report(
        f"bytes a vector: float32 {4 * many.shape[1]}, int8 {many.shape[1] + 4}, binary {many.shape[1] // 8}; "
        "rescoring needs the float32 as well, on disk"
    )
