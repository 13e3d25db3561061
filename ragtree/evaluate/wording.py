"""What a comparison comes to, in words for a person who is about to decide."""

from __future__ import annotations

from ..retrieve.modes import FLAT_MODES
from .folder import FLAT, FolderComparison
from .report import Contrast
from .whole import WHOLE


def verdict(found: FolderComparison) -> str:
    """Which mode to use, what difference it makes, and how sure that is."""
    what = "of the proof" if found.measure.startswith("evidence") else "of the answers' words"
    flat = found.estimate(FLAT)
    modes = [contrast for contrast in found.contrasts if contrast.first != WHOLE]
    best = max(modes, key=lambda contrast: contrast.difference)
    if found.recommended != FLAT:
        best = next(contrast for contrast in modes if contrast.first == found.recommended)
        return (
            f"Use {best.first}: in {found.budget} tokens it finds {found.estimate(best.first).mean:.2f} {what}, "
            f"chunks by similarity alone ({FLAT}) find {flat.mean:.2f}; {_sure(best)}. {_about_tree(best.first)}"
        )
    beginning = f"Use {FLAT}: in {found.budget} tokens it finds {flat.mean:.2f} {what}; nothing else helps here"
    if best.difference > 0:
        return (
            f"{beginning} by more than chance would. The best other mode, {best.first}, finds "
            f"{found.estimate(best.first).mean:.2f}; {_sure(best)}."
        )
    return f"{beginning}. The best other mode, {best.first}, finds {_mean(found, best)}; {_sure(best)}."


def about_whole_documents(found: FolderComparison) -> str:
    """Whether one should give whole documents instead."""
    fit = f"{found.fitting} of {found.documents} documents fit whole into {found.budget} tokens"
    contrast = next(contrast for contrast in found.contrasts if contrast.first == WHOLE)
    if not found.fitting:
        return f"{fit}: giving whole documents is no way at this budget."
    if contrast.is_clear and contrast.difference > 0:
        return (
            f"{fit}, and giving whole documents finds more than any chunks: {_sure(contrast)}. "
            "Raise chunk.tokens, so that a document is one chunk."
        )
    return f"{fit}; giving those finds {found.estimate(WHOLE).mean:.2f}, {_sure(contrast)}."


def _about_tree(mode: str) -> str:
    if mode == "auto":
        return "It asks the tree for overviews, and chunks for all else."
    return "It needs no tree." if mode in FLAT_MODES else "The tree helps here."


def _mean(found: FolderComparison, contrast: Contrast) -> str:
    return f"{found.estimate(contrast.first).mean:.2f}"


def _sure(contrast: Contrast) -> str:
    """A difference, where it lies, and what chance would do."""
    size = (
        f"the difference to {contrast.second} is {contrast.difference:+.2f}, with 95 % confidence between "
        f"{contrast.low:+.2f} and {contrast.high:+.2f}"
    )
    if contrast.is_clear:
        return f"{size} (p = {max(contrast.adjusted_p, 0.0001):.4f}, {contrast.n} questions)"
    return f"{size}, which {contrast.n} questions cannot tell from chance (p = {contrast.adjusted_p:.2f})"
