from __future__ import annotations

import json
import subprocess
import sys

from library import ragtree_process as ragtree

HEAVY = (
    "torch",
    "chromadb",
    "llama_cpp",
    "sentence_transformers",
    "transformers",
    "numpy",
    "sklearn",
    "pydantic",
    "rich",
)


def test_help_names_every_command_with_what_it_does():
    ran = ragtree("--help")
    assert ran.status == 0
    for command in ("index", "chat", "ask", "search", "tree", "status", "verify", "repair"):
        assert f"\n  {command} " in ran.out


def test_help_imports_nothing_heavy():
    code = (
        "import json, sys\nfrom ragtree.cli.main import run\nstatus = run(['--help'])\n"
        f"print('LOADED' + json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.split("LOADED")[1]) == []


def test_wrong_usage_exits_with_2_and_names_what_is_wrong():
    ran = ragtree("serch", "docs")
    assert ran.status == 2
    assert "serch" in ran.err
    assert ragtree("ask", "docs").status == 2


def test_version():
    assert ragtree("--version").out.startswith("ragtree, version 0.")
