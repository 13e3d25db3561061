"""A model that never stops writing by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Sequence

from ragtree.llm.base import Message
from ragtree.llm.scripted import ScriptedChat


class Endless(ScriptedChat):
    """Writes without end; sets `begun` when it starts, and `closed` when its iterator is closed."""

    def __init__(self) -> None:
        super().__init__(["Yes"], context=100_000)
        self.begun, self.closed = threading.Event(), threading.Event()

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
        self.begun.set()
        try:
            while True:
                time.sleep(0.005)
                yield "word "
        finally:
            self.closed.set()
