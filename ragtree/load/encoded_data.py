"""Long runs of base64 and hexadecimal -> a short mark, such as "[4,096 characters of base64 left out]".

Nobody reads or searches for a picture, a font or a key that is encoded in a text. Split into chunks, it displaces
useful text. The mark is part of the document's text, so spans and quotes refer to the text with marks.

Labelled data is recognized by its label: a data: URI with base64, a block between -----BEGIN and -----END, a token
that begins like a JSON object in base64, the mappings of a source map, a file between `begin 644` and `end`, bytes
with the prefix 0x or \\x, and dumps, whose addresses grow by the bytes of the line before.

Unlabelled data is measured (`is_encoded`), and kept if in doubt:

- Up to 128 characters are kept. That is a SHA-512 in hexadecimal, the longest such run that people search for.
- Encoded bytes mix capitals, small letters and digits at random. In 129 characters of base64, two of three neighbours
  differ in kind (measured: .50 to .80 for random bytes, .41 to .71 for English text), and two in five are capitals. In
  identifiers, paths and slugs, which are made of words, one of four neighbours differs, and fewer than one in four is a
  capital.
- Words without spaces (German, Thai, Chinese) have letters of one kind, or of others; DNA and proteins have one kind;
  decimal numbers have no letters. None of them can be taken for base64.
- URLs (`https://...`) are kept, because they can be followed. So are lists of checksums, whose lines all have the
  length of one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import NamedTuple

from ..types import Span
from .base import Loaded
from .cutting_out import Cut, cut_out
from .format_contents import ENCODED_DATA, NoticeCollector

_LONGEST_KEPT = 128
"""Longest unlabelled run that is kept, in characters."""

_LONGEST_LABELLED = 64
"""Longest labelled run that is kept, in characters: a mark would not be shorter."""

_LONGEST_DUMP = 512
"""Hexadecimal digits in 16 lines of 16 bytes. Dumps are printed for people, and a short one is an example."""

_LEAST_STEP = 8
"""Least bytes in a line of a dump. Smaller steps also occur elsewhere, such as years in a table."""

_LONG = 1000
"""Characters. No word, path or identifier is longer, so fewer changes of kind suffice (runs of zero bytes)."""

_CHECKSUMS = frozenset({32, 40, 56, 64, 96, 128})
"""Lengths of MD5, SHA-1 and the SHA-2 family in hexadecimal."""

_BREAK = r"(?:[ \t]*(?:\\r)?\\n|[ \t]*\r?\n[ \t>]*|[ ])"
"""Between the lines of a run: a line end, an escaped one (JSON, code), or the space that replaces it in a paragraph."""

_SPACE = r"(?:\s|\\[rn])"
"""White space, also as JSON and code write it."""

_MORE_LINES = rf"(?:{_BREAK}[A-Za-z0-9+/]{{32,}})*(?:{_BREAK}?[A-Za-z0-9+/]{{1,64}}={{1,2}}|={{1,2}})?"
_LINES = rf"[A-Za-z0-9+/]{{32,}}{_MORE_LINES}"


class _Label(NamedTuple):
    """A label that identifies encoded data."""

    kind: str
    hint: str
    """A substring of every text with the label, for a fast first check."""
    pattern: re.Pattern[str]
    """Its first group is the data."""


_LABELS = (
    _Label(
        "base64",
        ";base64,",
        re.compile(rf"data:[\w.+/-]*(?:;[\w.=+\"-]+)*;base64,((?:[A-Za-z0-9_+/-]|%2[BFbf]|%3[Dd])+{_MORE_LINES})"),
    ),
    _Label(
        "base64",
        "BEGIN ",
        re.compile(
            rf"-{{4,5}} ?BEGIN [A-Z0-9 ]{{3,40}} ?-{{4,5}}{_SPACE}++"
            rf"(?:[A-Za-z-]++: (?:[^\n\\-]|\\(?!n)|-(?!---))*+(?:\n|\\n){_SPACE}*+)*+"
            # Not *+ around the lines: Python 3.11.2 then takes the white space after the last one as well.
            rf"([A-Za-z0-9+/=]++(?:{_SPACE}++[A-Za-z0-9+/=]++)*){_SPACE}*+-{{4,5}} ?END "
        ),
    ),
    _Label("base64", "eyJ", re.compile(r"\b(eyJ[\w-]{8,}(?:\.[\w-]*){2,4})")),
    _Label("a source map", "mappings", re.compile(r"\"mappings\"\s*:\s*\"([A-Za-z0-9+/,;]+)\"")),
    _Label(
        "uuencoded data",
        "begin ",
        re.compile(r"^begin [0-7]{3,4} [^\r\n]+\r?\n((?:M[ -`]{60}\r?\n)+[ -`]*)\r?\n(?:`\r?\n)?end\b", re.MULTILINE),
    ),
    _Label("hexadecimal", "\\x", re.compile(r"(\\x[0-9A-Fa-f]{2}(?:(?:[\"']?\\?\s+[\"']?)?\\x[0-9A-Fa-f]{2}){63,})")),
    _Label("hexadecimal", "0x", re.compile(r"((?:0x[0-9A-Fa-f]{1,8}[,;\s]+){64,}0x[0-9A-Fa-f]{1,8})")),
)
_UNLABELLED = (
    re.compile(rf"(?:(?<![A-Za-z0-9+/\\])|(?<=\\[nrt])){_LINES}"),
    re.compile(r"(?<![\w-])[\w-]{129,}={0,2}", re.ASCII),
)
_BYTES = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{2}(?:[ :,]?[ \t]*\\?\r?\n[ \t]*|[ :,]))+[0-9A-Fa-f]{2}(?![0-9A-Za-z])"
)
_DUMP_LINE = re.compile(r"\n[ \t]*(?:0x)?([0-9A-Fa-f]{4,16})[:|]?((?:[ \t]{1,3}[0-9A-Fa-f]{2,8})+)[^\r\n]*")
_HEXADECIMAL = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_TOKEN_ENDS = re.compile(r"[\s\"'<>()\[\]{}]")


class EncodedRun(NamedTuple):
    """Characters that are left out, and their encoding."""

    span: Span
    kind: str


def without_encoded_data(loaded: Loaded) -> Loaded:
    """The same text with marks in place of encoded data, and a notice that counts the marks."""
    runs = encoded_runs(loaded.text)
    collector = NoticeCollector("TXT")
    cuts = []
    for span, kind in runs:
        named = f"{span.end - span.start:,} characters of {kind}"
        cuts.append(Cut(span, f"[{named} left out]"))
        collector.add(ENCODED_DATA, named)
    return cut_out(loaded, cuts, collector.notices())


def encoded_runs(text: str) -> list[EncodedRun]:
    """Runs of encoded data in reading order, without overlaps."""
    found: list[EncodedRun] = []
    for run in sorted(_candidates(text), key=lambda run: (run.span.start, -run.span.end)):
        if not found or run.span.start >= found[-1].span.end:
            found.append(run)
    return found


def is_encoded(run: str) -> bool:
    """Whether a run of base64 characters is encoded data, and not made of words."""
    if len(run) <= _LONGEST_KEPT:
        return False
    if _HEXADECIMAL.fullmatch(run):
        return 0.1 < sum(map(str.isalpha, run)) / len(run) < 0.9
    kinds = ["A" if sign.isupper() else "a" if sign.islower() else "0" if sign.isdigit() else "+" for sign in run]
    share = {kind: count / len(kinds) for kind, count in Counter(kinds).items()}
    changes = sum(one != other for one, other in pairwise(kinds)) / len(kinds)
    mixed = share.get("A", 0) >= 0.25 and share.get("a", 0) >= 0.05 and share.get("0", 0) >= 0.01
    return mixed and changes >= (0.35 if len(run) < _LONG else 0.1)


def _candidates(text: str) -> Iterator[EncodedRun]:
    for label in _LABELS:
        for found in label.pattern.finditer(text) if label.hint in text else ():
            span = Span(*found.span(1))
            if span.end - span.start > _LONGEST_LABELLED:
                yield EncodedRun(span, label.kind)
    for pattern in _UNLABELLED:
        for found in pattern.finditer(text):
            run = _measured(text, Span(*found.span()))
            if run is not None:
                yield run
    for found in _BYTES.finditer(text):
        digits = "".join(sign for sign in found.group() if sign.isalnum())
        if len(digits) > _LONGEST_DUMP and 0.1 < sum(map(str.isalpha, digits)) / len(digits) < 0.9:
            yield EncodedRun(Span(*found.span()), "hexadecimal")
    yield from _dumps(text)


def _measured(text: str, span: Span) -> EncodedRun | None:
    """The run in the span, if its characters look like encoded data."""
    if span.end - span.start <= _LONGEST_KEPT:
        return None
    lines = re.split(_BREAK, span.of(text).rstrip("="))
    joined = "".join(lines)
    if not is_encoded(joined):
        return None
    is_hexadecimal = _HEXADECIMAL.fullmatch(joined) is not None
    if is_hexadecimal and len(lines) > 1 and len({*map(len, lines)}) == 1 and len(lines[0]) in _CHECKSUMS:
        return None
    before = text[max(0, span.start - 2000) : span.start]
    if "://" in _TOKEN_ENDS.split(before)[-1]:
        return None
    return EncodedRun(span, "hexadecimal" if is_hexadecimal else "base64")


def _dumps(text: str) -> Iterator[EncodedRun]:
    """Output of xxd, hexdump and similar programs: an address, bytes, and mostly the same bytes as characters."""
    start = end = 0
    digits = address = ""
    step: set[int] = set()
    for found in [*_DUMP_LINE.finditer("\n" + text), None]:  # the pattern begins with a line end, for speed
        follows = found and address and found.start() - end <= 1 and step & _distances(address, found.group(1))
        if not follows:
            if len(digits) > _LONGEST_DUMP and re.search("[a-f]", digits, re.IGNORECASE):
                yield EncodedRun(Span(start, end), "hexadecimal")
            start, digits = found.start() if found else 0, ""
        if found:
            words = found.group(2).split()
            sizes = accumulate(len(word) // 2 for word in words)
            step = {size for size in sizes if size >= _LEAST_STEP}  # some of the words may be the printed characters
            digits += "".join(words)
            address, end = found.group(1), found.end() - 1


def _distances(one: str, other: str) -> set[int]:
    """The distance of two addresses, in each base that they may be written in."""
    bases = [16, 8] if (one + other).isdecimal() and not {*"89"} & {*one, *other} else [16]
    return {int(other, base) - int(one, base) for base in bases}
