"""The wheel is complete: it is built, installed outside the source tree, and asked a question."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import pytest
from library import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(target.glob("ragtree-*.whl"))


def test_it_holds_the_prompts_and_the_marker_of_types_and_no_tests(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in (ROOT / "prompts").iterdir():
        assert f"ragtree/prompts/{path.name}" in names
    assert "ragtree/py.typed" in names
    for path in (ROOT / "ragtree" / "serve" / "page" / "static").iterdir():
        assert f"ragtree/serve/page/static/{path.name}" in names
    assert not [name for name in names if "tests" in name or "examples" in name]


def test_installed_without_the_source_tree_it_answers(wheel, tmp_path):
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)  # as pip installs a wheel of pure Python
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "bell.md").write_text("The bell of the harbour weighs two tons. It was cast in Tolbrack.", encoding="utf-8")
    code = (
        "import sys\n"
        "sys.path[:0] = [sys.argv.pop(1)]\n"
        "import ragtree\n"
        "from ragtree.prompting import prompt_folders\n"
        "print(ragtree.__file__, prompt_folders()[0].is_dir(), flush=True)\n"
        "from ragtree.cli.main import main\n"
        "main()\n"
    )
    command = [sys.executable, "-I", "-c", code, str(site), "ask", str(docs), "How heavy is the bell?"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    first, *rest = done.stdout.splitlines()
    assert first == f"{site / 'ragtree' / '__init__.py'} True"
    assert "two tons" in "\n".join(rest)
