"""Services, pythonw and `<&-` leave standard streams closed: an input that is not there is an empty one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from library import ragtree


@pytest.fixture(scope="module")
def docs(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("closed") / "docs"
    folder.mkdir()
    (folder / "lamp.md").write_text("The lamp burns oil.\n", encoding="utf-8")
    assert ragtree("index", folder, "--llm", "none").status == 0
    return folder


def run_with(streams: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command line behind what a shell makes of `streams`."""
    line = [sys.executable, "-m", "ragtree", *map(str, arguments)]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}  # as for most people
    return subprocess.run(
        ["bash", "-c", f'"$@" {streams}', "bash", *line],
        env=buffered,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("streams", ["<&-", "0>/dev/null", "<&- >&-", "<&- >&- 2>&-"])
def test_a_chat_without_an_input_ends_at_once(docs, streams):
    ran = run_with(streams, "chat", docs, "--no-sync", "--llm", "none")
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    assert "Ask a question" in ran.stderr or "2>&-" in streams


@pytest.mark.parametrize(
    "arguments",
    [("status",), ("tree", "--no-sync"), ("verify",)],
    ids=lambda arguments: arguments[0],
)
def test_commands_do_without_all_three(docs, arguments):
    name, *rest = arguments
    assert run_with("<&- >&- 2>&-", name, docs, *rest).returncode == 0
    assert ragtree("verify", docs).status == 0


def test_an_output_that_is_full_is_one_line(docs):
    ran = run_with(">/dev/full", "status", docs)
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1] == "ragtree: the system: No space left on device"


def test_a_reader_that_has_gone_is_no_message(docs):
    ran = run_with("| { exec <&-; sleep 1; }; exit ${PIPESTATUS[0]}", "status", docs)
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", "")  # click's status
