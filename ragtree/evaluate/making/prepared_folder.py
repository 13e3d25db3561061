"""A folder, prepared for making questions: its sentences, the places of their words, and which are copies."""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...types import Document, Node, Span
from ..base import Place, Proof, Question
from .base import Reason
from .near_duplicates import SAME, bare, group_copies, resemblance
from .prose import sentences, unfit
from .script_words import ScriptWord, has_capital, numbers, tells, words_of

_MOST_PLACES = 8
"""A sentence in more places than this is boilerplate: finding one of them proves nothing."""
_GOES_ON = frozenset(",;.")
"""Marks before a capital inside a sentence. After a colon, a quotation mark or emphasis a new sentence may begin."""
_NEAR = 4
"""Characters before a word that are examined: a stop or a comma, and white space."""
_SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the folder, without white space around it."""

    document: int
    """Index of its document."""
    span: Span
    chunk: int
    """Number of the chunk in which it begins, counted over the whole folder."""
    paragraph: int
    """Number of its paragraph, counted over the whole folder."""
    words: tuple[str, ...]
    """Keys of its telling words, each once, in order."""
    unfit: Reason | None
    """Why no question can be made of it alone; None if one can."""


class PreparedFolder:
    """All sentences of the documents in order, and statistics over all of them."""

    def __init__(self, documents: Sequence[Document], leaves: Sequence[Node], language: str, seed: int) -> None:
        self.documents = documents
        self.language = language
        self._seed = seed
        capitals = _Capitals()
        self.sentences = list(_read(documents, leaves, language, capitals))
        self.names = capitals.names()
        """Keys of the words that are names."""
        self.groups: list[int] = group_copies([bare(self.text(index)) for index in range(len(self.sentences))]).tolist()
        """For each sentence, the index of the first one that it is nearly a copy of."""
        self.copies: dict[int, list[int]] = defaultdict(list)
        """The sentences of each group."""
        self.standing: dict[str, list[int]] = {}
        """The sentences that contain each word, in order."""
        self._chunk_counts: Counter[str] = Counter()
        for index, sentence in enumerate(self.sentences):
            self.copies[self.groups[index]].append(index)
            for word in sentence.words:
                standing = self.standing.setdefault(word, [])
                self._chunk_counts[word] += not standing or self.sentences[standing[-1]].chunk != sentence.chunk
                standing.append(index)
        self._chunks = len({sentence.chunk for sentence in self.sentences})
        self.most_weight = math.log(max(1, self._chunks))
        """The weight of a word that only one chunk contains."""

    def text(self, index: int) -> str:
        """The sentence's own characters."""
        sentence = self.sentences[index]
        return sentence.span.of(self.documents[sentence.document].text)

    def unfit(self, index: int) -> Reason | None:
        """Why no question can be made of the sentence alone, or None."""
        own = self.sentences[index].unfit
        if own is not Reason.PROSE and len(self.copies[self.groups[index]]) > _MOST_PLACES:
            return Reason.BOILERPLATE
        return own

    def passage(self, index: int, size: int) -> list[int]:
        """The sentence and those that follow it in its paragraph, at most `size`, as far as they are prose.

        It ends before a copy of one of its own sentences, because finding that would count twice.
        """
        passage = [index]
        for following in range(index + 1, min(index + size, len(self.sentences))):
            same = self.sentences[following].paragraph == self.sentences[index].paragraph
            is_copy = self.groups[following] in (self.groups[one] for one in passage)
            if not same or is_copy or self.unfit(following) in (Reason.PROSE, Reason.BOILERPLATE):
                break
            passage.append(following)
        return passage

    def _chunks_with(self, word: str) -> set[int]:
        return {self.sentences[index].chunk for index in self.standing.get(word, ())}

    def weight(self, word: str) -> float:
        """Inverse document frequency over the folder's chunks; 0 for a word that is in all of them or in none."""
        chunks = self._chunk_counts[word]
        return math.log(self._chunks / chunks) if chunks else 0.0

    def count(self, word: str) -> int:
        """The number of sentences that contain the word."""
        return len(self.standing.get(word, ()))

    def others(self, index: int, said: str = "") -> list[int]:
        """Other sentences that say the same: nearly the same words, the same numbers, and `said`."""
        own = bare(self.text(index))
        return [
            other
            for other in self.copies[self.groups[index]]
            if other != index
            and said in " ".join(self.text(other).split())
            and numbers(self.text(other)) == numbers(self.text(index))
            and resemblance(own, bare(self.text(other))) >= SAME
        ]

    def proof(self, index: int, asked: Collection[str], said: str = "") -> Proof:
        """The sentence as a proof for a question with the words `asked`, whose answer is `said`.

        Another sentence that says the same counts only if it has the same of these words.
        """
        needed = set(self.sentences[index].words).intersection(asked)
        same = [other for other in self.others(index, said) if needed <= set(self.sentences[other].words)]
        return Proof(self.place(index), tuple(self.place(other) for other in same))

    def place(self, index: int) -> Place:
        """The place of the sentence."""
        sentence = self.sentences[index]
        return Place(self.documents[sentence.document].id, sentence.span)

    def single_out(self, words: Collection[str], sentences: Iterable[int]) -> bool:
        """True if no chunk except those of `sentences` contains all the words."""
        rarest = sorted(words, key=lambda word: self._chunk_counts[word])
        common = self._chunks_with(rarest[0]) if rarest else set()
        for word in rarest[1:]:
            common &= self._chunks_with(word)
        return bool(rarest) and common <= {self.sentences[index].chunk for index in sentences}

    def dice(self, *about: str) -> np.random.Generator:
        """A random generator, seeded with what it is for, so that additions elsewhere do not change its draws."""
        digest = hashlib.blake2b("\0".join(about).encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return np.random.default_rng([self._seed, int.from_bytes(digest, "big")])

    def question(self, kind: str, text: str, proofs: Sequence[Proof], references: tuple[str, ...] = ()) -> Question:
        """A question whose id depends on what it asks and on what proves it."""
        about = "\0".join([kind, text, *(f"{proof.place.document_id}\0{proof.place.span}" for proof in proofs)])
        digest = hashlib.blake2b(about.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
        return Question(f"{kind}-{digest}", text, kind, references=references, proofs=tuple(proofs))


class _Capitals:
    """Counts how often words have a capital inside a sentence, and how often they have none."""

    def __init__(self) -> None:
        self._with: Counter[str] = Counter()
        self._without: Counter[str] = Counter()

    def add(self, text: str, words: Iterable[ScriptWord]) -> None:
        for word in words:
            if not has_capital(text, word):
                self._without[word.key] += 1
            elif (
                before := text[max(0, word.start - _NEAR) : word.start].rstrip()[-1:]
            ) in _GOES_ON or before.isalnum():
                self._with[word.key] += 1

    def names(self) -> set[str]:
        return {key for key, count in self._with.items() if count > self._without[key] and len(key) >= _SHORTEST_NAME}


def _read(
    documents: Sequence[Document], leaves: Sequence[Node], language: str, capitals: _Capitals
) -> Iterator[Sentence]:
    starts: dict[str, list[int]] = defaultdict(list)
    for leaf in leaves:
        starts[leaf.document_id].append(leaf.span.start)
    chunks = paragraph = 0
    for number, document in enumerate(documents):
        bounds = sorted(starts[document.id]) or [0]
        for span, is_last in sentences(document.text, language):
            text = span.of(document.text)
            words = list(words_of(text))
            keys = dict.fromkeys(word.key for word in words if tells(word.key, word.script, language))
            reason = unfit(document.text, span)
            if reason is not Reason.PROSE:
                capitals.add(text, words)
            chunk = chunks + max(0, bisect_right(bounds, span.start) - 1)
            yield Sentence(number, span, chunk, paragraph, tuple(keys), reason)
            paragraph += is_last
        paragraph += 1
        chunks += len(bounds)
