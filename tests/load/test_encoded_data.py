"""Pictures, fonts, keys and dumps that stand in a text as letters."""

from __future__ import annotations

import base64
import binascii
import json
import random
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import read, where

from ragtree.load.base import Loaded
from ragtree.load.cutting_out import Cut, cut_out
from ragtree.load.encoded_data import encoded_runs, is_encoded
from ragtree.types import Document, Location, Mark, Span

RAW = random.Random(1).randbytes(6000)
BASE64 = base64.b64encode(RAW).decode()
PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
JWT = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaGlwIjoiR29vZCBJbnRlbnQiLCJwb3J0IjoiTGVpdGgifQ."
    "TJVA95OrM7E2cBab30RMHrHDcEfxjoYZgeFONFh7HgQ"
)


def dump(size: int, width: int = 2, gap: str = "  ") -> str:
    """Lines as xxd (pairs of bytes) and hexdump -C (single bytes) print them."""
    lines = []
    for at in range(0, size, 16):
        row = RAW[at : at + 16]
        words = " ".join(row[start : start + width].hex() for start in range(0, len(row), width))
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{at:08x}:{' '}{words}{gap}{shown}")
    return "\n".join(lines)


def lines_of(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(text, width))


KEY = (
    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n"
    f"{lines_of(BASE64[:1600], 64)}\n-----END RSA PRIVATE KEY-----"
)

RUNS = {
    "a picture in Markdown": (f"![photo](data:image/png;base64,{BASE64})", "data:image/png;base64,["),
    "a picture in a definition": (f"![photo][p]\n\n[p]: data:image/png;base64,{BASE64}", "[p]: data:"),
    "a font in a style sheet": (f"src: url(data:font/woff2;charset=utf-8;base64,{BASE64}) format('woff2')", "format("),
    "a picture with escaped signs": (f"url(data:image/gif;base64,{BASE64.replace('+', '%2B')})", "data:image/gif"),
    "a key": (KEY, "Proc-Type: 4,ENCRYPTED"),
    "a key with escaped line ends": (json.dumps(KEY), "BEGIN RSA PRIVATE KEY"),
    "a message of PGP": (KEY.replace("RSA PRIVATE KEY", "PGP MESSAGE"), "-----END PGP MESSAGE-----"),
    "a token": (f"Authorization: Bearer {JWT}", "Bearer ["),
    "lines as mail has them": (lines_of(BASE64[:4000], 76), "base64"),
    "one line without a label": (f"photo: {BASE64[:200]}", "photo: ["),
    "the alphabet of addresses": (base64.urlsafe_b64encode(RAW[:300]).decode(), "base64"),
    "hexadecimal": (RAW[:200].hex(), "hexadecimal"),
    "hexadecimal in capitals": (RAW[:200].hex().upper(), "hexadecimal"),
    "hexadecimal in lines": (lines_of(RAW[:900].hex(), 60), "hexadecimal"),
    "a dump of xxd": (dump(4096), "hexadecimal"),
    "a dump of hexdump": (dump(4096, width=1, gap="  |"), "hexadecimal"),
    "a modulus": (lines_of(RAW[:600].hex(":"), 45), "hexadecimal"),
    "an array of C": (", ".join(f"0x{byte:02x}" for byte in RAW[:300]), "hexadecimal"),
    "bytes of Python": ("".join(f"\\x{byte:02x}" for byte in RAW[:300]), "hexadecimal"),
    "a source map": ('{"version":3,"mappings":"' + "AAAA,SAASA,IAAIC;EACN," * 90 + '"}', "a source map"),
    "a uuencoded file": (
        "begin 644 map.bin\n"
        + "".join(binascii.b2a_uu(RAW[at : at + 45]).decode() for at in range(0, 1000, 45))
        + "`\nend",
        "begin 644 map.bin",
    ),
}


@pytest.mark.parametrize("name", RUNS)
def test_encoded_data_becomes_a_mark(name: str) -> None:
    data, kept = RUNS[name]
    document = read(f"# Pump\n\nIt runs at 5 bar.\n\n{data}\n\nIt was bought in 1998.\n", "a.txt")
    assert document.text.startswith("# Pump\n\nIt runs at 5 bar.\n\n")
    assert document.text.endswith("\n\nIt was bought in 1998.\n")
    assert kept in document.text
    assert document.text.count(" left out]") == 1 and len(document.text) < 300
    assert len(document.notices) == 1 and ": 1, replaced by a short mark (" in document.notices[0]


KEPT = {
    "a checksum": RAW[:64].hex(),
    "a list of checksums": "\n".join(RAW[at : at + 32].hex() for at in range(0, 3200, 32)),
    "a short dump": dump(64),
    "a fingerprint": RAW[:32].hex(":"),
    "an address": f"https://news.example.com/click/{base64.urlsafe_b64encode(RAW[:400]).decode()}?x=1",
    "a link": f"[here](https://example.com/{RAW[:300].hex()})",
    "DNA": "ACGTTGCA" * 100,
    "DNA in lines": lines_of("acgtagctagctagcatcgatcg" * 90, 60),
    "a protein": "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSGAEKAV" * 8,
    "digits of pi": "31415926535897932384626433832795028841971693993751" * 10,
    "numbers in columns": "\n".join(f"{year}  12 34 56 78 90 12 34" for year in range(1900, 2000)),
    "two digits each": " ".join(str(number % 90 + 10) for number in range(2000)),
    "a German word": "donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 4,
    "Chinese": "吾輩は猫である名前はまだ無い" * 60,
    "Thai": "ภาษาไทยไม่มีช่องว่างระหว่างคำ" * 60,
    "a path": "usr/local/lib/python3/site-packages/ragtree/load/readers/" * 5,
    "an identifier": "AbstractSingletonProxyFactoryBeanConfigurationHandlerInterfaceDelegate" * 3,
    "a constant": "MAX_NUMBER_OF_PAGES_IN_A_DOCUMENT_BEFORE_IT_IS_LEFT_OUT_2024_" * 4,
    "rules": "-" * 400 + "\n" + "=" * 400 + "\n" + "_" * 400 + "\n" + "/" * 400,
    "bits": "0110100101" * 60,
    "a small picture": f"data:image/gif;base64,{PIXEL}",
}


@pytest.mark.parametrize("name", KEPT)
def test_what_somebody_may_look_for_stays(name: str) -> None:
    text = f"It says:\n\n{KEPT[name]}\n\nSo it says.\n"
    document = read(text, "a.txt")
    assert document.text == text
    assert document.notices == ()


@given(st.binary(min_size=100, max_size=400), st.sampled_from(["base64", "hexadecimal"]))
def test_noise_is_found_whatever_its_bytes_are(raw: bytes, kind: str) -> None:
    noise = bytes(byte ^ other for byte, other in zip(raw, RAW, strict=False))
    run = base64.b64encode(noise).decode() if kind == "base64" else noise.hex()
    assert [(found.span.of(f"is {run} so"), found.kind) for found in encoded_runs(f"is {run} so")] == [(run, kind)]


WORD = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=12)
STYLES = (str.lower, str.title, str.upper)


@given(
    st.lists(WORD, min_size=20, max_size=60), st.sampled_from("/_-+ "), st.sampled_from(STYLES), st.integers(0, 9999)
)
def test_what_is_made_of_words_stays(words: list[str], sign: str, style: object, number: int) -> None:
    assert callable(style)
    for text in (sign.join(map(style, words)), "".join(map(style, words)), sign.join([*words, str(number)])):
        assert encoded_runs(text) == []
        assert not is_encoded(text)


def test_lines_and_headings_after_a_run_stay_true() -> None:
    text = f"# One\n\nfirst\n\n{KEY}\nsecond\n\n# Two\n\n{lines_of(BASE64[:4000], 76)}\n\nthird\n\n# Three\nfourth\n"
    document = read(text, "a.md")
    for word, heading in (("first", "One"), ("second", "One"), ("third", "Two"), ("fourth", "Three")):
        assert where(document, word) == Location(None, text[: text.index(word)].count("\n") + 1, (heading,))


CUTS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 8), st.sampled_from(["", "[left out]"])), max_size=5)


@given(st.text("ab\n", max_size=60), CUTS, st.lists(st.integers(0, 60), max_size=4))
def test_what_is_not_cut_out_keeps_its_place(text: str, wanted: list[tuple[int, int, str]], starts: list[int]) -> None:
    cuts: list[Cut] = []
    for start, size, mark in sorted(wanted):
        if start < len(text) and (not cuts or start >= cuts[-1].span.end):
            cuts.append(Cut(Span(start, min(start + size, len(text))), mark))
    marks = tuple(Mark(start, Location(heading=(str(start),))) for start in sorted({*starts}) if start < len(text))
    before = Document("a", text or " ", marks=marks)
    loaded = cut_out(Loaded(text, marks=marks, lines=True), cuts)
    after = Document("a", loaded.text or " ", marks=loaded.marks)
    shift = 0
    for at in range(len(text)):
        gone = [cut for cut in cuts if cut.span.start <= at < cut.span.end]
        shift += sum(len(cut.mark) - 1 if at == cut.span.start else -1 for cut in gone)
        if gone or text[at] == "\n":
            continue
        assert loaded.text[at + shift] == text[at]
        assert after.locate(Span(at + shift, at + shift + 1)) == before.locate(Span(at, at + 1))


def test_every_format_leaves_it_out() -> None:
    uri = f"data:image/png;base64,{BASE64}"
    notebook = {"nbformat": 4, "cells": [{"cell_type": "markdown", "source": [f"![photo]({uri})\n", "It runs."]}]}
    for source, data in {
        "a.ipynb": json.dumps(notebook),
        "a.json": json.dumps({"name": "Pump", "photo": uri}),
        "a.jsonl": json.dumps({"name": "Pump", "photo": uri}),
        "a.csv": f"name,photo\nPump,{BASE64}\nMill,none\n",
        "a.html": f"<p>Pump</p><pre>{uri}</pre>",
        "a.eml": f"Subject: Pump\n\n{uri}\n",
        "a.rst": f"Pump\n====\n\n{uri}\n",
    }.items():
        document = read(data, source)
        assert "[8,000 characters of base64 left out]" in document.text
        assert len(document.text) < 200
        assert document.notices == (
            "long runs of base64, hexadecimal and the like: 1, replaced by a short mark (8,000 characters of base64)",
        )


@pytest.mark.parametrize("line", ["\n", "A: b-----BEGIN KEY-----\n"])
def test_a_block_without_an_end_is_not_searched_again_and_again(line: str) -> None:
    assert not encoded_runs("-----BEGIN KEY-----\n" + line * 20_000)


@pytest.mark.parametrize("last", "nr=8")
def test_the_last_letter_of_a_key_does_not_matter(last: str) -> None:
    data = "ABCDEFGH" * 12 + last  # none is mixed enough to be known without its label
    text = f"-----BEGIN KEY-----\nComment: a-b\n\n{data}\n-----END KEY-----"
    (run,) = encoded_runs(text)
    assert run.span.of(text) == data
