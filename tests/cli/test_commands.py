"""The subcommands on an index of examples/library that is already there."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import xml.etree.ElementTree as ElementTree

import pytest
from library import LIBRARY, copy_of, ragtree, ragtree_process


@pytest.fixture(scope="module")
def index(library_index, tmp_path_factory):
    return copy_of(library_index, tmp_path_factory.mktemp("commands") / "index")


def test_a_second_index_of_an_unchanged_folder_calls_no_model(index):
    ran = ragtree("index", LIBRARY, "--index", index)
    assert ran.status == 0
    assert "24 unchanged; 0 texts embedded, 0 groups summarized" in ran.err
    assert ran.out == ""


def test_ask_ends_with_sources_that_say_where(index):
    ran = ragtree("ask", LIBRARY, "What did the stove for the toll hut cost?", "--index", index)
    assert ran.status == 0
    assert "£2 8s." in ran.out
    assert "\n[1] accounts/purchases-1923.md, line " in ran.out


def test_ask_json_is_one_document_whose_quotes_can_be_read_back(index):
    ran = ragtree("ask", LIBRARY, "What did the stove for the toll hut cost?", "--index", index, "--json", "--no-sync")
    answer = json.loads(ran.out)
    assert answer["supported"] is True
    assert answer["usage"]["seconds"] > 0
    for citation in answer["citations"]:
        assert f"[{citation['number']}]" in answer["answer"]
        if citation["source"].endswith((".md", ".txt")):
            path = LIBRARY / citation["source"]
            encoding = "latin-1" if path.name == "tide-and-weather-log.txt" else "utf-8"
            text = path.read_bytes().decode(encoding)
            assert text[citation["start"] : citation["end"]] == citation["quote"]
            assert text[: citation["start"]].count("\n") + 1 == citation["line"]


def test_search_json_gives_as_many_hits_as_asked_best_first(index):
    ran = ragtree("search", LIBRARY, "hemp rope", "-k", "4", "--index", index, "--json")
    found = json.loads(ran.out)
    scores = [hit["score"] for hit in found["hits"]]
    assert len(scores) == 4
    assert scores == sorted(scores, reverse=True)
    assert found["mode"] == "auto"


def test_search_prints_where_a_hit_stands(index):
    ran = ragtree("search", LIBRARY, "who waited for the kittens", "-k", "3", "--index", index)
    assert "school-essay-the-harbour-cat.txt, line" in ran.out or "minutes/" in ran.out


def test_mode_and_set_choose_the_mode(index):
    by_option = ragtree("search", LIBRARY, "the storm", "--mode", "traverse", "--index", index, "--json")
    by_setting = ragtree("search", LIBRARY, "the storm", "--set", "retrieve.mode=traverse", "--index", index, "--json")
    assert json.loads(by_option.out) == json.loads(by_setting.out)
    assert any(hit["level"] > 0 for hit in json.loads(by_option.out)["hits"])


def test_tree_prints_a_table_of_contents(index):
    first, *rest = ragtree("tree", LIBRARY, "--index", index).out.splitlines()
    assert "24 documents, " in first
    assert sum("accounts/purchases-1923.md · " in line for line in rest) == 1
    flat = ragtree("tree", LIBRARY, "--index", index, "--depth", "2").out.splitlines()
    assert flat[0] == first
    assert len(flat) > 1
    assert all(line.startswith("  ") and line[2] != " " for line in flat[1:])
    deep = ragtree("tree", LIBRARY, "--index", index, "--depth", "9")
    assert "accounts/purchases-1923.md, line" in deep.out


def test_tree_as_json_is_one_document(index):
    (root,) = json.loads(ragtree("tree", LIBRARY, "--index", index, "--depth", "2", "--json").out)["contents"]
    assert len(root["documents"]) == 24
    assert sum(root["documents"].values()) == root["passages"]
    assert all(child["label"] and "children" not in child for child in root["children"])


def test_export_writes_json_and_graphml(index, tmp_path):
    for name in ("tree.json", "tree.graphml"):
        assert ragtree("tree", LIBRARY, "--index", index, "--export", tmp_path / name).status == 0
    nodes = json.loads((tmp_path / "tree.json").read_text(encoding="utf-8"))["nodes"]
    graph = ElementTree.parse(tmp_path / "tree.graphml").getroot()
    namespace = "{http://graphml.graphdrawing.org/xmlns}"
    assert len(list(graph.iter(f"{namespace}node"))) == len(nodes)
    assert len(list(graph.iter(f"{namespace}edge"))) == sum(len(node["children"]) for node in nodes)


def test_export_to_another_ending_says_which_there_are(index, tmp_path):
    ran = ragtree("tree", LIBRARY, "--index", index, "--export", tmp_path / "tree.docx")
    assert ran.status == 1
    assert ".json or .graphml" in ran.err


def test_status_tells_what_there_is_and_that_nothing_changed(index):
    ran = ragtree("status", LIBRARY, "--index", index)
    assert "documents  24\n" in ran.out
    assert re.search(
        r"^tree +(\d+ themes?, )?24 documents, \d+ sections, \d+ chunks; \d+ tokens of text$", ran.out, re.M
    )
    assert "all-MiniLM-L6-v2, 384 dimensions" in ran.out
    assert "nothing has changed" in ran.out


def test_verify_finds_a_sound_index(index):
    ran = ragtree("verify", LIBRARY, "--index", index)
    assert ran.status == 0
    assert "0 faults" in ran.out


def test_repair_writes_chroma_anew_without_a_model(library_index, tmp_path):
    index = copy_of(library_index, tmp_path / "index")
    shutil.rmtree(index / "chroma")
    ran = ragtree("repair", LIBRARY, "--index", index)
    assert ran.status == 0, ran.err
    assert ragtree("verify", LIBRARY, "--index", index).status == 0


def test_repair_reads_out_a_damaged_catalog_and_says_what_is_left(library_index, tmp_path):
    index = copy_of(library_index, tmp_path / "index")
    database = sqlite3.connect(index / "catalog.sqlite")
    (nodes,) = database.execute("SELECT count(*) FROM nodes").fetchone()
    (root,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'nodes'").fetchone()
    database.close()
    with (index / "catalog.sqlite").open("r+b") as file:
        file.seek(4096 * (root - 1))
        file.write(b"noise" * 800)
    ran = ragtree("verify", LIBRARY, "--index", index)
    assert ran.status == 1
    assert "ragtree repair" in ran.err
    ran = ragtree("repair", LIBRARY, "--index", index)
    assert ran.status == 0, ran.err
    assert "the catalog was damaged" in ran.out
    assert f"recovered from it and from Chroma: 24 documents, {nodes} nodes" in ran.out
    assert "catalog.sqlite.damaged" in ran.err
    ran = ragtree("index", LIBRARY, "--index", index)
    assert ", 0 groups summarized" in ran.err
    assert ragtree("verify", LIBRARY, "--index", index).status == 0
    assert ragtree("repair", LIBRARY, "--index", index).out == f"{nodes} nodes written\n"
    assert ragtree("purge", LIBRARY, "--index", index).status == 0
    assert not (index / "catalog.sqlite.damaged").exists()


def test_variables_and_toml_are_read_and_flags_win(tmp_path, monkeypatch):
    (tmp_path / "a.md").write_text("The bell weighs two tons.", encoding="utf-8")
    (tmp_path / "ragtree.toml").write_text('[retrieve]\nmode = "traverse"\n', encoding="utf-8")

    def mode(*flags: str) -> str:
        found = json.loads(ragtree("search", tmp_path, "bell", "--json", *flags).out)
        assert {hit["document"] for hit in found["hits"]} <= {"a.md", ""}  # ragtree.toml is no document
        return found["mode"]

    assert mode() == "traverse"
    monkeypatch.setenv("RAGTREE_RETRIEVE_MODE", "leaves")
    assert mode() == "leaves"
    assert mode("--set", "retrieve.mode=traverse") == "traverse"


def test_results_go_to_standard_output_and_the_rest_does_not(tmp_path):
    (tmp_path / "a.md").write_text("The bell weighs two tons.", encoding="utf-8")
    ran = ragtree_process("search", tmp_path, "bell", "--json")
    assert ran.status == 0
    assert json.loads(ran.out)["hits"][0]["source"] == "a.md"
    assert f"the index is {tmp_path / '.ragtree'}" in ran.err
    assert "1 added" in ran.err
    assert "Loading" not in ran.err  # a library prints nothing of its own


def test_what_is_left_out_is_counted_and_said(tmp_path):
    (tmp_path / "a.md").write_text("The ferry sails at nine.")
    (tmp_path / ".hidden").write_text("x")
    (tmp_path / "draft.txt").write_text("x")
    (tmp_path / ".ragtreeignore").write_text("draft*\n")
    ran = ragtree("index", tmp_path, "--plan")
    assert "\n2 ignored (1 excluded, 1 hidden)\n" in ran.out
    made = ragtree("index", tmp_path)
    assert "1 added, 2 ignored (1 excluded, 1 hidden); " in made.err
    assert "  2 ignored (1 excluded, 1 hidden)" in ragtree("status", tmp_path).out
