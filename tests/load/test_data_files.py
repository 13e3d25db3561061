"""JSON, notebooks and XML."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import read, refusal, where

from ragtree.load.readers.json import paragraphs
from ragtree.settings import LoadSettings


def test_an_object_is_a_paragraph_of_its_keys() -> None:
    value = {
        "title": "Tides",
        "ports": [{"name": "Leith", "tides": [5, 6.5], "open": True, "gone": None}, {"name": "Skye"}],
        "text": "It turns. " * 40,
        "keeper": {"name": "Strake"},
    }
    document = read(json.dumps(value), "a.json")
    assert document.text.split("\n\n") == [
        "title: Tides",
        "name: Leith; tides: 5, 6.5; open: true",
        "name: Skye",
        ("It turns. " * 40).strip(),
        "name: Strake",
    ]
    assert document.title == "Tides"
    assert where(document, "Skye").heading == ("ports",)
    assert where(document, "Strake").heading == ("keeper",)


def test_a_row_of_json_lines_knows_its_line() -> None:
    document = read('{"port": "Leith"}\n\n{"port": "Skye"}\nbroken {\n', "a.jsonl")
    assert document.text == "port: Leith\n\nport: Skye\n\nbroken {"
    assert (where(document, "Skye").line, where(document, "broken").line) == (3, 4)
    assert "load.max_rows" in refusal(b"1\n2\n3\n", "a.ndjson", LoadSettings(max_rows=2))


@pytest.mark.parametrize("text", ['{"broken": ', "[" * 100_000])
def test_what_is_no_json_is_text(text: str) -> None:
    document = read(text, "a.json")
    assert (document.text, document.lines) == (text, True)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab \n", max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("xyz", min_size=1), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_every_string_is_kept(value: object) -> None:
    def strings(found: object) -> list[str]:
        if isinstance(found, str):
            return [found]
        inside = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
        return [text for inner in inside for text in strings(inner)]

    text = "\n\n".join(paragraph for _, paragraph in paragraphs(value))
    assert all(said in text for said in strings(value))


def notebook(*cells: dict[str, object]) -> str:
    return json.dumps({"nbformat": 4, "cells": list(cells)})


def test_cells_of_a_notebook() -> None:
    text = notebook(
        {"cell_type": "markdown", "source": ["# Tides\n", "They turn.\n", "```\n", "# not one\n", "```"]},
        {
            "cell_type": "code",
            "source": "print(5)",
            "outputs": [
                {"output_type": "stream", "text": ["\x1b[31m5\x1b[0m\n"]},
                {"output_type": "display_data", "data": {"image/png": "AAAA", "text/plain": "<Figure>"}},
            ],
        },
        {"cell_type": "markdown", "source": "## Spring\nHigher."},
    )
    document = read(text, "a.ipynb")
    assert document.text.split("\n\n") == [
        "Tides",
        "They turn.\n```\n# not one\n```",
        "```\nprint(5)\n```",
        "5",
        "<Figure>",
        "Spring",
        "Higher.",
    ]
    assert (document.title, where(document, "Higher").heading) == ("Tides", ("Tides", "Spring"))


def test_a_log_is_cut_and_a_broken_notebook_is_named() -> None:
    log = [{"text": "step\n" * 5000}]
    assert len(read(notebook({"cell_type": "code", "source": "run()", "outputs": log}), "a.ipynb").text) < 2100
    assert refusal(b"{", "a.ipynb") == "a broken notebook: not JSON"
    assert refusal(b"[]", "a.ipynb") == "there is no text in it"


ARTICLE = """<?xml version="1.0"?>
<article><front><title>The tides</title><year>1922</year><city>Leith</city></front>
<body><sec><label>1.</label><title>Spring</title>
<p>Water is H<sub>2</sub>O, <b>always</b>.</p>
<sec><title>Moon</title><p>It pulls.</p></sec></sec>
<sec><title>Neap</title>
<p>Fall.</p><table><tr><th>Port</th><th>Tide</th></tr><tr><td>Leith</td><td>5</td></tr></table></sec></body></article>
"""


def test_sections_of_xml() -> None:
    document = read(ARTICLE, "a.xml")
    assert document.text.split("\n\n") == [
        "The tides",
        "year: 1922; city: Leith",
        "1. Spring",
        "Water is H2O, always.",
        "Moon",
        "It pulls.",
        "Neap",
        "Fall.",
        "| Port | Tide |\n| --- | --- |\n| Leith | 5 |",
    ]
    assert document.title == "The tides"
    assert where(document, "It pulls").heading == ("1. Spring", "Moon")
    assert (where(document, "Fall").heading, where(document, "Fall").line) == (("Neap",), 7)


def test_entries_of_a_feed_are_pages_under_their_titles() -> None:
    text = (
        "<rss><channel><title>Harbour</title><item><title>Ferry</title><description>&lt;p&gt;It &lt;b&gt;leaves"
        "&lt;/b&gt;&lt;/p&gt;</description></item><item>"
        "<title>Tide</title><content><![CDATA[<p>It turns</p>]]></content></item>"
        "</channel></rss>"
    )
    document = read(text, "a.rss")
    assert document.text == "Harbour\n\nFerry\n\nIt leaves\n\nTide\n\nIt turns"
    assert where(document, "turns").heading == ("Harbour", "Tide")


def test_formulas_of_an_article_stand_once() -> None:
    text = (
        r"<article><p>Here <inline-formula><alternatives><tex-math>\documentclass{x}\begin{document}$E$\end{document}"
        "</tex-math><math><mi>E</mi></math></alternatives></inline-formula> is.</p></article>"
    )
    assert read(text, "a.nxml").text == "Here $E$ is."


def test_xhtml_is_read_as_a_page() -> None:
    text = '<html xmlns="http://www.w3.org/1999/xhtml"><body><nav>Menu</nav><p>The tide turns.</p></body></html>'
    assert read(text, "a.xml").text == "The tide turns."


@pytest.mark.parametrize("encoding", ["koi8-r", "ibm855", "utf-16", "utf-8"])
def test_the_encoding_of_xml_is_its_own(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n<a><p>Тише</p></a>'
    document = read(text.encode(encoding), "a.xml")
    assert (document.text, where(document, "Тише").line) == ("Тише", 2)


def test_what_is_no_xml_is_text() -> None:
    assert read("no element", "a.xml").text == "no element"


def test_entities_are_neither_followed_nor_grown() -> None:
    outside = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a><p>kept &x; too</p></a>'
    assert read(outside, "a.xml").text == "kept &x; too"
    lines = ['<!ENTITY l0 "haha">'] + [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12)]
    bomb = f"<!DOCTYPE a [{''.join(lines)}]><a><p>kept &l11; too</p></a>"
    assert "safe" in refusal(bomb.encode(), "a.xml")
    assert read("<a><p>caf&eacute;&nbsp;&amp; &lt;tea&gt;</p></a>", "a.xml").text == "café & <tea>"


def test_xml_that_nests_without_an_end_is_refused() -> None:
    assert "safe" in refusal(b"<a>" * 100_000 + b"words", "a.xml")


def test_a_control_character_in_a_string_costs_only_itself() -> None:
    document = read('{"port": "Le\0ith", "note": "one\ttwo"}', "a.json")
    assert document.text == "port: Leith; note: one\ttwo"
    assert document.notices == ("zero bytes: 1, left out",)
