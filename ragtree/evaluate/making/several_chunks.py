"""Asks for everything about a name that is in a few sentences of different chunks.

The question is only the name. A search for its letters would find all of these sentences, so two things make it fair
to other searches. If the next sentence goes on about the name with a pronoun ("She weighs nine pounds"), it must be
found as well, and names with such sentences come first. And the question has the name's longest common form ("Henrietta
Roos"), while the sentences may have any part of it.
"""

from __future__ import annotations

from collections import Counter

from ...text.months import BY_LANGUAGE, SHORT_ENGLISH, SHORT_ENGLISH_DAYS
from ..base import Question
from .answer_terms import name_runs
from .base import Reason
from .prepared_folder import PreparedFolder
from .prose import goes_on
from .script_words import has_case, words_of

_FEWEST, _MOST = 2, 6
"""Sentences with the name."""
_SHORTEST_UNCASED = 3
"""Fewest characters of a word that can be a name in a script without capitals."""
_NO_NAMES = frozenset(
    {
        *BY_LANGUAGE["en"],
        *BY_LANGUAGE["de"],
        *SHORT_ENGLISH,
        *SHORT_ENGLISH_DAYS,
        "mrs",
        "miss",
        "mister",
        "herr",
        "frau",
    }
)
"""Months, days of the week and titles have capitals, but say nothing alone."""
_TABOO = (Reason.PROSE, Reason.BOILERPLATE)


def names_by_document(folder: PreparedFolder) -> dict[int, list[str]]:
    """Keys of the names that can be asked for, by the document that has them first; the best ones last.

    The best ones are in several documents, and have sentences after them that go on with a pronoun.
    """
    found: dict[int, list[tuple[int, float, str]]] = {}
    dice = folder.dice("several")
    for key in sorted(_names(folder)):
        indices = _mentions(folder, key)
        places = [folder.sentences[index] for index in indices]
        chance = float(dice.random())
        if _FEWEST <= len(indices) <= _MOST and len({place.chunk for place in places}) > 1:
            worth = (len({place.document for place in places}) > 1) + bool(_continuations(folder, indices))
            found.setdefault(places[0].document, []).append((worth, chance, key))
    return {document: [key for _, _, key in sorted(keys)] for document, keys in found.items()}


def make_several(folder: PreparedFolder, key: str) -> Question | Reason:
    """Ask for all sentences with the name, and those that go on about it, or say why not."""
    indices = _mentions(folder, key)
    term = _longest_form(folder, key, indices)
    wanted = sorted({*indices, *_continuations(folder, indices)})
    if not term:
        return Reason.WORDLESS
    return folder.question("several", term, [folder.proof(index, [key]) for index in wanted])


def _names(folder: PreparedFolder) -> set[str]:
    uncased = {key for key in folder.standing if len(key) >= _SHORTEST_UNCASED and key.isalpha() and not has_case(key)}
    return (folder.names | uncased) - _NO_NAMES


def _mentions(folder: PreparedFolder, key: str) -> list[int]:
    """The sentences with the name, one of each group of copies."""
    usable = [index for index in folder.standing.get(key, ()) if folder.unfit(index) not in _TABOO]
    return list({folder.groups[index]: index for index in reversed(usable)}.values())[::-1]


def _continuations(folder: PreparedFolder, indices: list[int]) -> list[int]:
    """The sentences after these that go on about the name, one of each group of copies."""
    mentioned = {folder.groups[index] for index in indices}
    found: dict[int, int] = {}
    for index in indices:
        for following in folder.passage(index, 2)[1:]:
            group = folder.groups[following]
            if group not in mentioned and goes_on(folder.text(following)):
                found.setdefault(group, following)
    return list(found.values())


def _longest_form(folder: PreparedFolder, key: str, indices: list[int]) -> str:
    """The name's most frequent form in the sentences; of equally frequent forms, the longest."""
    forms: Counter[str] = Counter()
    for index in indices:
        text = folder.text(index)
        if not has_case(key):
            runs = [text[word.start : word.end] for word in words_of(text) if word.key == key]
        else:
            runs = [run.of(text) for run in name_runs(text, folder)]
            runs = [run for run in runs if any(word.key == key for word in words_of(run))]
        forms.update(" ".join(run.split()) for run in runs)
    return max(forms, key=lambda form: (forms[form], len(form), form), default="")
