"""Whatever a reasoning model wraps its thoughts in, they are no part of its answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree.llm.base import Message, complete, gathered, stream_form, stream_text, write
from ragtree.llm.scripted import ScriptedChat
from ragtree.llm.thoughts import FinalText, Restart, opened_at_the_end

SAID = "The mole is 90 feet long."
HMM = "The user asks of the mole. Is it 90 feet? The crane cost 12 pounds."


def final(written: str, size: int = 3) -> tuple[str, bool]:
    """The final text of what comes in pieces of that size, and whether there was a thought."""
    parser, text = FinalText(), ""
    pieces = [written[start : start + size] for start in range(0, len(written), size)]
    found = [one for piece in pieces for one in parser.feed(piece)] + list(parser.end())
    for one in found:
        text = one if isinstance(one, Restart) else text + one
    return text.strip(), parser.thought


THOUGHTS = {
    "whole": f"<think>\n{HMM}\n</think>\n\n{SAID}",
    "in one line": f"<think>{HMM}</think>{SAID}",
    "end alone": f"{HMM}\n</think>\n\n{SAID}",
    "two": f"<think>{HMM}</think>\n<think>{HMM}</think>{SAID}",
    "one in another": f"<think>{HMM}<think>{HMM}</think>{HMM}</think>{SAID}",
    "one end too many": f"<think>{HMM}</think>{SAID}</think>",
    "capitals": f"<THINK>{HMM}</Think>{SAID}",
    "thinking": f"<thinking>{HMM}</thinking>{SAID}",
    "thought": f"<thought>{HMM}</thought>\n{SAID}",
    "reasoning": f"<reasoning>{HMM}</reasoning>\n{SAID}",
    "an answer in a frame": f"<think>{HMM}</think>\n<answer>\n{SAID}\n</answer>",
    "Magistral": f"[THINK]{HMM}[/THINK]{SAID}",
    "Kimi": f"◁think▷{HMM}◁/think▷{SAID}",
    "Seed": f"<seed:think>{HMM}</seed:think>{SAID}",
    "OpenThinker": f"<|begin_of_thought|>{HMM}<|end_of_thought|><|begin_of_solution|>{SAID}<|end_of_solution|>",
    "Command": f"<|START_THINKING|>{HMM}<|END_THINKING|><|START_RESPONSE|>{SAID}<|END_RESPONSE|>",
    "gpt-oss": f"<|channel|>analysis<|message|>{HMM}<|end|><|start|>assistant"
    f"<|channel|>final<|message|>{SAID}<|return|>",
    "gpt-oss without special tokens": f"analysisWe see. {HMM}assistantfinal{SAID}",
    "Granite": f"Here is my thought process: {HMM} Here is my response: {SAID}",
}


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize("name", THOUGHTS)
def test_only_what_is_said_behind_a_thought_is_left(name: str, size: int) -> None:
    assert final(THOUGHTS[name], size) == (SAID, True)


@pytest.mark.parametrize(
    "written", [f"<think>{HMM}", f"{HMM}</think>", f"[THINK]{HMM}", f"<think>\n{HMM}\n</thi", "<think>"]
)
def test_a_thought_that_is_cut_off_leaves_nothing(written: str) -> None:
    assert final(written) == ("", True)


@pytest.mark.parametrize(
    "written",
    [
        "The mark `</think>` ends a thought.",
        "Models write “<think>” first.",
        "It is written in <think> tags, they say.",
        "An analysis of the mole: it is <b>long</b>, i.e. 3 < 4 > 2.",
        "Analysis is what we need.",
        "Here is my answer.<|end|>",
        "DeepSeek-R1 thinks between <think> and </think> tags. It was trained by rewards.",
        "The template is:\n```\n<think>\nreasoning\n</think>\n<answer>\nanswer\n</answer>\n```\nIt came later.",
        "```\n<think>\n{reasoning}\n</think>\n```",
        "The mark </think> ends a thought.",
        "The file says:\n<reason>\nOut of stock\n</reason>\nand the order was cancelled.",
        "<order>\n<reason>Out of stock</reason>\n</order>",
        "1. <think> opens it\n2. </think> closes it",
        "Write **<think>** and **</think>** (<think>...</think>).",
        "| mark | does |\n| <think> | opens |\n| </think> | closes |",
        '{"answer": "The order has no </reason> element", "page": 3}',
        "[1] and [TH] and </p",
        "",
    ],
)
def test_a_text_that_speaks_of_marks_stays_whole(written: str) -> None:
    assert final(written) == (written, False)


SPEAKS = (
    "R1 thinks between <think> and </think>, and says <answer> and </answer> around the rest.\n<reason>\nno\n</reason>"
)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_answer_behind_a_thought_may_speak_of_marks_too(size: int) -> None:
    assert final(f"<think>{HMM}</think>\n\n{SPEAKS}", size) == (SPEAKS, True)
    assert final(f"{HMM} The tag <think> opens one.\n</think>\n\n{SPEAKS}", size) == (SPEAKS, True)
    assert final(f"{HMM} </think> {SPEAKS}", size) == (SPEAKS, True)


@given(st.text(alphabet="<>/thinkTHINK[] \nab.", max_size=60), st.integers(1, 9))
def test_how_a_text_is_cut_into_pieces_does_not_matter(written: str, size: int) -> None:
    assert final(written, size) == final(written, 1000)


@given(st.text(max_size=80).filter(lambda text: not set("<[◁") & set(text)), st.integers(1, 9))
def test_a_text_without_marks_comes_through_as_it_is(written: str, size: int) -> None:
    assert final(written, size) == (written.strip(), False)


def test_what_is_final_comes_at_once() -> None:
    parser = FinalText()
    assert list(parser.feed("The mole ")) == ["The mole "]
    assert list(parser.feed("is long.")) == ["is long."]
    parser = FinalText()
    assert list(parser.feed(f"<think>{HMM}")) == []
    assert list(parser.feed("</think>\n\nThe mole ")) == ["The mole "]


def test_a_prompt_that_opens_a_thought_is_known() -> None:
    assert opened_at_the_end("<|Assistant|><think>\n") == "<think>"
    assert opened_at_the_end("<|im_start|>assistant\n<think>\n\n</think>\n\n") == ""
    assert opened_at_the_end("<|im_start|>assistant\n") == ""


ASK = [Message("user", "How long is the mole?")]


@pytest.mark.parametrize("name", THOUGHTS)
def test_every_way_to_ask_a_model_leaves_thoughts_out(name: str) -> None:
    model = ScriptedChat([THOUGHTS[name]])
    assert complete(model, ASK, 200) == SAID
    assert gathered(stream_text(model, ASK, 200)).text == SAID
    assert gathered(stream_form(model, ASK, 200, {})).text == SAID


def test_an_answer_tells_whether_it_is_whole() -> None:
    assert write(ScriptedChat([SAID]), ASK, 100).is_whole
    cut = write(ScriptedChat([SAID]), ASK, 3)
    assert (cut.text, cut.ending.cut, cut.is_whole) == ("The mole is", True, False)
    thought = write(ScriptedChat([f"<think>{HMM}"]), ASK, 5)
    assert (thought.text, thought.ending.thought, thought.is_whole) == ("", True, False)
