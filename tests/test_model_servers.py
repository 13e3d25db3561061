"""Several servers with one model: who is asked, who is left out, and what an index keeps when they change."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest
from speaking_server import Asked, Said, SpeakingServer, streamed

from ragtree import RagTree, Settings, model_names, models
from ragtree.embed.hashing import HashingEmbedder
from ragtree.embed.server_embedder import ServerEmbedder
from ragtree.errors import IndexMismatchError, ModelError, SettingsError
from ragtree.llm.base import Message, complete
from ragtree.llm.server_chat import ServerChat
from ragtree.settings import EmbedSettings, LlmSettings
from ragtree.stopping import Stopped, stopped_by

HASHING = HashingEmbedder(64)
TEXTS = [f"Ship number {number} carries tar and oil." for number in range(200)]
ANSWER = "The keeper lit the lamp."


class Worker:
    """Answers requests, counts how many are there at once, and refuses more than `most` with 429."""

    def __init__(self, seconds: float = 0.0, most: int = 1000, retry_after: str = "") -> None:
        self.refused = self.highest = 0
        self.down = False
        self._seconds, self._most, self._retry_after = seconds, most, retry_after
        self._now = 0
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Said:
        with self._lock:
            if self._now >= self._most:
                self.refused += 1
                return Said("too many", 429, {"Retry-After": self._retry_after} if self._retry_after else {})
            self._now += 1
            self.highest = max(self.highest, self._now)
        try:
            time.sleep(self._seconds)
            if self.down:
                return Said("bad gateway", 502)
            if "input" not in asked.body:
                return streamed(ANSWER)
            rows = HASHING.embed(asked.body["input"]).astype(float).tolist()
            return Said({"data": [{"index": at, "embedding": row} for at, row in enumerate(rows)]})
        finally:
            with self._lock:
                self._now -= 1


@contextmanager
def served(*workers: Worker) -> Iterator[list[SpeakingServer]]:
    with ExitStack() as stack:
        yield [stack.enter_context(SpeakingServer(worker)) for worker in workers]


def free_address() -> str:
    """An address where nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"


def embedder(*urls: str, batch: int = 4, retries: int = 2) -> ServerEmbedder:
    return ServerEmbedder(",".join(urls), "e", EmbedSettings(batch=batch), timeout=5, retries=retries)


def is_right(model: ServerEmbedder) -> bool:
    return np.allclose(model.embed(TEXTS), HASHING.embed(TEXTS), atol=1e-5)


def test_every_server_gets_its_share() -> None:
    with served(Worker(0.005), Worker(0.005)) as servers:
        assert is_right(embedder(*(server.url for server in servers)))
        counts = [len(server.requests) for server in servers]
    assert sum(counts) == 50
    assert min(counts) > 10


def test_a_fast_server_gets_more_than_a_slow_one() -> None:
    with served(Worker(0.002), Worker(0.05)) as (fast, slow):
        assert is_right(embedder(fast.url, slow.url))
        assert len(fast.requests) > 2 * len(slow.requests)


def test_a_dead_server_is_left_out() -> None:
    with served(Worker()) as (server,):
        model = embedder(free_address(), server.url, retries=0)
        assert is_right(model)
        assert len(server.requests) == 50


def test_a_server_that_dies_in_the_middle_loses_nothing_and_is_asked_again_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ragtree.model_servers._FIRST_REST", 0.3)
    dying, other = Worker(0.005), Worker(0.005)
    with served(dying, other) as (first, second):
        model = embedder(first.url, second.url, retries=0)
        assert is_right(model)
        dying.down, before = True, len(first.requests)
        assert is_right(model)
        assert 0 < len(first.requests) - before <= 3  # those that were under way, or one that looked
        dying.down, before = False, len(first.requests)
        time.sleep(0.7)
        assert is_right(model)
        assert len(first.requests) - before > 10


def test_an_address_whose_server_stops_is_left_out() -> None:
    with served(Worker(0.01)) as (other,), ThreadPoolExecutor(1) as pool:
        with served(Worker(0.01)) as (stopping,):
            right = pool.submit(is_right, embedder(stopping.url, other.url, retries=0))
            while len(stopping.requests) < 5:
                time.sleep(0.005)
        assert right.result()


def test_what_a_server_takes_at_once_is_learned_from_429() -> None:
    narrow, wide = Worker(0.01, most=2), Worker(0.01)
    with served(narrow, wide) as servers:
        model = ServerChat(",".join(s.url for s in servers), "m", LlmSettings(timeout=5, concurrency=8, retries=0))
        with ThreadPoolExecutor(model.concurrency) as pool:
            answers = list(pool.map(lambda _: complete(model, [Message("user", "Who?")], 9), range(150)))
    assert set(answers) == {ANSWER}
    assert narrow.highest == 2 and wide.highest > 4
    assert 0 < narrow.refused <= 16


def test_one_server_alone_is_learned_too() -> None:
    narrow = Worker(0.01, most=2)
    with served(narrow) as (server,):
        model = ServerChat(server.url, "m", LlmSettings(timeout=5, concurrency=8, retries=0))
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: complete(model, [Message("user", "Who?")], 9), range(60)))
    assert set(answers) == {ANSWER}
    assert narrow.refused <= 16


def test_a_server_that_asks_for_an_hour_is_left_to_the_others() -> None:
    with served(Worker(most=0, retry_after="3600"), Worker()) as (closed, open_):
        assert is_right(embedder(closed.url, open_.url, retries=0))
        assert len(closed.requests) == 1


class Together:
    """Holds the first requests back until all of them are there. Each gets its own answer, one after the other."""

    def __init__(self, *answers: Said) -> None:
        self._answers = answers
        self._all_there = threading.Barrier(len(answers))
        self._numbers = itertools.count()

    def __call__(self, asked: Asked) -> Said:
        number = next(self._numbers)
        if number >= len(self._answers):
            return self._answers[-1]
        self._all_there.wait(10)
        time.sleep(0.2 * number)
        return self._answers[number]


def asked_together(server: SpeakingServer, count: int) -> tuple[ServerChat, list[str]]:
    """A model of which `count` requests are sent at once, and what became of each."""
    model = ServerChat(server.url, "m", LlmSettings(timeout=5, concurrency=count, retries=0))

    def told(_: int) -> str:
        try:
            return complete(model, [Message("user", "Who?")], 9)
        except ModelError as error:
            return str(error)

    with ThreadPoolExecutor(count) as pool:
        return model, sorted(pool.map(told, range(count)))


def test_an_answer_that_was_under_way_does_not_hide_that_the_server_asks_to_wait() -> None:
    closed = Said("too many", 429, {"Retry-After": "3600"})
    with SpeakingServer(Together(Said("bad gateway", 502), closed, streamed(ANSWER))) as server:
        model, said = asked_together(server, 3)
        assert said[0] == ANSWER and "answered 429" in said[1] and "answered 502" in said[2]
        with pytest.raises(ModelError, match="it asks to wait 3600 s"):
            complete(model, [Message("user", "Who?")], 9)
        assert len(server.requests) == 3


def test_a_server_that_answered_is_asked_at_once() -> None:
    answers = iter([Said("bad gateway", 502)])
    with SpeakingServer(lambda _: next(answers, streamed(ANSWER))) as server:
        model = ServerChat(server.url, "m", LlmSettings(timeout=5, retries=1))
        assert complete(model, [Message("user", "Who?")], 9) == ANSWER
        started = time.monotonic()
        assert complete(model, [Message("user", "Who?")], 9) == ANSWER
        assert time.monotonic() - started < 1


def test_a_server_that_asks_for_an_hour_is_not_asked_when_another_fails() -> None:
    gone = Worker()
    gone.down = True
    with served(Worker(most=0, retry_after="3600"), gone) as (closed, failing):
        with pytest.raises(ModelError, match=r"none of the 2 servers.*3600 s.*502|none of the 2 servers.*502.*3600 s"):
            embedder(closed.url, failing.url, retries=2).embed(["a text"])
        assert (len(closed.requests), len(failing.requests)) == (1, 3)


def test_a_wait_ends_when_nobody_wants_the_answer() -> None:
    stop = threading.Event()
    with served(Worker(most=0, retry_after="30")) as (server,):
        model = ServerChat(server.url, "m", LlmSettings(timeout=5, retries=1))
        timer = threading.Timer(0.3, stop.set)
        timer.start()
        started = time.monotonic()
        with stopped_by(stop), pytest.raises(Stopped):
            complete(model, [Message("user", "Who?")], 9)
        timer.join()
    assert time.monotonic() - started < 5


def test_if_all_are_dead_one_error_names_them() -> None:
    first, second = free_address(), free_address()
    for call in (
        lambda: embedder(first, second, retries=0).embed(["a text"]),
        lambda: complete(
            ServerChat(f"{first},{second}", "m", LlmSettings(timeout=5, retries=0)), [Message("user", "Who?")], 9
        ),
    ):
        with pytest.raises(ModelError) as caught:
            call()
        said = str(caught.value)
        assert said.startswith("none of the 2 servers can answer: ") and "\n" not in said
        assert first in said and second in said


def test_a_request_that_is_wrong_is_told_at_once() -> None:
    with ExitStack() as stack:
        wrong = [stack.enter_context(SpeakingServer(lambda _: Said("no such model", 404))) for _ in range(2)]
        with pytest.raises(ModelError, match="404"):
            embedder(*(server.root + "/v1" for server in wrong)).embed(["a text"])
        assert sum(len(server.requests) for server in wrong) == 1


@pytest.mark.parametrize("model", [["http://a/v1#m", "http://b/v1#m"], "http://a/v1 , http://b/v1#m"])
def test_a_list_and_commas_are_the_same(model: object) -> None:
    names = {
        model_names.embedder_name(EmbedSettings(model=one))
        for one in (model, "http://a/v1#m,http://b/v1#m", "http://b/v1#m,http://a/v1#m")
    }
    assert names == {"http://a/v1#m"}
    made = models.make_chat_model(LlmSettings(model=model, concurrency=3))
    assert isinstance(made, ServerChat) and made.concurrency == 6


def test_servers_with_other_models_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"llm\.model names servers with different models \(m, n\)"):
        models.make_chat_model(LlmSettings(model="http://a/v1#m,http://b/v1#n"))
    with pytest.raises(ValueError, match="password"):
        LlmSettings(model="http://a/v1#m,http://me:word@b/v1#m")


def write_notes(folder: Path, count: int, long: int = 1) -> Path:
    folder.mkdir()
    for number in range(count):
        facts = [
            f"The lamp of rock {number}-{line} stands {line + number} feet above the tide." for line in range(long)
        ]
        (folder / f"n{number}.md").write_text(f"# Note {number}\n\n" + "\n\n".join(facts))
    return folder


def test_an_index_stays_valid_when_servers_come_and_go(tmp_path: Path) -> None:
    folder = write_notes(tmp_path / "docs", 3, long=60)
    with served(Worker(), Worker(), Worker()) as servers:
        a, b, c = (server.url for server in servers)

        def asked() -> int:
            return sum(len(server.requests) for server in servers)

        def settings(*urls: str) -> Settings:
            return Settings(
                llm={"model": [f"{url}#m" for url in urls], "retries": 0},
                embed={"model": [f"{url}#e" for url in urls]},
                summarize={"tokens": 60},
            )

        def sync(*urls: str) -> tuple[int, list[str]]:
            before = asked()
            with RagTree.open(tmp_path / "index", settings(*urls)) as tree:
                report = tree.sync(folder)
                assert not report.embedded + report.summarized or before == 0
                return asked() - before, [node.id for node in tree.nodes()]

        first, nodes = sync(b)
        assert first > 0
        for urls in [(b, a), (a, b), (a,), (c, a), (c,), (b,)]:
            assert sync(*urls) == (0, nodes)
        with pytest.raises(IndexMismatchError):
            sync(f"http://127.0.0.1:{9}/v1")


def test_a_sync_asks_as_many_servers_as_there_are(tmp_path: Path) -> None:
    folder = write_notes(tmp_path / "docs", 24, long=12)
    workers = [Worker(0.05) for _ in range(4)]
    with served(*workers) as servers:
        made = Settings(
            llm={"model": [f"{server.url}#m" for server in servers], "retries": 0}, summarize={"tokens": 60}
        )
        with RagTree.open(tmp_path / "index", made, embedder=HASHING) as tree:
            assert tree.sync(folder).summarized >= 24
        assert all(worker.highest == 2 for worker in workers)
