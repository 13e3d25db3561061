"""Names of one version ago are read from every source, with a warning, and from indexes."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from ragtree import Document, RagTree, Settings
from ragtree.configuration import as_remembered, collect_settings, over_remembered, validate
from ragtree.embed.hashing import HashingEmbedder
from ragtree.errors import SettingsError
from ragtree.old_settings import OLD

REMEMBERED: dict[str, dict[str, Any]] = {
    "chunk": {"kind": "sentences", "tokens": 100, "language": "auto", "context": "auto"},
    "embed": {
        **{"model": "bundled", "kind": "auto", "window": 0, "batch": 32, "key_variable": "", "timeout": 120.0},
        **{"retries": 2, "backend": "auto", "precision": "auto", "layers": 0, "dim": 0, "reduce": "pca"},
    },
    "tree": {
        **{"shape": "documents", "inside": "auto", "cluster": "kmeans", "goal": "", "goal_calls": 200},
        **{"labels": "terms", "group_tokens": 1000, "second_parent": 0.97, "reduce": "auto", "dimensions": 10},
        **{"membership": 0.1, "seed": 0, "stale": 0.2},
    },
    "summarize": {"kind": "auto", "tokens": 120, "read_tokens": 240, "support": 0.5, "nli": "none"},
    "llm": {"model": "bundled"},
}
"""What an index stored that was made with the defaults of one version ago."""


def remembered(**changed: Any) -> str:
    """The same as text, with other values by stage__field."""
    values = {stage: dict(fields) for stage, fields in REMEMBERED.items()}
    for name, value in changed.items():
        stage, _, field = name.partition("__")
        values[stage][field] = value
    return json.dumps(values)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    found = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    caplog.clear()
    assert all("\n" not in line for line in found)
    return found


@pytest.mark.parametrize("name", OLD)
def test_an_old_name_is_read_everywhere_with_a_warning(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stage, _, field = name.partition(".")
    value, variable = OLD[name].default or "0", f"RAGTREE_{stage}_{field}".upper()
    said = f"{name} {OLD[name].advice}"
    collect_settings(None, {}, [f"{name}={value}"])
    assert warnings(caplog) == [f"--set {name}={value}: {said}"]
    collect_settings(None, {variable: str(value)}, [])
    assert warnings(caplog) == [f"{variable}: {said}"]
    (tmp_path / "ragtree.toml").write_text(f"[{stage}]\n{field} = {json.dumps(value)}\n", encoding="utf-8")
    collect_settings(tmp_path, {}, [])
    assert warnings(caplog) == [f"{tmp_path / 'ragtree.toml'}: {said}"]


@pytest.mark.parametrize("name", OLD)
def test_python_and_grids_are_told_what_has_replaced_a_name(name: str) -> None:
    stage, _, field = name.partition(".")
    with pytest.raises(SettingsError, match=f"^{name}( = .*)?: it (is now called|has no effect|is now|follows)"):
        validate({stage: {field: OLD[name].default}})


@pytest.mark.parametrize(
    ("flags", "new"),
    [
        (["tree.stale=0.4"], ["tree.stale_share=0.4"]),
        (["tree.stale=0.4", "tree.stale_share=0.5"], ["tree.stale_share=0.5"]),
        (["tree.stale_share=0.5", "tree.stale=0.4"], ["tree.stale_share=0.4"]),
        (["tree.inside=clusters"], ["tree.shape=clusters"]),
        (["tree.inside=sections"], []),
        (["tree.shape=raptor", "tree.inside=clusters"], ["tree.shape=raptor"]),
        (["tree.cluster=gmm", "tree.reduce=umap"], ["tree.cluster=gmm-umap"]),
        (["tree.reduce=whiten"], []),
        (["embed.backend=onnx", "embed.precision=int8"], ["embed.backend=onnx-int8"]),
        (["embed.precision=float32"], []),
        (["embed.layers=4"], ["embed.model=bundled (4 layers)"]),
        (["embed.model=a/b", "embed.layers=4"], ["embed.model=a/b (4 layers)"]),
        (["store.url=http://host:1", "store.database=letters"], ["store.url=http://host:1#letters"]),
        (["store.database=letters"], []),
        (["answer.relevance=0.3"], ["answer.strictness=low"]),
        (["answer.answerable=0"], ["answer.strictness=high"]),
        (["answer.entailed=much"], []),
        (["summarize.nli=a/b"], ["summarize.entailment_model=a/b"]),
        (["llm.max_tokens=99"], ["llm.answer_tokens=99"]),
        (["retrieve.words=1", "retrieve.names=0"], ["retrieve.word_weight=1", "retrieve.name_weight=0"]),
        (["llm.temperature=0.7"], ['llm.extra={"temperature": 0.7}']),
        (['llm.extra={"top_k": 9}', "llm.temperature=1"], ['llm.extra={"top_k": 9, "temperature": 1.0}']),
        (["llm.temperature=0"], []),
        (["llm.seed=7", "retrieve.beam=9", "load.max_depth=1"], []),
    ],
)
def test_what_is_said_with_an_old_name_is_what_the_new_one_says(flags: list[str], new: list[str]) -> None:
    assert collect_settings(None, {}, flags) == collect_settings(None, {}, new)


def test_an_old_name_goes_over_a_new_one_of_a_weaker_source(tmp_path: Path) -> None:
    (tmp_path / "ragtree.toml").write_text("[tree]\nstale_share = 0.5\n", encoding="utf-8")
    assert collect_settings(tmp_path, {"RAGTREE_TREE_STALE": "0.4"}, []).tree.stale_share == 0.4
    (tmp_path / "ragtree.toml").write_text('[store]\nurl = "http://host:1"\n', encoding="utf-8")
    assert collect_settings(tmp_path, {}, ["store.database=letters"]).store.database == "letters"


def test_an_index_that_was_made_with_the_defaults_is_read_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    assert over_remembered(remembered(), Settings()) == as_remembered(remembered(), Settings()) == Settings()
    assert warnings(caplog) == []


def test_an_index_keeps_what_has_another_name_now(caplog: pytest.LogCaptureFixture) -> None:
    kept = remembered(tree__stale=0.4, tree__inside="clusters", embed__backend="onnx", embed__precision="int8")
    found = over_remembered(kept, Settings())
    assert (found.tree.stale_share, found.tree.shape, found.embed.backend) == (0.4, "clusters", "onnx-int8")
    assert warnings(caplog) == []


def test_what_an_index_was_made_with_and_has_no_effect_any_more_is_told(caplog: pytest.LogCaptureFixture) -> None:
    assert over_remembered(remembered(tree__seed=3), Settings()) == Settings()
    assert warnings(caplog) == ["the index was made with tree.seed, which has no effect any more"]


def test_an_index_with_old_names_opens_and_nothing_is_made_again(tmp_path: Path) -> None:
    documents = [Document(f"{number}.md", "The lamp was lit. The tide came in. " * 40) for number in range(3)]
    with RagTree.open(tmp_path, embedder=HashingEmbedder()) as tree:
        assert tree.add(documents).embedded > 0
        before = tree._catalog.facts()
        tree._catalog.set_facts({"settings": remembered()})
    with RagTree.open(tmp_path, embedder=HashingEmbedder()) as tree:
        report = tree.add(documents)
        assert (report.embedded, report.summarized) == (0, 0)
        after = tree._catalog.facts()
        assert (after.built, after.collection) == (before.built, before.collection)


def test_the_fingerprints_of_the_defaults_are_those_of_indexes_that_exist(tmp_path: Path) -> None:
    """If one of them changes, every index is built again."""
    with RagTree.open(tmp_path, validate({"llm": {"model": "none"}}), embedder=HashingEmbedder(64)) as tree:
        tree.add([Document("a.md", "The lamp was lit.")])
        facts = tree._catalog.facts()
    groups, summaries, vectors = "kmeans/0.97/0/none/4/1000", "extractive/120/auto/hashing-64/2", "hashing-64/plain/1"
    assert facts.built == f"sentences/100/auto/2/none\n{vectors}\nauto/{groups}/{summaries}/{vectors}/1"
    assert facts.collection == f"documents/{groups}/0.2/{summaries}/terms/1"
