"""Long runs of base64 and hexadecimal -> a short mark, such as "[4,096 characters of base64 left out]".

A picture, a font or a key that stands in a text as letters says nothing to a reader, and nobody searches for it. Cut
into chunks it crowds out what does. The mark is part of the document's text, so spans and quotes are of the same text.

What has a label is what the label says: a data: URI that says base64, a block between -----BEGIN and -----END, a token
that begins like every JSON object in base64, the mappings of a source map, a file between `begin 644` and `end`, bytes
with 0x or \\x before each, lines whose addresses grow by the bytes of the line before.

What has no label is measured (`is_encoded`), and what is in doubt stays:

- Up to 128 characters stay. That is a SHA-512 in hexadecimal, the longest thing of this kind that people look for.
- Encoded bytes mix capitals, small letters and digits at random. In 129 characters of base64 two neighbours in three
  are of different kinds (measured: .50 to .80 for random bytes, .41 to .71 for English text), and two in five are
  capitals. In identifiers, paths and slugs, which are made of words, it is one neighbour in four, and fewer than one
  capital in four.
- Words without spaces (German, Thai, Chinese) have one kind of letters, or others; DNA and proteins have one kind;
  decimals have no letters. None of them can pass.
- Addresses (`https://...`) stay, for they can be followed. So do lists of checksums, whose lines all have the length of
  one.
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
from .held import ENCODED_DATA, Told

_LONGEST_KEPT = 128
"""Characters of a run without a label."""

_LONGEST_LABELLED = 64
"""Characters of a run that says what it is: a mark would be no shorter."""

_LONGEST_DUMP = 512
"""Hexadecimal digits, or 16 lines of 16 bytes: a dump is printed for people, and a short one is an example."""

_LEAST_STEP = 8
"""Bytes in a line of a dump; years in a table go up by one."""

_LONG = 1000
"""Characters, from which on no word, path or identifier is so long; then fewer changes are enough (empty bytes)."""

_CHECKSUMS = frozenset({32, 40, 56, 64, 96, 128})
"""Lengths of MD5, SHA-1 and the SHA-2 family in hexadecimal."""

_BREAK = r"(?:[ \t]*(?:\\r)?\\n|[ \t]*\r?\n[ \t>]*|[ ])"
"""Between the lines of a run: a line end, one that is escaped (JSON, code), or what became of it in a paragraph."""

_SPACE = r"(?:\s|\\[rn])"
"""White space, also as JSON and code write it."""

_MORE_LINES = rf"(?:{_BREAK}[A-Za-z0-9+/]{{32,}})*(?:{_BREAK}?[A-Za-z0-9+/]{{1,64}}={{1,2}}|={{1,2}})?"
_LINES = rf"[A-Za-z0-9+/]{{32,}}{_MORE_LINES}"


class _Label(NamedTuple):
    """How data say what they are."""

    kind: str
    hint: str
    """What stands in every text that has the label: to look for it costs next to nothing."""
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
            rf"([A-Za-z0-9+/=]++(?:{_SPACE}++[A-Za-z0-9+/=]++)*+){_SPACE}*+-{{4,5}} ?END "
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


class Run(NamedTuple):
    """Characters that are left out, and what they are."""

    span: Span
    kind: str


def without_encoded_data(loaded: Loaded) -> Loaded:
    """The same text with marks in place of encoded data, and a notice that counts it."""
    runs = encoded_runs(loaded.text)
    told = Told("TXT")
    cuts = []
    for span, kind in runs:
        named = f"{span.end - span.start:,} characters of {kind}"
        cuts.append(Cut(span, f"[{named} left out]"))
        told.add(ENCODED_DATA, named)
    return cut_out(loaded, cuts, told.notices())


def encoded_runs(text: str) -> list[Run]:
    """Runs of encoded data in reading order; none overlaps another."""
    found: list[Run] = []
    for run in sorted(_candidates(text), key=lambda run: (run.span.start, -run.span.end)):
        if not found or run.span.start >= found[-1].span.end:
            found.append(run)
    return found


def is_encoded(run: str) -> bool:
    """Whether a run of letters, digits and the signs of base64 is data, and not made of words."""
    if len(run) <= _LONGEST_KEPT:
        return False
    if _HEXADECIMAL.fullmatch(run):
        return 0.1 < sum(map(str.isalpha, run)) / len(run) < 0.9
    kinds = ["A" if sign.isupper() else "a" if sign.islower() else "0" if sign.isdigit() else "+" for sign in run]
    share = {kind: count / len(kinds) for kind, count in Counter(kinds).items()}
    changes = sum(one != other for one, other in pairwise(kinds)) / len(kinds)
    mixed = share.get("A", 0) >= 0.25 and share.get("a", 0) >= 0.05 and share.get("0", 0) >= 0.01
    return mixed and changes >= (0.35 if len(run) < _LONG else 0.1)


def _candidates(text: str) -> Iterator[Run]:
    for label in _LABELS:
        for found in label.pattern.finditer(text) if label.hint in text else ():
            span = Span(*found.span(1))
            if span.end - span.start > _LONGEST_LABELLED:
                yield Run(span, label.kind)
    for pattern in _UNLABELLED:
        for found in pattern.finditer(text):
            run = _measured(text, Span(*found.span()))
            if run is not None:
                yield run
    for found in _BYTES.finditer(text):
        digits = "".join(sign for sign in found.group() if sign.isalnum())
        if len(digits) > _LONGEST_DUMP and 0.1 < sum(map(str.isalpha, digits)) / len(digits) < 0.9:
            yield Run(Span(*found.span()), "hexadecimal")
    yield from _dumps(text)


def _measured(text: str, span: Span) -> Run | None:
    """The run in the span, if it is one by what it is made of."""
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
    return Run(span, "hexadecimal" if is_hexadecimal else "base64")


def _dumps(text: str) -> Iterator[Run]:
    """What xxd, hexdump and their like print: an address, bytes, and mostly the same bytes as characters."""
    start = end = 0
    digits = address = ""
    step: set[int] = set()
    for found in [*_DUMP_LINE.finditer("\n" + text), None]:  # a line end first is what makes the search fast
        follows = found and address and found.start() - end <= 1 and step & _distances(address, found.group(1))
        if not follows:
            if len(digits) > _LONGEST_DUMP and re.search("[a-f]", digits, re.IGNORECASE):
                yield Run(Span(start, end), "hexadecimal")
            start, digits = found.start() if found else 0, ""
        if found:
            words = found.group(2).split()
            sizes = accumulate(len(word) // 2 for word in words)
            step = {size for size in sizes if size >= _LEAST_STEP}  # some of the words may be characters that are shown
            digits += "".join(words)
            address, end = found.group(1), found.end() - 1


def _distances(one: str, other: str) -> set[int]:
    """How far apart two addresses are, in the bases that dumps count in."""
    bases = [16, 8] if (one + other).isdecimal() and not {*"89"} & {*one, *other} else [16]
    return {int(other, base) - int(one, base) for base in bases}
