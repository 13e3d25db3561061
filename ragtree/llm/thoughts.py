"""What a reasoning model writes -> its final text, piece by piece, without its thoughts.

Models mark their thoughts in ways of their own. A chat template may open the thought itself, so that only its end is
written; and a limit may cut it off before its end. Both are known here, whatever program runs the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_NAMES = "think thinking thought thoughts reason reasoning reflection scratchpad seed:think"
_PAIRS = {
    **{f"<{name}>": f"</{name}>" for name in _NAMES.split()},
    "[THINK]": "[/THINK]",
    "◁think▷": "◁/think▷",
    "<|think|>": "<|/think|>",
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "<|START_THINKING|>": "<|END_THINKING|>",
    "<|channel>thought": "<channel|>",
    "<|channel|>analysis<|message|>": "<|end|>",
    "<|channel|>commentary<|message|>": "<|end|>",
}
"""Beginning and end of a thought: of DeepSeek, Qwen and most others; Seed; Magistral; Kimi; OpenThinker; Command;
Gemma; gpt-oss."""
_LEADING_PAIRS = {"here is my thought process:": "here is my response:", "analysis": "assistantfinal"}
"""The same for marks that are ordinary words, and count only where an answer begins: Granite's, and what is left of
gpt-oss's where a program drops special tokens."""
_FRAMES = (
    *("<answer>", "</answer>", "<response>", "</response>", "<|begin_of_solution|>", "<|end_of_solution|>"),
    *("<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|start|>assistant", "<|channel|>final<|message|>"),
    *("<|end|>", "<|return|>"),
)
"""What models put around the final text behind a thought."""
_QUOTES = frozenset("`'\"“‘«(")
"""Before a mark: the text speaks of it."""

_MARKS = sorted({*_PAIRS, *_PAIRS.values(), *_FRAMES}, key=len, reverse=True)
_MARK = re.compile("|".join(map(re.escape, _MARKS)), re.I)
_FRAME_MARKS = frozenset(frame.lower() for frame in _FRAMES)
_ENDS = frozenset(end.lower() for end in _PAIRS.values()) - _FRAME_MARKS
"""Marks that say, wherever they come, that what stood before them was a thought."""
_CLOSES = {begin.lower(): end for begin, end in {**_PAIRS, **_LEADING_PAIRS}.items()}
_LEADING = re.compile(r"\s*(here is my thought process:|(?-i:analysis(?=[A-Z])))", re.I)


def _beginnings(marks: Iterable[str]) -> frozenset[str]:
    return frozenset(mark[:end].lower() for mark in marks for end in range(1, len(mark)))


_PARTS = _beginnings(_MARKS)
_LEADING_PARTS = _beginnings(_LEADING_PAIRS) | {"analysis"}
_LONGEST = max(map(len, _PARTS))


def opened_at_the_end(prompt: str) -> str:
    """The mark with which a prompt ends where it begins a thought; empty where it does not."""
    ended = prompt.rstrip()
    return next((mark for mark in _PAIRS if ended.lower().endswith(mark.lower())), "")


class Anew(str):
    """A piece with which the text begins anew: what came before it turned out to be a thought."""

    __slots__ = ()


class FinalText:
    """Takes the pieces that a model writes, and gives the final text among them as soon as it is known to be that."""

    def __init__(self) -> None:
        self.thought = False
        """True if there was a thought."""
        self._waiting = ""
        self._close: re.Pattern[str] | None = None
        """What ends the thought that is open."""
        self._opened = False
        """True if a thought was opened, and not only closed."""
        self._said = False
        self._anew = False
        """True if what was said was a thought, and nothing has been said since."""
        self._last = "\n"
        """The line that is being written, up to what waits."""

    def feed(self, piece: str) -> Iterator[str]:
        """The next piece of the model's text -> pieces of final text."""
        self._waiting += piece
        while self._waiting:
            if self._close is not None:
                found = self._close.search(self._waiting)
                if found is None:
                    self._waiting = self._waiting[-_LONGEST:]
                    return
                self._waiting = self._waiting[found.end() :]
                self._close = None
                self._last = "\n"
                continue
            mark = self._mark()
            if mark is None:
                yield from self._say(len(self._waiting) - self._held())
                return
            yield from self._at(mark)

    def end(self) -> Iterator[str]:
        """What is left when the model has stopped. A thought that was never closed is none of it."""
        if self._close is None:
            yield from self._say(len(self._waiting))
        if self._anew and self._said and not self._opened:
            yield Anew("")

    def _mark(self) -> re.Match[str] | None:
        """The next mark, whether it counts or not."""
        if not self._said and not self._anew:
            leading = _LEADING.match(self._waiting)
            if leading is not None:
                return leading
        return _MARK.search(self._waiting)

    def _at(self, mark: re.Match[str]) -> Iterator[str]:
        """Go on behind a mark."""
        written = mark.group().strip().lower()
        before = self._last + self._waiting[: mark.start()]
        quoted = before[-1] in _QUOTES
        if written in _CLOSES and not before.rpartition("\n")[2].strip():
            yield from self._say(mark.start())
            self._waiting = self._waiting[mark.end() - mark.start() :]
            self._close = re.compile(re.escape(_CLOSES[written]), re.I)
            self.thought = self._opened = True
        elif written in _ENDS and not quoted:
            if self._opened:  # it may also be one end too many, behind the answer
                yield from self._say(mark.start())
                self._waiting = self._waiting[mark.end() - mark.start() :]
            else:
                self._waiting = self._waiting[mark.end() :]
            self._anew = self.thought = True
            self._last = "\n"
        elif self.thought and written in _FRAME_MARKS and not quoted:
            yield from self._say(mark.start())
            self._waiting = self._waiting[mark.end() - mark.start() :]
        else:
            yield from self._say(mark.end())

    def _held(self) -> int:
        """Characters at the end that may be the beginning of a mark."""
        most = min(len(self._waiting), _LONGEST)
        longest = next((n for n in range(most, 0, -1) if self._waiting[-n:].lower() in _PARTS), 0)
        leads = not self._said and self._waiting.strip().lower() in _LEADING_PARTS
        return len(self._waiting) if leads else longest

    def _say(self, count: int) -> Iterator[str]:
        """So many of the characters that wait are final."""
        text, self._waiting = self._waiting[:count], self._waiting[count:]
        self._last = "\n" + (self._last + text).rpartition("\n")[2]
        if self._anew or not self._said:
            text = text.lstrip()
        if text:
            yield Anew(text) if self._anew and self._said else text
            self._anew, self._said = False, True
