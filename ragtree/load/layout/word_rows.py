"""Words -> rows of words on the same line, and the order in which these are read."""

from __future__ import annotations

from .base import PageWord

_LEVEL = 0.3
"""Words of the same size are on one line if their baselines differ by less than this share of the size."""
_RAISED = 0.55
"""The same for words of different sizes: indices and exponents."""
_STOPS = ".,;:!?()[]\"'“”‘’"
_GLUED = 0.12
"""A gap below this share of the size, with no white space in the file, is inside a word."""


def in_rows(words: list[PageWord]) -> list[list[PageWord]]:
    """The rows from top to bottom. The words of a row are not yet in reading order (see `left_to_right`)."""
    rows: list[list[PageWord]] = []
    leaders: list[PageWord] = []
    for word in sorted(words, key=lambda word: word.y):
        row = -1
        for index in range(len(rows) - 1, max(-1, len(rows) - 4), -1):
            if _level(leaders[index], word):
                row = index
                break
        if row < 0:
            rows.append([word])
            leaders.append(word)
            continue
        rows[row].append(word)
        if word.style.size > leaders[row].style.size:
            leaders[row] = word
    return rows


def _level(leader: PageWord, word: PageWord) -> bool:
    if leader.height or word.height:
        return False
    small, large = sorted((leader.style.size, word.style.size))
    if large > 2.2 * small and abs(leader.y - word.y) > _LEVEL * small:
        return False  # a drop cap three lines high belongs to none of them
    share = _LEVEL if small > 0.85 * large else _RAISED
    return abs(leader.y - word.y) <= share * large


def left_to_right(row: list[PageWord]) -> list[PageWord]:
    """The words of a row in reading order: in a row of Hebrew or Arabic from right to left, except numbers."""
    row = sorted(row, key=lambda word: (word.x0, word.x1))
    turned = [word.right_to_left for word in row]
    if not any(turned):
        return row
    lettered = sum(any(character.isalpha() for character in word.text) for word in row)
    if sum(turned) * 2 >= lettered:  # the row runs to the left; stretches of other scripts inside it to the right
        return _turn_stretches(row[::-1], right_to_left=False)
    return _turn_stretches(row, right_to_left=True)


def _turn_stretches(row: list[PageWord], right_to_left: bool) -> list[PageWord]:
    result: list[PageWord] = []
    stretch: list[PageWord] = []
    for word in row:
        if word.right_to_left == right_to_left:
            stretch.append(word)
        else:
            result += [*stretch[::-1], word]
            stretch = []
    return result + stretch[::-1]


def joined(words: list[PageWord]) -> str:
    """The text of words that are in reading order."""
    pieces: list[str] = []
    for index, word in enumerate(words):
        if index and not _glued(words[index - 1], word):
            pieces.append(" ")
        pieces.append(word.text)
    return "".join(pieces)


def _glued(before: PageWord, after: PageWord) -> bool:
    gap = max(after.x0 - before.x1, before.x0 - after.x1)
    size = max(before.style.size, after.style.size)
    if gap >= _GLUED * size or (after.spaced and gap > 0.02 * size):
        return False
    return not (_is_note(after, before) or _is_note(before, after))


def _is_note(note: PageWord, word: PageWord) -> bool:
    """Whether a raised number marks a footnote and is not an exponent, so that it is not part of the word beside it."""
    if note.style.size >= 0.85 * word.style.size or note.y >= word.y or not note.text.isdigit():
        return False
    return word.text.strip(_STOPS)[-2:].isalpha() and len(word.text) > 2
