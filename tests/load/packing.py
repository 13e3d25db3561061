"""Small files of zipped XML, written by hand."""

from __future__ import annotations

import io
import zipfile

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


def packed(parts: dict[str, str | bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return written.getvalue()


def office(main: str, parts: dict[str, str | bytes], relations: dict[str, dict[str, tuple[str, str]]]) -> bytes:
    """An Office file; `relations` is part -> id -> (kind, target)."""
    relations = {"": {"rId1": ("officeDocument", main)}, **relations}
    return packed(
        {
            "[Content_Types].xml": _TYPES,
            **{_beside(part): _listed(found) for part, found in relations.items()},
            **parts,
        }
    )


def word(
    body: str,
    parts: dict[str, str | bytes] | None = None,
    links: dict[str, tuple[str, str]] | None = None,
    **related: str,
) -> bytes:
    """A Word file with that body; `related` are other parts by the kind of their relation, `links` more relations."""
    files: dict[str, str | bytes] = {"word/document.xml": f"<w:document {W} {R}><w:body>{body}</w:body></w:document>"}
    relations = {kind: (kind, f"{kind}.xml") for kind in related} | (links or {})
    files |= {f"word/{kind}.xml": text for kind, text in related.items()}
    return office("word/document.xml", files | (parts or {}), {"word/document.xml": relations})


def _beside(part: str) -> str:
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"


def _listed(relations: dict[str, tuple[str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="{identity}" Type="{_RELATIONS}{kind}" Target="{target}"'
        + (' TargetMode="External"/>' if ":" in target else "/>")
        for identity, (kind, target) in relations.items()
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'
