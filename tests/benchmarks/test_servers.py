"""Several servers with one model: how much of the sum of their speeds is used.

    pytest tests/benchmarks/test_servers.py

Every server is a process that speaks OpenAI's API and works as fast as it is told: it sleeps. An embedding server works
on one request at a time, like one on a GPU; a chat server on as many as `llm.concurrency` sends it.
"""

from __future__ import annotations

import json
import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection

import pytest

from ragtree.embed.server_embedder import ServerEmbedder
from ragtree.llm.base import Message, complete
from ragtree.llm.server_chat import ServerChat
from ragtree.settings import EmbedSettings, LlmSettings
from ragtree.summarize.concurrent import in_order

SECONDS = (0.1, 0.15, 0.2, 0.1, 0.15, 0.2, 0.1, 0.15)
"""What a request takes at each server."""
BATCH = 32
SLOTS = 2
Report = Callable[[str], None]


@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_embedding_uses_the_sum_of_the_speeds(count: int, report: Report) -> None:
    with servers(count, slots=1) as urls:
        model = ServerEmbedder(urls, "e", EmbedSettings(batch=BATCH))
        model.embed(["warm"] * BATCH * count * 2)
        requests = 60 * count
        started = time.perf_counter()
        model.embed([f"text {number}" for number in range(requests * BATCH)])
        report(told("batches embedded", count, requests / (time.perf_counter() - started), slots=1))


@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_chat_uses_the_sum_of_the_speeds(count: int, report: Report) -> None:
    with servers(count, slots=SLOTS) as urls:
        model = ServerChat(urls, "m", LlmSettings(concurrency=SLOTS))

        def ask(_: int) -> str:
            return complete(model, [Message("user", "Who?")], 9)

        list(in_order(ask, range(4 * count), model.concurrency))
        requests = 60 * count
        started = time.perf_counter()
        list(in_order(ask, range(requests), model.concurrency))
        report(told("chats", count, requests / (time.perf_counter() - started), SLOTS))


def told(what: str, count: int, rate: float, slots: int) -> str:
    """The share of the sum of the speeds, as a line."""
    possible = sum(slots / seconds for seconds in SECONDS[:count])
    return f"{count} servers: {rate:6.1f} {what} a second, {rate / possible:.0%} of {possible:.1f}"


@contextmanager
def servers(count: int, slots: int) -> Iterator[str]:
    """The addresses of servers in processes of their own."""
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        urls = []
        for seconds in SECONDS[:count]:
            here, there = context.Pipe()
            process = context.Process(target=serve, args=(there, seconds, slots), daemon=True)
            process.start()
            stack.callback(process.join)
            stack.callback(process.terminate)
            urls.append(f"http://127.0.0.1:{here.recv()}/v1")
        yield ",".join(urls)


def serve(port: Connection, seconds: float, slots: int) -> None:
    """A server that works `seconds` on a request, and on `slots` of them at once."""
    working = threading.Semaphore(slots)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with working:
                time.sleep(seconds)
            if "input" in asked:
                data = [{"index": number, "embedding": [1.0] * 32} for number in range(len(asked["input"]))]
                body = json.dumps({"data": data})
            else:
                said = {"choices": [{"delta": {"content": "Nobody."}, "finish_reason": "stop"}]}
                body = f"data: {json.dumps(said)}\n\ndata: [DONE]\n\n"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    port.send(server.server_port)
    server.serve_forever()
