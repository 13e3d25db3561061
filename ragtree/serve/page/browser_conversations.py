"""The conversations of the page, one for each browser and collection. They are in memory, and bounded."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from ...async_parts import AsyncChat
from ..collections import Collection

COOKIE = "ragtree_conversation"
_MOST = 200
_MOST_ANSWERS = 200
"""Answers of a conversation, each with the passages that were read for it."""
_SECONDS = 24 * 3600.0


@dataclass(slots=True)
class Conversation:
    """What one browser and one collection have said to each other."""

    chat: AsyncChat
    document: str = ""
    """The only document that is asked; empty for all."""
    used: float = field(default_factory=time.monotonic)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a question is answered."""

    def ask_only(self, document: str) -> None:
        """Ask this document next; empty for all."""
        self.document = document
        self.chat.where = {"document_id": document} if document else None


class BrowserConversations:
    """Conversations by the browser's secret."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Conversation] = OrderedDict()

    def find(self, browser: str, collection: Collection) -> Conversation | None:
        """The conversation that is kept, if it is not too old."""
        self._forget_old()
        found = self._kept.get((browser, collection.name))
        if found is not None:
            found.used = time.monotonic()
            self._kept.move_to_end((browser, collection.name))
        return found

    def begin(self, browser: str, collection: Collection) -> Conversation:
        """A new conversation in place of the one that was kept."""
        made = Conversation(collection.tree.chat())
        self._kept[browser, collection.name] = made
        self._kept.move_to_end((browser, collection.name))
        self._forget_old()
        return made

    def forget(self, browser: str, collection: Collection) -> None:
        """Forget what was said."""
        self._kept.pop((browser, collection.name), None)

    def is_full(self, conversation: Conversation) -> bool:
        """True where no more answers are added to it."""
        return len(conversation.chat.history) >= _MOST_ANSWERS

    def _forget_old(self) -> None:
        oldest = time.monotonic() - _SECONDS
        while self._kept and (len(self._kept) > _MOST or next(iter(self._kept.values())).used < oldest):
            self._kept.popitem(last=False)


def browser_of(request: Request) -> str:
    """The browser's secret; empty if it has none yet."""
    said = request.cookies.get(COOKIE, "")
    return said if 20 <= len(said) <= 100 and said.isascii() else ""


def new_browser() -> str:
    """A secret for a browser."""
    return secrets.token_urlsafe(24)


def remember(response: Response, request: Request, browser: str) -> None:
    """Let the browser keep its secret; scripts and other sites do not see it."""
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, browser, max_age=int(_SECONDS), httponly=True, samesite="strict", secure=secure)
