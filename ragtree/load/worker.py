"""A process that reads files for its parent: `python -m ragtree.load.worker`, started and ended by `worker_process.py`.

If a parser crashes, hangs or takes all the memory, only this process and one file are lost. The process may not write
files, start programs or reach the network, whatever a document asks for.
"""

from __future__ import annotations

import contextlib
import math
import signal
from base64 import b64encode
from collections.abc import Iterator
from typing import BinaryIO

from ..errors import LoadError
from ..settings import LoadSettings
from .format_contents import FIGURES_LATER, LATER
from .limits import MEMORY_MEGABYTES
from .members import members_of
from .messages import EXHAUSTED, PictureAnswer, ReadReply, ReadRequest, receive_answer, receive_request, send
from .parsing import parse
from .recognition.base import NotRecognizedError, Pixels, RecognizedPage, key_of
from .recognition.engine import Engine, engine_name
from .sandbox import confine, limit_memory

_ORPHAN_SECONDS = 10
"""Seconds after the parent's limit at which this process ends itself, in case the parent has gone."""


def main() -> None:
    """Answer requests until the parent closes the pipe."""
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    requests, replies = confine()
    send(replies, ReadReply(kind="ready"))
    while (asked := receive_request(requests)) is not None:
        request, data = asked
        limit_memory(MEMORY_MEGABYTES)
        try:
            asking = _Asking(requests, replies, request.limits)
            for reply in _answers(request, data, asking):
                _limit_seconds(None)  # waiting for the parent does not count
                send(replies, reply)
                _limit_seconds(request.limits)
                if reply.kind == "exhausted":
                    return
            _limit_seconds(None)
            send(replies, ReadReply(kind="done"))
        except BrokenPipeError:
            return


def _answers(request: ReadRequest, data: bytes, asking: _Asking) -> Iterator[ReadReply]:
    limits = request.limits
    _limit_seconds(limits)
    try:
        for number, member in enumerate(members_of(data, request.source, limits), start=1):
            if number <= request.passed:
                continue
            yield ReadReply(kind="begin", source=member.source)
            if member.reason:
                yield ReadReply(kind="refused", source=member.source, reason=member.reason)
            else:
                yield _parsed(member.data, member.source, limits, asking)
    except MemoryError:
        yield _exhausted(request.source)


def _parsed(data: bytes, source: str, limits: LoadSettings, asking: _Asking) -> ReadReply:
    try:
        return ReadReply(kind="document", source=source, document=parse(data, source, limits, asking, asking))
    except LoadError as error:
        return ReadReply(kind="refused", source=error.source, reason=error.reason)
    except MemoryError:
        return _exhausted(source)


def _exhausted(source: str) -> ReadReply:
    """The reply for a file that needs more memory than it may have."""
    return ReadReply(kind="exhausted", source=source, reason=f"{EXHAUSTED} {MEMORY_MEGABYTES} MB; split it")


class _Asking:
    """Recognizes pictures whose text the parent does not know, and lets the parent describe others. Each picture may
    take as long as a file."""

    def __init__(self, requests: BinaryIO, replies: BinaryIO, limits: LoadSettings) -> None:
        self._requests = requests
        self._replies = replies
        self._limits = limits
        self._engine = Engine()
        self._is_late = False

    def check(self) -> None:
        if self._is_late:
            raise NotRecognizedError(LATER)

    def recognize(self, pixels: Pixels) -> RecognizedPage:
        self.check()
        answer = self._answer(ReadReply(kind="picture", key=key_of(pixels, engine_name())))
        if answer.page:
            return RecognizedPage.from_json(answer.page)
        if answer.later:
            self._is_late = True
            raise NotRecognizedError(LATER)
        page = self._engine.recognize(pixels)
        send(self._replies, ReadReply(kind="recognized", page=page.to_json()))
        _limit_seconds(self._limits)
        return page

    def describe(self, key: str, picture: bytes) -> str:
        answer = self._answer(ReadReply(kind="figure", key=key, picture=b64encode(picture)))
        if answer.later:
            raise NotRecognizedError(FIGURES_LATER, answer.reason)
        return answer.page

    def _answer(self, reply: ReadReply) -> PictureAnswer:
        """Ask the parent, whose time does not count."""
        _limit_seconds(None)
        send(self._replies, reply)
        answer = receive_answer(self._requests)
        _limit_seconds(self._limits)
        if answer is None:
            raise BrokenPipeError("the parent has gone")
        return answer


def _limit_seconds(limits: LoadSettings | None) -> None:
    """Set the alarm that ends this process if the parent was killed; None clears it. It works even if Python hangs."""
    if hasattr(signal, "alarm"):
        signal.alarm(0 if limits is None else math.ceil(limits.max_seconds) + _ORPHAN_SECONDS)


if __name__ == "__main__":
    main()
