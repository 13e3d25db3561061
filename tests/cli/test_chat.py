"""The chat as a person has it: over a pseudo-terminal, with the bundled models."""

from __future__ import annotations

import os
import re
import sys

import pexpect
import pytest
from library import LIBRARY, copy_of, ragtree

READY = "\x1b[?2004h"
"""What prompt_toolkit writes when a line may be typed: pasted text is to be marked as such."""


@pytest.fixture(scope="module")
def talk(library_index, tmp_path_factory):
    """A chat that has begun; it is left with Ctrl-D."""
    index = copy_of(library_index, tmp_path_factory.mktemp("chat") / "index")
    variables = {
        name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "VTE_VERSION")
    }
    child = pexpect.spawn(
        sys.executable,
        ["-m", "ragtree", "chat", str(LIBRARY), "--index", str(index)],
        encoding="utf-8",
        dimensions=(50, 70),
        timeout=300,
        env={**variables, "TERM": "xterm-256color", "FORCE_HYPERLINK": "1", "PROMPT_TOOLKIT_NO_CPR": "1"},
    )
    child.expect("24 documents. Ask a question; /help lists commands, Ctrl-D leaves.")
    child.expect_exact(READY)
    yield child
    child.send("\x04")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def said(child, line: str) -> str:
    """What the chat says to a line, without colours and links, and what stood in its status."""
    child.send(f"{line}\r")
    child.expect_exact(READY)
    text = re.sub(r"\x1b\]8;;[^\x1b]*\x1b\\", "", child.before.replace("\r\n", "\n"))
    text = text.rpartition("\x1b[?2004l")[2]  # behind what was typed
    return re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", text)


def test_commands_answers_and_a_follow_up(talk):
    assert "there are no sources yet" in said(talk, "/sources")

    talk.send("What did the stove for the toll hut cost?\r")
    talk.expect_exact("searching …")
    talk.expect(r"reading \S+\.\w+, \S")
    talk.expect_exact("£2 8s.")
    talk.expect(r"\x1b\]8;;file://\S+/accounts/purchases-1923\.md#\d+\x1b\\accounts/purchases-1923\.md, line \d+")
    talk.expect_exact(READY)

    assert "The stove for Mrs. Aldous's hut cost £2 8s." in said(talk, "/sources")
    assert "| Stove for toll hut | 1 | £2 8s. | £2 8s. |" in said(talk, "/sources 1")
    assert "found as a passage: score" in said(talk, "/why 1")
    assert "24 documents, " in said(talk, "/outline")
    assert "Ctrl-C stops an answer" in said(talk, "/help")
    assert "there is no command /nonsense" in said(talk, "/nonsense")

    assert "accounts/purchases-1923.md" in said(talk, "and how well does it draw?")  # "it" is the stove

    assert "the conversation is forgotten" in said(talk, "/reset")
    assert "there are no sources yet" in said(talk, "/sources")


def test_ctrl_c_stops_the_answer_and_not_the_program(talk):
    talk.send("What was the quarrel about the lighthouse?\r")
    talk.expect_exact("reading ")
    talk.sendintr()
    talk.expect_exact("(stopped)")
    talk.expect_exact(READY)
    assert "£2 8s." in said(talk, "What did the stove for the toll hut cost?")


def test_ctrl_c_at_the_prompt_clears_the_line(talk):
    talk.send("half a question")
    talk.expect("half a question")
    talk.sendintr()
    talk.expect_exact(READY)
    assert "Ctrl-D leaves" in said(talk, "/help")


def test_another_model_answers_and_the_lines_are_those_of_the_terminal(talk):
    assert "the language model is none" in said(talk, "/model none")
    quoted = said(talk, "What did the stove for the toll hut cost?")
    assert "£2 8s." in quoted
    assert max(map(len, quoted.splitlines()[1:])) <= 70  # the first has what went away again before it
    assert "SmolLM2" in said(talk, "/model bundled")


def test_questions_can_come_through_a_pipe(library_index, tmp_path):
    index = copy_of(library_index, tmp_path / "index")
    ran = ragtree("chat", LIBRARY, "--index", index, "--llm", "none", stdin="What did the stove cost?\n/sources\n")
    assert ran.status == 0
    assert "£2 8s." in ran.out
    assert "> " not in ran.out
    assert "\x1b" not in ran.out + ran.err


def test_an_error_is_one_line_and_the_chat_goes_on(library_index, tmp_path):
    index = copy_of(library_index, tmp_path / "index")
    lines = "Why did the stove smoke? " * 2000 + "\n/help\n"
    ran = ragtree("chat", LIBRARY, "--index", index, "--set", "answer.style=written", stdin=lines)
    assert ran.status == 0
    assert ran.err.count("ragtree: ") == 1
    assert "Ctrl-C stops an answer" in ran.out
