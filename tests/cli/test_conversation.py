"""The chat's loop and its commands, with a scripted model and words for meaning."""

from __future__ import annotations

import io
import re
import sys
from contextlib import redirect_stderr, redirect_stdout

import pytest

from ragtree import Document, RagTree, Settings
from ragtree.cli.chat_commands import CHAT_COMMANDS
from ragtree.cli.conversation import converse
from ragtree.cli.terminal import Look, Screen
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.scripted import ScriptedChat

NOTES = {
    "a.md": "# Ferry\n\nThe ferry Marigold sails at nine.\nCaptain Dace commands her.\nShe carries forty passengers.\n",
    "b.txt": "The lamp at Maw Head burns paraffin. The keeper is Abel Strake. The oil comes in barrels from Tolbrack.",
    "c.md": "# Prices\n\nThe stove cost two pounds. Hemp rope cost four shillings. Tar cost two shillings.\x1b[31m",
}
STOVE = "What did the stove cost?"
FULL = Look(terminal=True, colour=True, links=True, status=True)


class Given:
    """Lines that are there already."""

    def __init__(self, *lines: str) -> None:
        self._lines = iter(lines)

    def next(self) -> str | None:
        return next(self._lines, None)


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


class Interrupted(ScriptedChat):
    """Ctrl-C comes while it writes, once."""

    def stream(self, messages, max_tokens):
        for number, piece in enumerate(super().stream(messages, max_tokens)):
            if number == 9 and len(self.calls) == 2:  # it was asked whether there is an answer before
                raise KeyboardInterrupt
            yield piece


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    for name, text in NOTES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def tree(folder, tmp_path_factory):
    settings = Settings.model_validate(
        {
            "chunk": {"tokens": 16},
            "summarize": {"tokens": 24, "kind": "extractive"},
            "tree": {"group_tokens": 64},
            "answer": {"style": "written", "unsupported": "drop"},
        }
    )
    index = tmp_path_factory.mktemp("index")
    with RagTree.open(index, settings, embedder=HashingEmbedder(), llm=ScriptedChat([""])) as tree:
        tree.sync(folder)
        yield tree


@pytest.fixture
def talk(tree, folder, monkeypatch):
    """What a conversation writes to standard output, and to standard error."""
    monkeypatch.setenv("COLUMNS", "80")
    settings = tree.settings

    def say(*lines: str, look: Look = Look(terminal=False), model=None) -> tuple[str, str]:  # noqa: B008
        tree.llm = model or ScriptedChat(["The stove cost two pounds. It was painted green by dragons."])
        out, err = io.StringIO(), Tty()
        with redirect_stdout(out), redirect_stderr(err):
            converse(tree, folder, Given(*lines), Screen(look))
        return out.getvalue(), err.getvalue()

    yield say
    tree.settings = settings


def test_in_a_pipe_there_are_answers_with_their_sources_and_nothing_else(talk):
    out, err = talk(STOVE)
    first, _, rest = out.partition("\n")
    assert first == "The stove cost two pounds. [1]"
    assert rest.startswith("\n[1] c.md, line 3, § Prices\n    “The stove cost two pounds.")
    assert "\x1b" not in out
    assert err == ""


def test_a_terminal_shows_what_is_read_and_written_and_takes_it_away(talk):
    out, err = talk(STOVE, look=FULL)
    assert "searching …" in err
    assert re.search(r"reading (\S+, )*c\.md", err)
    assert "The stove cost" in err  # the words as they come
    assert "dragons" in err and "dragons" not in out  # of which only what is supported stays
    assert err.endswith("\x1b[K")
    assert "\x1b[36m[1]" in out
    assert re.search(r"\x1b\]8;;file:///\S+/c\.md#3\x1b\\c\.md, line 3", out)


def test_the_first_words_are_shown_before_the_model_has_written_more(talk):
    seen = []

    class Watched(ScriptedChat):
        def stream(self, messages, max_tokens):
            for piece in super().stream(messages, max_tokens):
                seen.append(sys.stderr.getvalue())
                yield piece

    talk(STOVE, look=FULL, model=Watched(["The stove cost two pounds. It is green."]))
    assert "The\x1b" in seen[1]
    assert "The stove\x1b" in seen[2]


def test_ctrl_c_stops_an_answer_and_the_next_question_is_answered(talk):
    model = Interrupted(["The stove cost two pounds. Tar cost two shillings. Hemp rope cost four shillings."])
    out, err = talk(STOVE, "/sources", STOVE, model=model)
    assert "(stopped)\nthere are no sources yet\n" in err
    assert out.startswith("The stove cost two pounds. [1] Tar")  # nothing of the first one had been checked
    assert out.count("[1] c.md") == 1


def test_sources_with_a_number_shows_the_quote_among_its_lines(talk):
    model = ScriptedChat(["Captain Dace commands her."])
    out, _ = talk("Who is captain?", "/sources", "/sources 1", model=model)
    assert out.endswith(
        "[1] a.md, line 4, § Ferry\n    # Ferry\n    \n    The ferry Marigold sails at nine.\n"
        "    »Captain Dace commands her.«\n    She carries forty passengers.\n"
    )
    coloured, _ = talk("Who is captain?", "/sources 1", model=model, look=FULL)
    assert "\x1b[7mCaptain Dace commands her.\x1b[0m" in coloured
    assert "»" not in coloured


def test_a_source_whose_document_has_left_is_still_a_quote(talk, tree):
    tree.add([Document("memo", "The canary is called Admiral.")])
    out, _ = talk("What is the canary called?", model=ScriptedChat(["The canary is called Admiral."]))
    assert "[1] memo" in out
    try:

        class Leaving(Given):
            def next(self):
                line = super().next()
                if line == "/sources 1":
                    tree.remove(["memo"])
                return line

        stdout = io.StringIO()
        tree.llm = ScriptedChat(["The canary is called Admiral."])
        with redirect_stdout(stdout), redirect_stderr(io.StringIO()):
            converse(tree, tree.path, Leaving("What is the canary called?", "/sources 1"), Screen(Look(False)))
        assert "is no longer in the index" in stdout.getvalue()
    finally:
        tree.remove(["memo"])


def test_why_shows_the_ranks_and_the_way_down_from_the_root(talk, tree):
    out, _ = talk("/mode hybrid", STOVE, "/why 1")
    why = out[out.rindex("[1] c.md") :].splitlines()
    assert re.match(r"found as a passage: score \d+\.\d+, rank \d+ by meaning, rank \d+ by words$", why[1])
    way = why[2:]
    assert way[0] == "  All documents"
    assert way[-2].endswith("Prices (document)")
    assert [len(line) - len(line.lstrip()) for line in way] == [2 * (depth + 1) for depth in range(len(way))]
    assert way[-1].lstrip().startswith("“") and "stove" in way[-1] and way[-1].endswith("← found")


def test_why_follows_a_summary_down_to_the_passage_that_carries_it(talk, tree):
    out, _ = talk("/mode collapsed", STOVE, "/why 1")
    assert re.search(r"found as the summary of a document: score", out)
    after = out.split("found as the summary", 1)[1].splitlines()
    assert any(line.endswith("Prices (document)  ← found") for line in after)
    assert any("stove" in line and line.lstrip().startswith("“") for line in after)


def test_mode_changes_the_next_search_and_not_what_was_said(talk, tree):
    _, err = talk("/mode", STOVE, "/mode traverse", "/mode hybird", "/mode", "/sources")
    assert err.startswith(f"the mode is {tree.settings.retrieve.mode}; there are ")
    assert "the mode is traverse\n" in err
    assert "there is no mode hybird; did you mean hybrid?" in err
    assert "the mode is traverse; there are" in err
    assert "there are no sources yet" not in err


def test_model_changes_who_answers_and_what_was_said_stays(talk, tree):
    model = ScriptedChat(["The stove cost two pounds."])
    closed = []
    model.close = lambda: closed.append(True)
    out, err = talk("/model", STOVE, "/model none", "/sources", STOVE, model=model)
    assert err == "the language model is scripted\nthe language model is none\n"
    assert closed == [True]
    assert tree.llm is None
    assert tree.settings.llm.model == "none"
    assert "Prices: “The stove cost two pounds.” [1]" in out
    assert len(model.calls) == 3  # is there an answer, which one, is it true


def test_a_model_that_there_is_not_leaves_the_one_before(talk, tree):
    out, err = talk("/model missing.gguf", STOVE)
    assert err.count("ragtree: there is no model file 'missing.gguf'") == 1
    assert out.startswith("The stove cost two pounds. [1]")


def test_save_writes_the_conversation_and_no_file_over_another(talk, tmp_path, folder):
    mine = tmp_path / "mine.md"
    mine.write_text("mine")
    saved = tmp_path / "talk.md"
    _, err = talk("/save", f"/save {saved}", STOVE, f"/save {mine}", f"/save {saved}", f"/save {saved}", "/save /no/x")
    assert mine.read_text() == "mine"
    text = saved.read_text(encoding="utf-8")
    assert STOVE in text and "The stove cost two pounds. [1]" in text and "c.md, line 3" in text
    assert [line.split()[0] for line in err.splitlines()] == [
        "name",
        "nothing",
        str(mine),
        "written",
        "written",
        "/no/x",
    ]
    _, err = talk(STOVE, f"/save {folder / 'talk.md'}")
    (folder / "talk.md").unlink()
    assert "the next sync reads it as one of them" in err


def test_tree_to_a_depth(talk):
    deep, _ = talk("/outline 9")
    flat, err = talk("/outline 1", "/outline deep")
    assert len(flat.splitlines()) == 1 < len(deep.splitlines())
    assert "no document is called deep" in err


def test_the_outline_of_a_document_and_the_list_of_documents(talk):
    one, _ = talk("/outline Prices")
    assert one.splitlines()[0].startswith("Prices  c.md")
    every, _ = talk("/docs")
    assert [line.partition("  ")[2].split(" ")[0] for line in every.splitlines()] == ["a.md", "b.txt", "c.md"]


def test_reset_quit_and_unknown_commands(talk):
    out, err = talk(STOVE, "/reset", "/sources", "/sorces", "/why", "/quit now", "/quit", STOVE)
    assert err.splitlines() == [
        "the conversation is forgotten",
        "there are no sources yet",
        "there is no command /sorces; did you mean /sources?; /help lists them",
        "there are no sources yet",
        "/quit takes no argument",
    ]
    assert out.count("The stove cost") == 2  # the answer and its quote, once


def test_help_names_every_command_also_on_a_narrow_terminal(talk, monkeypatch):
    out, _ = talk("/help")
    monkeypatch.setenv("COLUMNS", "40")
    narrow, _ = talk("/help", look=Look(terminal=True))
    for name in CHAT_COMMANDS:
        assert f"\n{name} " in out and f"\n{name} " in narrow
    assert max(map(len, narrow.splitlines())) <= 40


def test_a_number_that_no_source_has(talk):
    _, err = talk(STOVE, "/sources 9", "/why x", "/sources [1]")
    assert err.splitlines() == [f"there is no source {name}; the last answer has sources 1 to 1" for name in ("9", "x")]


def test_a_document_s_escape_sequence_reaches_no_terminal(talk):
    out, err = talk(
        STOVE, "/sources 1", "/why", "/outline 9", look=FULL, model=ScriptedChat(["The stove cost two pounds."])
    )
    assert "\N{REPLACEMENT CHARACTER}[31m" in out
    assert "\x1b[31m" not in out + err
