"""The chat as a person has it: over a pseudo-terminal, with the bundled models."""

from __future__ import annotations

import sys

import pexpect
import pytest
from library import LIBRARY, copy_of, ragtree

PROMPT = "\n> "


@pytest.fixture(scope="module")
def talk(library_index, tmp_path_factory):
    """A chat that has begun; it is left with Ctrl-D."""
    index = copy_of(library_index, tmp_path_factory.mktemp("chat") / "index")
    child = pexpect.spawn(
        sys.executable,
        ["-m", "ragtree", "chat", str(LIBRARY), "--index", str(index)],
        encoding="utf-8",
        dimensions=(50, 200),
        timeout=120,
    )
    child.expect("24 documents. Ask a question; /help lists commands, Ctrl-D leaves.")
    child.expect("> ")
    yield child
    child.sendeof()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def said(child, line: str) -> str:
    """What the chat says to a line."""
    child.sendline(line)
    child.expect(PROMPT)
    return child.before.replace("\r\n", "\n").split("\n", 1)[1]


def test_commands_answers_and_a_follow_up(talk):
    assert "there are no sources yet" in said(talk, "/sources")

    first = said(talk, "What did the stove for the toll hut cost?")
    assert "£2 8s." in first
    assert "[1] accounts/purchases-1923.md, line" in first

    assert "“The stove for Mrs. Aldous's hut cost £2 8s." in said(talk, "/sources")
    assert "passages of 24 documents" in said(talk, "/tree")
    assert "Ctrl-C stops an answer" in said(talk, "/help")
    assert "there is no command /nonsense" in said(talk, "/nonsense")

    assert "accounts/purchases-1923.md" in said(talk, "and how well does it draw?")  # "it" is the stove

    assert "the conversation is forgotten" in said(talk, "/reset")
    assert "there are no sources yet" in said(talk, "/sources")


def test_ctrl_c_stops_the_answer_and_not_the_program(talk):
    talk.sendline("What was the quarrel about the lighthouse?")
    talk.expect("lighthouse")  # the echo of the question
    talk.sendintr()
    talk.expect_exact("(stopped)")
    talk.expect(PROMPT)
    assert "£2 8s." in said(talk, "What did the stove for the toll hut cost?")


def test_ctrl_c_at_the_prompt_clears_the_line(talk):
    talk.send("half a question")
    talk.expect("half a question")
    talk.sendintr()
    talk.expect(PROMPT)
    assert "Ctrl-D leaves" in said(talk, "/help")


def test_questions_can_come_through_a_pipe(library_index, tmp_path):
    index = copy_of(library_index, tmp_path / "index")
    ran = ragtree("chat", LIBRARY, "--index", index, "--llm", "none", stdin="What did the stove cost?\n/sources\n")
    assert ran.status == 0
    assert "£2 8s." in ran.out
    assert "> " not in ran.out


def test_an_error_is_one_line_and_the_chat_goes_on(library_index, tmp_path):
    index = copy_of(library_index, tmp_path / "index")
    lines = "what? " * 2000 + "\n/help\n"
    ran = ragtree("chat", LIBRARY, "--index", index, stdin=lines)
    assert ran.status == 0
    assert ran.err.count("ragtree: ") == 1
    assert "Ctrl-C stops an answer" in ran.out
