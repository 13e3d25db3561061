"""Which endings of files are read, and by which loader. Nothing is imported to know it."""

from __future__ import annotations

from pathlib import PurePosixPath

from ..registry import Registry
from .members import is_archive


def _by_ending(reader: str, endings: str) -> dict[str, str]:
    return dict.fromkeys(endings.split(), f"load.readers.{reader}")


LOADERS = Registry(
    "ragtree.loaders",
    "loader for files that end in",
    {
        **_by_ending("plain_text:TextLoader", "txt text log"),
        **_by_ending("markdown:MarkdownLoader", "md markdown mdx mdown qmd rmd"),
        **_by_ending("html:HtmlLoader", "html htm xhtml shtml"),
        **_by_ending("pdf:PdfLoader", "pdf"),
        **_by_ending("image:ImageLoader", "png jpg jpeg tif tiff webp bmp gif"),
        **_by_ending("docx:DocxLoader", "docx docm dotx dotm"),
        **_by_ending("pptx:PptxLoader", "pptx pptm ppsx ppsm potx"),
        **_by_ending("xlsx:XlsxLoader", "xlsx xlsm xltx xltm"),
        **_by_ending("odf:OdfLoader", "odt ott odp otp ods ots"),
        **_by_ending("epub:EpubLoader", "epub"),
        **_by_ending("rtf:RtfLoader", "rtf"),
        **_by_ending("csv:CsvLoader", "csv tsv tab psv"),
        **_by_ending("rst:RstLoader", "rst rest"),
        **_by_ending("asciidoc:AsciidocLoader", "adoc asciidoc asc"),
        **_by_ending("asciidoc:OrgLoader", "org"),
        **_by_ending("latex:LatexLoader", "tex latex ltx"),
        **_by_ending("json:JsonLoader", "json geojson json5"),
        **_by_ending("json:JsonLinesLoader", "jsonl ndjson"),
        **_by_ending("notebook:NotebookLoader", "ipynb"),
        **_by_ending("xml:XmlLoader", "xml nxml rss atom xsl xslt xsd rdf kml gpx tei dbk jats fb2 opml"),
        **_by_ending("subtitles:SubtitleLoader", "srt vtt"),
        **_by_ending(
            "code:CodeLoader",
            "py pyi pyx js mjs cjs jsx ts tsx java kt kts scala groovy c h cc cpp cxx hh hpp hxx cs fs go rs rb php pl "
            "pm r jl lua swift m mm sh bash zsh fish ps1 bat sql hs ml ex exs erl clj lisp el dart vue svelte css scss "
            "less tf proto graphql cmake gradle nim zig v d f90 pas asm s tcl vb vim sol",
        ),
        **_by_ending("calendar:CalendarLoader", "ics ical ifb vcs"),
        **_by_ending("mail:MailLoader", "eml emlx mht mhtml"),
        **_by_ending("mail:MailboxLoader", "mbox"),
        **_by_ending("ole:OleLoader", "ole"),
    },
)
"""The loaders, by endings in lower case without the dot. Those of packages are called with nothing."""

OLD = frozenset("doc dot xls xlt ppt pps pot msg".split())
"""Endings of old formats of Office. A package may offer a loader for them; ragtree only says what to do."""
_HOLDING = ("MailLoader", "MailboxLoader", "DocxLoader", "PptxLoader")
"""Loaders of files that may hold others of any ending."""


def ending_of(source: str) -> str:
    """The ending of a file's name in lower case, without the dot."""
    return PurePosixPath(source).suffix.lower()[1:]


def own_loader(ending: str) -> str:
    """The name of the class of ragtree's loader for an ending; empty if there is none."""
    return LOADERS.own.get(ending, "").partition(":")[2]


def is_picture(source: str) -> bool:
    """True for the name of a picture."""
    return own_loader(ending_of(source)) == "ImageLoader"


def has_loader(source: str) -> bool:
    """True for the name of a file whose format is known."""
    ending = ending_of(source)
    return ending in LOADERS.own or ending in OLD or ending in LOADERS


def reading_packages(source: str) -> str:
    """The packages, with their versions, that the text of a file depends on besides ragtree; empty if there are none.

    Raises SettingsError if two packages offer a loader for it.
    """
    ending = ending_of(source)
    if is_archive(source) or own_loader(ending) in _HOLDING:
        return ", ".join(LOADERS.packages())
    return LOADERS.package(ending)
