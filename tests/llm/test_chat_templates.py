"""What the chat template of a GGUF file does: it opens a thought, or refuses a system role."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ragtree.errors import ModelError
from ragtree.llm.base import Message, complete, without_system, write
from ragtree.llm.llama_cpp import LlamaCpp

TURNS = (
    "{% for turn in messages %}<|im_start|>{{ turn.role }}\n{{ turn.content }}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant\n"
)
NO_SYSTEM = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('this model takes no instructions') }}{% endif %}" + TURNS
)
ALTERNATING = (
    "{% for turn in messages %}{% if (turn.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant') }}{% endif %}{% endfor %}" + TURNS
)
ASK = [Message("system", "You answer in one sentence."), Message("user", "What is a mole?")]


@pytest.fixture
def templated(bundled_chat: LlamaCpp) -> Iterator[LlamaCpp]:
    """The bundled model, whose template a test sets."""
    yield bundled_chat
    bundled_chat._model.chat_handler = None


def use(model: LlamaCpp, template: str) -> None:
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    made = Jinja2ChatFormatter(template=template, eos_token="<|im_end|>", bos_token="<|im_start|>")
    model._model.chat_handler = made.to_chat_handler()


def test_a_thought_that_the_template_opens_is_no_answer(templated: LlamaCpp) -> None:
    use(templated, TURNS + "<think>\n")
    stream = templated.stream(ASK, 8)
    assert next(stream) == "<think>"
    stream.close()
    written = write(templated, ASK, 8)
    assert (written.text, written.ending.thought, written.ending.cut) == ("", True, True)
    use(templated, TURNS + "<think>\n\n</think>\n\n")
    assert complete(templated, ASK, 8)


@pytest.mark.parametrize("template", [NO_SYSTEM, ALTERNATING])
def test_a_template_that_refuses_the_system_role_gets_its_text_from_the_user(
    templated: LlamaCpp, template: str
) -> None:
    use(templated, template)
    prompt = templated._model.detokenize(templated._prompt(templated._model, ASK), special=True).decode()
    assert "<|im_start|>user\nYou answer in one sentence.\n\nWhat is a mole?<|im_end|>" in prompt
    assert complete(templated, ASK, 4) == complete(templated, without_system(ASK), 4) != ""


def test_a_template_that_refuses_everything_is_reported(templated: LlamaCpp) -> None:
    use(templated, "{{ raise_exception('nothing goes') }}")
    with pytest.raises(ModelError, match="nothing goes"):
        complete(templated, ASK, 4)


def test_turns_of_one_role_become_one_and_what_is_shared_stays_shared() -> None:
    turns = [
        Message("system", "Be short."),
        Message("user", "shared passages. And?", 16),
        Message("assistant", "Yes."),
        Message("user", "a"),
        Message("user", "b"),
    ]
    first, second, third = without_system(turns)
    assert first.content[: first.shared] == "Be short.\n\nshared passages."
    assert (second.content, third.content, third.role) == ("Yes.", "a\n\nb", "user")
    assert without_system(ASK[1:]) == ASK[1:]
