"""The command `llm` (simonw/llm), an ordinary chat client, talks with the server as with any other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from openai_server import QUESTION, serving

pytest.importorskip("llm")


def said(home: Path, *arguments: str) -> str:
    line = [sys.executable, "-m", "llm", *arguments, "--key", "none"]
    ran = subprocess.run(
        line, env={**os.environ, "LLM_USER_PATH": str(home)}, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_command_llm_gets_answers_and_goes_on_with_them(tmp_path: Path) -> None:
    home = tmp_path / "llm"
    home.mkdir()
    with serving(tmp_path, answer={"strictness": "low"}) as served:
        models = f'- model_id: harbour\n  model_name: ragtree/light\n  api_base: "{served.url}"\n'
        (home / "extra-openai-models.yaml").write_text(models, encoding="utf-8")
        whole = said(home, "-m", "harbour", "--no-stream", QUESTION)
        assert "“The keeper of the light is Abel Strake.” [1]" in whole
        assert said(home, "-m", "harbour", QUESTION) == whole
        assert "1911" in said(home, "-m", "harbour", "-c", "When did he come to Maw Head?")
