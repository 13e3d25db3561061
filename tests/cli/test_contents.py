"""`ragtree tree`: what a person and a program are shown of a tree."""

from __future__ import annotations

import re
import sys
from dataclasses import replace

import pytest
from rich.cells import cell_len
from samples import leaf, parent

from ragtree.cli.contents import contents_fields, show_contents
from ragtree.types import Node


def small() -> list[Node]:
    leaves = [leaf(f"{name}{n}", document=f"{name}.md") for name in "abc" for n in range(2)]
    alone = parent("lamps, oil", leaves[:2])
    mixed = parent("quay, cat", leaves[1:])
    return [*leaves, alone, mixed, parent("harbour", [alone, mixed])]


def shown(capsys: pytest.CaptureFixture[str], nodes: list[Node], depth: int = 3) -> list[str]:
    show_contents(nodes, depth)
    return capsys.readouterr().out.splitlines()


def test_a_line_a_group_says_how_many_passages_of_which_documents(capsys):
    assert shown(capsys, small(), 2) == [
        "harbour  6 passages of 3 documents: a.md, b.md, …",
        "  lamps, oil  2 passages of a.md",
        "  quay, cat  5 passages of 3 documents: b.md, c.md, …",
    ]


def test_depth_is_the_number_of_levels(capsys):
    assert len(shown(capsys, small(), 1)) == 1
    deep = shown(capsys, small(), 9)
    assert len(deep) == 3 + 7
    assert deep[2].startswith("    a0  a.md")


def test_a_group_without_a_label_shows_how_it_begins(capsys):
    nodes = [replace(node, label="") if node.level else node for node in small()]
    assert shown(capsys, nodes, 1)[0].startswith("Some words here.  6 passages")


def test_control_characters_do_not_reach_the_terminal(capsys):
    nodes = [replace(node, label="a\x1b[31mb") for node in small()]
    assert "\x1b" not in "\n".join(shown(capsys, nodes))


def test_no_nodes_are_no_lines(capsys):
    assert shown(capsys, []) == []
    assert contents_fields([], 3) == {"contents": []}


def test_the_fields_are_nested_and_count_every_passage_once():
    (root,) = contents_fields(small(), 2)["contents"]
    assert (root["passages"], root["documents"]) == (6, {"a.md": 2, "b.md": 2, "c.md": 2})
    assert [child["label"] for child in root["children"]] == ["lamps, oil", "quay, cat"]
    assert "children" not in root["children"][0]


@pytest.mark.parametrize("width", [20, 40])
def test_lines_fit_a_narrow_terminal(width, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    nodes = [replace(node, label="灯台守 " * 9) if node.id == "quay, cat" else node for node in small()]
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in shown(capsys, nodes, 9)]
    assert len(lines) == 10
    assert max(map(cell_len, lines)) <= width
    assert lines[1].startswith("  lamps")
