"""What is left out of a folder without being read, and that it is counted."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ragtree.load.ignore import Rules
from ragtree.load.listing import list_files


def make(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def ids(folder: Path) -> list[str]:
    return [entry.id for entry in list_files(folder).entries]


TREE = dict.fromkeys(("a.txt", "a.log", "keep.log", "build/x.txt", "sub/a.log", "sub/build/y.txt", "sub/b.md"), "x")


def test_gitignore_is_honoured_and_counted(tmp_path: Path) -> None:
    make(tmp_path, {**TREE, ".gitignore": "# logs\n*.log\n!keep.log\n\nbuild/\n"})
    assert ids(tmp_path) == ["a.txt", "keep.log", "sub/b.md"]
    assert list_files(tmp_path).ignored == {"excluded": 4}  # a folder counts as one


def test_inner_patterns_are_of_their_folder_and_win(tmp_path: Path) -> None:
    make(tmp_path, {**TREE, ".gitignore": "*.log\n", "sub/.gitignore": "!a.log\n/b.md\n"})
    assert "sub/a.log" in ids(tmp_path)
    assert "sub/b.md" not in ids(tmp_path)
    assert "a.log" not in ids(tmp_path)


def test_ragtreeignore_is_read_after_gitignore(tmp_path: Path) -> None:
    make(tmp_path, {**TREE, ".gitignore": "*.log\nbuild/\n", ".ragtreeignore": "!*.log\nsub/b.md\n"})
    assert ids(tmp_path) == ["a.log", "a.txt", "keep.log", "sub/a.log"]


def test_a_pattern_that_makes_no_sense_is_passed_over(tmp_path: Path) -> None:
    make(tmp_path, {**TREE, ".gitignore": "!\n[\n[z-a]\n\\\n/\n*.log\n"})
    (tmp_path / "sub" / ".ragtreeignore").write_bytes(b"\xff\x00\nb.md\r\n")
    assert ids(tmp_path) == ["a.txt", "build/x.txt", "sub/build/y.txt"]


def test_hidden_files_and_links_are_counted_and_ragtree_s_own_are_not(tmp_path: Path) -> None:
    folder = make(
        tmp_path / "docs", {"a.txt": "x", ".hidden": "x", ".git/config": "x", "ragtree.toml": "", "sub/b.md": "x"}
    )
    make(folder, {".ragtree/catalog.sqlite": "x", "index/catalog.sqlite": "x"})
    make(tmp_path / "elsewhere", {"secret.txt": "x"})
    (folder / "sub" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "out").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (folder / "secret.txt").symlink_to(tmp_path / "elsewhere" / "secret.txt")
    (folder / "inside.txt").symlink_to(folder / "sub" / "b.md")
    assert ids(folder) == ["a.txt", "inside.txt", "sub/b.md"]
    assert list_files(folder).ignored == {"hidden": 2, "links out of the folder": 1, "links to folders": 2}


def test_a_folder_that_is_itself_a_link_is_read(tmp_path: Path) -> None:
    real = make(tmp_path / "real", {"a.txt": "x", "sub/b.md": "x"})
    (real / "c.txt").symlink_to(real / "a.txt")
    (tmp_path / "link").symlink_to(real, target_is_directory=True)
    assert ids(tmp_path / "link") == ["a.txt", "c.txt", "sub/b.md"]


NAMES = st.sampled_from(["a", "b", "ab", "a.txt", "b.txt"])
PATTERNS = st.lists(
    st.sampled_from(
        "* ** a b/ /a !a !b/ [a-b].txt !**/ *.txt !*.txt a/b **/b a/** !a/b [ab] ?b [!a] [^b]* a/*/b **/a/** a/**/b "
        "\\!a #a a** */b **b !*/ /** !/a/ \\a a\\*".split()
    ),
    max_size=4,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(top=PATTERNS, inner=PATTERNS, paths=st.lists(st.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=5))
def test_the_rules_are_git_s(
    tmp_path_factory: pytest.TempPathFactory, top: list[str], inner: list[str], paths: list[tuple[str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    for path in paths:
        try:
            make(folder, {"/".join(path): "x"})
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue
    (folder / ".gitignore").write_text("\n".join(top))
    if (folder / "a").is_dir():
        (folder / "a" / ".gitignore").write_text("\n".join(inner))
    listed = subprocess.run(
        ["git", "-C", str(folder), "ls-files", "--others", "--exclude-standard", "-z"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert ids(folder) == sorted(name for name in listed.stdout.split("\0") if name and not name.endswith(".gitignore"))


def test_without_patterns_nothing_is_excluded() -> None:
    assert not Rules().exclude("a/b.txt", is_folder=False)
