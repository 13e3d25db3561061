"""An embedding server takes as much at a time as it takes, and sends vectors in more than one form."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from speaking_server import Asked, Said, SpeakingServer

from ragtree.embed.base import texts_cut
from ragtree.embed.hashing import HashingEmbedder
from ragtree.embed.server_embedder import ServerEmbedder
from ragtree.errors import ModelError
from ragtree.settings import EmbedSettings
from ragtree.types import Vectors

TEXTS = [f"Ship number {number} carries {'tar ' * (number % 7)}and oil." for number in range(40)]
LONG = "The keeper lit the lamp of the mole every evening. " * 40
HASHING = HashingEmbedder(64)


def rows(texts: list[str]) -> list[list[float]]:
    return HASHING.embed(texts).astype(np.float64).tolist()


def vectors(asked: Asked) -> Said:
    return Said({"data": [{"index": at, "embedding": row} for at, row in enumerate(rows(asked.body["input"]))]})


def embedder(server: SpeakingServer, retries: int = 0, **settings: Any) -> ServerEmbedder:
    return ServerEmbedder(server.url, "e", EmbedSettings(**settings), timeout=5, retries=retries)


def embed(answer: Callable[[Asked], Said], texts: list[str], **settings: Any) -> Vectors:
    with SpeakingServer(answer) as server:
        return embedder(server, **settings).embed(texts)


def refusing(most: int, status: int, body: object) -> Callable[[Asked], Said]:
    return lambda asked: Said(body, status) if len(asked.body["input"]) > most else vectors(asked)


@pytest.mark.parametrize(
    ("most", "status", "body"),
    [
        (8, 413, {"error": "batch size 32 > maximum allowed batch size 8", "error_type": "Validation"}),
        (10, 400, {"error": {"code": "InvalidParameter", "message": "batch size is invalid"}}),
        (4, 422, {"detail": "too many inputs"}),
        (1, 400, {"error": {"message": "'input' must be a string"}}),
        (3, 500, {"error": "CUDA out of memory"}),
        (16, 413, "<html>Request Entity Too Large</html>"),
    ],
)
def test_a_batch_that_is_refused_is_halved_and_the_limit_remembered(most: int, status: int, body: object) -> None:
    with SpeakingServer(refusing(most, status, body)) as server:
        model = embedder(server)
        assert np.allclose(model.embed(TEXTS), HASHING.embed(TEXTS), atol=1e-5)
        before = len(server.requests)
        assert np.allclose(model.embed(TEXTS), HASHING.embed(TEXTS), atol=1e-5)
        assert all(len(body["input"]) <= most for body in server.bodies[before:])
    assert model.cut_texts == 0


def long_refused(asked: Asked) -> Said:
    if any(len(text) > 600 for text in asked.body["input"]):
        return Said(
            {"error": {"message": "the input exceeds the context length", "type": "invalid_request_error"}}, 400
        )
    return vectors(asked)


def test_a_text_that_is_too_long_is_averaged_from_its_parts_and_counted() -> None:
    with SpeakingServer(long_refused) as server:
        model = embedder(server)
        found = model.embed([*TEXTS, LONG])
        assert np.allclose(found[:-1], HASHING.embed(TEXTS), atol=1e-5)
        assert float(found[-1] @ HASHING.embed([LONG])[0]) > 0.99
        assert (model.cut_texts, texts_cut(model)) == (1, 1)
        before = len(server.requests)
        again = model.embed([*TEXTS, LONG])
        assert np.allclose(again, found, atol=1e-5)
        assert not any(len(text) > 600 for body in server.bodies[before:] for text in body["input"])
        assert max(len(body["input"]) for body in server.bodies[before:]) > 20  # the long text was to blame alone


def test_parts_weigh_as_much_as_they_are_long() -> None:
    def answer(asked: Asked) -> Said:
        (text,) = asked.body["input"]
        if len(text) > 250:
            return Said("too long", 413)
        return Said({"data": [{"embedding": [1.0, 0.0] if "a" in text else [0.0, 1.0]}]})

    first, second = "a" * 160, "b" * 240
    (row,) = embed(answer, [f"{first} {second}"])
    assert row[1] / row[0] == pytest.approx(241 / 160, rel=0.01)


def test_a_text_without_spaces_is_cut_too() -> None:
    assert embed(long_refused, ["灯" * 2000]).shape == (1, 64)


@pytest.mark.parametrize(("status", "asked"), [(401, 1), (403, 1), (429, 1), (503, 1), (500, 1)])
def test_what_is_not_about_size_is_told_at_once(status: int, asked: int) -> None:
    with SpeakingServer(lambda _: Said({"error": "not now"}, status)) as server:
        with pytest.raises(ModelError, match=str(status)):
            embedder(server).embed(TEXTS)
        assert len(server.requests) == asked


def test_a_refusal_of_everything_is_told_and_teaches_nothing() -> None:
    wrong = True
    with SpeakingServer(lambda asked: Said("no such model", 400) if wrong else vectors(asked)) as server:
        model = embedder(server)
        with pytest.raises(ModelError, match="no such model"):
            model.embed([*TEXTS, LONG])
        wrong, before = False, len(server.requests)
        model.embed([*TEXTS, LONG])
        assert [len(body["input"]) for body in server.bodies[before:]] == [32, 9]
    assert model.cut_texts == 0


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_server_that_is_busy_is_asked_again(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    busy = iter([Said("slow down", status, {"Retry-After": "3"})])
    assert np.allclose(embed(lambda asked: next(busy, None) or vectors(asked), TEXTS, retries=1), HASHING.embed(TEXTS))
    assert sum(waits) == 3.0 and max(waits) <= 0.5  # it looks now and then whether it is still wanted


def test_vectors_may_come_in_another_order_without_numbers_or_as_base64() -> None:
    def coded(row: list[float]) -> str:
        return base64.b64encode(np.array(row, dtype="<f4").tobytes()).decode()

    forms: list[Callable[[list[list[float]]], list[dict[str, Any]]]] = [
        lambda found: [{"index": at, "embedding": row} for at, row in enumerate(found)][::-1],
        lambda found: [{"embedding": row} for row in found],
        lambda found: [{"index": at, "embedding": coded(row)} for at, row in enumerate(found)],
    ]
    for form in forms:

        def answer(asked: Asked, form: Any = form) -> Said:
            return Said({"data": form(rows(asked.body["input"]))})

        assert np.allclose(embed(answer, TEXTS), HASHING.embed(TEXTS), atol=1e-5)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ([{"index": 0, "embedding": [1.0, math.nan]}], "NaN"),
        ([{"index": 0, "embedding": [1.0, None]}], "NaN"),
        ([{"index": 0, "embedding": []}], "different lengths"),
        ([], "0 vectors for 1 texts"),
        ([{"index": 7, "embedding": [1.0]}], "OpenAI form"),
        ([{"index": 0, "embedding": [[1.0]]}], "OpenAI form"),
        ([{"index": 0, "embedding": "%%%"}], "OpenAI form"),
        ([{"index": 0, "embedding": {"a": 1}}], "OpenAI form"),
        ([3], "OpenAI form"),
        (None, "OpenAI form"),
    ],
)
def test_invalid_vectors_are_reported(data: object, told: str) -> None:
    with pytest.raises(ModelError, match=told):
        embed(lambda _: Said({"data": data}), ["a text"])


def test_an_error_with_status_200_is_reported() -> None:
    with pytest.raises(ModelError, match="quota"):
        embed(lambda _: Said({"error": {"message": "quota"}}), ["a text"])


def test_a_format_that_a_server_does_not_know_is_named_no_more() -> None:
    def answer(asked: Asked) -> Said:
        return Said("encoding_format is not known", 400) if "encoding_format" in asked.body else vectors(asked)

    with SpeakingServer(answer) as server:
        model = embedder(server)
        model.embed(TEXTS)
        model.embed(TEXTS)
        assert ["encoding_format" in body for body in server.bodies] == [True, False, False, False, False]


def test_a_text_with_a_lone_surrogate_is_sent() -> None:
    assert embed(vectors, ["Half \ud83d here"]).shape == (1, 64)
