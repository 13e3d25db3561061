"""What a check finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

State: TypeAlias = Literal["good", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    found: str
    state: State = "good"
    """`note` is for what works and could be better, `wrong` for what does not."""
    advice: str = ""
    """What to do; always there where something is wrong."""


Look: TypeAlias = Callable[[], Iterable[Check]]


def is_server(model: str) -> bool:
    """True for the name of a model behind a server."""
    return model.lower().startswith(("http://", "https://", "openai:"))


def told(name: str, error: Exception, state: State = "wrong") -> Check:
    """An error of ours as a check: its last part says what to do."""
    text = " ".join(str(error).split()) or type(error).__name__
    found, _, advice = text.rpartition("; ")
    if not found:
        return Check(name, text, state, "mend what the message names")
    return Check(name, found, state, advice)


def looked(name: str, look: Look) -> Iterator[Check]:
    """The checks of one thing. What looking at it raises is a check, too: the others go on."""
    try:
        yield from look()
    except Exception as error:  # noqa: BLE001 - the edge of the room: a diagnosis has to come to its end
        said = " ".join(str(error).split())[:200]
        yield Check(name, f"could not be looked at ({type(error).__name__}: {said})", "wrong", "report this as a bug")
