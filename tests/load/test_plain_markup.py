"""Formats whose text stays as it is: reStructuredText, AsciiDoc, Org, front matter of Markdown, programs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import read, where

from ragtree.load.parsing import parse
from ragtree.settings import LoadSettings

RST = """=====
Tides
=====

Before.

Spring
------

.. include:: /etc/passwd

They rise::

    Not
    ---

=====  =====
Port   Tide
=====  =====
Leith  5
=====  =====

Moon
^^^^
Pulls.

Neap
----
Fall.
"""


@pytest.mark.parametrize(
    ("quote", "line", "heading"),
    [
        ("Before", 5, ("Tides",)),
        ("They rise", 12, ("Tides", "Spring")),
        ("Not\n", 14, ("Tides", "Spring")),
        ("Leith", 20, ("Tides", "Spring")),
        ("Pulls", 25, ("Tides", "Spring", "Moon")),
        ("Fall", 29, ("Tides", "Neap")),
    ],
)
def test_sections_of_restructuredtext(quote: str, line: int, heading: tuple[str, ...]) -> None:
    document = read(RST, "a.rst")
    assert (document.text, document.title) == (RST, "Tides")
    assert (where(document, quote).line, where(document, quote).heading) == (line, heading)


def test_the_header_of_a_pep_is_metadata() -> None:
    header = "PEP: 8\nTitle: Style Guide\nAuthor: A. Vane,\n  B. Strake\nStatus: Active\n"
    text = header + "\nIntroduction\n============\n\nwords\n"
    document = read(text, "pep-0008.rst")
    assert document.title == "PEP 8: Style Guide"
    assert document.metadata == {"pep": "8", "author": "A. Vane, B. Strake", "status": "Active"}
    assert where(document, "words").heading == ("Introduction",)


ADOC = """= Tides
A. Vane
:author: A. Vane
:toc: left

Before.

== Spring ==

----
== Not
----

=== Moon

Pulls.

== Neap

Fall.
"""
ORG = """#+TITLE: Tides
#+FILETAGS: :sea:

* TODO Spring :sea:moon:
** Moon
Pulls.
#+BEGIN_SRC org
* Not
#+END_SRC
* Neap
Fall.
"""


@pytest.mark.parametrize(
    ("text", "source", "above"), [(ADOC, "a.adoc", ("Tides",)), (ADOC, "a.asciidoc", ("Tides",)), (ORG, "a.org", ())]
)
def test_sections_of_asciidoc_and_org(text: str, source: str, above: tuple[str, ...]) -> None:
    document = read(text, source)
    assert (document.text, document.title) == (text, "Tides")
    assert where(document, "Pulls").heading == (*above, "Spring", "Moon")
    assert where(document, "Fall").heading == (*above, "Neap")
    assert where(document, "Fall").line == text[: text.index("Fall")].count("\n") + 1


def test_asciidoc_and_org_say_who_wrote_them() -> None:
    assert read(ADOC, "a.adoc").metadata == {"author": "A. Vane"}
    assert read(ORG, "a.org").metadata == {"filetags": ":sea:"}


YAML = """---
title: "The tides: a book"
date: 1922-04-03
tags: [sea, 'moon']
authors:
  - A. Vane
  - B. Strake
draft: true  # for now
summary: >
  They turn
  twice.
nested:
  key: value
---
"""
TOML = '+++\ntitle = "The tides: a book"\ndate = 1922-04-03\ntags = ["sea", "moon"]\n[extra]\nx = 1\n+++\n'


def test_front_matter_is_metadata_and_stays_in_the_text() -> None:
    document = read(YAML + "# Head\n\nwords\n", "a.md")
    assert document.title == "The tides: a book"
    assert document.metadata == {
        "date": "1922-04-03",
        "tags": "sea, moon",
        "authors": "A. Vane, B. Strake",
        "draft": "true",
        "summary": "They turn twice.",
    }
    assert (where(document, "words").line, where(document, "words").heading) == (17, ("Head",))


def test_toml_front_matter_is_read_too() -> None:
    document = read(TOML + "# Head\n\nwords\n", "a.md")
    assert (document.title, document.metadata) == ("The tides: a book", {"date": "1922-04-03", "tags": "sea, moon"})


@pytest.mark.parametrize("text", ["---\nno end\n", "--- not front\ntitle: x\n---\n", "+++\n= broken\n+++\nwords\n"])
def test_what_is_no_front_matter_is_text(text: str) -> None:
    document = read(text, "a.md")
    assert (document.text, document.metadata) == (text, {})


@given(st.text(alphabet="-: \n[]\"'ab>|#+=", max_size=80))
def test_no_front_matter_is_an_error(text: str) -> None:
    document = parse(("---\nk: v\n" + text).encode(), "a.md", LoadSettings())
    assert document.text == "---\nk: v\n" + text


PYTHON = '''"""Class of tides."""


class Tide:
    def rise(self) -> None:
        # def nothing
        self.up = 1

    async def fall(self) -> None:
        self.down = 1


def main() -> None:
    run = 1
'''
RUST = "pub struct Tide {\n    height: f64,\n}\n\nimpl Tide {\n    pub fn rise(&self) {\n        up();\n    }\n}\n"
TYPESCRIPT = "export default class Tide {\n}\nexport async function rise() {\n  up();\n}\n"


@pytest.mark.parametrize(
    ("text", "source", "quote", "heading"),
    [
        (PYTHON, "a.py", "self.up", ("Tide", "rise")),
        (PYTHON, "a.py", "self.down", ("Tide", "fall")),
        (PYTHON, "a.py", "run = 1", ("main",)),
        (PYTHON, "a.py", "of tides", ()),
        (RUST, "a.rs", "up();", ("Tide", "rise")),
        (TYPESCRIPT, "a.ts", "up();", ("rise",)),
        ("CREATE TABLE tides (\n  port text\n);\n", "a.sql", "port text", ("tides",)),
        ("function rise() {\n  up\n}\n", "a.sh", "  up", ("rise",)),
    ],
)
def test_programs_have_functions_as_headings(text: str, source: str, quote: str, heading: tuple[str, ...]) -> None:
    document = read(text, source)
    assert document.text == text
    assert where(document, quote).heading == heading


SRT = """1
00:00:01,000 --> 00:00:03,000
<i>The tide</i> turns

2
00:00:03,500 --> 00:00:05,000
twice a day.

3
00:01:00,000 --> 00:01:02,000
{\\an8}Then it stops.
"""
VTT = """WEBVTT

NOTE a comment

intro
00:01.000 --> 00:03.000 align:start
<v Vane>The tide turns

00:03.500 --> 00:05.000
twice <00:04.000>a day.

00:10.000 --> 00:12.000
Then it stops.
"""


@pytest.mark.parametrize(("text", "source"), [(SRT, "a.srt"), (VTT, "a.vtt"), (SRT.replace("\n", "\r\n"), "a.srt")])
def test_subtitles_are_what_is_said(text: str, source: str) -> None:
    document = read(text, source)
    assert document.text == "The tide turns\ntwice a day.\n\nThen it stops."
    assert where(document, "Then").line == text[: text.index("Then")].count("\n") + 1


def test_subtitles_without_a_cue_are_text() -> None:
    assert read("no cues here\n", "a.srt").text == "no cues here\n"
