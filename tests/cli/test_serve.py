"""`ragtree serve`: it says where, answers, and ends with a signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from library import LIBRARY, copy_of, ragtree


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_a_signal(library_index: Path, tmp_path: Path, sign: signal.Signals) -> None:
    index = copy_of(library_index, tmp_path / "index")
    line = [sys.executable, "-m", "ragtree", "serve", str(LIBRARY), "--index", str(index), "--port", "0", "--no-watch"]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        address = server.stderr.readline().split()[2].rstrip(";")
        with urllib.request.urlopen(f"{address}/health") as reply:
            assert reply.read() == b'{"status":"ok"}'
        server.send_signal(sign)
        assert server.wait(60) == 0
        assert server.stderr.read() == "the server has ended\n"


def test_a_reader_of_the_file_gets_in_and_nobody_else(library_index: Path, tmp_path: Path) -> None:
    index, readers = copy_of(library_index, tmp_path / "index"), tmp_path / "readers.toml"
    readers.write_text('[shop]\ntoken_variable = "SHOP"\ncollections = { library = { source = "letters/*" } }\n')
    line = [sys.executable, "-m", "ragtree", "serve", str(LIBRARY), "--index", str(index), "--readers", str(readers)]
    environment = {**os.environ, "SHOP": "shop-shop-shop-shop"}
    with subprocess.Popen(
        [*line, "--port", "0", "--no-watch"], stderr=subprocess.PIPE, text=True, env=environment
    ) as server:
        assert server.stderr is not None
        address = server.stderr.readline().split()[2].rstrip(";")
        asked = urllib.request.Request(f"{address}/api/collections")
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(asked)
        asked.add_header("authorization", "Bearer shop-shop-shop-shop")
        with urllib.request.urlopen(asked) as reply:
            assert reply.read() == b'["library"]'
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0


def test_what_cannot_be_served_is_told_in_one_line(tmp_path: Path) -> None:
    for arguments, told in [
        ([tmp_path / "nowhere"], "is not a folder"),
        ([LIBRARY, "--host", "0.0.0.0"], "set a token"),
        ([Path(__file__).parent, "--readers", Path(__file__)], "is in the served folder"),
        ([LIBRARY, "--readers", Path(__file__)], "is not TOML"),
        ([LIBRARY, "--index", LIBRARY], "is the folder itself"),
        ([LIBRARY, "--host", "203.0.113.1", "--token", "x"], "cannot listen at 203.0.113.1:8765"),
        ([LIBRARY, "--index", Path(__file__)], "an index cannot be made"),
    ]:
        ran = ragtree("serve", *arguments)
        assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)
        assert told in ran.err
        assert "x;" not in ran.err
