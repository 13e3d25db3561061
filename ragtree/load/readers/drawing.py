"""The text of drawings in Office files: charts and diagrams (separate parts), alternative texts and links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from .link_targets import address
from .markup import attribute, child, children, descendants, name, words
from .outline import markdown_table, one_line
from .package import Package, Relation
from .sheet_rows import number_text

_FILE_NAME = re.compile(r"\S*\.[a-z]{3,4}", re.IGNORECASE)
_MOST_POINTS = 2000
"""Most points that are read of a chart's data; nobody asks for the two-thousandth."""
_POINTS = "points of a chart"


def drawn_texts(element: Any, relations: Mapping[str, Relation], package: Package) -> list[str]:
    """The texts of all charts and diagrams that an element of a document or slide refers to."""
    found = []
    for below in element.iter():
        kind = name(below)
        if kind == "chart" and attribute(below, "id"):
            relation = relations.get(attribute(below, "id"))
            found.append(_chart(package.part(relation.part), package) if relation else "")
        elif kind == "relIds":
            relation = relations.get(attribute(below, "dm"))
            found.append(_diagram(package.part(relation.part)) if relation else "")
    return [text for text in found if text]


def picture_text(told: str) -> str:
    """An alternative text as a block; empty for the name of a file, which programs put there by themselves."""
    told = one_line(told)
    return f"Picture: {told}" if told and not _FILE_NAME.fullmatch(told) else ""


def alternative_text(shape: Any) -> str:
    """The alternative text of a picture, chart or shape, as a block; empty if there is none."""
    for properties in shape.iter():
        if name(properties) in ("cNvPr", "docPr"):
            return picture_text(attribute(properties, "descr"))
        if properties is not shape and name(properties) in ("pic", "sp", "graphicFrame", "grpSp"):
            return ""
    return ""


def link_text(shape: Any, targets: Mapping[str, str]) -> str:
    """The link of a picture or shape to a target outside the file: "Link: https://..."; empty if there is none."""
    about = next((one for one in shape.iter() if name(one) in ("cNvPr", "docPr")), None)
    click = child(about, "hlinkClick")
    target = "" if click is None else address(targets.get(attribute(click, "id"), ""))
    return f"Link: {target}" if target else ""


def _chart(root: Any, package: Package) -> str:
    """The titles of a chart, and a table with a row for each category and the values of all series."""
    if root is None:
        return ""
    titles = (one_line(" ".join(map(words, _texts(title)))) for title in descendants(root, "title"))
    title = "; ".join(text for text in titles if text)  # of the chart, and of its axes
    if child(root, "chartData") is not None:
        newer = (_newer_data(data, package) for data in descendants(root, "data"))
        return "\n\n".join(text for text in (title, *newer) if text)
    names: list[str] = []
    rows: dict[str, list[str]] = {}
    for number, series in enumerate(descendants(root, "ser")):
        names.append(" ".join(_points(child(series, "tx")).values()))
        categories = _points(child(series, "cat")) or _points(child(series, "xVal"))
        values = _points(child(series, "val"), package) or _points(child(series, "yVal"), package)
        for index, value in values.items():
            row = rows.setdefault(categories.get(index, index), [])
            row.extend([""] * (number - len(row)))
            row.append(value)
    table = markdown_table([["", *names], *([category, *row] for category, row in rows.items())])
    return "\n\n".join(text for text in (one_line(title), table) if text)


def _newer_data(data: Any, package: Package) -> str:
    """A table of the values of a newer kind of chart (waterfall, treemap and so on), with a column per dimension."""
    columns = []
    for dimension in data:
        for level in children(dimension, "lvl"):
            points = package.within(children(level, "pt"), _MOST_POINTS, _POINTS)
            columns.append([attribute(level, "name"), *(number_text(one_line(words(point))) for point in points)])
    return markdown_table(list(zip_longest(*columns, fillvalue="")))


def _texts(element: Any) -> list[Any]:
    """The runs of text below an element. A diagram's own `t` is left out: it holds paragraphs of them."""
    return [] if element is None else [text for text in descendants(element, "t") if not len(text)]


def _points(element: Any, package: Package | None = None) -> dict[str, str]:
    """Index -> value of the points of a chart's data that the file has cached. `package` counts those left out."""
    if element is None:
        return {}
    found = list(descendants(element, "pt"))
    points = found[:_MOST_POINTS] if package is None else package.within(found, _MOST_POINTS, _POINTS)
    return {point.get("idx", ""): number_text(one_line(words(child(point, "v")))) for point in points}


def _diagram(root: Any) -> str:
    """The texts of a diagram's points, one per line."""
    if root is None:
        return ""
    points = [point for points in children(root, "ptLst") for point in children(points, "pt")]
    lines = (one_line(" ".join(words(text) for text in _texts(point))) for point in points)
    return "\n".join(line for line in lines if line)
