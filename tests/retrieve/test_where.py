from __future__ import annotations

import re
from datetime import date

import numpy as np
import pytest
from samples import leaf, parent

from ragtree.errors import QueryError
from ragtree.retrieve.filtered_nodes import filter_nodes as passing_rows
from ragtree.retrieve.where import conditions, make_filter, parse_filter
from ragtree.store.base import DocumentFacts, NodeTable
from ragtree.types import Where

LETTER = leaf("letter", document="letters/1903/venn.md", author="Venn", year=1903, date="1903-04-30", price="9.50")
LOG = leaf("log", document="logs/log.md", author="Oake", year=1904, modified="1904-01-02", final=True)
LETTERS = parent("letters", [LETTER])
BOTH = parent("both", [LETTER, LOG])
NODES = [LETTER, LOG, LETTERS, BOTH, parent("root", [LETTERS, BOTH])]
BY_ID = {node.id: node for node in NODES}


TABLE = NodeTable(
    [node.id for node in NODES],
    np.array([node.level for node in NODES]),
    np.array([0, 1, -1, -1, -1]),
    [DocumentFacts(node.document_id, node.source, node.metadata) for node in (LETTER, LOG)],
    lambda: np.eye(5, dtype=np.float32),
    lambda: [[item.leaf for claim in node.claims for item in claim.evidence] for node in NODES[2:]],
)


def filtered(where: Where | None) -> list[str]:
    """Node by node, and worked out for the whole tree at once: both say the same."""
    accept = make_filter(where, lambda ids: [BY_ID[key] for key in ids if key in BY_ID])
    found = [node.id for node in NODES if accept is None or accept(node)]
    rows = passing_rows(where, TABLE)
    if rows is not None:
        assert [key for key in TABLE.ids if key in rows] == found
        assert [TABLE.ids[row] for leaves in (True, False) for row in rows.rows(leaves)] == found
    return found


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (None, ["letter", "log", "letters", "both", "root"]),
        ({}, ["letter", "log", "letters", "both", "root"]),
        ({"source": "letters/*.md"}, ["letter", "letters"]),
        ({"source": "l*.md"}, ["letter", "log", "letters", "both", "root"]),
        ({"source": "LETTERS/*"}, []),
        ({"document_id": "logs/log.md"}, ["log"]),
        ({"document_id": "log[st]/*"}, ["log"]),
        ({"level": 0}, ["letter", "log"]),
        ({"level": 1}, ["letters", "both"]),
        ({"author": "Venn"}, ["letter", "letters"]),
        ({"author": "V*"}, []),
        ({"year": 1904}, ["log"]),
        ({"year": 1903, "level": 1}, ["letters"]),
        ({"author": "Venn", "year": 1904}, []),
        ({"nothing": "of the kind"}, []),
        ({"date": "1903"}, ["letter", "letters"]),
        ({"date": "1903-04"}, ["letter", "letters"]),
        ({"date": date(1903, 4, 30)}, ["letter", "letters"]),
        ({"date": {"$gte": "1904"}}, ["log"]),
        ({"date": {"$lte": "1903"}}, ["letter", "letters"]),
        ({"date": {"$gt": "1903"}}, ["log"]),
        ({"date": {"$gte": date(1903, 4, 30), "$lt": "1904-01-02"}}, ["letter", "letters"]),
        ({"date": {"$ne": "1903"}}, ["log"]),
        ({"modified": {"$gte": "1900"}}, ["log"]),
        ({"year": {"$gt": 1903}}, ["log"]),
        ({"year": {"$gte": 1903, "$lte": 1903.5}}, ["letter", "letters"]),
        ({"price": {"$lt": 10}}, ["letter", "letters"]),
        ({"author": {"$gt": "P"}}, ["letter", "letters"]),
        ({"author": {"$in": ["Oake", "Reed"]}}, ["log"]),
        ({"author": {"$nin": ["Oake", "Reed"]}}, ["letter", "letters"]),
        ({"author": {"$ne": "Venn"}}, ["log"]),
        ({"source": {"$ne": "logs/*"}}, ["letter", "letters"]),
        ({"source": {"$in": ["logs/*", "x/*"]}}, ["log"]),
        ({"final": True}, ["log"]),
        ({"final": 1}, []),
        ({"final": {"$ne": True}}, ["letter", "letters"]),
        ({"level": {"$gte": 1}}, ["letters", "both", "root"]),
        ({"level": {"$in": [0, 2]}, "author": "Oake"}, ["log"]),
        ({"author": {"$gt": 3}}, []),
    ],
)
def test_nodes_pass_the_filter_and_summaries_only_with_all_their_leaves(where: Where | None, found: list[str]) -> None:
    assert filtered(where) == found


def test_a_summary_whose_leaves_are_gone_does_not_pass() -> None:
    accept = make_filter({"source": "*"}, lambda ids: [])
    assert not accept(BOTH)


@pytest.mark.parametrize(
    "where",
    [
        {"source": 3},
        {"document_id": True},
        {"level": "0"},
        {"level": True},
        {"date": "yesterday"},
        {"date": 3.5},
        {"created": {"$gt": "soon"}},
        {"source": {"$gt": "a"}},
        {"author": {"$gt": True}},
        {"author": {"$in": "Venn"}},
        {"author": None},
        {"author": ["Venn"]},
    ],
)
def test_a_filter_of_the_wrong_kind_is_refused_with_its_value(where: Where) -> None:
    ((key, said),) = where.items()
    value = next(iter(said.values())) if isinstance(said, dict) else said
    with pytest.raises(QueryError, match=rf"where\['{key}'\] is {re.escape(repr(value))}"):
        filtered(where)


def test_an_operator_that_there_is_not_is_named_with_those_there_are() -> None:
    with pytest.raises(QueryError, match=r"where\['date'\] has '>='; the operators are \$eq, \$ne, \$gt"):
        conditions({"date": {">=": "1922"}})
    with pytest.raises(QueryError, match=r"'\$or'.*all keys have to hold"):
        conditions({"$or": "x"})


@pytest.mark.parametrize(
    ("texts", "where"),
    [
        (["author=Venn"], {"author": {"$eq": "Venn"}}),
        (["date>=1922", "date<1924-06"], {"date": {"$gte": "1922", "$lt": "1924-06"}}),
        (["year > 1903"], {"year": {"$gt": 1903}}),
        (["price<=9.5", "final=true"], {"price": {"$lte": 9.5}, "final": {"$eq": True}}),
        (["source!=drafts/*.md"], {"source": {"$ne": "drafts/*.md"}}),
        (["title=a = b"], {"title": {"$eq": "a = b"}}),
    ],
)
def test_filters_are_written_as_people_write_them(texts: list[str], where: Where) -> None:
    assert parse_filter(texts) == where


@pytest.mark.parametrize("text", ["author", "=Venn", "author=", "> 3"])
def test_a_filter_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="KEY=VALUE"):
        parse_filter([text])


def test_a_filter_said_twice_is_refused() -> None:
    with pytest.raises(QueryError, match="second of its kind for 'author'"):
        parse_filter(["author=Venn", "author=Oake"])


NAMES = (
    "a[1].md", "a1.md", "star*.md", "starry.md", "who?.md", "whom.md", "back\\slash.md", "quo'te\".md", "new\nline.md",
    " led by a space.md", "😀.md", "Köln.md", "Ko\u0308ln 2.md", "ﬁle.md", "file.md", "README.md", "readme.md", "[id]",
    "half\udc80.md", "{x}$^.+().md",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("key", ["source", "document_id"])
def test_a_name_means_itself_and_no_other(key: str, name: str) -> None:
    for where, one in (({key: name}, True), ({key: {"$in": [name]}}, True), ({key: {"$ne": name}}, False)):
        (condition,) = conditions(where)
        assert [other for other, kept in zip(NAMES, condition.holds_each(NAMES), strict=True) if kept == one] == [name]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_written_on_the_command_line_as_it_is(name: str) -> None:
    (condition,) = conditions(parse_filter([f"source={name}"]))
    assert [other for other, kept in zip(NAMES, condition.holds_each(NAMES), strict=True) if kept] == [name]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Ko\u0308ln.md", ["Köln.md"]),
        ("Köln*", ["Köln.md", "Ko\u0308ln 2.md"]),
        ("source = Köln.md", ["Köln.md"]),
        ("quo’te”.md", ["quo'te\".md"]),
        ("wh*", ["who?.md", "whom.md"]),
        ("READ*", ["README.md"]),
        ("[rR]ead*", ["readme.md"]),
        ("nothing", []),
    ],
)
def test_other_forms_of_a_name_and_globs(said: str, meant: list[str]) -> None:
    (condition,) = conditions(parse_filter([said if "=" in said else f"source={said}"]))
    assert [name for name, kept in zip(NAMES, condition.holds_each(NAMES), strict=True) if kept] == meant


def test_text_in_metadata_is_compared_whatever_its_form() -> None:
    (condition,) = conditions({"author": "Mu\u0308ller"})
    assert condition.holds("Müller")
    assert not condition.holds("Muller")
    (later,) = conditions({"author": {"$gte": "ＡＢ"}})
    assert later.holds("AB")
