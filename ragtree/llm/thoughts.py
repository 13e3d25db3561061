"""Streamed output of a reasoning model -> its final text, piece by piece, without its thoughts.

Models mark their thoughts with different tags. A chat template may open the thought itself, so that the model writes
only the closing tag; a token limit may cut the thought off before that tag. Both are handled, for models that a server
runs and for those in this process.
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
"""Opening and closing tags of thoughts: DeepSeek, Qwen and most others; Seed; Magistral; Kimi; OpenThinker; Command;
Gemma; gpt-oss."""
_LEADING_PAIRS = {"here is my thought process:": "here is my response:", "analysis": "assistantfinal"}
"""The same for marks that are ordinary words, and so count only at the beginning of an answer: those of Granite, and of
gpt-oss if a program drops the special tokens."""
_FRAMES = (
    *("<answer>", "</answer>", "<response>", "</response>", "<|begin_of_solution|>", "<|end_of_solution|>"),
    *("<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|start|>assistant", "<|channel|>final<|message|>"),
    *("<|end|>", "<|return|>"),
)
"""Tags that models put around the final text after a thought."""
_QUOTES = frozenset("`'\"“‘«(*_|[~")
"""Characters before a mark that show that the text only mentions it."""
_TAG = re.compile(r"</?\w|\[")
"""A mark that a text may have for other reasons; the others are single tokens of their models."""
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_ITEM = re.compile(r"\s*\d+[.)]\s*")
_SENTENCE_ENDS = tuple(".!?…。！？")

_MARKS = sorted({*_PAIRS, *_PAIRS.values(), *_FRAMES}, key=len, reverse=True)
_MARK = re.compile("|".join(map(re.escape, _MARKS)), re.I)
_FRAME_MARKS = frozenset(frame.lower() for frame in _FRAMES)
_ENDS = frozenset(end.lower() for end in _PAIRS.values()) - _FRAME_MARKS
"""Closing tags. Anywhere in the text, they mean that what came before them was a thought."""
_CLOSES = {begin.lower(): end for begin, end in {**_PAIRS, **_LEADING_PAIRS}.items()}
_OPENS = {end.lower(): begin.lower() for begin, end in _PAIRS.items()}
_LEADING = re.compile(r"\s*(here is my thought process:|(?-i:analysis(?=[A-Z])))", re.I)


def _beginnings(marks: Iterable[str]) -> frozenset[str]:
    return frozenset(mark[:end].lower() for mark in marks for end in range(1, len(mark)))


_PARTS = _beginnings(_MARKS)
_LEADING_PARTS = _beginnings(_LEADING_PAIRS) | {"analysis"}
_LONGEST = max(map(len, _PARTS))


def opened_at_the_end(prompt: str) -> str:
    """The opening tag of a thought at the end of a prompt; empty if there is none."""
    ended = prompt.rstrip()
    return next((mark for mark in _PAIRS if ended.lower().endswith(mark.lower())), "")


class Restart(str):
    """A piece that starts the text again, because the pieces before it turned out to be a thought."""

    __slots__ = ()


class FinalText:
    """Takes the pieces that a model writes, and yields final text as soon as it is known to be final."""

    def __init__(self) -> None:
        self.thought = False
        """True if there was a thought."""
        self._waiting = ""
        self._close: re.Pattern[str] | None = None
        """The pattern that closes the current thought; None outside of one."""
        self._opened = ""
        """The tag that opened the first thought; empty if the model wrote none, but perhaps a closing one."""
        self._framed = False
        """True if the answer is between tags of its own."""
        self._spoken_of: set[str] = set()
        """Closing tags of those that the answer only mentions at the beginning of a line."""
        self._fences = 0
        """Lines so far, without the current one, that begin or end a code block."""
        self._said = False
        self._anew = False
        """True if the text so far was a thought, and no final text has followed yet."""
        self._last = "\n"
        """The current line, without the text that still waits."""

    def feed(self, piece: str) -> Iterator[str]:
        """Takes the next piece of the model's text, and yields pieces of final text."""
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
        """Yields the rest of the final text after the model has stopped. A thought that was never closed is dropped."""
        if self._close is None:
            yield from self._say(len(self._waiting))
        if self._anew and self._said and not self._opened:
            yield Restart("")

    def _mark(self) -> re.Match[str] | None:
        """The next mark, whether or not it counts as one."""
        if not self._said and not self._anew:
            leading = _LEADING.match(self._waiting)
            if leading is not None:
                return leading
        return _MARK.search(self._waiting)

    def _at(self, mark: re.Match[str]) -> Iterator[str]:
        """Handle a mark, and continue after it."""
        written = mark.group().strip().lower()
        before = self._last + self._waiting[: mark.start()]
        if written in _CLOSES and self._begins_thought(written, before):
            yield from self._skip(mark)
            self._close = re.compile(re.escape(_CLOSES[written]), re.I)
            self._opened = self._opened or written
            self.thought = True
        elif written in _ENDS and self._ends_thought(written, before):
            if self._opened:  # it may also be a superfluous closing tag after the answer
                yield from self._skip(mark)
            else:
                self._waiting = self._waiting[mark.end() :]
            self._anew = self.thought = True
            self._last, self._fences = "\n", 0
        elif self.thought and written in _FRAME_MARKS and self._frames(written, before):
            yield from self._skip(mark)
            self._framed = True
        else:
            yield from self._say(mark.end())

    def _begins_thought(self, written: str, before: str) -> bool:
        """True for a mark in front of an answer, or of a kind that has opened a thought; on a line of its own, and not
        in a block of code. Elsewhere the text only mentions it, such as a template or an XML file."""
        if _line(before).strip():
            return False
        whole_lines = before.rpartition("\n")[0]
        in_code = (self._fences + len(_FENCE.findall(whole_lines))) % 2 == 1
        if not in_code and (self._is_first(before) or written == self._opened or not _TAG.match(written)):
            return True
        self._spoken_of.add(_CLOSES[written].lower())
        return False

    def _ends_thought(self, written: str, before: str) -> bool:
        """True for a closing tag on its own line or right after a text: a sentence that mentions it has it inside."""
        line = _line(before)
        if before[-1] in _QUOTES or written in self._spoken_of or _OPENS[written] in line.lower():
            return False
        if not line[-1:].isspace() or not line.strip() or not _TAG.match(written):
            return True
        return line.rstrip().endswith(_SENTENCE_ENDS) and not _ITEM.fullmatch(line)

    def _frames(self, written: str, before: str) -> bool:
        """True for the beginning of a frame in front of the answer, and for its end if it has begun."""
        if before[-1] in _QUOTES:
            return False
        return self._framed if written.startswith("</") else not _TAG.match(written) or self._is_first(before)

    def _is_first(self, before: str) -> bool:
        """True if nothing but a thought comes before a mark."""
        return not before.strip() and (not self._said or self._anew)

    def _skip(self, mark: re.Match[str]) -> Iterator[str]:
        """Yield the text before a mark, which is final, and drop the mark."""
        yield from self._say(mark.start())
        self._waiting = self._waiting[mark.end() - mark.start() :]

    def _held(self) -> int:
        """Number of characters at the end that may be the beginning of a mark."""
        most = min(len(self._waiting), _LONGEST)
        longest = next((n for n in range(most, 0, -1) if self._waiting[-n:].lower() in _PARTS), 0)
        leads = not self._said and self._waiting.strip().lower() in _LEADING_PARTS
        return len(self._waiting) if leads else longest

    def _say(self, count: int) -> Iterator[str]:
        """Yields the first `count` of the waiting characters as final text."""
        text, self._waiting = self._waiting[:count], self._waiting[count:]
        lines, _, line = (self._last + text).rpartition("\n")
        self._fences += len(_FENCE.findall(lines))
        self._last = f"\n{line}"
        if self._anew or not self._said:
            text = text.lstrip()
        if text:
            yield Restart(text) if self._anew and self._said else text
            self._anew, self._said = False, True


def _line(text: str) -> str:
    """The last line of a text."""
    return text.rpartition("\n")[2]
