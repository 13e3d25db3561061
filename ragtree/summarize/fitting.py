"""What the model is shown of a group: all that it is to read, or as much as fits its context."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import ContextOverflowError
from ..llm.base import ChatModel, Message, prompt_tokens
from ..prompting import fence, render
from ..settings import SummarizeSettings
from ..text.tokens import count_tokens
from .extractive import choose, telling
from .group_sentences import GroupSentences

_WORDS_A_TOKEN = 0.7
_SPARE = 8
"""Tokens by which a prompt may be longer than its parts."""
_LONGEST_LANGUAGE = "the language of the passages"


@dataclass(frozen=True, slots=True)
class Shown:
    """The fenced passages, and the tokens (cl100k) of wanted sentences that did not fit."""

    passages: str
    left_out: int = 0


def messages_of(
    name: str, passages: str, settings: SummarizeSettings, prompts: Path | None, language: str
) -> list[Message]:
    """The messages of a template. Raises PromptError."""
    fields = {"passages": passages, "words": str(int(settings.tokens * _WORDS_A_TOKEN))}
    if name == "resummarize":
        fields["language"] = language
    prompt = render(name, prompts, **fields)
    return [Message("system", prompt.system), Message("user", prompt.user)]


def answer_tokens(settings: SummarizeSettings) -> int:
    """Most tokens that the model may write: some of its sentences will not be kept."""
    return int(settings.tokens * 1.5)


def fitted(
    group: GroupSentences,
    wanted: Sequence[int] | None,
    model: ChatModel,
    settings: SummarizeSettings,
    prompts: Path | None,
) -> Shown:
    """The wanted sentences, or with None the whole texts; if the context is too small, the most central of them.

    Raises ContextOverflowError if there is no room for a single one, ModelError as the model does.
    """
    room = model.context - answer_tokens(settings) - _SPARE
    room -= max(
        prompt_tokens(model, messages_of(name, "", settings, prompts, _LONGEST_LANGUAGE))
        for name in ("summarize", "resummarize")
    )
    if wanted is None and group.cut:
        wanted = range(len(group.plain))
    whole = _fenced(group.texts) if wanted is None else _passages(group, wanted)
    if model.count(whole) <= room:
        return Shown(whole)
    rows = telling(group.plain) if wanted is None else list(wanted)
    counts = [model.count(group.plain[row]) for row in rows]
    room -= len({group.sources[row].text for row in rows}) * model.count(fence(len(group.texts), ""))
    chosen = [rows[index] for index in choose(group.vectors[rows], counts, room, same=math.inf)]
    if not chosen:
        raise ContextOverflowError(
            f"the context of {model.name} has {model.context} tokens, too few for a sentence of the group; "
            "raise llm.context, or lower summarize.tokens"
        )
    left_out = sum(count_tokens(group.plain[row]) for row in set(rows) - set(chosen))
    return Shown(_passages(group, chosen), left_out)


def _passages(group: GroupSentences, rows: Sequence[int]) -> str:
    """The sentences as passages, one for each text that they come from."""
    texts: dict[int, list[str]] = {}
    for row in rows:
        texts.setdefault(group.sources[row].text, []).append(group.plain[row])
    return _fenced([" ".join(sentences) for sentences in texts.values()])


def _fenced(texts: Sequence[str]) -> str:
    return "\n".join(fence(number, text) for number, text in enumerate(texts, start=1))
