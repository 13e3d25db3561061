"""What a question is about: its words beside those of requests. In a comparison these are the sides."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..titles import Token, tokens

_SIDES = 2
_MOST = 3


def topics_of(question: str, is_request_word: Callable[[str], bool]) -> list[str]:
    """The runs of words that are not words of requests: of "Rc vs Arc?" Rc and Arc; none of "What is in here?"."""
    runs: list[list[Token]] = []
    inside = False
    for token in tokens(question):
        is_name = token.start > 0 and question[token.start].isupper()
        if is_request_word(token.text) and not is_name:
            inside = False
            continue
        if not inside:
            runs.append([])
        runs[-1].append(token)
        inside = True
    return [question[run[0].start : run[-1].end] for run in runs]


def sides_of(topics: Sequence[str]) -> list[str]:
    """What a question compares, each side together with what it is compared in; empty if no two sides are seen."""
    sides, rest = topics[:_SIDES], topics[_SIDES:_MOST]
    return [" ".join([side, *rest]) for side in sides] if len(sides) == _SIDES else []
