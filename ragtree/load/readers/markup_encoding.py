"""The encoding of a page or an XML file, determined in the order of the HTML standard.

First its byte order mark, then the transport (the header of a mail part), then its own declaration, then detection from
its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...errors import LoadError
from .encodings import byte_order_mark, codec_of, decode_labelled
from .plain_text import decode

_LOOKED_AT = 8192
"""Bytes that are searched for a declaration. The standard requires it in the first 1,024; some pages have it later."""

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
"""First bytes of markup in a wide encoding without a byte order mark (XML 1.0, appendix F)."""


def decode_markup(data: bytes, source: str, header: str = "") -> str:
    """The text of a page or an XML file. `header` is the encoding label of the transport.

    A single zero byte is dropped, several become a space, because parsers stop at them.
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
    """The encoding that the file declares, in XML or either form of `meta`. A readable label rules out UTF-16."""
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
