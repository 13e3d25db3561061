"""Says what a comparison has found, in words for a person who is about to decide."""

from __future__ import annotations

from .folder_comparison import BASE, FLAT, TREE_MODES, FolderComparison
from .report import Contrast
from .whole_documents import WHOLE


def verdict(found: FolderComparison) -> str:
    """Which mode to use, what difference it makes, how sure that is, and whether the tree helps."""
    what = "of the proof" if found.measure.startswith("evidence") else "of the answers' words"
    use = f"Use {found.recommended}: in {found.budget} tokens it finds {_mean(found, found.recommended)} {what}"
    if found.recommended != BASE:
        return f"{use}, {BASE} finds {_mean(found, BASE)}; {_sure(_between(found, found.recommended, BASE))}."
    flat = _between(found, FLAT, BASE)
    others = "No other mode finds more by more than chance would."
    return f"{use}, chunks by similarity alone ({FLAT}) find {_mean(found, FLAT)}; {_sure(flat)}. {others}"


def about_tree(found: FolderComparison) -> str:
    """Whether summaries beside chunks find more than chunks alone, as in RAPTOR."""
    best = max((_between(found, mode, FLAT) for mode in TREE_MODES), key=lambda contrast: contrast.difference)
    helps = "The tree helps" if best.is_clear and best.difference > 0 else "The tree does not help"
    return (
        f"{helps} with questions like these: its best mode, {best.first}, finds {_mean(found, best.first)}, chunks "
        f"alone ({FLAT}) {_mean(found, FLAT)}; {_sure(best)}. What it is for are questions about the whole of a text."
    )


def about_whole_documents(found: FolderComparison) -> str:
    """Whether to give whole documents instead."""
    fit = f"{found.fitting} of {found.documents} documents fit whole into {found.budget} tokens"
    contrast = _between(found, WHOLE, BASE)
    if not found.fitting:
        return f"{fit}: giving whole documents is no way at this budget."
    if contrast.is_clear and contrast.difference > 0:
        return (
            f"{fit}, and giving whole documents finds more than any chunks: {_sure(contrast)}. "
            "Raise chunk.tokens, so that a document is one chunk."
        )
    return f"{fit}; giving those finds {_mean(found, WHOLE)}, {_sure(contrast)}."


def _between(found: FolderComparison, first: str, second: str) -> Contrast:
    return next(one for one in found.contrasts if (one.first, one.second) == (first, second))


def _mean(found: FolderComparison, mode: str) -> str:
    return f"{found.estimate(mode).mean:.2f}"


def _sure(contrast: Contrast) -> str:
    """A difference, its interval, and whether it may be chance."""
    size = (
        f"{contrast.first} less {contrast.second} is {contrast.difference:+.2f}, with 95 % confidence between "
        f"{contrast.low:+.2f} and {contrast.high:+.2f}"
    )
    if contrast.is_clear:
        return f"{size} (p = {max(contrast.adjusted_p, 0.0001):.4f}, {contrast.n} questions)"
    return f"{size}, which {contrast.n} questions cannot tell from chance (p = {contrast.adjusted_p:.2f})"
