from __future__ import annotations

from collections.abc import Mapping

import pytest
from samples import leaf, parent

from ragtree.errors import QueryError
from ragtree.retrieve.where import make_filter
from ragtree.types import Scalar

LETTER = leaf("letter", document="letters/1903/venn.md", author="Venn", year=1903)
LOG = leaf("log", document="logs/log.md", author="Oake", year=1904)
LETTERS = parent("letters", [LETTER])
BOTH = parent("both", [LETTER, LOG])
NODES = [LETTER, LOG, LETTERS, BOTH, parent("root", [LETTERS, BOTH])]
BY_ID = {node.id: node for node in NODES}


def passing(where: Mapping[str, Scalar] | None) -> list[str]:
    accept = make_filter(where, lambda ids: [BY_ID[key] for key in ids if key in BY_ID])
    return [node.id for node in NODES if accept is None or accept(node)]


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
    ],
)
def test_nodes_pass_the_filter_and_summaries_only_with_all_their_leaves(
    where: dict[str, Scalar] | None, found: list[str]
) -> None:
    assert passing(where) == found


def test_a_summary_whose_leaves_are_gone_does_not_pass() -> None:
    accept = make_filter({"source": "*"}, lambda ids: [])
    assert not accept(BOTH)


@pytest.mark.parametrize("where", [{"source": 3}, {"document_id": True}, {"level": "0"}, {"level": True}])
def test_a_filter_of_the_wrong_kind_is_refused_with_its_value(where: dict[str, Scalar]) -> None:
    ((key, value),) = where.items()
    with pytest.raises(QueryError, match=rf"where\['{key}'\] is {value!r}"):
        passing(where)
