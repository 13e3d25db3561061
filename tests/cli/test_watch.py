"""`ragtree watch`, and the chat over a folder that is followed."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import redirect_stderr, redirect_stdout
from unittest import mock

import pytest
from library import ragtree

from ragtree import ModelError, RagTree, Settings, Skipped, SyncReport
from ragtree.cli.building import BackgroundWork
from ragtree.cli.conversation import converse
from ragtree.cli.following import WatchReporter
from ragtree.cli.main import run
from ragtree.cli.terminal import Look, Screen
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.scripted import ScriptedChat

PATIENCE = 120


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "docs"
    place.mkdir()
    (place / "bell.md").write_text("The bell weighs two tons. It was cast in Tolbrack.")
    return place


@pytest.fixture
def words_alone(monkeypatch):
    """No model is loaded."""
    monkeypatch.setattr("ragtree.models.make_embedder", lambda *settings: HashingEmbedder())
    monkeypatch.setattr("ragtree.model_names.embedder_name", lambda settings: HashingEmbedder().name)
    monkeypatch.setenv("RAGTREE_LLM_MODEL", "none")
    monkeypatch.setenv("RAGTREE_EMBED_KIND", "plain")


class Output:
    """What a process says on standard error, line by line as it comes."""

    def __init__(self, process):
        self.lines = []
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, args=(process.stderr,), daemon=True)
        self._thread.start()

    def _read(self, stream):
        for line in stream:
            with self._changed:
                self.lines.append(line)
                self._changed.notify_all()

    def until(self, pattern):
        with self._changed:
            seen = self._changed.wait_for(lambda: any(re.search(pattern, line) for line in self.lines), PATIENCE)
        assert seen, (pattern, self.lines)


@pytest.mark.skipif(os.name == "nt", reason="a process is told to end by signals")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_folder_is_followed_until_ctrl_c(folder, how):
    (folder / "ragtree.toml").write_text('[llm]\nmodel = "none"\n')
    command = [sys.executable, "-m", "ragtree", "watch", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        output = Output(process)
        try:
            output.until(r"^\d\d:\d\d:\d\d 1 added; .* nodes in .*: bell\.md$")
            if how == signal.SIGINT:
                change(folder, output)
        finally:
            process.send_signal(how)
        assert process.wait(PATIENCE) == 0
        output.until("^stopped; what was done is kept")
        output._thread.join(PATIENCE)
        assert sum("skipped broken.docx" in line for line in output.lines) == (how == signal.SIGINT)
        assert process.stdout.read() == ""


def change(folder, output):
    (folder / "rope.md").write_text("The rope is made of hemp.")
    (folder / "broken.docx").write_bytes(b"PK\3\4 no Word file")
    output.until(r"1 added, 1 unchanged, 1 skipped; .*: rope\.md$")
    output.until(r"^\d\d:\d\d:\d\d skipped broken\.docx: ")
    (folder / "rope.md").rename(folder / "hawser.md")
    output.until(r"1 renamed, 1 unchanged, 1 skipped; 1 texts embedded, 0 groups .*: rope\.md -> hawser\.md$")


def test_a_folder_that_is_not_there_is_an_error_and_wrong_usage_is_said(tmp_path, folder, words_alone):
    ran = ragtree("watch", tmp_path / "nowhere")
    assert (ran.status, ran.err) == (1, f"ragtree: {tmp_path / 'nowhere'} does not exist\n")
    ran = ragtree("chat", folder, "--watch", "--no-sync")
    assert ran.status == 2
    assert "--watch updates the index" in ran.err


# --- what is said


def told(following):
    err = io.StringIO()
    with redirect_stderr(err):
        following.tell()
    return err.getvalue().splitlines()


def test_a_sync_is_a_line_that_names_the_first_documents():
    following = WatchReporter(stamp=lambda: "12:00:00 ")
    following.synced(SyncReport(unchanged=4))
    assert told(following) == []
    following.synced(SyncReport(("a", "b"), ("c",), (("d", "e"),), ("f\n",), unchanged=4, nodes=9))
    (line,) = told(following)
    assert line.startswith("12:00:00 2 added, 1 changed, 1 renamed, 1 removed, 4 unchanged; 0 texts embedded, ")
    assert line.endswith(": a, b, c and 2 more")
    assert told(following) == []


def test_the_first_sync_is_told_where_nothing_was_said_before():
    following = WatchReporter(first=True)
    skipped = Skipped("x.pdf", "it is empty")
    following.synced(SyncReport(unchanged=4, skipped=(skipped,)))
    assert [line.partition(";")[0] for line in told(following)] == [
        "4 unchanged, 1 skipped",
        "skipped x.pdf: it is empty",
    ]
    following.synced(SyncReport(unchanged=4, skipped=(skipped, Skipped("y.pdf", "it is empty"))))
    assert told(following) == ["skipped y.pdf: it is empty"]


def test_a_failure_is_told_once_and_that_it_is_over():
    following = WatchReporter()
    for _ in range(3):
        following.failed(ModelError("the server\nis away"))
    following.failed(OSError(28, "No space left on device"))
    assert told(following) == [
        "ragtree: the server is away (it will be tried again)",
        "ragtree: OSError: [Errno 28] No space left on device (it will be tried again)",
    ]
    following.synced(SyncReport(unchanged=4))
    (line,) = told(following)
    assert line.startswith("4 unchanged; ")


# --- the chat


class Typed:
    """Standard input that waits with a line until something has happened."""

    def __init__(self, *lines):
        self._lines = iter(lines)

    def readline(self, *_):
        line = next(self._lines, "")
        return line() if callable(line) else line

    def isatty(self):
        return False


def test_the_chat_takes_in_what_changes_meanwhile(folder, words_alone, monkeypatch):
    synced = threading.Event()
    tell_of = WatchReporter.synced

    def telling(self, report):
        tell_of(self, report)
        if "rope.md" in report.added:
            synced.set()

    monkeypatch.setattr(WatchReporter, "synced", telling)

    def later():
        (folder / "rope.md").write_text("The hemp rope cost four shillings.")
        assert synced.wait(PATIENCE)
        return "What did the hemp rope cost?\n"

    out, err = io.StringIO(), io.StringIO()
    lines = Typed("/outline\n", later, "/quit\n")
    with mock.patch("sys.stdin", lines), redirect_stdout(out), redirect_stderr(err):
        arguments = ["chat", str(folder), "--watch", "--set", "answer.strictness=low"]
        assert run(arguments) == 0, err.getvalue()
    assert "four shillings" in out.getvalue()
    assert "] rope.md, line 1" in out.getvalue()
    assert re.search(r"^1 added, 1 unchanged; .*: rope\.md$", err.getvalue(), re.MULTILINE)
    assert err.getvalue().count("nodes in") == 2


def test_a_sync_is_told_before_or_after_an_answer_and_not_in_it(folder, tmp_path):
    following = WatchReporter()

    def say(messages):
        following.synced(SyncReport(("rope.md",), unchanged=1, nodes=3))
        return "The bell weighs two tons. It was cast in Tolbrack."

    class Lines:
        left = ["What does the bell weigh?"]  # noqa: RUF012

        def next(self):
            return self.left.pop() if self.left else None

    settings = Settings.model_validate(
        {"summarize": {"kind": "extractive"}, "answer": {"strictness": "low", "style": "written"}}
    )

    class Told(BackgroundWork):
        def tell(self):
            following.tell()

    screen = io.StringIO()
    with RagTree.open(tmp_path / "index", settings, embedder=HashingEmbedder(), llm=ScriptedChat(say)) as tree:
        tree.sync(folder)
        with redirect_stdout(screen), redirect_stderr(screen):
            converse(tree, folder, Lines(), Screen(Look(terminal=False)), None, Told())
    answer, _, rest = screen.getvalue().partition("1 added, 1 unchanged; ")
    assert "The bell weighs two tons." in answer
    assert "“" in answer and answer.endswith("\n\n")  # its sources, too
    assert rest.endswith(": rope.md\n")
