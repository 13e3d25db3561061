"""What a question is about: its words that are not request words. In a comparison these are the sides."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..text.titles import Token, tokens

_SIDES = 2
_MOST = 3
_FEW = 2
"""With so few words, a question is not taken for a title in which all words have capitals."""


def topic_tokens(words: Sequence[Token], question: str, is_request_word: Callable[[str], bool]) -> list[Token]:
    """The words that are not request words. A request word with a capital next to another name is part of that name:
    the Good of Good Intent."""
    within = [bool(word.start) and question[word.start].isupper() for word in words]
    tells = len(words) - sum(within) > 1 or len(words) <= _FEW  # in a title all words have capitals
    named = [capital and tells for capital in within]
    said = [question[word.start : word.end] if name else word.text for word, name in zip(words, named, strict=True)]
    topics = [not is_request_word(word) for word in said]
    is_name = [topic and name for topic, name in zip(topics, named, strict=True)]
    beside = [any(is_name[max(0, place - 1) : place + 2]) for place in range(len(words))]
    return [
        word for word, topic, name, near in zip(words, topics, named, beside, strict=True) if topic or (name and near)
    ]


def topics_of(question: str, is_request_word: Callable[[str], bool]) -> list[str]:
    """The runs of words that are not request words: Rc and Arc in "Rc vs Arc?"; none in "What is in here?"."""
    words = tokens(question)
    place = {word: number for number, word in enumerate(words)}
    runs: list[list[Token]] = []
    for word in topic_tokens(words, question, is_request_word):
        if runs and place[word] == place[runs[-1][-1]] + 1:
            runs[-1].append(word)
        else:
            runs.append([word])
    return [question[run[0].start : run[-1].end] for run in runs]


def sides_of(topics: Sequence[str]) -> list[str]:
    """The two sides of a comparison, each followed by what they are compared in; empty if there are not two."""
    sides, rest = topics[:_SIDES], topics[_SIDES:_MOST]
    return [" ".join([side, *rest]) for side in sides] if len(sides) == _SIDES else []
