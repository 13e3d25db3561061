"""A model that has read the passages: what it answers, and what else it can be asked about them.

All prompts of a question begin with the same passages, which a model in this process then reads only once.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import ContextOverflowError
from ..llm.base import (
    ChatModel,
    Completion,
    Ending,
    Message,
    Restart,
    complete,
    prompt_tokens,
    stream_text,
    unfinished,
)
from ..prompting import Prompt, render
from ..settings import LlmSettings
from ..text.languages import language_name, question_language
from ..text.terms import words
from ..tracing import MODEL, OPERATION, span
from ..types import OnStep, Step
from ..understand.base import Request
from .citation_marks import whole_sentences
from .options import AnswerOptions
from .packing import fitting_prompt
from .passages import Passages
from .quoting import without_images
from .yes_or_no import log_odds

logger = logging.getLogger(__name__)

_END = re.compile(r"[.!?。！？।؟…:][\W\d]*$")

_QUESTION_TOKENS = 48
_TELLING_WORDS = 6
"""Least number of words of an answer whose language can be told surely enough."""


@dataclass(frozen=True, slots=True)
class PromptOptions:
    """Settings, the user's own templates, and the callback for what is being written."""

    answer: AnswerOptions
    llm: LlmSettings
    prompts: Path | None
    on_step: OnStep


class QuestionPrompts:
    """Prompts about one question. Creating one raises ContextOverflowError if it does not fit the model's context."""

    def __init__(self, model: ChatModel, request: Request, passages: Passages, how: PromptOptions) -> None:
        self.model = model
        self._request = request
        self._passages = passages
        self._answer = how.answer
        self._llm = how.llm
        self._prompts = how.prompts
        self._on_step = how.on_step
        self._last: Completion | None = None
        """The last answer, as far as it has been read."""
        self._anew = False
        """True if the text read so far was a thought and has to be discarded."""
        self._messages = self._read("answer")

    @property
    def tokens(self) -> int:
        """Number of tokens of the prompt, by the model's tokenizer."""
        return prompt_tokens(self.model, self._messages)

    @property
    def instructions(self) -> str:
        """What the model is told before it reads."""
        return self._messages[0].content

    def allow_refusal(self) -> None:
        """Tell the model what to write if it finds no answer: for a model that does not return how sure it is."""
        self._messages = self._read("answer_or_refuse")

    def sentences(self) -> list[str]:
        """The sentences of the model's answer."""
        found = self._all(self._messages)
        if self._last is not None and self._last.ending.cut and len(found) > 1 and not _END.search(found[-1]):
            found.pop()  # it was cut off
        return found

    @property
    def notice(self) -> str:
        """What to do, if the model wrote nothing or was cut off; empty if it wrote an answer, or was not asked."""
        last, most = self._last, self._llm.answer_tokens
        if last is None or last.is_whole:
            return ""
        if last.text:
            return f"the answer was cut off after {most} tokens; raise llm.answer_tokens"
        return str(unfinished(self.model.name, last, most))

    @property
    def is_silent(self) -> bool:
        """True if the model was asked but wrote nothing."""
        return self._last is not None and not self._last.text

    def in_the_language(self, sentences: list[str]) -> list[str]:
        """The sentences in the language of the question: the model is asked once more if they are in another one."""
        text, wanted = " ".join(sentences), self._request.language
        if len(words(text)) < _TELLING_WORDS or question_language(text, (wanted,)) == wanted:
            return sentences
        logger.info("asked again, as this is not in %s: %r", language_name(wanted), text)
        return self.again(text, "language", language=language_name(wanted)) or sentences

    def again(self, written: str, template: str, **fields: str) -> list[str]:
        """The sentences that it writes when asked about what it has `written`; none if the context has no room."""
        prompt = render(template, self._prompts, **fields)
        messages = [*self._messages, Message("assistant", written), Message("user", prompt.user)]
        if prompt_tokens(self.model, messages) + self._llm.answer_tokens > self.model.context:
            return []
        first = self._last
        found = self._all(messages)
        self._last = first
        return found

    def missing(self) -> str:
        """The question that, according to the model, has to be answered first; empty if it names none."""
        prompt = render("missing", self._prompts, question=self._request.question)
        with span(f"chat {self.model.name}", {OPERATION: "chat", MODEL: self.model.name}):
            lines = complete(self.model, self._asking(prompt.user), _QUESTION_TOKENS).strip().splitlines()
        return lines[0] if lines else ""

    def answerable(self) -> float | None:
        """The log-odds with which the model says that the passages have the answer; None if it does not return
        them."""
        prompt = render("answerable", self._prompts, question=self._request.question)
        sure = log_odds(self.model, self._asking(prompt.user))
        logger.debug("log-odds of an answer to %r: %s", self._request.question, sure)
        return sure

    def _read(self, template: str) -> list[Message]:
        """The prompt with as many of the passages as fit the model's context."""
        request, model = self._request, self.model
        name = "gist" if request.kind == "overview" else template
        fields = {"question": request.question, "language": language_name(request.language)}

        def messages_of(read: str) -> list[Message]:
            return _messages(render(name, self._prompts, passages=read, **fields), read)

        tokens = self._llm.answer_tokens
        messages = fitting_prompt(model, self._passages, self._answer.read_tokens, tokens, messages_of)
        if messages is not None:
            return messages
        raise ContextOverflowError(
            f"the question has {model.count(request.question)} tokens; with {tokens} for the answer and one passage "
            f"that does not fit the model's context of {model.context}: shorten it, or raise llm.context"
        )

    def _asking(self, question: str) -> list[Message]:
        """The same passages with another question after them."""
        last = self._messages[-1]
        return [*self._messages[:-1], replace(last, content=f"{last.content[: last.shared]}\n\n{question}")]

    def _all(self, messages: Sequence[Message]) -> list[str]:
        """The sentences of a whole answer."""
        found: list[str] = []
        with span(f"chat {self.model.name}", {OPERATION: "chat", MODEL: self.model.name}):
            for sentence in self._sentences(messages):
                if self._anew:
                    found.clear()
                    self._anew = False
                found.append(without_images(sentence))
        return [] if self._anew else found

    def _sentences(self, messages: Sequence[Message]) -> Iterator[str]:
        """Yield sentences until one repeats: that is the beginning of a loop, which small models do not leave."""
        before: set[str] = set()
        with closing(self._told(messages)) as pieces:
            for sentence in whole_sentences(pieces, self._request.language):
                if self._anew:
                    before.clear()
                if sentence in before:
                    return
                before.add(sentence)
                yield sentence

    def _told(self, messages: Sequence[Message]) -> Generator[str, None, None]:
        """The pieces of an answer; `on_step` gets each of them before it is checked."""
        text, ending = "", Ending()
        self._anew = False
        try:
            with closing(stream_text(self.model, messages, self._llm.answer_tokens)) as pieces:
                while True:
                    piece = next(pieces)
                    self._anew = self._anew or isinstance(piece, Restart)
                    text = piece if isinstance(piece, Restart) else text + piece
                    self._on_step(Step("write", text=piece))
                    yield piece
        except StopIteration as end:
            ending = end.value
        finally:
            self._last = Completion(text.strip(), ending)


def _messages(prompt: Prompt, passages: str) -> list[Message]:
    """The messages of a filled-in template. The user's begins with the passages, which other prompts share."""
    start = prompt.user.find(passages) if passages else -1
    shared = start + len(passages) if start >= 0 else 0
    return [Message("system", prompt.system), Message("user", prompt.user, shared)]
