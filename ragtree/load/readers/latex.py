"""LaTeX: its text under its sections. Formulas stay as they are written; included files are not read.

pylatexenc reads more of the language, but loses the sections and lines of the text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from ...settings import LoadSettings
from ..base import Loaded
from .latex_signs import ACCENTS, DROPPED, MATHEMATICS, NO_TEXT, SECTIONS, SIGNS, TABLES, VERBATIM
from .outline import Outline, facts, markdown_table, one_line
from .plain_text import decode

_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
_TOKEN = re.compile(
    r"\\([a-zA-Z@]+)\*?[ \t]*|\\([^a-zA-Z])|(\$\$?)|([{}~])|(\n[ \t]*\n\s*)|(``|''|---?)|([^\\${}~\n`'-]+|.)", re.DOTALL
)
_OWN = re.compile(r"\\(?:(?:re)?newcommand\*?\s*\{?|def\s*)\\([A-Za-z]+)\}?\s*\{")
_NUMBERED = re.compile(r"cite\w*|[a-zA-Z]*ref")
_LABEL = re.compile(r"\\label\{[^}]*\}")
_MOST_OWN = 2000
"""Most uses of the author's own commands, and most characters of each: definitions may expand without end."""


class LatexLoader:
    """`.tex`; a passage is located by its section and its line."""

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        text = _COMMENT.sub(r"\1", decode(data, source).replace("\r\n", "\n").replace("\r", "\n"))
        begin = text.find(r"\begin{document}")
        end = text.find(r"\end{document}")
        start = begin + len(r"\begin{document}") if begin >= 0 else 0
        reader = _LatexReader(text, own=_own_commands(text), length=end if end > start else len(text))
        title, author, date = (reader.plain(_argument_of(text, command)) for command in ("title", "author", "date"))
        if title:
            reader.outline.add(one_line(title), line=text.count("\n", 0, max(0, text.find(r"\title"))) + 1)
        reader.outline.add(author)
        reader.read(start)
        return reader.outline.loaded(title, facts(author=author, date=date))


@dataclass(slots=True)
class _LatexReader:
    text: str
    own: dict[str, str]
    length: int
    outline: Outline = field(default_factory=Outline)
    words: list[str] = field(default_factory=list)
    line: int = 1
    used: int = 0

    def read(self, start: int) -> None:
        """Read the document's body, paragraph by paragraph."""
        counted, line = 0, 1
        at = start
        while at < self.length:
            if not any(word.strip() for word in self.words):
                line += self.text.count("\n", counted, at)
                counted = at
                self.line = line + _blank_lines(self.text, at, self.length)
            at = self.step(self.text, at, self.length)
        self.paragraph()

    def step(self, text: str, at: int, end: int) -> int:
        """Read the token at `at`, and return where the next one begins."""
        found = _TOKEN.match(text, at, end)
        if found is None:
            return end
        command, sign, dollar, mark, blank, ligature, plain = found.groups()
        at = found.end()
        if command:
            return self.command(command, text, at, end)
        if sign:
            return self.sign(sign, text, at, end)
        if dollar:
            return self.formula(dollar, dollar, text, at, end)
        if blank:
            self.paragraph()
        elif ligature:
            self.words.append({"``": "“", "''": "”", "---": "—", "--": "–"}.get(ligature, ligature))
        elif mark:
            self.words.append(" " if mark == "~" else "")
        else:
            self.words.append(plain)
        return at

    def command(self, command: str, text: str, at: int, end: int) -> int:
        if command in SECTIONS:
            at = _option(text, at, end)
            title, at = _argument(text, at, end)
            self.paragraph()
            self.outline.heading(SECTIONS[command], self.plain(title), line=self.line)
        elif command == "begin":
            return self.environment(text, at, end)
        elif command == "end":
            _, at = _argument(text, at, end)
            self.paragraph()
        elif command == "item":
            self.paragraph()
            label, at = _bracketed(text, at, end)
            self.words.append(f"- {self.plain(label)} " if label else "- ")
        elif command == "footnote":
            note, at = _argument(text, at, end)
            self.words.append(f" ({self.plain(note)})")
        elif command in ACCENTS and text[at : at + 1] in ("{", "\\"):
            return self.accent(command, text, at, end)
        elif _NUMBERED.fullmatch(command) and command != "href":
            at = _option(text, _option(text, at, end), end)
            key, at = _argument(text, at, end)
            self.words.append(f"[{key}]")
        elif command in DROPPED:
            at = self.dropped(command, text, at, end)
        elif command in SIGNS:
            self.words.append(SIGNS[command])
        elif command in self.own:
            self.words.append(self.expanded(command))
        else:  # a command that formats its argument, which is text
            at = _option(text, at, end)
        return at

    def dropped(self, command: str, text: str, at: int, end: int) -> int:
        if command in ("newcommand", "renewcommand", "providecommand", "def", "let") and text[at : at + 1] == "\\":
            at = re.compile(r"\\[A-Za-z@]+[^{\n]*").match(text, at, end).end()  # type: ignore[union-attr]
            return _argument(text, at, end)[1]
        for _ in range(DROPPED[command]):
            at = _option(text, at, end)
            at = _argument(text, at, end)[1]
        return at

    def sign(self, sign: str, text: str, at: int, end: int) -> int:
        if sign in "([":
            return self.formula("$" if sign == "(" else "$$", "\\)" if sign == "(" else "\\]", text, at, end)
        if sign == "\\":
            self.words.append("\n")
            return _option(text, at, end)
        if sign in ACCENTS:
            return self.accent(sign, text, at, end)
        self.words.append(" " if sign in " ,;:\n" else "" if sign in "/-!@" else sign)
        return at

    def accent(self, accent: str, text: str, at: int, end: int) -> int:
        if text[at : at + 1] == "{":
            letter, at = _argument(text, at, end)
            letter = self.plain(letter)
        elif text[at : at + 1] == "\\":
            letter, at = text[at + 1 : at + 2], at + 2
        else:
            letter, at = text[at : at + 1], at + 1
        self.words.append(unicodedata.normalize("NFC", letter[:1] + ACCENTS[accent] + letter[1:]) if letter else "")
        return at

    def formula(self, sign: str, closing: str, text: str, at: int, end: int) -> int:
        close = text.find(closing, at, end)
        while close > 0 and closing == "$" and text[close - 1] == "\\":
            close = text.find(closing, close + 1, end)
        if close < 0:
            return at
        self.words.append(f"{sign}{text[at:close].strip()}{sign}")
        return close + len(closing)

    def environment(self, text: str, at: int, end: int) -> int:
        kind, at = _argument(text, at, end)
        known = kind in MATHEMATICS | VERBATIM | TABLES | NO_TEXT
        close = text.find(rf"\end{{{kind}}}", at, end) if known else -1
        if close < 0:
            self.paragraph()
            return _option(text, at, end)
        inside = text[at:close]
        if kind in MATHEMATICS:
            self.words.append("\n$$" + _LABEL.sub("", inside).strip() + "$$\n")
        elif kind in VERBATIM:
            self.paragraph()
            self.outline.add(f"```\n{inside.strip()}\n```", line=self.line)
        elif kind in TABLES:
            self.paragraph()
            self.table(inside)
        return close + len(rf"\end{{{kind}}}")

    def table(self, inside: str) -> None:
        at = _option(inside, 0, len(inside))
        while inside[at : at + 1] == "{":  # the width, and the alignment of the columns
            at = _argument(inside, at, len(inside))[1]
        rows = [
            [self.plain(cell) for cell in re.split(r"(?<!\\)&", row)]
            for row in re.split(r"\\\\(?:\[[^\]]*\])?|\\tabularnewline", inside[at:])
        ]
        self.outline.add(markdown_table(rows), line=self.line)

    def expanded(self, command: str) -> str:
        """The text of a command that the author defined. Own commands in its definition are not expanded."""
        self.used += 1
        return self.plain(self.own[command][:_MOST_OWN], own=False) if self.used <= _MOST_OWN else ""

    def plain(self, text: str, own: bool = True) -> str:
        """A piece of LaTeX as text on one line."""
        if not text.strip():
            return ""
        inner = _LatexReader(text, self.own if own else {}, len(text), line=self.line)
        inner.used = self.used
        at = 0
        while at < len(text):
            at = inner.step(text, at, len(text))
        self.used = inner.used
        return one_line(" ".join([inner.outline.loaded().text, "".join(inner.words)]))

    def paragraph(self) -> None:
        text = "".join(self.words)
        self.words.clear()
        text = "\n".join(line for line in (re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n")) if line)
        self.outline.add("" if text == "-" else text, line=self.line, tight=text.startswith("- "))


def _own_commands(text: str) -> dict[str, str]:
    """Commands without arguments that the author defined: \\newcommand{\\model}{RAPTOR}."""
    found = {}
    for definition in _OWN.finditer(text):
        meaning, _ = _argument(text, definition.end() - 1, len(text))
        if "#" not in meaning:
            found[definition.group(1)] = meaning
    return found


def _argument_of(text: str, command: str) -> str:
    found = re.search(rf"\\{command}\s*(?:\[[^\]]*\]\s*)?(?={{)", text)
    return _argument(text, found.end(), len(text))[0] if found else ""


def _argument(text: str, at: int, end: int) -> tuple[str, int]:
    """What is in the braces at `at`, and where they end; empty if there are none, or if they are not closed."""
    while at < end and text[at] in " \t":
        at += 1
    if text[at : at + 1] != "{":
        return "", at
    depth = 0
    for sign in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, at, end):
        depth += {"{": 1, "}": -1}.get(sign.group(), 0)
        if depth == 0:
            return text[at + 1 : sign.start()], sign.end()
    return "", at + 1


def _bracketed(text: str, at: int, end: int) -> tuple[str, int]:
    """What is in the brackets at `at`, and where they end; empty if there are none, or more than 2,000 characters."""
    if text[at : at + 1] != "[":
        return "", at
    close = text.find("]", at, min(end, at + 2000))
    return (text[at + 1 : close], close + 1) if close > 0 else ("", at)


def _option(text: str, at: int, end: int) -> int:
    return _bracketed(text, at, end)[1]


def _blank_lines(text: str, at: int, end: int) -> int:
    """Line ends between `at` and the next word."""
    found = re.compile(r"\s*").match(text, at, end)
    return found.group().count("\n") if found else 0
