"""Front matter: the title, date, author and tags at the beginning of a text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import NamedTuple

from ...types import Scalar
from .outline import one_line

_YAML = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE | re.DOTALL)
_TOML = re.compile(r"\A\ufeff?\+\+\+[ \t]*\r?\n(.*?)^\+\+\+[ \t]*\r?$", re.MULTILINE | re.DOTALL)
_PAIR = re.compile(r"([A-Za-z][\w -]{0,40}?)\s*:(?:\s+(.*))?")
_MOST_KEYS = 30
_LONGEST = 500
"""Characters of a value: a longer one is text, not a fact about it."""


class FrontMatter(NamedTuple):
    """Where the text proper begins, its title, and the other facts."""

    end: int
    title: str
    metadata: dict[str, Scalar]


def read_front_matter(text: str) -> FrontMatter:
    """Read YAML between `---` or TOML between `+++` at the beginning; (0, "", {}) if there is none.

    Of YAML, only what people write there is read: keys with a value, quoted or not, and lists.
    """
    found = _TOML.match(text)
    if found:
        return _from(found.end(), _toml(found.group(1)))
    found = _YAML.match(text)
    return _from(found.end(), _yaml(found.group(1))) if found else FrontMatter(0, "", {})


def known_facts(said: Mapping[str, str]) -> dict[str, Scalar]:
    """Metadata: keys in lower case, values on one line, without long and empty values."""
    short = {one_line(key).lower(): one_line(value) for key, value in list(said.items())[:_MOST_KEYS]}
    return {key: value for key, value in short.items() if value and len(value) <= _LONGEST}


def _from(end: int, said: Mapping[str, str]) -> FrontMatter:
    metadata = known_facts(said)
    return FrontMatter(end, str(metadata.pop("title", "")), metadata)


def _toml(text: str) -> dict[str, str]:
    try:
        said = tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
    return {
        key: ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
        for key, value in said.items()
        if not isinstance(value, dict)
    }


def _yaml(text: str) -> dict[str, str]:
    said: dict[str, str] = {}
    key = ""
    for line in text.splitlines():
        item = re.fullmatch(r"\s*-\s+(.*)", line)
        pair = _PAIR.fullmatch(line.rstrip())
        if item and key:
            said[key] = ", ".join(part for part in (said[key], _unquoted(item.group(1))) if part)
        elif pair and not line[0].isspace():
            key, value = pair.group(1), (pair.group(2) or "").strip()
            if value.startswith("[") and value.endswith("]"):
                value = ", ".join(_unquoted(part) for part in value[1:-1].split(","))
            said[key] = "" if value in ("|", ">", "|-", ">-") else _unquoted(value)
        elif key and line[:1].isspace() and ":" not in line:  # a value that continues
            said[key] = f"{said[key]} {line.strip()}".strip()
    return said


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return re.sub(r"\s+#.*", "", value)
