"""What a question is about: its words beside those of requests. In a comparison these are the sides."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..titles import Token, tokens

_SIDES = 2
_MOST = 3


def topic_tokens(words: Sequence[Token], question: str, is_request_word: Callable[[str], bool]) -> list[Token]:
    """The words that are not words of requests. A word of requests with a capital beside another name is part of it:
    the Good of Good Intent."""
    topics = [not is_request_word(word.text) for word in words]
    named = [bool(word.start) and question[word.start].isupper() for word in words]
    is_name = [topic and name for topic, name in zip(topics, named, strict=True)]
    beside = [any(is_name[max(0, place - 1) : place + 2]) for place in range(len(words))]
    return [
        word for word, topic, name, near in zip(words, topics, named, beside, strict=True) if topic or (name and near)
    ]


def topics_of(question: str, is_request_word: Callable[[str], bool]) -> list[str]:
    """The runs of words that are not words of requests: of "Rc vs Arc?" Rc and Arc; none of "What is in here?"."""
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
    """What a question compares, each side together with what it is compared in; empty if no two sides are seen."""
    sides, rest = topics[:_SIDES], topics[_SIDES:_MOST]
    return [" ".join([side, *rest]) for side in sides] if len(sides) == _SIDES else []
