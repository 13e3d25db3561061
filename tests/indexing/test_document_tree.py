"""The tree of one document."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from small_index import NotingEmbedder, document_node, first_sentences, of_kind, opened, sentence, settings, text_of

from ragtree import Document
from ragtree.llm.scripted import ScriptedChat

HEADED = "# Harbour\n\n" + "\n\n".join(
    f"## {name}\n\n" + " ".join(sentence(number, at) for at in range(1, 9))
    for number, name in enumerate(["Depths", "Moorings", "Fees"])
)


def test_a_document_that_fits_into_a_summary_is_its_own_and_costs_no_call(tmp_path: Path) -> None:
    model = ScriptedChat(first_sentences)
    with opened(tmp_path, settings("abstractive"), llm=model) as tree:
        tree.add([Document("memo", "The canary is called Admiral. It sings at noon.", title="Of the canary")])
        node = document_node(tree, "memo")
        assert (node.text, node.made) == ("The canary is called Admiral. It sings at noon.", "verbatim")
        assert model.calls == []


def test_a_document_node_says_what_a_person_would_say_of_it(tmp_path: Path) -> None:
    with opened(tmp_path, settings()) as tree:
        text = text_of(3)
        tree.add(
            [Document("minutes/1923-05-14.md", text, title="Minutes of the Harbour Board", metadata={"by": "Venn"})]
        )
        node = document_node(tree, "minutes/1923-05-14.md")
        assert node.metadata["title"] == "Minutes of the Harbour Board"
        assert node.metadata["by"] == "Venn"
        assert (node.metadata["kind"], node.metadata["date"]) == ("minutes", "1923-05-14")
        assert node.metadata["words"] == len(text.split())
        assert node.span == (0, len(text))
        assert "Minutes of the Harbour Board" in node.context
        found = tree.search("minutes of the harbour board 1923", k=1, mode="collapsed")
        assert found[0].node.document_id == "minutes/1923-05-14.md"


def test_sections_follow_the_headings_and_are_called_by_them(tmp_path: Path) -> None:
    with opened(tmp_path, settings()) as tree:
        tree.add([Document("harbour.md", HEADED)])
        sections = [node for node in of_kind(tree, "section") if node.level == 1]
        assert len(sections) >= 3
        labels = " ".join(node.label for node in sections)
        assert all(name in labels for name in ("Depths", "Moorings", "Fees"))
        assert len({node.label for node in sections}) == len(sections)
        chunks = {node.id: node for node in tree.nodes(0)}
        for section in sections:  # neighbours, in reading order
            spans = [chunks[child].span for child in section.children]
            assert spans == sorted(spans)
            assert section.span == (spans[0].start, spans[-1].end)
        assert tree.verify() == []


@pytest.mark.parametrize(("shape", "grouped"), [("clusters", False), ("documents", True)])
def test_neighbours_are_grouped_unless_it_is_by_meaning(tmp_path: Path, shape: str, grouped: bool) -> None:
    with opened(tmp_path, settings(tree={"shape": shape})) as tree:
        tree.add([Document("harbour.md", HEADED)])
        order = {node.id: number for number, node in enumerate(tree.nodes(0))}
        groups = [[order[child] for child in node.children] for node in of_kind(tree, "section") if node.level == 1]
        neighbours = all(group == list(range(group[0], group[-1] + 1)) for group in groups)
        assert neighbours == grouped


@pytest.mark.parametrize("shape", ["documents", "clusters"])
def test_an_edit_of_one_sentence_costs_what_it_touches(tmp_path: Path, shape: str) -> None:
    text = " ".join(sentence(7, at) for at in range(1, 201))
    edited = text.replace(" weighs 100 pounds.", " weighs 100 tons.")
    embedder, model = NotingEmbedder(), ScriptedChat(first_sentences)
    with opened(tmp_path, settings("abstractive", tree={"shape": shape}), embedder, model) as tree:
        tree.add([Document("long.md", text)])
        before = {node.id: node for node in tree.nodes()}
        assert len(tree.nodes(0)) >= 200
        embedder.texts.clear()
        calls = len(model.calls)
        report = tree.add([Document("long.md", edited)])
        after = {node.id: node for node in tree.nodes()}
        new = [node for key, node in after.items() if key not in before and not node.level]
        assert len(new) == 1 and "tons" in new[0].text
        chunks = {node.text for node in after.values() if not node.level}
        assert {text for text in embedder.texts if text in chunks and text not in {n.text for n in new}} == set()
        assert document_node(tree, "long.md").id in before  # the id of a document node stays
        assert tree.verify() == []
        if shape == "documents":  # the groups above the sentence alone
            above = {new[0].id}
            for node in sorted(after.values(), key=lambda node: node.level):
                if above & set(node.children):
                    above.add(node.id)
            assert report.summarized <= len(above) - 1
            assert len(model.calls) - calls <= 2 * report.summarized
            assert report.embedded <= len(above)


def test_text_put_in_before_leaves_the_chunks_behind_it_as_they_are(tmp_path: Path) -> None:
    embedder = NotingEmbedder()
    with opened(tmp_path, settings(), embedder) as tree:
        tree.add([Document("a.md", text_of(1, 30))])
        before = Counter(node.id for node in tree.nodes(0))
        tree.add([Document("a.md", "A line was put in. " + text_of(1, 30))])
        after = Counter(node.id for node in tree.nodes(0))
        assert sum((before - after).values()) <= 1
        assert tree.verify() == []


def test_a_document_is_the_same_tree_wherever_it_stands(tmp_path: Path) -> None:
    """Growing a document is a function of that document."""
    trees = []
    for number, beside in enumerate([[], [Document(f"{n}.md", text_of(n)) for n in range(9)]]):
        with opened(tmp_path / str(number), settings()) as tree:
            tree.add([*beside, Document("harbour.md", HEADED)])
            trees.append([node for node in tree.nodes() if node.document_id == "harbour.md"])
    assert trees[0] == trees[1]
