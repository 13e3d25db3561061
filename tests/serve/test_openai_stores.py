"""Embeddings, vector stores and files, through OpenAI's own client."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import openai
import pytest
from openai_server import LIGHT, QUESTION, Served, serving

from ragtree.serve.guard import ServerAccess


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as found:
        yield found


# --- embeddings


@pytest.mark.parametrize("coding", ["float", "base64", None])
def test_embeddings_are_those_of_the_embedder(served: Served, coding: Any) -> None:
    texts = [QUESTION, "Tar cost two shillings."]
    more = {} if coding is None else {"encoding_format": coding}
    done = served.client().embeddings.create(model="any", input=texts, **more)
    expected = served.embedder.embed(texts)
    rows = [one.embedding for one in done.data]
    if coding == "base64":
        rows = [np.frombuffer(base64.b64decode(row), "<f4").tolist() for row in rows]  # type: ignore[arg-type]
    assert np.allclose(np.array(rows, dtype=np.float32), expected, atol=0)
    assert [one.index for one in done.data] == [0, 1]
    assert done.model == "ragtree/light"
    assert done.usage.total_tokens > 5


def test_questions_are_embedded_as_questions(served: Served) -> None:
    done = served.client().embeddings.create(
        model="ragtree/ferry", input=QUESTION, extra_body={"input_type": "query"}, dimensions=served.embedder.dimension
    )
    assert np.allclose(done.data[0].embedding, served.embedder.embed_query(QUESTION), atol=1e-7)
    assert done.model == "ragtree/ferry"


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"input": [[1, 2]]}, "input", "tokens cannot be embedded"),
        ({"input": [1, 2]}, "input", "tokens cannot be embedded"),
        ({"input": []}, "input", "1 to 2048"),
        ({"input": ["a"] * 2049}, "input", "1 to 2048"),
        ({"input": ""}, "input", "empty"),
        ({"input": "a", "dimensions": 3}, "dimensions", "dimensions is 3"),
        ({"input": "a", "encoding_format": "int8"}, "encoding_format", "int8"),
    ],
)
def test_what_cannot_be_embedded(served: Served, body: Any, field: str, said: str) -> None:
    reply = httpx.post(f"{served.url}/embeddings", json={"model": "m", **body})
    assert reply.status_code == 400
    error = reply.json()["error"]
    assert said in error["message"]
    assert error["param"] == field


def test_an_unknown_collection_embeds_nothing(served: Served) -> None:
    with pytest.raises(openai.NotFoundError, match="there is no model 'ragtree/sea'"):
        served.client().embeddings.create(model="ragtree/sea", input="x")


# --- vector stores


def test_the_vector_stores_are_the_collections(served: Served) -> None:
    client = served.client()
    stores = list(client.vector_stores.list())
    assert [(store.id, store.name, store.file_counts.completed) for store in stores] == [
        ("vs_light", "light", 4),
        ("vs_ferry", "ferry", 1),
    ]
    assert client.vector_stores.retrieve("vs_light") == stores[0]
    assert stores[0].status == "completed"
    assert stores[0].usage_bytes > 200
    with pytest.raises(openai.NotFoundError, match="there are: vs_light, vs_ferry"):
        client.vector_stores.retrieve("vs_sea")


def test_a_search_finds_passages_and_their_places(served: Served) -> None:
    client = served.client()
    found = client.vector_stores.search("vs_light", query=QUESTION, max_num_results=2).data
    assert 1 <= len(found) <= 2
    best = found[0]
    assert best.filename == "keeper.md"
    text = client.files.content(best.file_id).text
    assert best.content[0].text in text
    assert best.model_extra is not None
    assert text[slice(*best.model_extra["ragtree"]["span"])] == best.content[0].text
    both = client.vector_stores.search("vs_light", query=[QUESTION, "What did tar cost?"]).data
    assert {"keeper.md", "letters/hemp rope & tar.txt"} <= {one.filename for one in both}
    scores = [one.score for one in both]
    assert scores == sorted(scores, reverse=True)
    assert client.vector_stores.search("vs_light", query=QUESTION, ranking_options={"score_threshold": 9}).data == []


EQ = {"type": "eq", "key": "author", "value": "Venn"}


@pytest.mark.parametrize(
    "filters",
    [
        EQ,
        {"type": "and", "filters": [EQ, {"type": "gte", "key": "year", "value": 1920}]},
        {
            "type": "and",
            "filters": [
                {"type": "gt", "key": "year", "value": 1900},
                {"type": "and", "filters": [{"type": "lt", "key": "year", "value": 1930}]},
            ],
        },
        {"type": "in", "key": "author", "value": ["Venn", "Ott"]},
        {"type": "or", "filters": [EQ, {"type": "eq", "key": "author", "value": "Ott"}]},
        {"type": "eq", "key": "copied", "value": True},
    ],
)
def test_filters_choose_among_the_documents(served: Served, filters: Any) -> None:
    found = served.client().vector_stores.search("vs_light", query="canary", filters=filters).data
    assert [one.filename for one in found] == ["memo:1"]
    attributes = found[0].attributes
    assert attributes is not None
    assert attributes["author"] == "Venn"


def test_filters_may_leave_documents_out(served: Served) -> None:
    client = served.client()
    for filters in ({**EQ, "type": "ne"}, {"type": "nin", "key": "author", "value": ["Venn"]}):
        found = client.vector_stores.search("vs_light", query="canary", filters=filters).data  # type: ignore[arg-type]
        assert found
        assert "memo:1" not in {one.filename for one in found}
    found = client.vector_stores.search("vs_light", query="oil", extra_body={"where": {"source": "letters/*"}}).data
    assert {one.filename for one in found} == {"letters/hemp rope & tar.txt"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "query is missing"),
        ({"query": ""}, "the query is empty"),
        ({"query": []}, "a list of texts"),
        ({"query": "x", "max_num_results": 51}, "max_num_results is 51"),
        ({"query": "x", "max_num_results": 0}, "max_num_results is 0"),
        ({"query": "x", "filters": []}, "a filter is an object"),
        ({"query": "x", "filters": {"type": "near", "key": "a", "value": 1}}, "'near'"),
        ({"query": "x", "filters": {"type": "eq", "key": "a"}}, "needs a key and a value"),
        ({"query": "x", "filters": {"type": "and", "filters": [EQ, EQ]}}, "two conditions 'eq' for 'author'"),
        ({"query": "x", "filters": {"type": "in", "key": "a", "value": 1}}, "needs a list"),
        (
            {"query": "x", "filters": {"type": "or", "filters": [EQ, {"type": "eq", "key": "year", "value": 1}]}},
            "'or' is possible between values of one key only",
        ),
        ({"query": "x", "filters": EQ, "where": {"author": "Ott"}}, "both have 'author'"),
        ({"query": "x", "mode": "best"}, "there is no mode 'best'"),
    ],
)
def test_what_cannot_be_searched_for(served: Served, body: Any, said: str) -> None:
    reply = httpx.post(f"{served.url}/vector_stores/vs_light/search", json=body)
    assert reply.status_code == 400
    assert said in reply.json()["error"]["message"]


def test_the_files_of_a_vector_store(served: Served) -> None:
    client = served.client()
    files = list(client.vector_stores.files.list("vs_light", limit=3))  # in two pages
    assert len({file.id for file in files}) == 4
    assert {file.vector_store_id for file in files} == {"vs_light"}
    [memo] = [file for file in files if (file.attributes or {}).get("author") == "Venn"]
    assert client.files.retrieve(memo.id).filename == "memo:1"


# --- files


def test_files_are_the_documents_of_all_collections(served: Served) -> None:
    client = served.client()
    files = list(client.files.list(limit=2))
    names = ["keeper.md", "letters/hemp rope & tar.txt", "memo:1", "oil.txt", "ferry.md"]
    assert [file.filename for file in files] == names
    assert [file.filename for file in client.files.list(order="desc")] == names[::-1]
    assert [file.filename for file in client.files.list(after=files[2].id, limit=1).data] == ["oil.txt"]
    assert client.files.retrieve(files[0].id) == files[0]
    assert files[0].bytes == len(LIGHT["keeper.md"])
    assert files[0].created_at > 1_700_000_000
    assert list(client.files.list(purpose="vision")) == []


def test_the_text_of_a_file_is_only_downloaded(served: Served) -> None:
    client = served.client()
    [rope] = [file for file in client.files.list() if "rope" in file.filename]
    reply = httpx.get(f"{served.url}/files/{rope.id}/content")
    assert reply.text == LIGHT["letters/hemp rope & tar.txt"]
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.headers["content-disposition"] == "attachment; filename*=UTF-8''hemp%20rope%20%26%20tar.txt.txt"
    assert reply.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("key", ["file-1", "file-", "x", "file-bGlnaHQAbm8ubWQ", "file-c2VhAGtlZXBlci5tZA", "file-%00"])
def test_a_file_that_is_not_there(served: Served, key: str) -> None:
    for path in (f"files/{key}", f"files/{key}/content"):
        reply = httpx.get(f"{served.url}/{path}")
        assert reply.status_code == 404
        assert reply.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=²", "limit=999999999", "order=up", "after=file-1"])
def test_a_list_that_cannot_be_had(served: Served, query: str) -> None:
    reply = httpx.get(f"{served.url}/files?{query}")
    assert reply.status_code == 400
    assert reply.json()["error"]["param"] == query.partition("=")[0]


def test_a_token_is_the_api_key(tmp_path_factory: pytest.TempPathFactory) -> None:
    with serving(tmp_path_factory.mktemp("guarded"), ServerAccess(token="secret")) as guarded:
        assert list(guarded.client().with_options(api_key="secret").models.list())
        with pytest.raises(openai.AuthenticationError):
            guarded.client().models.list()
