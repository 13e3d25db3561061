"""Several servers with the same model: a request goes where the fewest wait.

    servers = ModelServers("http://one:8000/v1,http://two:8000/v1", timeout=60)
    servers.ask(lambda client: client.embeddings.create(model="e", input="a text"), "embeddings by 'e'")

A server that cannot be reached, or answers 502 to 504, is left out for a while, longer each time, and then tried with
one request. One that answers 429 while several requests are there gets fewer at once from then on; after half a minute
without 429 it gets one more. One server is treated in the same way.
"""

from __future__ import annotations

import math
import random
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from .errors import ModelError, SettingsError
from .model_server import ModelServer, ServerError, UnreachableError, server_address
from .stopping import check_wanted

if TYPE_CHECKING:
    from openai import OpenAI

Answered = TypeVar("Answered")

_BETWEEN = re.compile(r"\s*,\s*(?=https?://|$)", re.IGNORECASE)
"""Between two addresses. The name of a model may contain a comma."""
_BUSY = 429
_GONE = frozenset({502, 503, 504})
"""Statuses of a proxy without its server, and of a server that is starting."""
_AGAIN = frozenset({408, 409})
"""With these and all of 500 and more, the same request may succeed later."""
_FIRST_REST, _LONGEST_REST = 2.0, 60.0
"""Seconds for which a server is left out: the first time, and at most. They double in between."""
_RAISE_SECONDS = 30.0
"""Seconds without 429 after which a server gets one more request at once."""
_LONGEST_WAIT = 60.0
"""Seconds. A server that asks to wait longer has no place for this request."""
_LOOK_SECONDS = 0.5
"""How often a request that waits for its turn looks whether it is still wanted."""


def split_addresses(urls: str) -> tuple[str, ...]:
    """The addresses in a text that separates them by commas."""
    return tuple(part for part in _BETWEEN.split(urls.strip()) if part)


@dataclass(eq=False, slots=True)
class _ServerLoad:
    """A server, and what is known about its load."""

    server: ModelServer
    asked: int = 0
    """Requests that it is working on."""
    most: float = math.inf
    """How many it takes at once, as far as its answers of 429 have shown."""
    changed: float = 0.0
    """When `most` was last changed."""
    last: float = 0.0
    """When it got its last request."""
    until: float = 0.0
    """When it may be asked again."""
    failures: int = 0
    """How often in a row it was gone; 0 if it answers."""
    error: ModelError | None = None
    """Why it is left out until then."""


@dataclass(slots=True)
class _Request:
    """What a request has gone through."""

    left: int
    """How often it may still be sent again after all servers have failed."""
    waited: int = 0
    failed: dict[_ServerLoad, ModelError] = field(default_factory=dict)
    """The servers that failed since it last waited."""


class Held(Generic[Answered]):
    """An answer, and the server that gave it. It counts as at work until `close`, because an answer may be a stream."""

    def __init__(self, servers: ModelServers, place: _ServerLoad, answer: Answered) -> None:
        self._servers = servers
        self._place: _ServerLoad | None = place
        self.server = place.server
        self.answer = answer

    def close(self, error: ModelError | None = None) -> None:
        """The server is done, or broke off with an error. Closing twice does no harm."""
        place, self._place = self._place, None
        if place is not None:
            self._servers.done(place, error)


class ModelServers:
    """Servers with the same model. Threads may share it. The constructor sends no request."""

    def __init__(
        self,
        urls: str,
        key_variable: str = "",
        timeout: float = 120.0,
        retries: int = 2,
        stage: Literal["llm", "embed"] = "llm",
    ) -> None:
        """`urls` is one address, or several with commas in between. `retries` is how often a request is sent again
        after all have failed; the others are as in ModelServer.

        Raises SettingsError for an invalid address.
        """
        each = {server_address(url): url for url in split_addresses(urls)}
        if not each:
            raise SettingsError(f"{urls!r} is not a server address; wanted is http(s)://host:port/v1")
        self.address = min(each)
        """One of the addresses, which does not depend on their order: it names the model."""
        self._places = [_ServerLoad(ModelServer(url, key_variable, timeout, stage)) for url in each.values()]
        self._retries = retries
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._places)

    @property
    def url(self) -> str:
        """The addresses as they were given, for messages."""
        return ", ".join(place.server.url for place in self._places)

    def ask(self, request: Callable[[OpenAI], Answered], what: str) -> Answered:
        """Send the request to the server where the fewest wait, and return its complete answer.

        Raises ModelError: that of the last server, or one that names all of them if none can be reached.
        """
        held = self.hold(request, what)
        held.close()
        return held.answer

    def hold(self, request: Callable[[OpenAI], Answered], what: str) -> Held[Answered]:
        """The same for an answer that is read later. The caller has to close it."""
        asking = _Request(self._retries)
        while True:
            place = self._turn(asking)
            try:
                return Held(self, place, place.server.ask(request, what))
            except (ServerError, UnreachableError) as error:
                self._failed(place, error, asking)
            except BaseException:
                self.done(place)
                raise

    def done(self, place: _ServerLoad, error: ModelError | None = None) -> None:
        """Count a request as done. With an error, the server broke off, and rests."""
        with self._changed:
            place.asked -= 1
            if error is not None:
                _rest(place, error)
            else:
                _is_back(place)
            self._changed.notify_all()

    def close(self) -> None:
        """Close the connections. The next request opens new ones."""
        for place in self._places:
            place.server.close()

    # --- whose turn it is

    def _turn(self, asking: _Request) -> _ServerLoad:
        """Wait until a server has room, and count the request as its. It is one that has not failed yet."""
        while True:
            check_wanted()
            with self._changed:
                now = time.monotonic()
                for place in self._places:
                    if place.error is not None and place.until - now > _LONGEST_WAIT:  # it has said so with 429
                        asking.failed.setdefault(place, place.error)
                if len(asking.failed) < len(self._places):
                    free = self._free(asking, now)
                    if free is not None:
                        free.asked += 1
                        free.last = now
                        return free
                    self._changed.wait(_LOOK_SECONDS)
                    continue
            self._wait(asking)

    def _free(self, asking: _Request, now: float) -> _ServerLoad | None:
        """The server to ask now; None if all that answer are busy. If none answers, it is the one that was gone for
        longest: a request does not fail before all servers were tried."""
        left = [place for place in self._places if place not in asking.failed]
        there = [place for place in left if not place.failures or place.until <= now]
        if not there:
            return min(left, key=lambda place: place.until)
        free = [place for place in there if place.until <= now and place.asked < _room(place, now)]
        return min(free, key=lambda place: (place.asked, place.last), default=None)

    # --- what failed

    def _failed(self, place: _ServerLoad, error: ServerError | UnreachableError, asking: _Request) -> None:
        """Learn from a failure. Raises the error if the request will not be sent again."""
        status = error.status if isinstance(error, ServerError) else 0
        with self._changed:
            together = place.asked
            place.asked -= 1
            if status == _BUSY:
                _learn(place, together, error)
            elif not status or status in _GONE:
                _rest(place, error)
            self._changed.notify_all()
        if status and status not in _AGAIN and status != _BUSY and status < 500:
            raise error
        if status != _BUSY or together == 1:  # otherwise it is only too many at once
            asking.failed[place] = error

    def _wait(self, asking: _Request) -> None:
        """All servers have failed: wait until the first of them may be asked again. Raises an error if there are no
        more tries."""
        usual = 0.5 * 2**asking.waited * random.uniform(0.75, 1.0)
        asked_for = [_wanted_wait(error) for error in asking.failed.values()]
        wait = min(usual if seconds is None else seconds for seconds in asked_for)
        if asking.left <= 0 or wait > _LONGEST_WAIT:
            raise _told(list(asking.failed.values()))
        asking.left -= 1
        asking.waited += 1
        while wait > 0:
            check_wanted()
            time.sleep(min(_LOOK_SECONDS, wait))
            wait -= _LOOK_SECONDS
        asking.failed.clear()


def _told(failures: Sequence[ModelError]) -> ModelError:
    """The error of the only server, or one that names all of them."""
    if len(failures) == 1:
        return failures[0]
    return UnreachableError(f"none of the {len(failures)} servers can answer: {'; '.join(map(str, failures))}")


def _wanted_wait(error: ModelError | None) -> float | None:
    """Seconds that a server asked to wait; None if it did not."""
    return error.wait if isinstance(error, ServerError) else None


def _room(place: _ServerLoad, now: float) -> float:
    """How many requests a server may have at once. One that was gone is tried with one."""
    if place.failures:
        return 1
    if place.most < math.inf and now - place.changed > _RAISE_SECONDS:
        place.most, place.changed = place.most + 1, now
    return place.most


def _learn(place: _ServerLoad, together: int, error: ModelError) -> None:
    """Send a server that answered 429 fewer requests at once, and none for as long as it asks."""
    now = time.monotonic()
    _is_back(place)
    place.most, place.changed = max(1, min(place.most, together - 1)), now
    _leave_out(place, now + (_wanted_wait(error) or 0.0), error)


def _rest(place: _ServerLoad, error: ModelError) -> None:
    """Leave a server that is gone out for a while. Several requests that fail together count once."""
    now = time.monotonic()
    if not place.failures or place.until <= now:
        place.failures += 1
        _leave_out(place, now + min(_LONGEST_REST, _FIRST_REST * 2 ** min(place.failures - 1, 8)), error)


def _leave_out(place: _ServerLoad, until: float, error: ModelError) -> None:
    if until >= place.until:
        place.until, place.error = until, error


def _is_back(place: _ServerLoad) -> None:
    """A server that was gone has answered. If it asked for a rest itself, with 429, that still holds."""
    if place.failures:
        place.failures = 0
        if not (isinstance(place.error, ServerError) and place.error.status == _BUSY):
            place.until, place.error = 0.0, None
