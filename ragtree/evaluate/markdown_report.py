"""A Report as Markdown: first what was found, last how it was made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .measures import headlines
from .report import CellReport, Contrast, Report

_MOST_CHANGED = 40


def to_markdown(report: Report) -> str:
    """Tables of measures, contrasts, kinds of question, cost, and everything needed to run it again."""
    facts = report.dataset
    parts = [
        f"# {facts.name}" + (f", {facts.split}" if facts.split else ""),
        f"{len(report.asked)} of {facts.questions} questions, {facts.documents} documents, "
        + ("one tree a document." if report.scope == "document" else "one tree over all.")
        + " Means over questions with 95 % bootstrap intervals"
        + (", whole documents resampled." if any(one.group for one in report.asked) else "."),
        *(f"Note: {notice}" for notice in facts.notices),
        measure_table(report.cells),
        *_contrast_parts(report.contrasts),
        *_kind_parts(report),
        "## Cost",
        _cost_table(report),
        "## How it was made",
        _made(report),
    ]
    return "\n\n".join(parts) + "\n"


def measure_table(cells: Sequence[CellReport]) -> str:
    """A row for each measure, a column for each cell. In rows that cells are compared by, the best is bold."""
    names = list(dict.fromkeys(name for cell in cells for name in cell.estimates))
    main = headlines(names)
    rows = []
    for name in main + [name for name in names if name not in main]:
        best = max((cell.estimates[name].mean for cell in cells if name in cell.estimates), default=0.0)
        row = [name]
        for cell in cells:
            found = cell.estimates.get(name)
            text = str(found) if found else ""
            bold = found is not None and found.mean == best and name in main and len(cells) > 1
            row.append(f"**{text}**" if bold else text)
        rows.append(row)
    return table(["measure", *(cell.name for cell in cells)], rows)


def contrast_table(found: Iterable[Contrast]) -> str:
    """A row for each contrast."""
    rows = [
        [
            contrast.measure,
            f"{contrast.first} − {contrast.second}",
            f"{contrast.difference:+.3f} [{contrast.low:+.3f}, {contrast.high:+.3f}]",
            f"{contrast.p:.4f}",
            f"{contrast.adjusted_p:.4f}",
            f"{contrast.effect:+.2f}",
            str(contrast.n),
        ]
        for contrast in found
    ]
    return table(["measure", "cells", "difference", "p", "p, corrected", "effect", "questions"], rows)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table. The text of a cell cannot break out of it."""
    lines = [list(header), ["---"] * len(header), *map(list, rows)]
    return "\n".join("| " + " | ".join(_inert(cell) for cell in line) + " |" for line in lines)


def _inert(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _contrast_parts(found: Sequence[Contrast]) -> list[str]:
    if not found:
        return []
    explained = (
        "Paired over the same questions: the difference of the means with its bootstrap interval, p of a permutation "
        "test, the same after Holm's correction over this table, and the effect size (mean over standard deviation "
        "of the differences)."
    )
    return ["## Differences", contrast_table(found), explained]


def kind_table(cells: Sequence[CellReport], names: Sequence[str]) -> str:
    """The measures by kind of question; empty if there is only one kind."""
    rows = []
    for kind in dict.fromkeys(kind for cell in cells for kind in cell.by_kind):
        for name in names:
            found = [cell.by_kind.get(kind, {}).get(name) for cell in cells]
            count = next((estimate.n for estimate in found if estimate), 0)
            if count:
                rows.append([f"{kind} ({count})", name, *(str(estimate or "") for estimate in found)])
    return table(["kind", "measure", *(cell.name for cell in cells)], rows) if rows else ""


def _kind_parts(report: Report) -> list[str]:
    found = kind_table(report.cells, headlines(list(report.cells[0].estimates)))
    return ["## By kind of question", found] if found else []


def _cost_table(report: Report) -> str:
    rows = []
    seen: set[str] = set()
    for cell in report.cells:
        cost = cell.cost
        if cost is None:
            continue
        grown = (
            [str(cost.nodes), str(cost.embedded), str(cost.summarized), f"{cost.growing_seconds:.0f}"]
            if cost.tree not in seen
            else ["the same tree", "", "", ""]
        )
        seen.add(cost.tree)
        asked = [f"{cost.search_milliseconds:.0f}", f"{cost.context_tokens:.0f}"]
        read = [f"{cost.reading_seconds:.0f}", str(cost.prompt_tokens), str(cost.answer_tokens)]
        rows.append([cell.name, *grown, *asked, *read])
    header = [
        "cell",
        "nodes",
        "texts embedded",
        "groups summarized",
        "seconds to grow",
        "ms a search",
        "tokens found",
        "seconds of reading",
        "tokens read",
        "tokens written",
    ]
    return table(header, rows)


def _made(report: Report) -> str:
    facts = report.dataset
    lines = [
        f"- data: {facts.source}; SHA-256 {facts.sha256}",
        f"- seed {report.seed}; budgets {', '.join(map(str, report.budgets))} tokens; reader {report.reader}"
        + (f"; {report.limit} questions drawn" if report.limit else ""),
        *(f"- {name}: SHA-256 {digest}" for name, digest in report.models.items()),
        "- versions: " + ", ".join(f"{name} {version}" for name, version in report.versions.items()),
        *(f"- {cell.name}: {_settings(cell, report.cells[0])}" for cell in report.cells),
    ]
    return "\n".join(lines)


def _settings(cell: CellReport, first: CellReport) -> str:
    """All settings of the first cell; for the others, those that differ from it."""
    fields = _flat(cell)
    if cell is first:
        return ", ".join(f"{name}={value}" for name, value in fields.items())
    known = _flat(first)
    changed = [f"{name}={value}" for name, value in fields.items() if known.get(name) != value]
    return ", ".join(changed[:_MOST_CHANGED]) or "the same"


def _flat(cell: CellReport) -> dict[str, object]:
    flat: dict[str, object] = {}
    for stage, fields in cell.settings.items():
        flat.update({f"{stage}.{name}": value for name, value in fields.items()} if isinstance(fields, dict) else {})
    return flat
