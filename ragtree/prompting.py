"""Finds, checks and fills in the templates of prompts/.

A template is a Markdown file with a `# system` and a `# user` section and `$name` fields.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template, ascii_uppercase

from .errors import PromptError, QueryError
from .text_files import read_text

_ROLE_MARK = re.compile(r"<[|｜].*?[|｜]>")
"""Chat templates' role marks, such as <|im_start|>."""
_ROLE_TAG = re.compile(
    r"<(?=/?(?:s|bos|eos|pad|unk|mask|start_of_turn|end_of_turn|end_of_utterance|think|tools?|tool_call|tool_response|"
    r"(?:start|end)_of_(?:image|text|role))>|</?SYS>>)"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|IMG)\])",
    re.IGNORECASE,
)
_FENCE = re.compile(r"<(?=\s*/?\s*passage)", re.IGNORECASE)

FIELDS = {
    "answer": frozenset({"passages", "question", "language"}),
    "answer_or_refuse": frozenset({"passages", "question", "language"}),
    "answerable": frozenset({"question"}),
    "context": frozenset({"document", "passage"}),
    "describe": frozenset({"words"}),
    "correct": frozenset({"sentences"}),
    "choice": frozenset({"passages", "question", "options"}),
    "entailed": frozenset({"passage", "sentence"}),
    "gist": frozenset({"passages", "question", "language"}),
    "goal": frozenset({"passages", "goal", "count"}),
    "hyde": frozenset({"question", "count"}),
    "guide": frozenset({"question", "options", "count"}),
    "judge": frozenset({"question", "references", "first", "second"}),
    "label": frozenset({"passages", "terms"}),
    "language": frozenset({"language"}),
    "list": frozenset({"passages", "question"}),
    "missing": frozenset({"question"}),
    "question": frozenset({"passage"}),
    "rerank": frozenset({"passages", "question", "count"}),
    "recall": frozenset({"conversation", "words"}),
    "restructured": frozenset({"passages", "schema", "question", "written", "problem"}),
    "resummarize": frozenset({"passages", "words", "language"}),
    "rewrite": frozenset({"conversation", "question"}),
    "several": frozenset({"question", "count"}),
    "short": frozenset({"passages", "question"}),
    "sort": frozenset({"passage", "goal", "options"}),
    "steps": frozenset({"passages", "question", "asked"}),
    "structured": frozenset({"passages", "schema", "question"}),
    "summarize": frozenset({"passages", "words"}),
}
"""The templates, and the fields that each must have."""


EXAMPLES = {
    "wanted": ("person", "time", "count", "amount", "something else"),
    "calculations": ("value", "sum", "mean", "highest", "lowest", "count", "something else"),
    "kinds": (
        *(
            "overview",
            "documents",
            "documents that mention",
            "number of documents",
            "newest document",
            "oldest document",
            "longest document",
        ),
        *(
            "list",
            "count",
            "compare",
            "greeting",
            "thanks",
            "goodbye",
            "about the assistant",
            "go on",
            "definition",
            "fact",
        ),
        "words for documents",
    ),
}
"""The files of examples, which have one example a line, and their sections."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A system and a user message."""

    system: str
    user: str


def prompt_folders(own: Path | None = None) -> list[Path]:
    """Where templates are looked for, first match wins: the user's folder, the wheel, the source tree."""
    package = Path(__file__).parent
    return [*([own] if own else []), package / "prompts", package.parent / "prompts"]


def template(name: str, own: Path | None = None) -> str:
    """The text of a template, checked for its fields. Raises PromptError."""
    path = find_file(f"{name}.md", own)
    text = _text(path)
    _check(path, text, FIELDS[name])
    return text


def find_file(name: str, own: Path | None = None) -> Path:
    """The path of the file of that name, the user's own before ours. Raises PromptError if there is none."""
    if own is not None and not own.is_dir():
        raise PromptError(f"there is no folder {own} for templates of your own (prompts)")
    for folder in prompt_folders(own):
        path = folder / name
        if path.is_file():
            return path
    raise PromptError(f"no template {name} in {', '.join(map(str, prompt_folders(own)))}")


def examples(name: str, own: Path | None = None) -> dict[str, list[str]]:
    """The lines of each section of a file of examples. Raises PromptError if a section is missing or empty."""
    path = find_file(f"{name}.md", own)
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in _text(path).splitlines():
        if line.startswith("# "):
            lines = found.setdefault(line[2:].strip(), [])
        elif line.strip():
            lines.append(line.strip())
    missing = [section for section in EXAMPLES[name] if not found.get(section)]
    if missing:
        raise PromptError(f"{path}: it needs a heading '# {missing[0]}' with at least one line under it")
    return found


def _text(path: Path) -> str:
    try:
        return read_text(path)
    except (OSError, ValueError) as error:
        raise PromptError(f"{path} cannot be read: {error}") from error


def _check(path: Path, text: str, wanted: frozenset[str]) -> None:
    body = Template(text)
    if not body.is_valid():
        raise PromptError(f"{path}: it contains a lone $; write $$ for a dollar sign")
    found = set(body.get_identifiers())
    if found != wanted:
        raise PromptError(f"{path}: its fields are {sorted(found)}, wanted are {sorted(wanted)}; write them as $name")
    if not re.search(r"^# system\s*$.*^# user\s*$", text, re.MULTILINE | re.DOTALL):
        raise PromptError(f"{path}: it needs a '# system' heading and, after it, a '# user' heading")


def render(name: str, own: Path | None = None, **fields: str) -> Prompt:
    """Fill in a template. Raises PromptError if it is missing or has other fields."""
    text = template(name, own)
    system, user = re.split(r"^# user\s*$", text, maxsplit=1, flags=re.MULTILINE)
    system = re.split(r"^# system\s*$", system, maxsplit=1, flags=re.MULTILINE)[1]
    return Prompt(Template(system).substitute(fields).strip(), Template(user).substitute(fields).strip())


def fence(number: int, text: str, about: str = "") -> str:
    """A passage between marks that its own text cannot close: documents are data, never instructions."""
    label = re.sub(r'[\s"<>]+', " ", _inert(about)).strip()
    header = f' from="{label}"' if label else ""
    return f'<passage id="{number}"{header}>\n{_inert(text).strip()}\n</passage>'


def letters(count: int) -> tuple[str, ...]:
    """The names of `count` options: A, B, C, ... Raises QueryError for more than there are letters."""
    if count > len(ascii_uppercase):
        raise QueryError(f"a question has {count} options, but there are {len(ascii_uppercase)} letters; ask for fewer")
    return tuple(ascii_uppercase[:count])


def lettered(options: Sequence[str]) -> str:
    """The options for a prompt, one a line after its letter. Raises QueryError for more than there are letters."""
    named = zip(letters(len(options)), options, strict=True)
    return "\n".join(f"{letter}. {' '.join(_inert(option).split())}" for letter, option in named)


def numbered(options: Sequence[str]) -> str:
    """The options for a prompt, one a line after its number, from 1."""
    return "\n".join(f"{number}. {' '.join(_inert(option).split())}" for number, option in enumerate(options, start=1))


def _inert(text: str) -> str:
    """The text without marks that a chat template or a prompt would take for its own."""
    return _FENCE.sub("(", _ROLE_TAG.sub("(", _ROLE_MARK.sub(" ", text)))
