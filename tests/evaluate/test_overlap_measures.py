"""ROUGE-L, BLEU and METEOR by hand and against the libraries, called as their own documentation does."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragtree.errors import DatasetError, MissingExtraError
from ragtree.evaluate.metrics import overlap
from ragtree.evaluate.metrics.overlap import meteor, meteor_name, rouge_l, sentence_bleu

WORDS = st.lists(st.sampled_from("The keeper keepers lit the lamp, lamps. It's 3.5 miles off".split()), max_size=12)
TEXTS = WORDS.map(" ".join)
REFERENCES = st.lists(TEXTS, min_size=1, max_size=3)


class Thesaurus:
    """Stands for nltk's WordNet: it knows one pair of synonyms, or is not there."""

    def __init__(self, here: bool) -> None:
        self._here = here

    def synsets(self, word: str) -> list[Thesaurus]:
        if not self._here:
            raise LookupError("no such corpus")
        return [self] if word == "lantern" else []

    def lemmas(self) -> list[Thesaurus]:
        return [self]

    def name(self) -> str:
        return "lamp"


@pytest.fixture
def wordnet(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("nltk.corpus.wordnet", Thesaurus(request.param))
    overlap._wordnet.cache_clear()
    yield
    overlap._wordnet.cache_clear()


@given(REFERENCES, TEXTS, st.booleans())
@settings(deadline=None, max_examples=30)
def test_rouge_score_gives_the_same(references: list[str], answer: str, stem: bool) -> None:
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer(["rougeL"], use_stemmer=stem)
    wanted = max(scorer.score(text, answer)["rougeL"].fmeasure for text in references)
    assert rouge_l(references, answer, use_stemmer=stem) == pytest.approx(wanted, abs=1e-6)
    assert 0 <= wanted <= 1


def test_rouge_l_by_hand() -> None:
    # "the lamp" is the longest common subsequence: 2 of 5 words wanted and 4 given
    assert rouge_l(["The keeper lit the lamp."], "the lamp was lit") == pytest.approx(2 * 2 / (5 + 4))
    assert rouge_l(["nothing", "lamps"], "lamp") == 1
    assert rouge_l(["nothing", "lamps"], "lamp", use_stemmer=False) == 0


@given(REFERENCES, TEXTS)
@settings(deadline=None, max_examples=50)
def test_sacrebleu_gives_the_same(references: list[str], answer: str) -> None:
    import sacrebleu
    from sacrebleu.metrics import BLEU

    four = sacrebleu.sentence_bleu(answer, references, lowercase=True).score / 100
    one = BLEU(lowercase=True, max_ngram_order=1, effective_order=True).sentence_score(answer, references).score / 100
    assert sentence_bleu(references, answer, 4) == pytest.approx(four, abs=1e-6)
    assert sentence_bleu(references, answer, 1) == pytest.approx(one, abs=1e-6)
    assert 0 <= sentence_bleu(references, answer, 4) <= 1
    assert 0 <= sentence_bleu(references, answer, 1) <= 1


def test_bleu_by_hand() -> None:
    references, answer = ["the cat sat on the mat"], "The cat on the mat"
    brevity = math.exp(1 - 6 / 5)
    assert sentence_bleu(references, answer, 1) == pytest.approx(brevity)
    # n-grams found: 5 of 5, 3 of 4, 1 of 3, and 0 of 2, which smoothing makes 1 / (2 * 2)
    assert sentence_bleu(references, answer, 4) == pytest.approx(brevity * (1 * 3 / 4 * 1 / 3 * 1 / 4) ** (1 / 4))
    assert sentence_bleu(["長城很長"], "長城", 1) == pytest.approx(math.exp(1 - 4 / 2))


@pytest.mark.parametrize("wordnet", [False], indirect=True)
@pytest.mark.usefixtures("wordnet")
def test_without_wordnet_meteor_matches_words_and_stems_and_says_so() -> None:
    assert meteor_name() == "METEOR (exact, stem)"
    # three of three words match, two of them by their stems, in one run: 1 - 0.5 * (1 / 3) ** 3
    assert meteor(["the dogs bark"], "the dog barks") == pytest.approx(1 - 0.5 / 27)
    # 1 of 2 wanted and 3 given, P = 1/3 and R = 1/2: PR / (0.9 P + 0.1 R), halved as it is one run of one word
    assert meteor(["lamp oil"], "a bright lamp") == pytest.approx((1 / 6) / (0.3 + 0.05) / 2)
    assert meteor(["lamp"], "lantern") == 0
    assert meteor(["nothing", "the dogs bark"], "the dogs bark") == meteor(["the dogs bark"], "the dogs bark")


@pytest.mark.parametrize("wordnet", [True], indirect=True)
@pytest.mark.usefixtures("wordnet")
def test_with_wordnet_synonyms_match() -> None:
    assert meteor_name() == "METEOR"
    assert meteor(["lamp"], "lantern") == 0.5


@given(references=REFERENCES, answer=TEXTS)
@settings(deadline=None, max_examples=30)
def test_meteor_lies_between_0_and_1(references: list[str], answer: str) -> None:
    assert 0 <= meteor(references, answer) <= 1


def test_words_at_the_ends_of_sentences_match() -> None:
    assert overlap._words("It was lit. They can't see it.")[:4] == ["It", "was", "lit", "."]


def test_without_references_there_is_nothing_to_compare_with() -> None:
    for measure in (rouge_l, meteor, lambda references, answer: sentence_bleu(references, answer, 4)):
        with pytest.raises(DatasetError, match="no reference"):
            measure([], "lamp")


@pytest.mark.parametrize("module", ["rouge_score.rouge_scorer", "sacrebleu.metrics.bleu", "nltk.corpus"])
def test_without_the_package_the_extra_is_named(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for cached in (overlap._bleu, overlap._wordnet):
        cached.cache_clear()
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"ragtree\[eval\]"):
        for measure in (rouge_l, meteor, lambda references, answer: sentence_bleu(references, answer, 4)):
            measure(["lamp"], "lamp")
