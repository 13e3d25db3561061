"""Lines that are typed: edited, pasted, remembered, interrupted."""

from __future__ import annotations

import io
import stat
import sys
import threading
import time
from unittest import mock

import pytest
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from ragtree.cli import line_input as module
from ragtree.cli.line_input import PlainLines, TypedLines, lines_of

UP = "\x1b[A"
CTRL_A, CTRL_C, CTRL_D, TAB, ENTER = "\x01", "\x03", "\x04", "\t", "\r"


@pytest.fixture
def keyboard(tmp_path):
    """Types, and reads what the chat would be given."""
    with create_pipe_input() as source:

        def typed(*keys: str) -> list[str | None]:
            lines = TypedLines(tmp_path / "history", source, DummyOutput())
            source.send_text("".join(keys))
            return [lines.next() for _ in range(sum(key in (ENTER, CTRL_D) for key in keys))]

        yield typed


def test_a_line_can_be_edited(keyboard):
    assert keyboard("does the cat weigh?", CTRL_A, "what ", ENTER) == ["what does the cat weigh?"]


def test_what_is_pasted_is_one_question(keyboard):
    pasted = "\x1b[200~Who wrote this?\nThe stove draws well.\n\nSigned, A.\x1b[201~"
    assert keyboard(pasted, ENTER) == ["Who wrote this?\nThe stove draws well.\n\nSigned, A."]


def test_ctrl_c_empties_the_line_and_ctrl_d_leaves(keyboard):
    assert keyboard("half a quest", CTRL_C, "whole", ENTER, CTRL_D) == ["whole", None]


def test_ctrl_c_leaves_when_it_comes_twice_at_an_empty_line(keyboard, tmp_path, capsys):
    assert keyboard(CTRL_C, "still here", ENTER) == ["still here"]
    assert "press Ctrl-C again, or Ctrl-D, to leave" in capsys.readouterr().err
    with create_pipe_input() as source:
        source.send_text(CTRL_C + CTRL_C)
        assert TypedLines(tmp_path / "other", source, DummyOutput()).next() is None


def test_commands_modes_and_files_are_completed(keyboard, tmp_path, monkeypatch):
    (tmp_path / "talk.md").write_text("x")
    monkeypatch.chdir(tmp_path)
    assert keyboard("/so", TAB, ENTER) == ["/sources"]
    assert keyboard("/mode col", TAB, ENTER) == ["/mode collapsed"]
    assert keyboard("/save ta", TAB, ENTER) == ["/save talk.md"]
    assert keyboard("so", TAB, ENTER) == ["so"]


def test_questions_are_remembered_in_the_index_and_for_its_owner_alone(keyboard, tmp_path):
    keyboard("first", ENTER, "second\x1b[200~\nline\x1b[201~", ENTER)
    with create_pipe_input() as source:
        lines = TypedLines(tmp_path / "history", source, DummyOutput())
        remembered = lines._session.history

        def press_up() -> None:
            while len(remembered.get_strings()) < 2:  # it is read while the prompt stands there
                time.sleep(0.05)
            time.sleep(0.5)
            source.send_text(UP + ENTER)

        hand = threading.Thread(target=press_up)
        hand.start()
        assert lines.next() == "second\nline"
        hand.join()
    assert stat.S_IMODE((tmp_path / "history").stat().st_mode) == 0o600


def test_a_long_history_forgets_its_older_half(keyboard, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_MOST_HISTORY", 1000)
    (tmp_path / "history").write_text("".join(f"\n# then\n+question {number}\n" for number in range(100)))
    keyboard(CTRL_D)
    kept = (tmp_path / "history").read_text()
    assert len(kept) <= 500
    assert kept.startswith("# then\n+question ") and kept.endswith("question 99\n")


def test_a_pipe_is_read_line_by_line_and_no_prompt_is_written(tmp_path, capsys):
    with mock.patch("sys.stdin", io.StringIO(" one \n\n/help\n")):
        lines = lines_of(tmp_path / "history")
        assert isinstance(lines, PlainLines)
        assert [lines.next() for _ in range(4)] == ["one", "", "/help", None]
    assert capsys.readouterr() == ("", "")
    assert not (tmp_path / "history").exists()


def test_a_dumb_terminal_has_no_editing(tmp_path, monkeypatch):
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(lines_of(tmp_path / "history"), PlainLines)
