"""Found passages -> a short answer that can be scored."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

from ..errors import ContextOverflowError
from ..llm.base import ChatModel, Message, complete, prompt_tokens
from ..prompting import fence, render
from ..retrieve.base import Limit, pack
from ..types import Answer, Hit, Usage

SHORT_TOKENS = 32
"""Tokens of a short answer: the longest references of SQuAD and QASPER's extractive answers are of that size."""
_ABSTAINED = re.compile(r"\bunanswerable\b", re.IGNORECASE)


def read_short(
    model: ChatModel, question: str, hits: Sequence[Hit], budget: int, prompts: Path | None = None
) -> Answer:
    """A short answer by the model alone, unchecked and uncited: what exact match and token F1 were made for.

    `supported` is False if the model says that there is none. All modes share this reader, so that only what was found
    differs. Raises ContextOverflowError if not one passage fits, and ModelError.
    """
    started = time.monotonic()
    messages = passages_prompt(model, "short", question, hits, budget, SHORT_TOKENS, prompts)
    text = complete(model, messages, SHORT_TOKENS).split("\n")[0].strip()
    answered = bool(text) and not _ABSTAINED.search(text)
    usage = Usage(prompt_tokens(model, messages), model.count(text), time.monotonic() - started)
    return Answer(question, text if answered else "", hits=tuple(hits), supported=answered, usage=usage)


def passages_prompt(
    model: ChatModel,
    template: str,
    question: str,
    hits: Sequence[Hit],
    budget: int,
    reserve: int,
    prompts: Path | None,
    **fields: str,
) -> list[Message]:
    """The prompt with the best passages, up to `budget` tokens; the best is last, where models read best.

    If the model's context cannot hold them and `reserve` tokens, the worst are left out. Raises ContextOverflowError.
    """
    read = pack(hits, Limit(tokens=budget))
    for count in range(len(read), -1, -1):
        chosen = [fence(number, hit.node.text) for number, hit in enumerate(reversed(read[:count]), start=1)]
        prompt = render(template, prompts, passages="\n".join(chosen), question=question, **fields)
        messages = [Message("system", prompt.system), Message("user", prompt.user)]
        if prompt_tokens(model, messages) + reserve <= model.context and (count or not read):
            return messages
    raise ContextOverflowError(
        f"the question {question[:60]!r} and its best passage do not fit the model's context of {model.context}; "
        "raise llm.context, or lower chunk.tokens"
    )
