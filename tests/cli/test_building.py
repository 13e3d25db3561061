"""An index that is built while one talks, and `--now`: a slow embedder, so that there is something to wait for."""

from __future__ import annotations

import io
import json
import os
import re
import threading
from contextlib import redirect_stderr, redirect_stdout
from unittest import mock

import pytest
from library import ragtree

from ragtree import ModelError, RagTree
from ragtree.cli.main import run
from ragtree.embed.hashing import HashingEmbedder

PATIENCE = 120
COUNT = 24
QUESTION = "What does bell 3 weigh?\n"


class Slow(HashingEmbedder):
    """Embeds what is about the first bells at once, and what is about the others when `go` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.begun = threading.Event()
        """Set when it is asked for one of the others."""
        self.first = 6
        self.fails = False

    def embed(self, texts, progress=None):
        if any(int(number) >= self.first for text in texts for number in re.findall(r"[Bb]ell[ -](\d+)", text)):
            self.begun.set()
            assert self.go.wait(PATIENCE)
            if self.fails:
                raise ModelError("the server went away")
        return super().embed(texts)


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "docs"
    place.mkdir()
    for number in range(COUNT):
        path = place / f"bell-{number}.md"
        path.write_text(f"Bell {number} weighs {number + 10} tons. It was cast in Tolbrack. {'Nobody rings it. ' * 40}")
        os.utime(path, (1e9, 1e9 - number))
    return place


@pytest.fixture
def embedder(monkeypatch):
    """No model is loaded, and a commit holds a few documents."""
    made = Slow()
    monkeypatch.setattr("ragtree.models.make_embedder", lambda *settings: made)
    monkeypatch.setattr("ragtree.model_names.embedder_name", lambda settings: made.name)
    monkeypatch.setattr("ragtree.indexing.sync._BATCH_DOCUMENTS", 6)
    monkeypatch.setattr("ragtree.cli.building._A_MOMENT", 0.1)
    monkeypatch.setenv("RAGTREE_LLM_MODEL", "none")
    monkeypatch.setenv("RAGTREE_EMBED_KIND", "plain")
    monkeypatch.setenv("RAGTREE_ANSWER_STRICTNESS", "low")
    yield made
    made.go.set()


class Typed:
    """Standard input, a terminal or a pipe, whose lines may wait for something to happen."""

    def __init__(self, *lines, piped=False):
        self._lines = iter(lines)
        self._piped = piped

    def readline(self, *_):
        line = next(self._lines, "")
        return line() if callable(line) else line

    def isatty(self):
        return not self._piped


def chat(folder, *lines, flags=(), piped=False):
    """Status, standard output, and standard error without prompts."""
    out, err = io.StringIO(), io.StringIO()
    with mock.patch("sys.stdin", Typed(*lines, piped=piped)), redirect_stdout(out), redirect_stderr(err):
        status = run(["chat", str(folder), *flags])
    return status, out.getvalue(), err.getvalue().replace("> ", "")


def counts(folder):
    with RagTree.open(folder / ".ragtree") as tree:
        stats = tree.stats()
        assert tree.verify() == []
    return stats.documents, stats.found


def wait_for_the_sync():
    while any(thread.name == "ragtree-watch" for thread in threading.enumerate()):
        threading.Event().wait(0.05)


def test_a_question_is_answered_before_the_sync_has_ended(folder, embedder):
    def rest():
        embedder.go.set()
        return "/mode\n"

    def later():
        wait_for_the_sync()
        return QUESTION

    status, out, err = chat(folder, QUESTION, rest, later)
    assert status == 0, err
    assert out.count("] bell-3.md, line 1\n") == 2
    assert re.search(rf"^answered from [1-9]\d* of {COUNT} documents so far$", err, re.MULTILINE)
    assert err.count("so far\n") == 1  # the other one was asked of all
    assert err.count(f"\n{COUNT} added; ") == 1
    assert counts(folder) == (COUNT, COUNT)


def test_questions_from_a_pipe_wait_for_the_whole_folder(folder, embedder):
    threading.Thread(target=lambda: embedder.begun.wait(PATIENCE) and embedder.go.set()).start()
    status, out, err = chat(folder, "What does bell 20 weigh?\n", piped=True)
    assert status == 0, err
    assert "30 tons" in out
    assert "so far" not in err and "stopping" not in err
    assert err.count(f"{COUNT} added; ") == 1
    assert counts(folder) == (COUNT, COUNT)


def test_the_first_question_waits_for_the_first_documents(folder, embedder):
    embedder.first = 0

    def ask():
        assert embedder.begun.wait(PATIENCE)
        threading.Timer(0.5, embedder.go.set).start()
        return QUESTION

    status, out, err = chat(folder, ask)
    assert status == 0, err
    assert err.count("no document is indexed yet; the answer waits for the first ones\n") == 1
    assert "tons" in out


@pytest.mark.parametrize("last", ["/quit\n", ""])
def test_leaving_while_it_is_built_keeps_what_is_committed(folder, embedder, last):
    def leave():
        assert embedder.begun.wait(PATIENCE)
        threading.Timer(0.5, embedder.go.set).start()
        return last

    status, _, err = chat(folder, QUESTION, leave)
    assert status == 0, err
    assert "stopping after the current step\n" in err
    found = re.search(rf"^stopped with (\d+) of {COUNT} documents so far; the next run continues", err, re.MULTILINE)
    assert found is not None, err
    documents = int(found.group(1))
    assert 0 < documents < COUNT
    assert counts(folder) == (documents, COUNT)
    assert f"documents  {documents} of {COUNT}; the next `ragtree index` continues\n" in ragtree("status", folder).out
    assert f"{COUNT - documents} added, {documents} unchanged" in ragtree("index", folder).err
    assert f"documents  {COUNT}\n" in ragtree("status", folder).out


def test_an_index_that_is_up_to_date_is_asked_as_ever(folder, embedder, monkeypatch):
    monkeypatch.setattr("ragtree.cli.building._A_MOMENT", PATIENCE)
    embedder.go.set()
    assert ragtree("index", folder).status == 0
    status, out, err = chat(folder, QUESTION)
    assert (status, err) == (0, f"{COUNT} documents. Ask a question; /help lists commands, Ctrl-D leaves.\n")
    assert "13 tons" in out


def test_with_nothing_to_index_the_chat_ends_with_one_line(tmp_path, embedder):
    (tmp_path / "docs").mkdir()
    status, out, err = chat(tmp_path / "docs", QUESTION, QUESTION)
    assert (status, out) == (1, "")
    assert err.count("ragtree: there is no document in") == 1


def test_what_fails_later_is_said_and_the_rest_can_be_asked(folder, embedder):
    def ask():
        wait_for_the_sync()
        return QUESTION

    def break_it():
        assert embedder.begun.wait(PATIENCE)
        embedder.fails = True
        embedder.go.set()
        return "/mode\n"

    status, out, err = chat(folder, break_it, ask)
    assert status == 0, err
    assert err.count("ragtree: the server went away\n") == 1
    assert "tons" in out


@pytest.mark.parametrize("command", ["ask", "search"])
def test_now_takes_in_the_first_documents_and_then_none(folder, embedder, command):
    embedder.go.set()
    ran = ragtree(command, folder, QUESTION, "--now", "--json")
    assert ran.status == 0, ran.err
    json.loads(ran.out)
    documents, found = counts(folder)
    assert 0 < documents < found == COUNT
    assert f"{documents} of {COUNT} documents so far\n" in ran.err
    again = ragtree(command, folder, QUESTION, "--now")
    assert again.err == f"{documents} of {COUNT} documents so far\n"
    assert counts(folder) == (documents, COUNT)
    assert f"{COUNT - documents} added" in ragtree(command, folder, QUESTION).err
    assert ragtree(command, folder, QUESTION, "--now").err == f"{COUNT} documents\n"


def test_now_and_no_sync_are_not_the_same(folder, embedder):
    ran = ragtree("ask", folder, QUESTION, "--now", "--no-sync")
    assert ran.status == 2
    assert "give only one of them" in ran.err
