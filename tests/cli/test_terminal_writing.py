"""What a terminal is shown: wrapped at words, in colours and links it knows, and never a document's escape sequence."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stderr, redirect_stdout

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree.cli.sources import link_to, show_sources, surroundings
from ragtree.cli.terminal import Look, Screen
from ragtree.cli.wrapping import cut, width
from ragtree.types import Citation, Location, Span

PLAIN = Look(terminal=True)
FULL = Look(terminal=True, colour=True, links=True, status=True)


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def narrow(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")


def written(look: Look, *pieces: str, **how) -> str:
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        screen = Screen(look)
        for piece in pieces:
            screen.write(piece, **how)
    return out.getvalue()


def lines_and_words(text: str) -> tuple[list[str], str]:
    return text.split("\n"), "".join(text.split())


def test_pieces_of_an_answer_are_wrapped_at_words(narrow):
    pieces = ["The harbour cat is called Demurrage. [1]", " She is a tortoise shell cat of no great age,", " and fat."]
    lines, words = lines_and_words(written(PLAIN, *pieces))
    assert words == "".join("".join(pieces).split())
    assert max(map(width, lines)) <= 40
    assert lines[0] == "The harbour cat is called Demurrage. [1]"
    assert lines[1].startswith("She is a")
    assert " ".join(lines) == "".join(pieces)  # no word is broken, and no space lost


def test_wide_characters_take_two_columns_and_may_be_broken_between(narrow):
    text = "港の猫は「滞船料」と呼ばれている。" * 5
    lines, words = lines_and_words(written(PLAIN, text))
    assert words == text
    assert max(map(width, lines)) <= 40
    assert not any(line[0] in "。」" for line in lines)
    assert len(lines) == -(-width(text) // 38)


@given(st.lists(st.text(alphabet="ab c\n\tö港ー。e\u0301🐈", max_size=60), max_size=5), st.integers(2, 30))
def test_no_line_is_longer_than_the_terminal_and_nothing_is_lost(pieces, columns):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(columns))
        lines, words = lines_and_words(written(PLAIN, *pieces))
    assert words == "".join("".join(pieces).split())
    assert max(map(width, lines)) <= max(columns, 4)


def test_a_pipe_is_given_the_text_as_it_is():
    text = "A long sentence that no terminal has to be kept within, for there is none.  [1]\n\tAnd a tab. " * 3
    assert written(Look(terminal=False), text, style="mark", link="file:///x") == text


def test_an_escape_sequence_of_a_document_never_arrives(narrow):
    evil = "a\x1b[2Jb\x1b]8;;http://evil\x1b\\c\x9b31md\re\x07"
    shown = written(FULL, evil, style="quote")
    assert shown.count("\x1b") == 2  # our colour, begun and ended
    assert not set("\r\x07\x9b") & set(shown)
    out, err = io.StringIO(), Terminal()
    with redirect_stdout(out), redirect_stderr(err):
        Screen(FULL).status(evil)
    assert "\x1b[2J" not in err.getvalue() and "\x9b" not in err.getvalue()


def test_links_and_colours_end_before_a_line_does(narrow):
    shown = written(
        FULL, "a/very/long/path/to/a/file.pdf, page 7, § The clocks", style="mark", link="file:///f", indent=4
    )
    for line in shown.split("\n"):
        assert line.count("\x1b]8;;file:///f\x1b\\") == line.count("\x1b]8;;\x1b\\") == 1
        assert line.endswith("\x1b[0m\x1b]8;;\x1b\\")


@pytest.mark.parametrize(
    ("environment", "colour", "links", "status"),
    [
        ({"TERM": "xterm-256color"}, True, False, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7200"}, True, True, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "4600"}, True, False, True),
        ({"TERM": "xterm-kitty"}, True, True, True),
        ({"TERM": "tmux-256color", "VTE_VERSION": "7200"}, True, False, True),
        ({"TERM": "tmux-256color", "FORCE_HYPERLINK": "1"}, True, True, True),
        ({"TERM": "xterm-kitty", "FORCE_HYPERLINK": "0"}, True, False, True),
        ({"TERM": "xterm-kitty", "NO_COLOR": "1"}, False, True, True),
        ({"TERM": "xterm", "NO_COLOR": ""}, True, False, True),
        ({"TERM": "dumb", "VTE_VERSION": "7200"}, False, False, False),
    ],
)
def test_what_a_terminal_can_show_is_told_by_its_variables(environment, colour, links, status):
    assert Look.of(Terminal(), Terminal(), environment) == Look(True, colour, links, status)


def test_a_pipe_shows_nothing_but_text():
    assert Look.of(io.StringIO(), io.StringIO(), {"TERM": "xterm-kitty"}) == Look(False)


def test_a_status_stays_in_its_line_and_goes_away(narrow):
    out, err = io.StringIO(), Terminal()
    with redirect_stdout(out), redirect_stderr(err):
        screen = Screen(FULL)
        screen.write("The cat is called")
        screen.status("reading " + "a long name " * 9)
        drawn = err.getvalue()
        screen.write(" Demurrage.")
    shown = re.sub(r"\x1b\[[\d;]*[A-Za-z]", "", drawn)
    assert len("The cat is called") + width(shown) < 40
    assert drawn.endswith("\x1b[18G")  # back behind "called"
    assert err.getvalue() == drawn + "\x1b[K"
    assert out.getvalue() == "The cat is called Demurrage."


def test_no_status_where_standard_error_is_a_pipe():
    err = io.StringIO()
    with redirect_stdout(io.StringIO()), redirect_stderr(err):
        Screen(Look(terminal=True)).status("searching")
    assert err.getvalue() == ""


def test_a_source_links_to_its_file_with_page_or_line(tmp_path):
    for name in ("a b.pdf", "c.md", "old.zip"):
        (tmp_path / name).write_bytes(b"x")

    def link(source: str, **where) -> str:
        return link_to(Citation(source, source, Span(0, 1), "x", Location(**where)), tmp_path)

    assert link("a b.pdf", page=7) == f"{tmp_path.as_uri()}/a%20b.pdf#page=7"
    assert link("c.md", line=12) == f"{tmp_path.as_uri()}/c.md#12"
    assert link("old.zip/letters/a.pdf", page=2) == f"{tmp_path.as_uri()}/old.zip"
    assert link("memo") == ""


def test_sources_are_text_where_there_are_no_links(tmp_path, narrow):
    citation = Citation("c.md", "c.md", Span(0, 1), "The stove cost\ntwo pounds. " * 20, Location(line=3), 1)
    out = io.StringIO()
    with redirect_stdout(out):
        show_sources([citation], Screen(PLAIN), tmp_path)
    first, *rest = out.getvalue().splitlines()
    assert first == "[1] c.md, line 3"
    assert rest[0].startswith("    “The stove cost two")
    assert all(line.startswith("    ") and len(line) <= 40 for line in rest)
    assert rest[-1].endswith("…”")


def test_a_quote_is_shown_with_some_lines_before_and_after():
    text = "\n".join(f"line {number}" for number in range(20))
    start = text.index("line 10")
    before, after = surroundings(text, Span(start, start + len("line 10")))
    assert before == "line 7\nline 8\nline 9\n"
    assert after == "\nline 11\nline 12\nline 13"
    long = "word " * 1000
    before, after = surroundings(long, Span(2500, 2504))
    assert before.startswith("… word ") and after.endswith(" word …")
    assert len(before) <= 402 and len(after) <= 402


def test_cut_keeps_the_beginning_or_the_end():
    assert cut("harbour", 7) == "harbour"
    assert cut("harbour", 5) == "harb…"
    assert cut("harbour", 5, tail=True) == "…bour"
    assert width(cut("港の猫は", 5)) <= 5
