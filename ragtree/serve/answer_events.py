"""An answer as events for a network: what is being done, checked pieces of text, and the whole answer at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..async_parts import AsyncChat
from ..types import Answer, Step


@dataclass(frozen=True, slots=True)
class StepEvent:
    """A step of the work. What a model writes before it is checked is not in it."""

    kind: Literal["search", "read", "write"]
    sources: tuple[str, ...] = ()
    """The documents that were found, the best first."""


@dataclass(frozen=True, slots=True)
class TextEvent:
    """Text of the answer, checked."""

    text: str


Event: TypeAlias = StepEvent | TextEvent | Answer


@asynccontextmanager
async def answer_events(chat: AsyncChat, question: str) -> AsyncIterator[AsyncIterator[Event]]:
    """The events of an answer; the last one is the Answer.

    Leaving the block early stops the model, and the question is not remembered. The iterator raises what
    `RagTree.ask` raises.
    """
    events: asyncio.Queue[Event | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def step(done: Step) -> None:  # in a thread
        sources = tuple(dict.fromkeys(hit.node.source for hit in done.hits if hit.node.source))
        loop.call_soon_threadsafe(events.put_nowait, StepEvent(done.kind, sources))

    async def pump() -> None:
        try:
            async with aclosing(chat.stream(question)) as pieces:
                async for text in pieces:
                    events.put_nowait(TextEvent(text))
            assert chat.last is not None
            events.put_nowait(chat.last)
        finally:
            events.put_nowait(None)

    async def read() -> AsyncIterator[Event]:
        last: StepEvent | None = None
        while (event := await events.get()) is not None:
            if isinstance(event, StepEvent):
                if event == last:
                    continue
                last = event
            yield event
        await task  # raises what the answer raised

    chat.on_step = step
    task = asyncio.ensure_future(pump())
    try:
        yield read()
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # it was raised above, or nobody reads any more
