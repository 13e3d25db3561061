"""Exports the tree as a networkx graph, or as files for other programs."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import networkx

from ..errors import QueryError
from ..types import Node

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_graph(nodes: Sequence[Node]) -> networkx.DiGraph[str]:
    """Return a graph with edges from parent to child. A node's attributes are the fields of its Node."""
    graph: networkx.DiGraph[str] = networkx.DiGraph()
    for node in nodes:
        graph.add_node(node.id, **{name: getattr(node, name) for name in Node.__slots__ if name != "id"})
    graph.add_edges_from((node.id, child) for node in nodes for child in node.children)
    return graph


def export(nodes: Sequence[Node], path: Path) -> None:
    """Write `.json` (everything) or `.graphml` (flat attributes). Raises QueryError for another ending."""
    if path.suffix == ".json":
        rows = [asdict(node) for node in nodes]
        path.write_text(json.dumps({"nodes": rows}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    elif path.suffix == ".graphml":
        flat: networkx.DiGraph[str] = networkx.DiGraph()
        for node in nodes:
            flat.add_node(
                node.id,
                level=node.level,
                label=_for_xml(node.label),
                text=_for_xml(node.text),
                tokens=node.tokens,
                kind=node.kind,
                source=_for_xml(node.source),
                location=_for_xml(str(node.location)),
            )
        flat.add_edges_from((node.id, child) for node in nodes for child in node.children)
        networkx.write_graphml(flat, path, encoding="utf-8")
    else:
        raise QueryError(f"{path.name}: the tree is written as .json or .graphml")


def _for_xml(text: str) -> str:
    """Remove what XML cannot hold: control characters, half surrogate pairs, the last two code points of the plane."""
    return _NOT_XML.sub("", text)
