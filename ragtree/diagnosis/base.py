"""The result of a check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..model_names import is_server as is_server

State: TypeAlias = Literal["good", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check."""

    name: str
    found: str
    state: State = "good"
    """`note`: it works and could be better. `wrong`: it does not work."""
    advice: str = ""
    """What to do. Never empty if the state is `wrong`."""


Look: TypeAlias = Callable[[], Iterable[Check]]


def error_check(name: str, error: Exception, state: State = "wrong") -> Check:
    """A ragtree error as a check. The part after its last semicolon is the advice."""
    text = " ".join(str(error).split()) or type(error).__name__
    found, _, advice = text.rpartition("; ")
    if not found:
        return Check(name, text, state, "fix what the message names")
    return Check(name, found, state, advice)


def guarded_checks(name: str, look: Look) -> Iterator[Check]:
    """The checks that `look` yields. An exception becomes a failed check, so that the other checks still run."""
    try:
        yield from look()
    except Exception as error:  # noqa: BLE001 - the edge of the package: one failure must not end the diagnosis
        said = " ".join(str(error).split())[:200]
        yield Check(name, f"the check failed ({type(error).__name__}: {said})", "wrong", "report this as a bug")
