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
    """Themes over chunks, one of which is in both."""
    leaves = [leaf(f"{name}{n}", document=f"{name}.md") for name in "abc" for n in range(2)]
    alone = parent("lamps, oil", leaves[:2])
    mixed = parent("quay, cat", leaves[1:])
    return [*leaves, alone, mixed, parent("harbour", [alone, mixed])]


def documents() -> list[Node]:
    """Two themes over four documents, one of which has sections."""
    names = ("minutes/10.md", "minutes/9.md", "log.md", "letter.md")
    chunks = {name: [leaf(f"{name} {n}", document=name, start=20 * n) for n in range(2)] for name in names}
    own: dict[str, list[Node]] = {name: list(chunks[name]) for name in names}
    own["log.md"] = [
        replace(parent(f"part {n}", [chunk], kind="section"), document_id="log.md", source="log.md", span=chunk.span)
        for n, chunk in enumerate(chunks["log.md"])
    ]
    tops = {
        name: replace(
            parent(name.upper(), own[name], kind="document"),
            document_id=name,
            source=name,
            metadata={"kind": "minutes", "date": "1923-04"} if "minutes" in name else {},
        )
        for name in names
    }
    one = parent("letters", [tops["letter.md"]])
    other = parent("meetings", [tops[name] for name in names[:3]])
    above = [one, other, parent("all", [one, other], kind="collection")]
    return [*(node for name in names for node in chunks[name]), *own["log.md"], *tops.values(), *above]


def shown(capsys: pytest.CaptureFixture[str], nodes: list[Node], depth: int | None = 3) -> list[str]:
    show_contents(nodes, depth)
    return capsys.readouterr().out.splitlines()


def test_a_line_a_theme_says_what_it_holds(capsys):
    assert shown(capsys, small(), 2) == [
        "harbour  3 documents, 6 passages",
        "  quay, cat  3 documents, 5 passages",
        "  lamps, oil  1 document, 2 passages",
    ]


def test_it_reads_as_a_table_of_contents(capsys):
    assert shown(capsys, documents(), None) == [
        "all  4 documents, 8 passages",
        "  meetings  3 documents, 6 passages",
        "    LOG.MD  log.md · 2 passages",
        "      part 0  1 passage",
        "      part 1  1 passage",
        "    MINUTES/9.MD  minutes/9.md · minutes · 1923-04 · 2 passages",
        "    MINUTES/10.MD  minutes/10.md · minutes · 1923-04 · 2 passages",
        "  letters  1 document, 2 passages",
        "    LETTER.MD  letter.md · 2 passages",
    ]


def test_documents_without_a_theme_are_in_it_too(capsys):
    nodes = [node for node in documents() if node.kind not in ("theme", "collection")]
    assert [line.split()[0] for line in shown(capsys, nodes, 1)] == [
        "LETTER.MD",
        "LOG.MD",
        "MINUTES/9.MD",
        "MINUTES/10.MD",
    ]


def test_depth_is_the_number_of_levels(capsys):
    assert len(shown(capsys, small(), 1)) == 1
    deep = shown(capsys, small(), 9)
    assert len(deep) == 3 + 7
    assert deep[-1].startswith("    a1  a.md")
    assert len(shown(capsys, small(), None)) == 3  # all but the passages


def test_a_group_without_a_label_shows_how_it_begins(capsys):
    nodes = [replace(node, label="") if node.level else node for node in small()]
    assert shown(capsys, nodes, 1)[0].startswith("Some words here.  3 documents, 6 passages")


def test_control_characters_do_not_reach_the_terminal(capsys):
    nodes = [replace(node, label="a\x1b[31mb") for node in small()]
    assert "\x1b" not in "\n".join(shown(capsys, nodes))


def test_no_nodes_are_no_lines(capsys):
    assert shown(capsys, []) == []
    assert contents_fields([], 3) == {"contents": []}


def test_the_fields_are_nested_and_count_every_passage_once():
    (root,) = contents_fields(small(), 2)["contents"]
    assert (root["passages"], root["documents"]) == (6, {"a.md": 2, "b.md": 2, "c.md": 2})
    assert [child["label"] for child in root["children"]] == ["quay, cat", "lamps, oil"]
    assert "children" not in root["children"][0]
    (whole,) = contents_fields(documents())["contents"]
    assert whole["children"][0]["children"][0]["children"][1]["kind"] == "section"


@pytest.mark.parametrize("width", [20, 40])
def test_lines_fit_a_narrow_terminal(width, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    nodes = [replace(node, label="灯台守 " * 9) if node.id == "quay, cat" else node for node in small()]
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in shown(capsys, nodes, 9)]
    assert len(lines) == 10
    assert max(map(cell_len, lines)) <= width
    assert any(line.startswith("  lamps") for line in lines)
