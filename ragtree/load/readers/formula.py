"""Office's formulas (OMML) as a line of text, written the way LaTeX writes them."""

from __future__ import annotations

from typing import Any

from .markup import attribute, child, children, name

_MOST_DEPTH = 60
_FUNCTIONS = frozenset("sin cos tan cot sec csc sinh cosh tanh log ln exp lim max min sup inf det dim gcd arg".split())
_LARGE = {"∑": r"\sum", "∏": r"\prod", "∫": r"\int", "∬": r"\iint", "∮": r"\oint", "⋃": r"\bigcup", "⋂": r"\bigcap"}


def formula_text(element: Any, depth: int = 0) -> str:
    """The formula in an `oMath` element; empty below a depth that no formula has."""
    if depth > _MOST_DEPTH:
        return ""
    kind = name(element)
    if kind == "t":
        return element.text or ""
    written = _WRITERS.get(kind)
    if written is not None:
        return written(element, depth + 1)
    if kind.endswith("Pr"):
        return ""
    return "".join(formula_text(below, depth + 1) for below in element)


def _part(element: Any, wanted: str, depth: int) -> str:
    found = child(element, wanted)
    return "" if found is None else formula_text(found, depth).strip()


def _fraction(element: Any, depth: int) -> str:
    return rf"\frac{{{_part(element, 'num', depth)}}}{{{_part(element, 'den', depth)}}}"


def _root(element: Any, depth: int) -> str:
    degree = _part(element, "deg", depth)
    return rf"\sqrt{f'[{degree}]' if degree else ''}{{{_part(element, 'e', depth)}}}"


def _script(element: Any, depth: int) -> str:
    below, above = _part(element, "sub", depth), _part(element, "sup", depth)
    return _part(element, "e", depth) + (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")


def _sum(element: Any, depth: int) -> str:
    sign = child(element, "naryPr", "chr")
    character = "∫" if sign is None else attribute(sign, "val")
    below, above = _part(element, "sub", depth), _part(element, "sup", depth)
    limits = (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")
    return f"{_LARGE.get(character, character)}{limits} {_part(element, 'e', depth)}"


def _brackets(element: Any, depth: int) -> str:
    signs = [child(element, "dPr", which) for which in ("begChr", "endChr", "sepChr")]
    begin, end, between = (
        usual if sign is None else attribute(sign, "val") for sign, usual in zip(signs, "()|", strict=True)
    )
    return begin + between.join(formula_text(part, depth).strip() for part in children(element, "e")) + end


def _function(element: Any, depth: int) -> str:
    called = _part(element, "fName", depth)
    called = "\\" + called if called in _FUNCTIONS else called
    argument = _part(element, "e", depth)
    return called + (argument if argument.startswith(("(", "[")) else f"({argument})")


def _limit(element: Any, depth: int) -> str:
    sign = "_" if name(element) == "limLow" else "^"
    return f"{_part(element, 'e', depth)}{sign}{{{_part(element, 'lim', depth)}}}"


def _matrix(element: Any, depth: int) -> str:
    rows = (" & ".join(formula_text(cell, depth).strip() for cell in children(row, "e")) for row in element)
    return r" \\ ".join(row for row in rows if row)


def _lines(element: Any, depth: int) -> str:
    return r" \\ ".join(formula_text(line, depth).strip() for line in children(element, "e"))


_WRITERS = {
    "f": _fraction,
    "rad": _root,
    "sSub": _script,
    "sSup": _script,
    "sSubSup": _script,
    "nary": _sum,
    "d": _brackets,
    "func": _function,
    "limLow": _limit,
    "limUpp": _limit,
    "m": _matrix,
    "eqArr": _lines,
}
