"""`ragtree mcp` over standard input and output."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from library import ragtree
from mcp_served import DOCUMENTS, awaited, command_line, plain_folder, talking_over_stdio, write_folder

from ragtree import RagTree

START = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "docs", DOCUMENTS)


def call(number: int, tool: str, **arguments: object) -> dict[str, object]:
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}


def started(*arguments: object) -> subprocess.Popen[str]:
    line = command_line(*arguments)
    return subprocess.Popen(
        line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


def say(process: subprocess.Popen[str], *messages: object) -> None:
    assert process.stdin is not None
    process.stdin.write("".join(json.dumps(message) + "\n" for message in messages))
    process.stdin.flush()


@awaited
async def test_the_bundled_embedder_finds_and_fetches(folder):
    async with talking_over_stdio(folder, bundled=True) as talk:
        found = await talk.call("search", query="What is the weight of the bell?")
        first = found["results"][0]
        assert (first["id"], first["url"]) == ("bell.md", "ragtree://docs/bell.md")
        assert (await talk.call("fetch", id="bell.md"))["text"] == DOCUMENTS["bell.md"]
        letter = await talk.call("fetch", id="letters/keeper.md")
        (content,) = (await talk.client.read_resource(letter["url"])).contents
        assert content.text == letter["text"]


@awaited
async def test_the_command_writes_only_if_it_was_told_to(folder):
    async with talking_over_stdio(folder, "--no-watch") as talk:
        names = [tool.name for tool in (await talk.client.list_tools()).tools]
        assert "add_document" not in names
        assert (await talk.call("status"))["collections"][0]["documents"] == 0
    async with talking_over_stdio(folder, "--no-watch", "--write") as talk:
        assert (await talk.call("add_document", id="a", text="The ferry sails."))["done"] == "added"
        assert (await talk.call("fetch", id="a"))["text"] == "The ferry sails."


@awaited
async def test_two_folders_and_changes_of_one(folder, tmp_path):
    school = write_folder(tmp_path / "school", {"rules.md": "The school opens at eight.\n"})
    async with talking_over_stdio(folder, school) as talk:
        found = await talk.call("search", query="When does the school open?", collection="school")
        assert found["results"][0]["url"] == "ragtree://school/rules.md"
        assert len((await talk.call("status"))["collections"]) == 2


@awaited
async def test_a_second_process_reads_what_the_first_one_keeps(folder):
    async with talking_over_stdio(folder) as first, talking_over_stdio(folder, "--write") as second:
        assert (await second.call("search", query="bell"))["results"][0]["id"] == "bell.md"
        assert (await first.call("status"))["collections"][0]["followed"]
        assert not (await second.call("status"))["collections"][0]["followed"]
        (folder / "ferry.md").write_text("The ferry Marigold sails on Mondays.", encoding="utf-8")
        while (await second.call("status"))["collections"][0]["documents"] < 4:
            await asyncio.sleep(0.1)
        assert (await second.call("search", query="Marigold"))["results"][0]["id"] == "ferry.md"
        assert "another process" in await second.failure("add_document", id="a", text="b")


def test_standard_output_has_nothing_but_the_protocol(folder):
    """Although files cannot be read, the embedder prints, and a message is no JSON."""
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 this is none")
    (folder / "broken.docx").write_bytes(b"PK\x03\x04 this is none")
    (folder / "locked.md").write_text("secret", encoding="utf-8")
    (folder / "locked.md").chmod(0)
    process = started(folder)
    say(process, START, {"jsonrpc": "2.0", "method": "notifications/initialized"})
    lines = [process.stdout.readline()]
    state = {"documents": 0, "doing": "load"}
    number = 2
    while not state["documents"] or state["doing"] or not state["skipped_count"]:
        say(process, call(number, "status"))
        lines.append(process.stdout.readline())
        state = json.loads(lines[-1])["result"]["structuredContent"]["collections"][0]
        number += 1
    process.stdin.write("this is no JSON\n")
    say(process, call(number, "search", query="bell"))
    while json.loads(lines[-1]).get("id") != number:
        lines.append(process.stdout.readline())
    rest, errors = process.communicate(timeout=60)
    for line in (*lines, *rest.splitlines()):
        assert json.loads(line)["jsonrpc"] == "2.0"
    assert process.returncode == 0
    assert "a library in C says hello" in errors
    assert "a child says hello" in errors
    assert "broken.pdf" in [one["source"] for one in state["skipped"]]
    assert str(folder.parent) not in "".join(lines)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_it_while_it_waits_for_input(folder, number, status):
    process = started(folder)
    say(process, START)
    assert json.loads(process.stdout.readline())["result"]["serverInfo"]["name"] == "ragtree"
    process.send_signal(number)
    process.wait(timeout=30)  # before the input is closed, which would end it, too
    out, errors = process.communicate(timeout=30)
    assert process.returncode == status, errors
    assert "Traceback" not in errors
    assert out == ""


def test_the_end_of_the_input_ends_it(folder):
    process = started(folder)
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, ""), errors
    assert "Traceback" not in errors


def test_an_index_of_another_embedder_is_said_in_one_line(folder):
    with RagTree.open(plain_folder(folder).index, embedder=plain_folder(folder).embedder) as tree:
        tree.sync(folder)
    line = command_line(folder, bundled=True)
    ran = subprocess.run(line, input=json.dumps(START) + "\n", capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert len(ran.stderr.splitlines()) == 1
    assert "embedder" in ran.stderr


def test_what_is_no_folder_is_said(tmp_path):
    ran = ragtree("mcp", tmp_path / "nothing")
    assert ran.status == 1
    assert "not a folder" in ran.err
    assert ragtree("mcp", tmp_path, tmp_path, "--index", tmp_path / "x").status == 2


def test_input_that_is_closed_is_an_end(folder):
    line = " ".join(f"'{part}'" for part in command_line(folder))
    ran = subprocess.run(
        ["sh", "-c", f"{line} <&-"], capture_output=True, text=True, timeout=60, check=False, env=dict(os.environ)
    )
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
    assert Path(folder / "bell.md").exists()
