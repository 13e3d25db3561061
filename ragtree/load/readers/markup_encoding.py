"""In which encoding a page or an XML file is written, in the order of the HTML standard.

A byte order mark, then what the transport says (the header of a part of a mail), then the file's own words, then what
its bytes look like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...errors import LoadError
from .encodings import byte_order_mark, codec_of, decode_labelled
from .text import decode

_LOOKED_AT = 8192
"""Bytes in which a page says its encoding. The standard asks for it in the first 1,024; some pages are late."""

_DECLARATION = re.compile(rb"\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([^\"'>]{1,40})[\"']")
_COMMENT_OR_META = re.compile(rb"<!--.*?-->|<meta[\s/]([^>]{0,500})", re.IGNORECASE | re.DOTALL)
_ATTRIBUTE = re.compile(rb"([^\s=/>\"']+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_IN_CONTENT = re.compile(rb"charset\s*=\s*[\"']?\s*([^\s;\"']+)", re.IGNORECASE)
_WIDE = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
"""How markup begins where its characters are wider than a byte, and no mark says so (XML 1.0, appendix F)."""


def decode_markup(data: bytes, source: str, header: str = "") -> str:
    """The text of a page or an XML file. `header` is the label that came with it.

    A zero byte is dropped, and several are a space: no parser goes on behind one.
    """
    text = _decoded(data, source, header)
    return re.sub("\0\0+", " ", text).replace("\0", "") if "\0" in text else text


def _decoded(data: bytes, source: str, header: str) -> str:
    wide = next((encoding for begins, encoding in _WIDE if data.startswith(begins)), "")
    if wide:
        return data.decode(wide, "replace")
    labels = [header, *_own_labels(data)] if header else _own_labels(data)
    known = next((label for label in labels if byte_order_mark(data)[0] or codec_of(label)), "")
    text = decode_labelled(data, known) if known else None
    if text is not None:
        return text
    try:
        return decode(data, source)
    except LoadError:
        return data.decode("utf-8", "replace")


def _own_labels(data: bytes) -> Iterator[str]:
    """What the file says its encoding is, in both forms of `meta`. Who can read a label of UTF-16 reads no UTF-16."""
    head = data[:_LOOKED_AT]
    declared = _DECLARATION.match(head)
    if declared:
        yield from _read(declared.group(1))
    for found in _COMMENT_OR_META.finditer(head):
        said = {
            name.lower(): double or single or bare
            for name, double, single, bare in reversed(_ATTRIBUTE.findall(found.group(1) or b""))
        }
        in_content = _IN_CONTENT.search(said.get(b"content", b""))
        if b"charset" in said:
            yield from _read(said[b"charset"])
        elif in_content and said.get(b"http-equiv", b"").lower() == b"content-type":
            yield from _read(in_content.group(1))


def _read(label: bytes) -> Iterator[str]:
    text = label.decode("latin-1")
    yield "utf-8" if codec_of(text).startswith(("utf-16", "utf-32")) else text
