"""Which mode suits a folder: every mode at the same budget, and a sentence that says no more than is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small import ASKED, TEXTS, small

from ragtree import Document, RagTree, Settings
from ragtree.errors import DatasetError
from ragtree.evaluate.base import Question
from ragtree.evaluate.conclusions import about_tree, about_whole_documents, verdict
from ragtree.evaluate.datasets.questions import read_questions
from ragtree.evaluate.folder_comparison import FolderComparison, compare_folder, pairs, recommend
from ragtree.evaluate.question_files import write_questions
from ragtree.evaluate.report import AskedQuestion
from ragtree.evaluate.reporting import bare_cell, contrasts
from ragtree.evaluate.whole_documents import WHOLE, WholeDocuments
from ragtree.retrieve.modes import MODES

MEASURE = "evidence recall@1200"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory, bundled_embedder):
    settings = Settings.model_validate(
        {"chunk": {"tokens": 16}, "tree": {"group_tokens": 240}, "retrieve": {"max_tokens": 40}}
    )
    with RagTree.open(tmp_path_factory.mktemp("folder") / "index", settings, embedder=bundled_embedder) as opened:
        opened.add([Document(id=key, text=text) for key, text in TEXTS.items()])
        yield opened


def test_every_mode_that_there_is_takes_part(tree: RagTree) -> None:
    found = compare_folder(tree, small().questions)
    assert [cell.name for cell in found.cells] == [*MODES, WHOLE]
    assert {(one.first, one.second) for one in found.contrasts} == {
        *((name, "auto") for name in (*MODES, WHOLE) if name != "auto"),
        *(("collapsed", "leaves"), ("traverse", "leaves")),
    }
    assert all(one.n == len(ASKED) for one in found.contrasts)
    assert found.measure == "evidence recall@40"
    assert found.estimate("leaves").mean > 0.5


def test_questions_with_answers_alone_are_measured_by_their_words(tree: RagTree) -> None:
    questions = [Question(id=key, text=text, references=(quote,)) for key, (_, text, quote, _) in ASKED.items()]
    assert compare_folder(tree, questions).measure == "coverage@40"


def test_questions_without_anything_that_is_right_are_refused(tree: RagTree) -> None:
    with pytest.raises(DatasetError, match="no question has a quote that proves its answer"):
        compare_folder(tree, [Question(id="q", text="What is there?")])


def test_what_was_not_found_is_told_with_what_was_found_instead(tree: RagTree) -> None:
    proof = small().questions[1].proofs
    lost = [Question(id=f"lost {number}", text="When does the ferry not sail?", proofs=proof) for number in range(7)]
    narrow = tree.settings.model_copy(update={"retrieve": tree.settings.retrieve.model_copy(update={"max_tokens": 16})})
    before, tree.settings = tree.settings, narrow
    try:
        found = compare_folder(tree, lost)
    finally:
        tree.settings = before
    assert found.missed_count == 7
    assert len(found.missed) == 5
    assert found.missed[0].wanted == "clock: Its pendulum weighs forty pounds."
    assert found.missed[0].found[0].node.source == "ferry"


def test_whole_documents_are_given_while_they_fit(tree: RagTree) -> None:
    whole = WholeDocuments(tree)
    tokens = {key: sum(node.tokens for node in tree.nodes(0) if node.document_id == key) for key in TEXTS}
    assert whole.fitting(min(tokens.values()) - 1) == 0
    assert whole.fitting(max(tokens.values())) == 4
    given = whole.retrieve("How much does the pendulum weigh?", tokens["clock"])
    assert [document.id for document in given.documents] == ["clock"]
    assert given.tokens == tokens["clock"]
    everything = whole.retrieve("How much does the pendulum weigh?", sum(tokens.values()))
    assert {document.id for document in everything.documents} == set(TEXTS)


def made_up(means: dict[str, float], n: int = 200, noise: float = 0.2, made: bool = False) -> FolderComparison:
    """A comparison whose modes have these means, with noise of their own."""
    rng = np.random.default_rng(0)
    asked = [AskedQuestion(id=str(number)) for number in range(n)]
    base = rng.uniform(0.2, 0.8, n)
    cells = {}
    for mode, mean in means.items():
        column = base + rng.normal(0, noise, n)
        column += mean - column.mean()
        cells[mode] = bare_cell(mode, MEASURE, column.tolist(), asked, 0)
    found = contrasts(pairs(cells), asked, 0, [MEASURE])
    recommended = recommend(cells, found, MEASURE, made)
    return FolderComparison(MEASURE, 1200, tuple(cells.values()), found, recommended, (), 0, 10, 3)


def test_a_mode_is_recommended_where_it_is_better_than_the_default_by_more_than_chance() -> None:
    found = made_up({"auto": 0.5, "leaves": 0.4, "lexical": 0.55, "collapsed": 0.6, "traverse": 0.3, WHOLE: 0.1})
    assert found.recommended == "collapsed"
    said = verdict(found)
    assert said.startswith("Use collapsed: in 1200 tokens it finds 0.60 of the proof, auto finds 0.50; collapsed less")
    assert "+0.10" in said
    tree = about_tree(found)
    assert tree.startswith(
        "The tree helps with questions like these: its best mode, collapsed, finds 0.60, chunks alone"
    )
    assert "+0.20" in tree


def test_a_lead_by_chance_recommends_the_default_and_says_so() -> None:
    found = made_up({"auto": 0.5, "leaves": 0.49, "lexical": 0.4, "collapsed": 0.505, "traverse": 0.3, WHOLE: 0.1})
    assert found.recommended == "auto"
    said = verdict(found)
    assert said.startswith("Use auto: in 1200 tokens it finds 0.50 of the proof, chunks by similarity alone (leaves)")
    assert "200 questions cannot tell from chance" in said
    assert said.endswith("No other mode finds more by more than chance would.")
    assert about_tree(found).startswith("The tree does not help")


def test_a_tree_that_is_behind_is_said_to_be() -> None:
    found = made_up({"auto": 0.6, "leaves": 0.6, "lexical": 0.4, "collapsed": 0.45, "traverse": 0.3, WHOLE: 0.1})
    assert found.recommended == "auto"
    said = about_tree(found)
    assert said.startswith("The tree does not help with questions like these: its best mode, collapsed, finds 0.45")
    assert "between -0." in said


@pytest.mark.parametrize("made", [False, True])
def test_words_alone_are_not_recommended_by_questions_made_of_the_same_words(made: bool) -> None:
    means = {"auto": 0.5, "leaves": 0.4, "lexical": 0.7, "collapsed": 0.4, "traverse": 0.3, WHOLE: 0.1}
    assert made_up(means, made=made).recommended == ("auto" if made else "lexical")


def test_whole_documents_are_never_recommended_as_a_mode_but_spoken_of() -> None:
    found = made_up({"auto": 0.4, "leaves": 0.4, "lexical": 0.4, "collapsed": 0.4, "traverse": 0.3, WHOLE: 0.9})
    assert found.recommended == "auto"
    said = about_whole_documents(found)
    assert said.startswith("3 of 10 documents fit whole into 1200 tokens, and giving whole documents finds more")
    assert "Raise chunk.tokens" in said


def test_saved_questions_are_read_again(tmp_path: Path) -> None:
    data = small()
    documents = {document.id: document for document in data.documents}
    write_questions(data.questions, documents, tmp_path / "questions.jsonl")
    again = read_questions(tmp_path / "questions.jsonl", documents)
    for before, after in zip(data.questions, again, strict=True):
        assert (after.id, after.text, after.kind, after.proofs) == (before.id, before.text, before.kind, before.proofs)
        assert after.references == before.references
