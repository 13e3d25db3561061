"""The protocols of chat models: messages -> text, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ..errors import ContextOverflowError, ModelError, QueryError
from ..prompting import letters
from ..stopping import check_wanted
from .thoughts import FinalText
from .thoughts import Restart as Restart


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str
    shared: int = 0
    """Number of characters at the beginning that the next prompts share. A model in this process reads them once."""
    picture: bytes = b""
    """A JPEG that belongs to a user's turn. Only models behind a server read it."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How an answer ended."""

    cut: bool = False
    """True if `max_tokens` cut the answer off."""
    thought: bool = False
    """True if the model also wrote a thought, which is not part of the answer."""


class ChatModel(Protocol):
    """A language model. Creating one loads nothing; the first call loads the model."""

    @property
    def name(self) -> str:
        """The model's name as it is recorded in the cache of summaries."""
        ...

    @property
    def context(self) -> int:
        """Tokens of its context: the prompt and the answer together."""
        ...

    def count(self, text: str) -> int:
        """Number of tokens of `text` by the model's own tokenizer, or the closest available count."""
        ...

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, Ending | None]:
        """The model's output in pieces; returns how it ended, if that is known. Closing the iterator stops the model.

        Thoughts of a reasoning model may be among the pieces: `stream_text` removes them.

        Raises ModelError if it cannot be loaded or reached, or breaks off; ContextOverflowError if the messages and
        `max_tokens` do not fit its context.
        """
        ...

    def close(self) -> None:
        """Free its memory and connections. Closing twice does no harm."""
        ...


JsonSchema: TypeAlias = Mapping[str, Any]
"""A JSON schema, as `json.load` returns it."""


@runtime_checkable
class StructuredChatModel(Protocol):
    """A chat model whose output can be held to a JSON schema. Every chat model of this package is one."""

    def stream_json(
        self, messages: Sequence[Message], max_tokens: int, schema: JsonSchema
    ) -> Generator[str, None, Ending | None]:
        """A JSON document that follows the schema, in pieces; closing and errors as in `stream`.

        The document still has to be validated: `max_tokens` may cut it short, not everything that a schema can say can
        be enforced (bounds of numbers), and a server may ignore the schema.
        """
        ...


def stream_text(model: ChatModel, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, Ending]:
    """The final text of the model's answer, in pieces and without thoughts, for every kind of model.

    A piece of type `Restart` means that the pieces before it were a thought. Raises as `ChatModel.stream` does.
    """
    return (yield from _final(model.stream(messages, max_tokens)))


def stream_form(
    model: ChatModel, messages: Sequence[Message], max_tokens: int, schema: JsonSchema
) -> Generator[str, None, Ending]:
    """`stream_json`, or free text from a model without that method; then only the prompt asks for the form.

    Thoughts are left out as in `stream_text`.
    """
    if isinstance(model, StructuredChatModel):
        return (yield from _final(model.stream_json(messages, max_tokens, schema)))
    return (yield from stream_text(model, messages, max_tokens))


def _final(written: Generator[str, None, Ending | None]) -> Generator[str, None, Ending]:
    text = FinalText()
    with closing(written):
        try:
            while True:
                check_wanted()
                yield from text.feed(next(written))
        except StopIteration as end:
            ending: Ending = end.value or Ending()
    yield from text.end()
    return replace(ending, thought=ending.thought or text.thought)


@runtime_checkable
class ConcurrentModel(Protocol):
    """A chat model that several threads may ask at once: one behind a server."""

    concurrency: int
    """Most requests that it should be sent at a time."""


def requests_at_once(model: ChatModel) -> int:
    """How many threads may ask the model at a time; 1 for one in this process, which writes one answer at a time."""
    return model.concurrency if isinstance(model, ConcurrentModel) else 1


@dataclass(frozen=True, slots=True)
class OptionScore:
    """How likely a model finds a text as its answer."""

    logprob: float
    """Natural logarithm of its probability, summed over its tokens; -inf if it is too small to be known."""
    tokens: int
    """Number of its tokens, by the model's own tokenizer."""

    @property
    def per_token(self) -> float:
        """`logprob` divided by `tokens`, by which options are compared (Brown et al. 2020, section 2.4).

        A sum favours short options. With the bundled model, 100 questions and four options: if these are sentences, the
        sum is right in 36%, the mean over tokens in 42%, the mean over bytes in 41%; if they are short phrases, in 47%,
        40% and 27%. The mean over tokens is never the worst.
        """
        return self.logprob / self.tokens


@runtime_checkable
class OptionScorer(Protocol):
    """A model that returns how likely it finds given answers. Every chat model of this package is one."""

    @property
    def scores_texts(self) -> bool:
        """True if an option may be any text, False if it has to be a single token, such as a letter."""
        ...

    def score_options(self, messages: Sequence[Message], options: Sequence[str]) -> tuple[OptionScore, ...]:
        """The score of each option as the assistant's answer to the messages, in the order of the options.

        The score of an option does not depend on the others. Space around an option does not count, and neither does
        the end of the answer after it. Raises QueryError if there is no option or an empty one, ContextOverflowError if
        the messages and the longest option do not fit the context, ModelError if the model cannot be loaded or reached,
        or does not return its log-probabilities.
        """
        ...


def choice_scores(model: OptionScorer, messages: Sequence[Message], options: Sequence[str]) -> NDArray[np.float64]:
    """The score of each option of a question, shape (len(options),): `per_token`, which may be -inf.

    The texts are scored if the model can do that, otherwise their letters, which the messages then have to show
    (`prompting.lettered`). A small model does best with texts that the question does not show: of 100 questions with
    four options the bundled one is right in 40% that way, but in 22% by letters, and in 25% to 28% of 40 by texts that
    the question shows, which is chance. With strong models letters are better (OLMES: Gu et al. 2024, section 3.4), so
    compare only models that are scored in the same way. Raises as `score_options` does.
    """
    asked = options if model.scores_texts else letters(len(options))
    return np.array([score.per_token for score in model.score_options(messages, asked)], dtype=np.float64)


def option_texts(options: Sequence[str]) -> list[str]:
    """The options without the space around them. Raises QueryError if there is none, or an empty one."""
    texts = [option.strip() for option in options]
    if not texts:
        raise QueryError("there is no option to choose; give at least one")
    if "" in texts:
        raise QueryError(f"option {texts.index('') + 1} of {len(texts)} is empty; give it a text")
    return texts


TURN_TOKENS = 16
"""More than chat templates add around one message."""
PICTURE_TOKENS = 1000
"""About what a picture of at most 1,024 x 1,024 pixels costs: OpenAI counts up to 765, others one token for 750 to 800
pixels."""


def prompt_tokens(model: ChatModel, messages: Sequence[Message]) -> int:
    """Tokens of a prompt, counted a little high."""
    pictures = sum(bool(message.picture) for message in messages)
    return PICTURE_TOKENS * pictures + sum(model.count(message.content) + TURN_TOKENS for message in messages)


def check_fits(model: ChatModel, messages: Sequence[Message], max_tokens: int) -> None:
    """Raise ContextOverflowError if the prompt and the answer do not fit."""
    check_room(prompt_tokens(model, messages) + max_tokens, model.context)


def without_system(messages: Sequence[Message]) -> list[Message]:
    """The same conversation for a model without a system role that requires alternating roles: the system text precedes
    the first user text, and consecutive turns of one role are joined."""
    turns: list[Message] = []
    for message in messages:
        turn = replace(message, role="user") if message.role == "system" else message
        if turns and turns[-1].role == turn.role:
            before = f"{turns[-1].content}\n\n"
            shared = len(before) + turn.shared if turn.shared else turns[-1].shared
            turns[-1] = Message(turn.role, before + turn.content, shared, turn.picture or turns[-1].picture)
        else:
            turns.append(turn)
    return turns


def check_room(needed: int, context: int) -> None:
    """Raise ContextOverflowError if `needed` tokens of prompt and answer are more than the context has."""
    if needed > context:
        raise ContextOverflowError(
            f"the prompt and its answer need about {needed} tokens, but the model's context has "
            f"{context}; shorten the question, or raise llm.context"
        )


@dataclass(frozen=True, slots=True)
class Completion:
    """A complete answer, without thoughts, and how it ended."""

    text: str
    ending: Ending

    @property
    def is_whole(self) -> bool:
        """False for an answer that is empty or was cut off, which must not be cached as the model's answer."""
        return bool(self.text) and not self.ending.cut


class UnfinishedError(ModelError):
    """The model wrote nothing (`empty`), or its answer was cut off."""

    def __init__(self, message: str, empty: bool) -> None:
        super().__init__(message)
        self.empty = empty


def write(
    model: ChatModel, messages: Sequence[Message], max_tokens: int, until: Callable[[str], bool] | None = None
) -> Completion:
    """The complete answer, or its beginning up to where `until` returned true for the text so far."""
    return gathered(stream_text(model, messages, max_tokens), until)


def gathered(pieces: Generator[str, None, Ending], until: Callable[[str], bool] | None = None) -> Completion:
    """The joined pieces of `stream_text` or `stream_form`."""
    text = ""
    with closing(pieces):
        try:
            while True:
                piece = next(pieces)
                text = piece if isinstance(piece, Restart) else text + piece
                if until is not None and until(text):
                    return Completion(text.strip(), Ending())
        except StopIteration as end:
            return Completion(text.strip(), end.value)


def complete(
    model: ChatModel, messages: Sequence[Message], max_tokens: int, until: Callable[[str], bool] | None = None
) -> str:
    """The text of `write`, even if it is empty or was cut off. Use `complete_whole` for text that is cached."""
    return write(model, messages, max_tokens, until).text


def complete_whole(
    model: ChatModel, messages: Sequence[Message], max_tokens: int, until: Callable[[str], bool] | None = None
) -> str:
    """The text of `write`. Raises UnfinishedError if it is empty or was cut off, so that no cache keeps it; and the
    errors of `ChatModel.stream`."""
    written = write(model, messages, max_tokens, until)
    if not written.is_whole:
        raise unfinished(model.name, written, max_tokens)
    return written.text


def unfinished(name: str, written: Completion, max_tokens: int) -> UnfinishedError:
    """The error for an answer that is empty or was cut off; it says what to do."""
    if written.text:
        return UnfinishedError(f"{name} was cut off after {max_tokens} tokens; its answer is incomplete", empty=False)
    if written.ending.thought:
        limit = f" until its limit of {max_tokens} tokens" if written.ending.cut else ""
        return UnfinishedError(
            f"{name} wrote only a thought{limit} and no answer; raise llm.thinking_tokens, or turn its thinking off "
            'with llm.extra, as in {"reasoning_effort": "low"} or {"chat_template_kwargs": {"enable_thinking": false}}',
            empty=True,
        )
    return UnfinishedError(f"{name} wrote nothing; try another model, or check the server's log", empty=True)
