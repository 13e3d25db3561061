"""Rich Text Format: its groups and control words, read in one pass, without recursion."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from ...settings import LoadSettings
from ..base import Loaded
from .outline import Outline, facts, markdown_table, one_line

_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.DOTALL
)
_SKIPPED = frozenset(
    "colortbl filetbl listtable listoverridetable revtbl rsidtbl generator pict objdata objclass header headerl "
    "headerr headerf footer footerl footerr footerf fldinst xe tc annotation atnid atnauthor atndate nonshppict "
    "sp themedata colorschememapping latentstyles datastore xmlnstbl mmathPr userprops docvar creatim revtim printim "
    "buptim operator company manager category comment doccomm hlinkbase ftnsep ftnsepc aftnsep aftnsepc panose falt "
    "bkmkstart bkmkend template keywords pntxta pntxtb".split()
)
_READ_THOUGH_STARRED = frozenset({"shpinst", "shppict", "ud"})
_SIGNS = {
    "tab": "\t",
    "line": "\n",
    "emdash": "—",
    "endash": "–",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "bullet": "•",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
}
_ESCAPED = {"~": "\u00a0", "_": "-", "-": "", "{": "{", "}": "}", "\\": "\\", "\n": "\n", "\r": "\n", "\t": "\t"}
_CHARSETS = {
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    134: "gbk",
    136: "cp950",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
}
_PLATFORMS = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
_TABLES = frozenset({"fonttbl", "stylesheet", "info", "title", "author", "subject"})
_STYLE = re.compile(r"heading (\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Group:
    """The state inside the open braces."""

    skipped: bool = False
    hidden: bool = False
    table: str = ""
    """The table that is being read (fonttbl, stylesheet, title, ...); empty in the text."""
    fallback: int = 1
    """How many characters after a Unicode one stand for it in old programs."""
    encoding: str = ""
    note: bool = False


@dataclass(slots=True)
class _RtfReader:
    outline: Outline = field(default_factory=Outline)
    group: _Group = field(default_factory=_Group)
    groups: list[_Group] = field(default_factory=list)
    encoding: str = "cp1252"
    fonts: dict[int, str] = field(default_factory=dict)
    font: int = 0
    levels: dict[int, int] = field(default_factory=dict)
    """Style -> level of its heading."""
    style: int = 0
    style_name: list[str] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)
    owed: int = 0
    level: int = 0
    in_table: bool = False
    cells: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    def read(self, text: str) -> None:
        at = 0
        starred = False
        while found := _TOKEN.match(text, at):
            at = found.end()
            word, number, code, sign, brace, plain = found.groups()
            if word == "bin":  # raw bytes, which may look like anything
                at += max(0, int(number or 0))
            elif word:
                self.control(word, int(number) if number else None, starred)
            elif code:
                self.byte(int(code, 16))
            elif brace:
                self.brace(brace)
            elif plain:
                self.text(plain)
            elif sign and sign != "*":
                self.sign(sign)
            starred = sign == "*"
        self.flush()
        self.paragraph()
        self.table()

    def brace(self, brace: str) -> None:
        self.flush()
        self.owed = 0
        if brace == "{":
            self.groups.append(self.group)
        elif self.groups:
            closed, self.group = self.group, self.groups.pop()
            if closed.note and not self.group.note:
                self.words.append(")")
            if closed.table == "stylesheet" and self.style_name:
                named = _STYLE.match("".join(self.style_name).strip())
                if named:
                    self.levels[self.style] = int(named.group(1))
            self.style_name.clear()

    def control(self, word: str, number: int | None, starred: bool) -> None:
        if word == "u" and number is not None:
            self.unicode(number)
            return
        self.flush()
        if word in _SKIPPED or (starred and word not in _READ_THOUGH_STARRED):
            self.group = replace(self.group, skipped=True)
        elif word in _TABLES:
            self.group = replace(self.group, table=word)
        elif self.group.table:
            self.define(word, number)
        elif word in _PLATFORMS:
            self.encoding = _PLATFORMS[word]
        elif word == "ansicpg" and number:
            self.encoding = _known(f"cp{number}") or self.encoding
        elif word == "uc":
            self.group = replace(self.group, fallback=max(0, min(number or 0, 10)))
        elif not self.group.skipped:
            self.body(word, number)

    def define(self, word: str, number: int | None) -> None:
        """Handle a control word inside the tables at the beginning of the file."""
        if self.group.table == "fonttbl":
            if word == "f":
                self.font = number or 0
            elif word == "fcharset" and number in _CHARSETS:
                self.fonts[self.font] = _CHARSETS[number]
        elif self.group.table == "stylesheet" and word == "s":
            self.style = number or 0

    def body(self, word: str, number: int | None) -> None:
        if word in _SIGNS:
            self.words.append("" if self.group.hidden else _SIGNS[word])
        elif word in ("par", "sect", "page"):
            self.paragraph()
        elif word in ("cell", "nestcell"):
            self.cell()
        elif word in ("row", "nestrow"):
            self.row()
        elif word == "intbl":
            self.in_table = True
        elif word == "pard":
            self.level, self.in_table = 0, False
        elif word == "s" and number is not None:
            self.level = self.levels.get(number, 0)
        elif word == "outlinelevel" and number is not None:
            self.level = number + 1 if 0 <= number < 9 else 0
        elif word in ("v", "deleted"):
            self.group = replace(self.group, hidden=number != 0)
        elif word == "plain":
            self.group = replace(self.group, hidden=False, encoding="")
        elif word == "f":
            self.group = replace(self.group, encoding=self.fonts.get(number or 0, ""))
        elif word == "footnote":
            self.group = replace(self.group, note=True)
            self.words.append(" (Note: ")

    def sign(self, sign: str) -> None:
        if sign in "\r\n":
            self.control("par", None, False)
        else:
            self.text(_ESCAPED.get(sign, ""))

    def unicode(self, number: int) -> None:
        self.flush()
        self.put(chr(number % 0x10000))
        self.owed = self.group.fallback

    def byte(self, code: int) -> None:
        if self.owed:
            self.owed -= 1
        elif not self.group.skipped:
            self.raw.append(code)

    def text(self, text: str) -> None:
        skipped = min(self.owed, len(text))
        self.owed -= skipped
        text = text[skipped:]
        if not text:
            return
        if not text.isascii() or self.raw:  # second bytes of Chinese and Japanese characters may look like letters
            self.raw.extend(text.encode("latin-1", "replace"))
        else:
            self.put(text)

    def flush(self) -> None:
        """Decode the bytes so far. They have to wait, because some characters consist of two."""
        if self.raw:
            encoding = self.group.encoding or self.encoding
            text = bytes(self.raw).decode(encoding, "replace")
            self.raw.clear()
            self.put(text)

    def put(self, text: str) -> None:
        table = self.group.table
        if self.group.skipped or self.group.hidden:
            return
        if table == "stylesheet":
            self.style_name.append(text)
        elif table in ("title", "author", "subject"):
            self.said[table] = self.said.get(table, "") + text
        elif not table:
            self.words.append(text)

    def paragraph(self) -> None:
        text = _joined(self.words)
        if self.in_table or self.group.note:
            self.words.append(" ")
            return
        self.words.clear()
        self.table()
        if self.level:
            self.outline.heading(self.level, text)
        else:
            self.outline.add(text)

    def cell(self) -> None:
        self.cells.append(_joined(self.words))
        self.words.clear()

    def row(self) -> None:
        if self.cells:
            self.rows.append(list(self.cells))
        self.cells.clear()

    def table(self) -> None:
        """Add the rows so far, once a paragraph is outside the table."""
        self.row()
        if self.rows:
            self.outline.add(markdown_table(self.rows))
            self.rows.clear()


class RtfLoader:
    """`.rtf`, under any ending (many a `.doc` is one); a passage is located by its heading."""

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        reader = _RtfReader()
        reader.read(data.decode("latin-1"))
        said = {name: _joined([text]) for name, text in reader.said.items()}
        metadata = facts(author=said.get("author"), subject=said.get("subject"))
        return reader.outline.loaded(said.get("title", ""), metadata)


def _joined(words: list[str]) -> str:
    """The words as one text. Characters beyond U+FFFF come in two halves, as in UTF-16, and are put together."""
    text = "".join(words).replace("\ufeff", "").strip()
    if any("\ud800" <= character <= "\udfff" for character in text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return "\n".join(one_line(line) for line in text.split("\n"))


def _known(encoding: str) -> str:
    try:
        return b"".decode(encoding) + encoding
    except LookupError:
        return {"cp65001": "utf-8", "cp10000": "mac_roman"}.get(encoding, "")
