"""The chat at a pseudo-terminal of 40 columns, with a scripted model: typing, the status, Ctrl-C, links, NO_COLOR."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pexpect
import pytest

READY = "\x1b[?2004h"
PRICES = "# Prices\n\nHemp rope cost four shillings. Tar cost two shillings. The stove cost two pounds.\n"
UNWANTED = ("COLUMNS", "NO_COLOR", "VTE_VERSION", "FORCE_HYPERLINK")


@pytest.fixture
def chat(tmp_path):
    children = []

    def begin(**environment: str) -> pexpect.spawn:
        (tmp_path / "docs").mkdir(exist_ok=True)
        (tmp_path / "docs" / "prices.md").write_text(PRICES)
        inherited = {name: value for name, value in os.environ.items() if name not in UNWANTED}
        child = pexpect.spawn(
            sys.executable,
            [str(Path(__file__).with_name("scripted_chat.py")), str(tmp_path / "docs"), str(tmp_path / "index")],
            encoding="utf-8",
            dimensions=(24, 40),
            timeout=300,
            env={**inherited, "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1", **environment},
        )
        children.append(child)
        return child

    yield begin
    for child in children:
        child.close(force=True)


def shown(raw: str) -> list[str]:
    """The lines as they stand when all is written: what a status drew has been erased."""
    raw = re.sub(r"\x1b\[K [^\x1b]*\x1b\[\d+G|\x1b\[K ?(\x1b\[2m)?[^\x1b]*(\x1b\[0m)?\x1b\[\d+G", "", raw)
    raw = re.sub(r"\x1b\]8;;[^\x1b]*\x1b\\|\x1b\[[?\d;]*[A-Za-z]", "", raw)
    return raw.replace("\r\n", "\n").split("\n")


def test_a_question_is_answered_stopped_and_left(chat, tmp_path):
    child = chat(FORCE_HYPERLINK="1")
    child.expect_exact(READY)
    child.send("What did the stove cost?\r")
    child.expect_exact("searching …")
    child.expect_exact("reading prices.md …")
    child.expect(r"\x1b\]8;;file://\S+/docs/prices\.md#3\x1b\\prices\.md, line 3")
    child.expect_exact(READY)
    child.send("Describe the price of Tar at length\r")
    child.expect_exact("and and")  # the words as they come
    child.sendintr()
    child.expect_exact("(stopped)")
    child.expect_exact(READY)
    child.send("/sources\r")
    child.expect_exact("“The stove cost two pounds.")  # those of the answer before
    child.expect_exact(READY)
    child.send("\x03")
    child.expect_exact("press Ctrl-C again, or Ctrl-D, to leave")
    child.expect_exact(READY)
    child.send("\x03")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "+Describe the price of Tar at length" in (tmp_path / "index" / "questions.history").read_text()


def test_no_line_is_longer_than_the_terminal_and_no_color_is_heard(chat):
    child = chat(NO_COLOR="1", TERM="xterm-kitty")
    child.expect_exact(READY)
    child.send("What did the stove cost?\r")
    child.expect_exact(READY)
    raw = child.before.rpartition("\x1b[?2004l")[2]
    lines = shown(raw)
    assert max(map(len, lines)) <= 40
    assert "The stove cost two pounds. [1] Tar cost" in lines
    assert not re.search(r"\x1b\[[1-9][\d;]*m", raw)
    child.send("\x04")
    child.expect(pexpect.EOF)


def test_a_dumb_terminal_is_sent_nothing_but_text(chat):
    child = chat(TERM="dumb")
    child.expect_exact("> ")
    child.sendline("What did the stove cost?")
    child.expect_exact("> ")
    said = child.before
    assert "The stove cost two pounds. [1] Tar cost\r\n" in said
    assert "\x1b" not in said
    child.sendline("/quit")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
