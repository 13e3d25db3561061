"""Measures written answers by the words and sequences that they share with references: ROUGE-L, BLEU, METEOR.

All values are in [0, 1]. All measures raise DatasetError without references, and MissingExtraError if their package is
not installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from ...errors import MissingExtraError
from ...text.sentences import sentence_spans
from .answer_match import some_references, spaced


def rouge_l(references: Sequence[str], answer: str, use_stemmer: bool = True) -> float:
    """F1 of the longest common subsequence (Lin, ROUGE, 2004), the best over the references.

    Computed by rouge_score, with Porter's stemmer as SCROLLS and SQuALITY report it; some papers on NarrativeQA do
    not stem. It knows only a to z and digits: text in other scripts has 0.
    """
    some_references(references)
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError as error:
        raise MissingExtraError("rouge-score, which computes ROUGE-L,", "eval") from error
    best = RougeScorer(["rougeL"], use_stemmer=use_stemmer).score_multi(references, answer)
    return float(best["rougeL"].fmeasure)


def sentence_bleu(references: Sequence[str], answer: str, order: int) -> float:
    """BLEU-`order` (1 or 4) of one answer against all its references at once (Papineni et al. 2002, section 2).

    Computed by sacrebleu: its tokens (13a) in lower case, exponential smoothing, and no n-grams longer than the
    answer (Chen and Cherry 2014). Scripts without spaces give one token per character.
    """
    some_references(references)
    score = _bleu(order).sentence_score(spaced(answer), [spaced(text) for text in references])
    return _unit(score.score)


def meteor(references: Sequence[str], answer: str) -> float:
    """METEOR (Lavie and Agarwal 2007), the best over the references, computed by nltk.

    Words match in the same form, by Porter's stem, and as synonyms if nltk finds WordNet on this machine. Nothing is
    downloaded: name the measure by `meteor_name()`, which says whether synonyms were known.
    """
    some_references(references)
    wordnet = _wordnet() or _NoSynonyms()
    from nltk.translate.meteor_score import meteor_score

    wanted = [_words(text) for text in references]
    return float(meteor_score(wanted, _words(answer), wordnet=wordnet))


def meteor_name() -> str:
    """`METEOR`, or `METEOR (exact, stem)` if nltk has no WordNet."""
    return "METEOR (exact, stem)" if _wordnet() is None else "METEOR"


class _NoSynonyms:
    """Takes the place of WordNet, and knows no word."""

    def synsets(self, _: str) -> list[object]:
        return []


@lru_cache(maxsize=1)
def _wordnet() -> Any:
    """nltk's WordNet, or None if its data is not on this machine."""
    try:
        from nltk.corpus import wordnet
    except ImportError as error:
        raise MissingExtraError("nltk, which computes METEOR,", "eval") from error
    try:
        wordnet.synsets("word")
    except LookupError:
        return None
    return wordnet


def _words(text: str) -> list[str]:
    """nltk's words. Sentences are found by our own splitter: nltk's needs data that it would have to download."""
    from nltk import word_tokenize

    bare = spaced(text)
    return [word for span in sentence_spans(bare) for word in word_tokenize(span.of(bare), preserve_line=True)]


@lru_cache(maxsize=8)
def _bleu(order: int) -> Any:
    try:
        from sacrebleu.metrics.bleu import BLEU
    except ImportError as error:
        raise MissingExtraError("sacrebleu, which computes BLEU,", "eval") from error
    return BLEU(lowercase=True, max_ngram_order=order, effective_order=True)


def _unit(percent: float) -> float:
    """Percent as a share; rounding may bring sacrebleu a little above 100."""
    return min(1.0, percent / 100)
