"""The table of contents, the original text, and the overview of all documents."""

from __future__ import annotations

import pytest

from ragtree import Document, QueryError, RagTree, Settings, Span
from ragtree.embed.hashing import HashingEmbedder


def test_the_outline_begins_at_the_top_and_goes_down(tree):
    top = tree.outline(depth=9)
    assert [entry.kind for entry in top] == ["collection"]

    def below(entry):
        return [entry, *(one for child in entry.children for one in below(child))]

    everything = below(top[0])
    assert top[0].documents == 4
    assert {entry.node_id for entry in everything} == {node.id for node in tree.nodes()}
    report = next(entry for entry in everything if entry.kind == "document" and entry.source == "reports/light.pdf")
    assert report.label == "Report upon the light"
    assert [entry.node_id for entry in tree.outline(report.node_id, depth=1)] == [
        entry.node_id for entry in report.children
    ]
    assert tree.outline(depth=1)[0].children == ()


@pytest.mark.parametrize(("node", "depth"), [("nobody", 1), (None, 0)])
def test_what_cannot_be_outlined_is_said(tree, node, depth):
    with pytest.raises(QueryError):
        tree.outline(node, depth)


def test_above_a_chunk_are_its_document_and_the_whole_collection(tree):
    kinds = {node.id: node.kind for node in tree.nodes()}
    for chunk in tree.nodes(0):
        above = tree.above([chunk.id])
        assert [node.level for node in above] == sorted(node.level for node in above)
        assert [node.kind for node in above][-1] == "collection" and chunk.id not in {node.id for node in above}
        assert {node.document_id for node in above} == {chunk.document_id, ""}
    assert {node.id for node in tree.above(list(kinds))} == set(), "without those that were named"
    assert tree.above(["nobody"]) == tree.above([]) == []


def test_what_is_known_of_one_document_is_what_is_known_of_it_among_all(tree):
    for entry in tree.entries():
        assert tree.entries({"document_id": entry.id}) == (entry,)
    assert tree.entries({"document_id": "nobody.txt"}) == ()


def test_a_document_and_the_part_below_a_node_can_be_read(tree):
    texts = {document.id: document.text for document in tree.documents()}
    whole = tree.read("letters/ben.txt")
    assert (whole.quote, whole.span) == (texts["letters/ben.txt"], Span(0, len(whole.quote)))
    assert tree.read("letters/ben.txt", Span(0, 6)).quote == "Letter"
    for node in tree.nodes():
        if node.document_id:
            found = tree.read(node.id)
            assert found.quote == found.span.of(texts[node.document_id])
        else:
            with pytest.raises(QueryError, match="has no text of its own"):
                tree.read(node.id)


@pytest.mark.parametrize("span", [(0, 10_000), (-1, 3), (5, 2)])
def test_a_span_outside_of_the_document_is_refused(tree, span):
    with pytest.raises(QueryError, match="span"):
        tree.read("letters/ben.txt", Span(*span))


def test_documents_take_a_filter(tree):
    assert [one.id for one in tree.documents({"author": "C. Moor"})] == ["reports/harbour.pdf", "reports/light.pdf"]
    with pytest.raises(QueryError):
        tree.documents({"date": "soon"})


def test_documents_are_named_by_words(tree):
    assert tree.named("the report upon the light") == ("reports/light.pdf",)
    assert tree.named("zebra") == ()


def test_the_overview_counts_kinds_and_cites_titles(tree):
    found = tree._gathering.overview(None)
    assert (found.total, dict(found.kinds)) == (4, {"letters": 2, "reports": 2})
    assert found.dates == "1921/1923-11-30"
    texts = {document.id: document.text for document in tree.documents()}
    examples = [one for group in found.groups for one in group.examples]
    assert examples
    assert all(one.citation.quote == one.citation.span.of(texts[one.entry.id]) for one in examples)
    assert tree._gathering.overview({"source": "letters/*"}).total == 2
    assert (tree._gathering.count(None), tree._gathering.count({"source": "letters/*"})) == (4, 2)


def test_an_overview_names_all_of_a_few_documents(tmp_path):
    with RagTree.open(tmp_path / "index", Settings(llm={"model": "none"}), embedder=HashingEmbedder(64)) as tree:
        tree.add([Document(f"{number}.md", f"The pump {number} is dry.", f"Pump {number}") for number in range(12)])
        answer = tree.ask("What is in here?")
        assert len({one.document_id for one in answer.citations}) == 12
        tree.add(
            [Document(f"{number}.md", f"The valve {number} is wet.", f"Valve {number}") for number in range(12, 40)]
        )
        assert len({one.document_id for one in tree.ask("What is in here?").citations}) < 30


def test_a_folder_is_a_kind_besides_what_titles_say(tmp_path):
    names = (
        ("cold-2021.md", "Cold boxes 2021"),
        ("warm-2022.md", "Warm boxes 2022"),
        ("nest.md", "A nest"),
        ("x.md", "X"),
    )
    with RagTree.open(tmp_path / "index", Settings(llm={"model": "none"}), embedder=HashingEmbedder(64)) as tree:
        tree.add([Document(f"papers/{name}", f"{title} is said here.", title) for name, title in names])
        tree.add([Document("notes/y.md", "A note on the boxes.", "Y")])
        tree.add([Document("papers/report-2021.md", "It is said here.", "Report of the board, 3 May 2021")])
        assert tree.ask("How many papers are there?").text.startswith("4 of 6")


def test_an_overview_cites_the_line_that_says_the_title(tmp_path):
    texts = {
        "a.md": ("<!-- Old headings. -->\n\n# The Crane\n\nIt was sold.", "The Crane", "# The Crane"),
        "b.md": ("19\nHEMP ROPE\nIt is kept dry.", "Hemp\u00a0rope", "HEMP ROPE"),
        "c.md": ("The lamp burns.\nIt is old.", "c.md", "The lamp burns."),
    }
    with RagTree.open(tmp_path / "index", Settings(llm={"model": "none"}), embedder=HashingEmbedder(64)) as tree:
        tree.add([Document(key, text, title) for key, (text, title, _) in texts.items()])
        quotes = {one.document_id: one.quote for one in tree.ask("What is in here?").citations}
    assert quotes == {key: line for key, (_, __, line) in texts.items()}


def test_a_tree_without_document_nodes_has_an_overview_of_titles(tmp_path):
    settings = Settings.model_validate({"llm": {"model": "none"}, "tree": {"shape": "raptor"}})
    with RagTree.open(tmp_path / "index", settings, embedder=HashingEmbedder(64)) as tree:
        tree.add([Document("a.md", "Rope is dear. " * 9, "Rope"), Document("b.md", "Oil is cheap. " * 9, "Oil")])
        answer = tree.ask("What is in here?")
    assert "Rope" in answer.text and "Oil" in answer.text
    assert {citation.source for citation in answer.citations} == {"a.md", "b.md"}
