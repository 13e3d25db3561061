"""Documents of applications: taken, or refused by their names, and none of them fails the others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ragtree import Document, LoadError, QueryError, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder

GOOD = Document(id="good", text="The canary is called Admiral.")


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[RagTree]:
    with RagTree.open(tmp_path / "index", Settings(llm={"model": "none"}), embedder=HashingEmbedder()) as opened:
        yield opened


def found(tree: RagTree, **where: Any) -> list[str]:
    return sorted({hit.node.source for hit in tree.search("the parrot and the canary", k=20, where=where)})


BAD: list[dict[str, Any]] = [
    {"id": ""},
    {"id": None},
    {"id": 1.5},
    {"id": "x" * 5000},
    {"id": "half\ud800"},
    {"text": "half \udfff"},
    {"text": b"bytes"},
    {"text": None},
    {"title": "\ud800"},
    {"title": ["a"]},
    {"metadata": {"nested": {"a": 1}}},
    {"metadata": {"rows": [[1], [2]]}},
    {"metadata": {"infinite": float("inf")}},
    {"metadata": {"bytes": b"1"}},
    {"metadata": {"thing": object()}},
    {"metadata": {"long": "x" * 30_000}},
    {"metadata": {"half": "\ud800"}},
    {"metadata": {"half\ud800": 1}},
    {"metadata": {("a", "b"): 1}},
    {"metadata": ["a"]},
    {"metadata": {"huge": 10**5000}},
]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: " ".join(f"{key}" for key in bad))
def test_what_cannot_be_kept_is_refused_alone(tree: RagTree, bad: dict[str, Any]) -> None:
    document = Document(**{"id": "memo", "text": "The parrot is called Bosun.", **bad})
    with pytest.raises(LoadError) as refused:
        tree.add([document])
    assert refused.value.source.isprintable()
    assert len(str(refused.value)) < 300
    if "id" not in bad:
        assert str(refused.value).startswith("memo: its ")


def test_one_that_is_refused_does_not_fail_the_others(tree: RagTree) -> None:
    bad = [Document(**{"id": f"bad {place}", "text": "No.", **fields}) for place, fields in enumerate(BAD)]
    report = tree.add([bad[0], GOOD, *bad[1:], {"id": "no document"}, Document(id="last", text="The parrot.")])  # type: ignore[list-item]
    assert report.added == ("good", "last")
    assert len(report.skipped) == len(BAD) + 1
    assert {one.source for one in report.skipped} >= {"bad 10", "bad 20"}
    assert found(tree) == ["good", "last"]


def test_a_version_that_is_refused_leaves_the_one_before(tree: RagTree) -> None:
    tree.add([GOOD])
    report = tree.add([Document(id="good", text="half \ud800"), Document(id="other", text="The parrot.")])
    assert "the version from before stays" in report.skipped[0].reason
    assert found(tree) == ["good", "other"]


@pytest.mark.parametrize(
    "key", ["a\nb", "\x00", "tab\t", "😀", "u\u0308", "[x]*?\\'\"", " spaces ", "%s {}", "n" * 4096]
)
def test_odd_ids_are_taken_and_found_by_themselves(tree: RagTree, key: str) -> None:
    tree.add([GOOD, Document(id=key, text="The parrot is called Bosun.")])
    assert found(tree, source=key) == found(tree, document_id={"$in": [key]}) == [key]
    assert found(tree, source={"$ne": key}) == ["good"]
    assert tree.read(key).quote == "The parrot is called Bosun."
    assert tree.remove([key]).removed == (key,)


def test_ids_may_be_paths_and_numbers(tree: RagTree) -> None:
    report = tree.add([Document(id=value, text=f"The parrot {value}.") for value in (Path("a/b.txt"), 7)])  # type: ignore[arg-type]
    assert report.added == ("7", "a/b.txt")
    assert found(tree, source=Path("a/b.txt")) == ["a/b.txt"]


def test_metadata_is_filtered_as_it_came(tree: RagTree) -> None:
    tree.add(
        [
            GOOD,
            Document(
                id="m",
                text="The parrot is called Bosun.",
                metadata={
                    "day": date(2025, 1, 2), "at": datetime(2025, 1, 2, 3), "n": np.int64(3), "price": Decimal("0.1"),
                    "tags": ["bird", "ship"], "days": [date(2024, 1, 1), date(2025, 1, 2)], "path": Path("a/b"),
                    "nothing": None, "huge": 10**30, "Größe": "groß", "words": "many", "kind": 5, "language": ["x"],
                },
            ),
        ]
    )  # fmt: skip
    for where in (
        {"day": date(2025, 1, 2)}, {"at": datetime(2025, 1, 2, 3)}, {"n": 3}, {"n": np.int32(3)}, {"price": 0.1},
        {"price": Decimal("0.1")}, {"tags": "bird"}, {"tags": {"$in": ["cat", "ship"]}}, {"days": "2025-01-02"},
        {"days": {"$lt": "2024-06"}}, {"path": Path("a/b")}, {"huge": 10**30}, {"huge": {"$gt": 10**29}},
        {"Gro\u0308\u00dfe": "gro\u00df"}, {"day": {"$gte": date(2025, 1, 1), "$lt": datetime(2025, 2, 1)}},
    ):  # fmt: skip
        assert found(tree, **where) == ["m"], where
    assert found(tree, tags={"$ne": "bird"}) == found(tree, tags={"$nin": ["ship"]}) == ["good"]
    assert found(tree, nothing="x") == []
    document = tree.document("m")
    assert document is not None
    assert document.metadata["tags"] == ("bird", "ship")
    assert tree.add([document]).unchanged == 1
    assert tree.ask("How many documents are there?").text
    assert tree.ask("Which document is the newest?").text


def test_the_same_key_may_have_other_kinds_of_values_elsewhere(tree: RagTree) -> None:
    values: list[Any] = ["3", 3, 3.5, True, ["3", 4], date(2025, 1, 2), "drei"]
    tree.add(
        [Document(id=f"d{place}", text=f"The parrot {place}.", metadata={"n": one}) for place, one in enumerate(values)]
    )
    assert found(tree, n=3) == ["d1"]
    assert found(tree, n="3") == ["d0", "d4"]
    assert found(tree, n=True) == ["d3"]
    assert found(tree, n={"$gt": 3}) == ["d2", "d4"]
    assert found(tree, n={"$gte": "2025", "$lt": "a"}) == ["d5"]


@pytest.mark.parametrize("value", [None, float("nan"), b"x", {"$eq": None}, {"$in": [None]}, {"$in": 3}, object(), [1]])
def test_filters_that_no_document_can_pass_are_refused(tree: RagTree, value: Any) -> None:
    tree.add([GOOD])
    with pytest.raises(QueryError, match="where"):
        tree.search("canary", where={"n": value})


def test_a_document_may_say_a_date_that_is_none(tree: RagTree) -> None:
    tree.add([Document(id="m", text="The parrot.", metadata={"date": "soon", "created": "0000-99"}), GOOD])
    assert tree.ask("Which is the oldest document?").text
    assert tree.ask("What is in here?").text
    assert tree.named("the parrot of 1923") == ()


def test_one_id_alone_is_removed_whole(tree: RagTree) -> None:
    tree.add([GOOD, Document(id="g", text="The parrot.")])
    assert tree.remove("good").removed == ("good",)
