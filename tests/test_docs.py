"""README and docs are true: their commands and programs run, and they name every command, option and setting."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys

import click
import pytest
from library import LIBRARY, ROOT, copy_of, ragtree
from pydantic import BaseModel

from ragtree import RagTree, Settings
from ragtree.cli.chat_commands import CHAT_COMMANDS
from ragtree.cli.main import COMMANDS
from ragtree.load.endings import LOADERS
from ragtree.load.format_contents import FORMATS

PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
}
README = PAGES["README.md"]
COMMANDS_PAGE, CHAT_PAGE, PYTHON_PAGE = PAGES["docs/commands.md"], PAGES["docs/chat.md"], PAGES["docs/python.md"]
PLACES = {"eval": " DATASET", "doctor": " [FOLDER]`", "models": "`"}
"""What follows a command that does not take a folder."""
LINES = (
    'pip install -e ".[bundled]" && ragtree chat examples/library',
    'pip install -e ".[bundled,test]" && pytest -n auto --dist worksteal',
)


def test_the_two_lines_stand_in_the_readme():
    for line in LINES:
        assert f"\n    {line}\n" in README


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name):
    command: click.Command = importlib.import_module(f"ragtree.cli.{name.replace('-', '_')}").command
    everywhere = "\n".join(PAGES.values())
    assert f"\n| `ragtree {name}{PLACES.get(name, ' FOLDER')}" in COMMANDS_PAGE
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert any(f"`{option}" in everywhere for option in parameter.opts), parameter.opts
            assert parameter.help, parameter.opts


@pytest.mark.parametrize("name", CHAT_COMMANDS)
def test_every_command_of_the_chat_is_documented(name):
    assert f"\n| `{name} {CHAT_COMMANDS[name].argument}".rstrip() + "` | " in CHAT_PAGE
    assert CHAT_COMMANDS[name].what


def test_no_command_of_the_chat_is_documented_that_is_not_there():
    assert re.findall(r"^\| `(/\w+)", CHAT_PAGE, re.MULTILINE) == list(CHAT_COMMANDS)


def test_the_pipe_of_the_chat_ends_in_an_answer_and_its_source(library_index, tmp_path):
    pipe = re.search(r"```sh\nprintf '%s\\n' (.*) \| ragtree chat examples/library\n```", CHAT_PAGE)
    assert pipe is not None
    lines = re.findall(r'"([^"]+)"', pipe.group(1))
    index = copy_of(library_index, tmp_path / "index")
    ran = ragtree("chat", LIBRARY, "--index", index, stdin="\n".join(lines) + "\n")
    assert ran.status == 0
    assert "£2 8s." in ran.out.partition("\n\n[1] accounts/purchases-1923.md, line ")[0]
    assert "»" in ran.out  # the quote with its surroundings
    assert "> " not in ran.out


def setting_rows() -> list[str]:
    rows = []
    for stage, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            rows += [
                f"| `{stage}.{name}` | `{inner.default}` | {inner.description} |"
                for name, inner in kind.model_fields.items()
            ]
        else:
            rows.append(f"| `{stage}` | `{field.default}` | {field.description} |")
    return rows


@pytest.mark.parametrize("row", setting_rows())
def test_every_setting_is_documented_with_its_default(row):
    assert row in PAGES["docs/settings.md"]


def test_no_setting_is_documented_that_is_not_there():
    rows = re.findall(r"^\| `([a-z_]+(?:\.[a-z_]+)?)` \| `", PAGES["docs/settings.md"], re.MULTILINE)
    assert rows == [row.split("`")[1] for row in setting_rows()]


def test_every_prompt_is_documented():
    named = set(re.findall(r"`(\w+\.md)`", PAGES["docs/settings.md"]))
    assert named == {path.name for path in (ROOT / "prompts").glob("*.md")}


@pytest.mark.parametrize("page", PAGES)
def test_every_file_and_heading_that_a_page_links_to_is_there(page):
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", PAGES[page]):
        path = (ROOT / page).parent / target if target else ROOT / page
        assert path.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}, anchor


def test_the_site_is_built_without_a_warning(tmp_path):
    for name in ("docs", "ragtree"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "mkdocs.yml").write_bytes((ROOT / "mkdocs.yml").read_bytes())
    line = [sys.executable, "-m", "zensical", "build", "--strict"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "purge" in (tmp_path / "site" / "api" / "index.html").read_text(encoding="utf-8")
    listed = re.findall(r": ([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(path.name for path in (ROOT / "docs").glob("*.md"))


def test_the_readme_is_read_in_a_few_minutes():
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize("name", FORMATS)
def test_the_page_of_formats_says_what_becomes_of_each_thing(name):
    sections = re.split(r"^## ", PAGES["docs/formats.md"], flags=re.MULTILINE)[1:]
    section = sections[list(FORMATS).index(name)]
    rows = [f"| {held.what} | {held.handling} | {held.how} |" for held in FORMATS[name]]
    assert section.strip().splitlines()[4:] == rows
    endings = set(re.findall(r"\.\w+", section.partition("\n")[0]))
    loader = LOADERS.own[name.lower() if name != "ODF" else "odt"]
    assert endings == {f".{ending}" for ending, other in LOADERS.own.items() if other == loader}
    assert len(sections) == len(FORMATS)


def test_the_map_names_every_room():
    rooms = {path.name for path in (ROOT / "ragtree").iterdir() if (path / "__init__.py").exists()}
    for room in rooms:
        assert f"\n  {room}/ " in PAGES["docs/architecture.md"], room


def test_the_journeys_name_files_that_are_there():
    for name in re.findall(r"`((?:\w+/)*\w+\.py)`", PAGES["docs/architecture.md"].partition("## What happens")[2]):
        assert (ROOT / "ragtree" / name).exists() or (ROOT / name).exists(), name


def test_the_asynchronous_python_of_the_docs_runs(tmp_path, monkeypatch, capsys):
    code = re.search(r"```python\n(import asyncio\n.*?)```", PYTHON_PAGE, re.DOTALL)
    assert code is not None
    monkeypatch.chdir(tmp_path)
    small = tmp_path / "examples" / "library" / "accounts"
    small.mkdir(parents=True)
    (small / "purchases-1923.md").write_bytes((LIBRARY / "accounts" / "purchases-1923.md").read_bytes())
    exec(code.group(1), {})  # noqa: S102 - the docs are ours
    said = capsys.readouterr().out
    assert "embed" in said
    assert "('accounts/purchases-1923.md',)" in said
    assert "£2 8s." in said


@pytest.mark.parametrize("page", ["README.md", "docs/python.md"])
def test_the_python_of_the_docs_runs(page, tmp_path, monkeypatch):
    code = re.search(r"```python\n(.*?)```", PAGES[page], re.DOTALL)
    assert code is not None
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").mkdir()
    small = tmp_path / "examples" / "library"
    small.mkdir()
    for name in ("accounts/purchases-1923.md", "people/school-essay-the-harbour-cat.txt"):
        target = small / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes((LIBRARY / name).read_bytes())
    scope: dict[str, object] = {}
    exec(code.group(1), scope)  # noqa: S102 - the docs are ours
    assert scope["answer"].supported
    assert scope["report"].added


def test_the_watch_of_the_docs_runs(tmp_path, monkeypatch):
    code = re.search(r"```python\n(from ragtree import RagTree\n.*?)```", PAGES["docs/following.md"], re.DOTALL)
    assert code is not None
    monkeypatch.chdir(tmp_path)
    small = tmp_path / "examples" / "library" / "accounts"
    small.mkdir(parents=True)
    (small / "purchases-1923.md").write_bytes((LIBRARY / "accounts" / "purchases-1923.md").read_bytes())
    with RagTree.open("library.index") as tree:
        tree.sync("examples/library")
    scope: dict[str, object] = {}
    exec(code.group(1), scope)  # noqa: S102 - the docs are ours
    assert scope["answer"].supported
    assert not scope["watching"].running
    assert scope["watching"].error is None


def test_the_client_of_the_docs_gets_an_answer_of_the_server(library_index, tmp_path, capsys):
    code = re.search(r"```python\n(from openai import OpenAI\n.*?)```", PAGES["docs/serving.md"], re.DOTALL)
    assert code is not None
    index = copy_of(library_index, tmp_path / "index")
    line = [sys.executable, "-m", "ragtree", "serve", str(LIBRARY), "--index", str(index), "--port", "0", "--no-watch"]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as server:
        try:
            address = server.stderr.readline().split()[2].rstrip(";")
            exec(code.group(1).replace("http://127.0.0.1:8765", address), {})  # noqa: S102 - the docs are ours
        finally:
            server.terminate()
            server.stderr.read()
    assert re.search(r"^1 \S+/\S+ .*[Kk]eeper", capsys.readouterr().out, re.MULTILINE)


def test_the_session_of_the_readme_is_what_the_chat_says(library_index, tmp_path):
    """Every question of the session is asked, in order: the sources that the session shows are among those found."""
    session = re.search(r"```text\n(\$ ragtree chat.*?)```", README, re.DOTALL)
    assert session is not None
    questions = [line[2:] for line in session.group(1).splitlines() if line.startswith("> ") and line[2] != "/"]
    assert len(questions) >= 3
    index = copy_of(library_index, tmp_path / "index")
    ran = ragtree("chat", LIBRARY, "--index", index, "--llm", "bundled", stdin="\n".join(questions) + "\n")
    assert ran.status == 0
    for source in re.findall(r"^\[\d+\] (\S+),", session.group(1), re.MULTILINE):
        assert source in ran.out


def test_the_tree_of_the_docs_is_what_the_command_prints(library_index, tmp_path):
    """Compares the titles of the documents. Which theme they are in depends on the last bits of vectors, which differ
    from processor to processor."""
    shown = re.search(
        r"ragtree tree examples/library --depth 3\n\n```text\n(.*?)\n```", PAGES["docs/tree.md"], re.DOTALL
    )
    assert shown is not None
    index = copy_of(library_index, tmp_path / "index")
    ran = ragtree("tree", LIBRARY, "--index", index, "--no-sync", "--depth", "3")
    assert ran.status == 0
    told, printed = shown.group(1).splitlines(), ran.out.splitlines()
    assert told[0] == printed[0]
    titles = [title_of(line) for line in printed]
    for line in told[1:]:
        title = title_of(line).removesuffix("…")
        assert not title.startswith("    ") or any(other.startswith(title) for other in titles), line
    assert len([line for line in told if line.startswith("    ")]) == 24


def title_of(line: str) -> str:
    """A line of a table of contents without its details, but with its indentation."""
    margin = line[: len(line) - len(line.lstrip())]
    return margin + line.lstrip().partition("  ")[0]


@pytest.mark.parametrize("name", ["ask_a_folder", "own_documents", "compare_modes"])
def test_examples_run_and_are_short(name, tmp_path):
    path = ROOT / "examples" / f"{name}.py"
    assert len(path.read_text(encoding="utf-8").splitlines()) < 60
    folder = tmp_path / "library"
    (folder / "accounts").mkdir(parents=True)
    (folder / "accounts" / "purchases-1923.md").write_bytes((LIBRARY / "accounts" / "purchases-1923.md").read_bytes())
    arguments: dict[str, list[str]] = {
        "ask_a_folder": [str(folder), "What did the stove for the toll hut cost?"],
        "compare_modes": [str(folder), str(tmp_path / "questions.jsonl")],
    }
    rows = (ROOT / "examples" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    (tmp_path / "questions.jsonl").write_text("\n".join(rows[:3]), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(path), *arguments.get(name, [])], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said = {
        "ask_a_folder": "[1] accounts/purchases-1923.md, line",
        "own_documents": "['ticket-18']",
        "compare_modes": "| evidence recall@1200 |",
    }
    assert said[name] in done.stdout


def test_every_example_is_tried_here():
    tried = {"ask_a_folder", "own_documents", "compare_modes"}
    tried |= {"evaluate_quality", "evaluate_qasper", "evaluate_narrativeqa", "evaluate_beir"}  # evaluate/test_published
    assert {path.stem for path in (ROOT / "examples").glob("*.py")} == tried


def test_the_changelog_names_this_version():
    from ragtree import __version__

    assert f"\n## {__version__} " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
