"""The file that says who may see what."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragtree import SettingsError
from ragtree.serve.readers import AuthorizedReader, read_readers

TOKEN = "0123456789abcdef"
GOOD = f"""
[shop]
token = "{TOKEN}"
collections = {{ letters = {{ source = "shop/*" }} }}

[keeper]
token_variable = "KEEPER"

[keeper.collections]
letters = {{}}
books = {{ date = {{ "$gte" = 1923-01-01 }} }}
"""


def read(folder: Path, text: str, environment: dict[str, str] | None = None) -> tuple[AuthorizedReader, ...]:
    path = folder / "readers.toml"
    path.write_text(text, encoding="utf-8")
    (folder / "letters").mkdir(exist_ok=True)
    return read_readers(path, ["letters", "books"], [folder / "letters"], environment or {"KEEPER": "x" * 20})


def test_each_reader_has_a_token_and_filters(tmp_path: Path) -> None:
    shop, keeper = read(tmp_path, GOOD)
    assert (shop.name, shop.token, shop.sees) == ("shop", TOKEN, {"letters": {"source": {"$glob": ["shop/*"]}}})
    assert (keeper.token, set(keeper.sees)) == ("x" * 20, {"letters", "books"})


def test_a_token_is_never_shown(tmp_path: Path) -> None:
    assert TOKEN not in repr(read(tmp_path, GOOD))


def table(rest: str = "", token: str = f'token = "{TOKEN}"', sees: str = "collections = { letters = {} }") -> str:
    return f"[shop]\n{token}\n{sees}\n{rest}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names nobody"),
        ("[shop", "is not TOML"),
        ("shop = 3", "'shop'.*it is a single value"),
        ('[""]\n' + table().partition("\n")[2], "its name is empty"),
        (table(token=""), "needs either token, or token_variable"),
        (table('token_variable = "KEEPER"'), "needs either token, or token_variable"),
        (table(token='token_variable = "NOBODY"'), "NOBODY is not set"),
        (table(token='token = "short"'), "5 characters; it must have 16"),
        (table(token='token = "0123456789 abcdef"'), "HTTP headers cannot hold"),
        (table(token='token = "0123456789abcdefé"'), "HTTP headers cannot hold"),
        (table(token="token = 12345678901234567890"), "HTTP headers cannot hold"),
        (table(sees=""), "has no collections"),
        (table(sees="collections = {}"), "has no collections"),
        (table(sees='collections = ["letters"]'), "has no collections"),
        (table(sees="collections = { ledgers = {} }"), "no collection 'ledgers'; the collections are: letters, books"),
        (table(sees='collections = { letters = "a/*" }'), "letters is not a filter"),
        (table(sees="collections = { letters = { level = 0 } }"), "not a matter of documents"),
        (table(sees='collections = { letters = { source = { "$like" = "a" } } }'), "letters: "),
        (table(sees="collections = { letters = { author = {} } }"), "empty condition"),
        (table(sees='collections = { letters = { author = { "$nin" = [] } } }'), "empty condition"),
        (table(sees='collections = { letters = { source = { "$ne" = "board/*" } } }'), "say what may be seen"),
        (table("colections = {}"), "unknown key 'colections'"),
        (GOOD.replace("KEEPER", "SAME"), "the same token as shop"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_readers_name(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as refused:
        read(tmp_path, text, {"KEEPER": "x" * 20, "SAME": TOKEN})
    assert TOKEN not in str(refused.value)


def test_a_file_in_a_served_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "readers.toml"
    path.write_text(GOOD)
    with pytest.raises(SettingsError, match="is in the served folder"):
        read_readers(path, ["letters", "books"], [tmp_path], {})


def test_folders_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "readers.toml"
    path.write_text(GOOD)
    with pytest.raises(SettingsError, match="several folders are called letters"):
        read_readers(path, ["letters", "letters-2"], [tmp_path / "a" / "letters", tmp_path / "b" / "letters"], {})


def test_a_file_that_windows_wrote_is_read(tmp_path: Path) -> None:
    path = tmp_path / "readers.toml"
    path.write_bytes(GOOD.replace("\n", "\r\n").encode("utf-8-sig"))
    assert len(read_readers(path, ["letters", "books"], [], {"KEEPER": "x" * 20})) == 2
