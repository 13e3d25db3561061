"""Chooses the sentences of the passages that answer best, if the documents are quoted.

The document of the best chunk leads, and its sentences are quoted: one sentence alone seldom shows whether its document
answers the question, but a chunk with its surroundings mostly does. Another document is quoted for words of the
question that the leading one lacks. This was chosen on the questions in even places of examples/library, and on
HotpotQA and XQuAD; docs/benchmarks.md has the figures. Rows of tables and lines such as `Rent: £1,450` are quoted only
if they name what is asked, and steps of a list together.

A question that asks for an overview is near to no sentence. It is answered with the sentences that say the most of what
the passages say.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice

import numpy as np

from ..text.covering import cover, topic_terms, word_rows
from ..text.definitions import introduces
from ..text.folding import fold
from ..text.self_contained import is_self_contained, is_sentence
from ..text.tokens import count_tokens
from ..understand.base import Request
from .answer_type import answer_type_test
from .numbered_steps import with_steps
from .passages import Passages, Quote

_PASSAGE_WEIGHT = 1.5
_WORDS_WEIGHT = 0.6
_HEADING_WEIGHT = 0.5
_BEFORE_WEIGHT = 0.2
_NEW_WEIGHT = 0.35
_ENOUGH_NEW = 20
_NOTHING_NEW = 0.33
_IS_QUESTION = 0.25
_ASKED_WEIGHT = 0.2
"""Weights of what a sentence has, beside that of its similarity to the question, which is 1: the score of its passage;
the share of the question's words in it, in the headings above it, and in the sentence before it; how many words it adds
to those of the question, up to 20; and the kind of thing that is wanted. A sentence without a word of its own, and one
that asks, lose some. They follow a logistic regression on half of the questions of seven folders; on the other half the
best of three sentences holds the answer for .77 (before: .72), and the first for .51 (.44)."""
_FOREIGN = 0.65
"""Weight of the similarity if the embedder does not know the language."""
_INTRODUCED = 0.3
"""Added if a sentence says what the thing is that the question is about."""
_POINTS_BACK = 0.05
"""Subtracted if a sentence cannot be read alone ("He said ...")."""
_NEW_WORDS = 0.25
"""Another document is quoted for a sentence that adds this share of the question's words, by weight."""
_NEAR_THE_BEST = 0.7
"""Share of the best chunk's score that such a document's best chunk has to have."""
_FAR_BEHIND = 0.6
"""A sentence this much below the best sentence's score is not worth quoting."""
_FAR_BETTER = 0.3
"""Another document leads if its best sentence is this much better than that of the leading document."""
_LEAD = 1500
_LEAD_TRUST = 1.5
"""Characters at the beginning of a document that mostly say what it is about, and the weight of their sentences."""
_OVERVIEW = 2
"""For an overview, this many times as many sentences are quoted. Of the words in people's answers to "What is the
plot?", for 20 stories of SQuALITY, the six sentences that cover the most have .13, the six nearest to the question .09,
three .04."""
_POWER = 0.5
"""A gain is divided by the number of tokens to this power. At .8, as for chunks, sentences of a few words win, which
say nothing by themselves."""
_LONGEST = 80
"""Most tokens of a sentence that can be read as one; what is longer is mostly a list."""
_NEARLY_ALL = 0.8
_DIGITS = re.compile(r"\d+")
_NEAR_EACH_OTHER = 1500
"""Most characters between the first and the last of sentences that are quoted in their order."""
_NAMED = 0.5
"""Least share of the question's words, by weight, of a row or line that answers without being a sentence."""
_MARKUP = "*_#> \t"
_ASKS = ("?", "？", "؟")
_BULLET = re.compile(r"^[-+*•‣◦▪–—]\s+")
_EMPHASIS = re.compile(r"(?<!\w)([*_]{1,3})(\S(?:.*?\S)?)\1(?!\w)")


def choose_quotes(
    request: Request, passages: Passages, relevance: Sequence[float], count: int, cited: Collection[int] = ()
) -> list[int]:
    """At most `count` rows of `passages.quotes` that answer together, best first, without those `cited` already.

    `relevance` is the cosine of the question to each quote. For an overview or a list `_OVERVIEW` times as many are
    chosen, for an overview in the order of the text. For a comparison, each side gets one less, but at least one.
    What a model says of a picture is not quoted.
    """
    own = [row for row, quote in enumerate(passages.quotes) if not quote.citation.location.described]
    if len(own) < len(passages.quotes):
        place = {row: number for number, row in enumerate(own)}
        left = replace(passages, quotes=tuple(passages.quotes[row] for row in own))
        known = {place[row] for row in cited if row in place}
        return [own[number] for number in choose_quotes(request, left, [relevance[row] for row in own], count, known)]
    if is_overview(passages):
        return _overview(passages, count * _OVERVIEW, cited)
    if request.kind == "list":
        count *= _OVERVIEW
    if request.sides:
        return _of_sides(request, passages, relevance, count, cited)
    scores = _scores_of_answers(request, passages, relevance)
    order = [row for row in sorted(range(len(scores)), key=lambda row: -scores[row]) if row not in cited]
    least = max(scores, default=0.0) - _FAR_BEHIND
    best_of_same = {fold(passages.quotes[row].text): row for row in reversed(order)}
    order = [row for row in order if best_of_same[fold(passages.quotes[row].text)] == row]
    leading = leading_documents(passages)
    if request.foreign:  # then the best chunk does not show which document answers
        leading = {quote.citation.document_id for quote in passages.quotes}
    led = [row for row in order if passages.quotes[row].citation.document_id in leading]
    if led and scores[order[0]] - scores[led[0]] > _FAR_BETTER:
        leading = {passages.quotes[order[0]].citation.document_id}
        led = [row for row in order if passages.quotes[row].citation.document_id in leading]
    named = _naming(request, passages)
    led = _telling(led, passages, named)
    if not led:
        return _telling(order, passages, named)[:count]
    beside = _beside(request, order, leading, passages)[: 1 if count > 1 else 0]
    best = led[: count - len(beside)] + beside
    chosen = [row for row in best if scores[row] >= least] or ([] if cited else best[:1])
    return [row for row in with_steps(chosen, passages) if row not in cited]


def _of_sides(
    request: Request, passages: Passages, relevance: Sequence[float], count: int, cited: Collection[int]
) -> list[int]:
    """The best sentences with words of each side, one side after the other."""
    scores = _scores(request, passages, relevance)
    chosen: list[int] = []
    for side in request.sides:
        shares = shared_words(side, [_with_headings(quote) for quote in passages.quotes], passages, request.language)
        named = [row for row in range(len(scores)) if shares[row] > 0 and row not in cited and row not in chosen]
        chosen += _telling(sorted(named, key=lambda row: -(shares[row] + scores[row])), passages)[: max(1, count - 1)]
    return chosen


def has_all_words(request: Request, passages: Passages) -> bool:
    """True if every word of the request's topics is in some passage."""
    language = request.language
    words = {word for topic in request.topics for word in _terms(topic, language)}
    return bool(words) and words <= {word for text in _read(passages) for word in _terms(text, language)}


def has_words_of_orders(sentence: str, orders: Sequence[str], told: Sequence[str]) -> bool:
    """True if the sentence has a word that is in an order to the model, and in nothing else that was told or asked."""
    ordered = {word for order in orders for word in _terms(order)} - {word for text in told for word in _terms(text)}
    return bool(ordered & _terms(sentence))


def rank_quotes(request: Request, passages: Passages, relevance: Sequence[float]) -> list[int]:
    """The rows of `passages.quotes`, best first. Fragments, headings and table rows are left out if there is
    anything else, and what a model says of a picture always."""
    scores = _scores(request, passages, relevance)
    own = [row for row, quote in enumerate(passages.quotes) if not quote.citation.location.described]
    return _telling(sorted(own, key=lambda row: -scores[row]), passages)


def leading_documents(passages: Passages) -> set[str]:
    """The document of the best chunk, or of several that are equally good; none for an overview, which is of all."""
    best = _best_chunks(passages)
    if is_overview(passages):
        return set()
    return {document for document, score in best.items() if score >= max(best.values())}


def is_overview(passages: Passages) -> bool:
    """True if the passages were chosen to cover the whole, because no fact was asked for."""
    return any("coverage" in hit.ranks for hit in passages.hits)


def stands_in(quote: str, text: str) -> bool:
    """True if the text has nearly all words of the quote, so that quoting it again would add nothing."""
    said = _terms(quote)
    return len(said & _terms(text)) >= _NEARLY_ALL * len(said)


def shared_words(question: str, texts: Sequence[str], passages: Passages, language: str) -> list[float]:
    """For each text, the share of the question's words that it has (0 to 1); words rare in the passages weigh more.
    `language` is that of the question, whose stop words do not count."""
    weights = _weights(question, _read(passages), language)
    return [_weight(_terms(text, language), weights) for text in texts]


def plain(text: str) -> str:
    """The text without the markup around words and without the bullet of a list. A [12] of the document's own becomes
    (12), so that it is not taken for one of ours."""
    bare = without_images(_BULLET.sub("", _EMPHASIS.sub(r"\2", text).strip(_MARKUP)))
    return re.sub(r"\[(\d+(?:\s*,\s*\d+)*)\]", r"(\1)", bare)


def without_images(text: str) -> str:
    """The Markdown with images as links: a program that shows an answer must not load what a document names."""
    return text.replace("![", "[")


def _overview(passages: Passages, count: int, cited: Collection[int]) -> list[int]:
    """At most `count` sentences that cover what most passages say, document by document, in the order of the text."""
    quotes = passages.quotes
    texts = [fold(quote.text) for quote in quotes]
    said = {texts[row] for row in cited}
    first = {text: row for row, text in reversed(list(enumerate(texts))) if text not in said}
    rows = [row for row in sorted(first.values()) if not _is_title(quotes[row], passages)] or sorted(first.values())
    rows = [row for row in rows if is_self_contained(quotes[row].text)] or _telling(rows, passages)
    rows = [row for row in rows if count_tokens(quotes[row].text) <= _LONGEST] or rows
    words = word_rows([topic_terms(text) for text in (*(quotes[row].text for row in rows), *_read(passages))])
    weights = np.log1p(words[len(rows) :].sum(axis=0))
    tokens = [count_tokens(quotes[row].text) for row in rows]
    trust = np.array([_LEAD_TRUST if quotes[row].citation.span.start < _LEAD else 1.0 for row in rows])
    found = cover(words[: len(rows)], weights, tokens, math.inf, _POWER, trust)
    chosen = [rows[number] for number, _ in islice(found, count)]
    documents = list(dict.fromkeys(quotes[row].citation.document_id for row in chosen))

    def place(row: int) -> tuple[int, int]:
        citation = quotes[row].citation
        return documents.index(citation.document_id), citation.span.start

    return sorted(chosen, key=place)


def _is_title(quote: Quote, passages: Passages) -> bool:
    title = passages.titles.get(quote.citation.document_id, "")
    return bool(title) and _terms(quote.text) <= _terms(title)


def in_reading_order(rows: Sequence[int], passages: Passages) -> list[int]:
    """The rows by document, and those of one document in the order of its text if they are near each other there:
    steps, for instance. Otherwise the best comes first."""
    placed: dict[str, list[tuple[int, int]]] = {}
    for row in rows:
        citation = passages.quotes[row].citation
        placed.setdefault(citation.document_id, []).append((citation.span.start, row))
    ordered = (
        sorted(found) if max(found)[0] - min(found)[0] <= _NEAR_EACH_OTHER else found for found in placed.values()
    )
    return [row for found in ordered for _, row in found]


def _scores(request: Request, passages: Passages, relevance: Sequence[float]) -> list[float]:
    """How well each quote seems to answer, by what it shares with the question and by its place."""
    language, asked = request.language, _terms(request.question, request.language)
    weights = _weights(request.question, _read(passages), language)
    trust = _FOREIGN if request.foreign else 1.0
    scores, before, document = [], 0.0, ""
    for quote, near in zip(passages.quotes, relevance, strict=True):
        terms = _terms(quote.text, language)
        share, new = _weight(terms, weights), len(terms - asked)
        above = _weight(_terms(_with_headings(quote), language), weights) - share
        if quote.citation.document_id != document:
            before, document = 0.0, quote.citation.document_id
        scores.append(
            trust * near
            + _PASSAGE_WEIGHT * _passage_score(quote, passages)
            + _WORDS_WEIGHT * share
            + _HEADING_WEIGHT * above
            + _BEFORE_WEIGHT * before
            + (_NEW_WEIGHT * min(1.0, new / _ENOUGH_NEW) if new else -_NOTHING_NEW)
            - _IS_QUESTION * quote.text.rstrip().endswith(_ASKS)
        )
        before = share
    return scores


def _scores_of_answers(request: Request, passages: Passages, relevance: Sequence[float]) -> list[float]:
    """The scores, raised if a sentence has the kind of thing that is asked for, or says what the one thing is that is
    asked about; lowered if it cannot be read alone."""
    has = answer_type_test(request)
    name = request.topics[0] if request.detail == "definition" and request.topics else ""
    return [
        score
        + _ASKED_WEIGHT * bool(has and has(quote.text))
        + _INTRODUCED * bool(name and introduces(quote.text, name))
        - _POINTS_BACK * (not is_self_contained(quote.text))
        for score, quote in zip(_scores(request, passages, relevance), passages.quotes, strict=True)
    ]


def _with_headings(quote: Quote) -> str:
    return "\n".join([*quote.citation.location.heading, quote.text])


def _telling(rows: list[int], passages: Passages, also: Collection[int] = ()) -> list[int]:
    """The rows that are sentences, and those of `also`; all rows if none are."""
    quotes = passages.quotes
    return [row for row in rows if row in also or (is_sentence(quotes[row].text) and not quotes[row].is_row)] or rows


def _naming(request: Request, passages: Passages) -> set[int]:
    """The rows of tables and the lines that answer without being sentences: they name what the question is about, and
    have something else, of the kind that is wanted if that can be told: `Rent: £1,450`."""
    language, has = request.language, answer_type_test(request)
    weights = _word_weights(request, _read(passages))
    found = set()
    for row, quote in enumerate(passages.quotes):
        if not quote.is_row and quote.text.lstrip().startswith(("|", "#")):
            continue  # the header of a table, or a heading
        terms = _terms(_with_headings(quote) if quote.is_row else quote.text, language)
        if _weight(terms, weights) < _NAMED or terms <= weights.keys() or quote.text.rstrip().endswith(("?", ":")):
            continue
        if has is None or has(quote.text):
            found.add(row)
    return found


def _best_chunks(passages: Passages) -> dict[str, float]:
    """The score of each document's best chunk, if chunks were found and not only summaries."""
    best: dict[str, float] = {}
    for hit in passages.hits:
        if hit.node.level == 0:
            best[hit.node.document_id] = max(hit.score, best.get(hit.node.document_id, hit.score))
    return best


def _beside(request: Request, order: Sequence[int], leading: Collection[str], passages: Passages) -> list[int]:
    """Of `order`, sentences of other documents with words of the question that no chunk of the leading ones has."""
    best = _best_chunks(passages)
    least = _NEAR_THE_BEST * max(best.values(), default=0.0)
    language = request.language
    weights = _word_weights(request, _read(passages))
    chunks = [hit.node for hit in passages.hits if hit.node.level == 0 and hit.node.document_id in leading]
    known = {word for chunk in chunks for word in _terms(chunk.text, language)}
    missing = {word: weight for word, weight in weights.items() if word not in known}
    near = {document for document, score in best.items() if score >= least and document not in leading}
    return [
        row
        for row in order
        if passages.quotes[row].citation.document_id in near
        and is_sentence(passages.quotes[row].text)
        and _weight(_terms(passages.quotes[row].text, language), missing) >= _NEW_WORDS
    ]


def _passage_score(quote: Quote, passages: Passages) -> float:
    """The score of the best chunk that has the quote; the evidence of a summary gets that of the last hit."""
    inside = [
        hit.score
        for hit in passages.hits
        if hit.node.level == 0
        and hit.node.document_id == quote.citation.document_id
        and hit.node.span.overlap(quote.citation.span)
    ]
    return max(inside, default=passages.hits[-1].score)


def _read(passages: Passages) -> list[str]:
    return [hit.node.text for hit in passages.hits]


def _word_weights(request: Request, texts: Sequence[str]) -> dict[str, float]:
    """The weights of what the question is about; of all its words if nothing else is known."""
    return _weights(" ".join(request.topics) or request.question, texts, request.language)


def _weights(question: str, texts: Sequence[str], language: str) -> dict[str, float]:
    """Question word -> its weight. The fewer passages have a word, the more it weighs; the weights add up to 1."""
    found = Counter(term for text in texts for term in _terms(text, language))
    weights = {term: math.log(1 + len(texts) / (found[term] + 0.5)) for term in _terms(question, language)}
    total = sum(weights.values())
    return {term: weight / total for term, weight in weights.items()} if total else {}


def _weight(terms: Collection[str], weights: dict[str, float]) -> float:
    return sum(weight for term, weight in weights.items() if term in terms)


@lru_cache(maxsize=4096)
def _terms(text: str, language: str = "en") -> frozenset[str]:
    return frozenset(topic_terms(text, language)) | frozenset(_DIGITS.findall(fold(text)))
