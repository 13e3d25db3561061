"""Folders to ask first questions, made of sets beside the repository: sections of a documentation, papers, and German
articles in four folders."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

DATA = Path(__file__).parents[3] / "shared" / "data"


def rows(name):
    return [
        json.loads(line) for line in (DATA / name / "corpus.jsonl").read_text(encoding="utf-8").splitlines() if line
    ]


def slug(text, most=90):
    text = re.sub("[\u2010-\u2015]", "-", text)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    text = re.sub(r"[^a-z0-9]+", "-", text).strip("-")
    return text if len(text) <= most else text[:most].rsplit("-", 1)[0]


def put(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    assert not path.exists(), path
    path.write_text(text.rstrip() + "\n", encoding="utf-8")


def titled(title, text):
    text = text.lstrip()
    if text.startswith(title):  # the text repeats its title as its first line
        text = text[len(title) :].lstrip(",\n ")
    return f"# {title}\n\n{text}"


def docs(folder):
    """vision--limitations.md is the section #limitations of the page .../vision."""
    for row in rows("anthropic-docs"):
        page, _, anchor = row["id"].partition("#")
        page = page.rstrip("/").rsplit("/", 1)[-1]
        if "/release-notes/" in row["id"]:
            page = "release-notes-" + page
        put(folder, f"{slug(page)}--{slug(anchor)}.md", titled(row["title"], row["text"]))


def covidqa(folder):
    """A paper a file, called by its title."""
    for row in rows("covidqa"):
        title = row["title"].strip().rstrip(",")
        first = next(line.strip() for line in row["text"].splitlines() if line.strip())
        if not title:  # row 2684 has no title; its first line is one
            title = first
        elif title.endswith("non-"):  # row 2683's title is cut at the line's end
            title = " ".join(row["text"].split("\n", 2)[:2]).replace("non- ", "non-")
            row["text"] = row["text"].split("\n", 2)[2]
        put(folder, slug(title) + ".md", titled(title, row["text"]))


GERMAN = {  # title of the rows: (folder, German title)
    "Super Bowl 50": ("gesellschaft", "Super Bowl 50"),
    "Warsaw": ("geografie", "Warschau"),
    "Normans": ("geschichte", "Normannen"),
    "Nikola Tesla": ("geschichte", "Nikola Tesla"),
    "Computational complexity theory": ("wissenschaft", "Komplexitätstheorie"),
    "Teacher": ("gesellschaft", "Lehrer"),
    "Martin Luther": ("geschichte", "Martin Luther"),
    "Southern California": ("geografie", "Südkalifornien"),
    "Sky (United Kingdom)": ("gesellschaft", "Sky (Vereinigtes Königreich)"),
    "Victoria (Australia)": ("geografie", "Victoria (Australien)"),
    "Huguenot": ("geschichte", "Hugenotten"),
    "Steam engine": ("wissenschaft", "Dampfmaschine"),
    "Oxygen": ("wissenschaft", "Sauerstoff"),
    "1973 oil crisis": ("geschichte", "Ölkrise 1973"),
    "Apollo program": ("wissenschaft", "Apollo-Programm"),
    "European Union law": ("gesellschaft", "Recht der Europäischen Union"),
    "Amazon rainforest": ("geografie", "Amazonas-Regenwald"),
    "Ctenophora": ("wissenschaft", "Rippenquallen"),
    "Fresno, California": ("geografie", "Fresno"),
    "Packet switching": ("wissenschaft", "Paketvermittlung"),
    "Black Death": ("geschichte", "Schwarzer Tod"),
    "Geology": ("wissenschaft", "Geologie"),
    "Newcastle upon Tyne": ("geografie", "Newcastle upon Tyne"),
    "Victoria and Albert Museum": ("gesellschaft", "Victoria and Albert Museum"),
    "American Broadcasting Company": ("gesellschaft", "American Broadcasting Company"),
    "Genghis Khan": ("geschichte", "Dschingis Khan"),
    "Pharmacy": ("gesellschaft", "Pharmazie"),
    "Immune system": ("wissenschaft", "Immunsystem"),
    "Civil disobedience": ("gesellschaft", "Ziviler Ungehorsam"),
    "Construction": ("gesellschaft", "Bauwesen"),
    "Private school": ("gesellschaft", "Privatschule"),
    "Harvard University": ("gesellschaft", "Harvard-Universität"),
    "Jacksonville, Florida": ("geografie", "Jacksonville"),
    "Economic inequality": ("gesellschaft", "Wirtschaftliche Ungleichheit"),
    "Doctor Who": ("gesellschaft", "Doctor Who"),
    "University of Chicago": ("gesellschaft", "Universität von Chicago"),
    "Yuan dynasty": ("geschichte", "Yuan-Dynastie"),
    "Kenya": ("geografie", "Kenia"),
    "Intergovernmental Panel on Climate Change": ("wissenschaft", "Weltklimarat (IPCC)"),
    "Chloroplast": ("wissenschaft", "Chloroplast"),
    "Prime number": ("wissenschaft", "Primzahl"),
    "Rhine": ("geografie", "Rhein"),
    "Scottish Parliament": ("gesellschaft", "Schottisches Parlament"),
    "Islamism": ("gesellschaft", "Islamismus"),
    "Imperialism": ("geschichte", "Imperialismus"),
    "United Methodist Church": ("gesellschaft", "Evangelisch-methodistische Kirche"),
    "French and Indian War": ("geschichte", "Franzosen- und Indianerkrieg"),
    "Force": ("wissenschaft", "Kraft"),
}


def german(folder):
    """Plain text; the folder wissenschaft holds Markdown. File names keep their umlauts (NFC)."""
    articles = {}
    for row in rows("xquad-de"):
        articles.setdefault(row["title"], []).append(row["text"].strip())
    for title, paragraphs in articles.items():
        where, name = GERMAN[title]
        kind, head = ("md", f"# {name}") if where == "wissenschaft" else ("txt", f"{name}\n{'=' * len(name)}")
        stem = unicodedata.normalize("NFC", re.sub(r"[ (),]+", "-", name.lower()).strip("-"))
        put(folder, f"{where}/{stem}.{kind}", "\n\n".join([head, *paragraphs]))


FOLDERS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "docs": ("anthropic-docs", docs),
    "covidqa": ("covidqa", covidqa),
    "german": ("xquad-de", german),
}
"""By name: the set that it is made of, and what writes its files."""
