"""How many false sentences does the grounding gate catch, and how many true ones does it drop?

Groups of about 1,000 tokens of SQuALITY's stories, the bundled embedder, and sentences whose truth is known: see
planted.py. The table, and the curve over thresholds that the least similarity was chosen by.
"""

from __future__ import annotations

import hashlib
import json
import random
import statistics
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import planted
import pytest

from ragtree.chunk.sentences import SentenceChunker
from ragtree.grounding import check_support, content_words, stem
from ragtree.models import make_embedder
from ragtree.settings import ChunkSettings, EmbedSettings, SummarizeSettings
from ragtree.summarize.base import SUPPORT
from ragtree.summarize.extractive import ExtractiveSummarizer, verbatim
from ragtree.summarize.group_sentences import flat
from ragtree.text.sentences import sentence_spans
from ragtree.text.tokens import count_tokens
from ragtree.types import Document

STORIES = Path(__file__).parents[3] / "shared" / "data" / "squality-train"
WRITTEN = Path(__file__).parents[2] / "ragtree-eval" / "grounding-written.jsonl"
"""What a model wrote of the groups: `group` (its name) and `sentence` a line. Kept where they were made."""
JUDGED = Path(__file__).with_name("grounding_judged.json")
"""By the beginning of a sentence's SHA-256: is it true of its group? Judged by reading the group."""
WANTED_CAUGHT, WANTED_DROPPED = 0.95, 0.10
THRESHOLDS = (0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65)
GROUP_TOKENS = 1000
GROUPS_A_STORY = (1, 4)
PLANTED_A_GROUP = 3
"""Sentences of each kind and group."""
PARAPHRASES = (
    "extractive",
    "a clause less",
    "a synonym",
    "reported speech",
    "passive",
    "two joined",
    "name for pronoun",
)
"""Kinds that are true beyond doubt."""
HUMAN = 400
"""Sentences of people's answers."""
LEAST_SHARED = 0.6
"""Share of the words of a person's sentence that a group has to have."""


@dataclass(frozen=True)
class Group:
    """Chunks that follow each other in a story, and their sentences."""

    name: str
    texts: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """A sentence of a kind, whether it is true of the group, and the group."""

    kind: str
    true: bool
    sentence: str
    group: int
    of: str = ""
    """The true sentence that it was made of, where it counts only if that one is kept."""


def rows(name: str) -> list[dict]:
    with (STORIES / name).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@cache
def all_groups() -> dict[str, list[Group]]:
    """Every story's groups, by the story's id."""
    chunker = SentenceChunker(ChunkSettings(language="en"))
    stories = {}
    for row in rows("corpus.jsonl"):
        document = Document(id=row["id"], text=row["text"])
        packs: list[list[str]] = [[]]
        room = GROUP_TOKENS
        for span in chunker.chunk(document):
            text = span.of(document.text)
            count = count_tokens(text)
            if count > room:
                packs.append([])
                room = GROUP_TOKENS
            packs[-1].append(text)
            room -= count
        stories[row["id"]] = [group_of(f"{row['id']}/{number}", pack) for number, pack in enumerate(packs)]
    return stories


def group_of(name: str, texts: list[str]) -> Group:
    return Group(name, tuple(texts), tuple(sentence.text for sentence in verbatim(texts, "en").sentences))


def story_groups() -> list[Group]:
    return [found[number] for found in all_groups().values() for number in GROUPS_A_STORY if number < len(found)]


def story_of(group: Group) -> str:
    return group.name.partition("/")[0]


def true_cases(groups: list[Group], own: dict[str, list[str]], chance: random.Random) -> Iterator[Case]:
    """Light paraphrases of a group's own sentences."""
    for number, group in enumerate(groups):
        names = own[story_of(group)]
        pairs = list(zip(group.sentences, group.sentences[1:], strict=False))
        makers = {
            "a clause less": (planted.shorter(sentence) for sentence in group.sentences),
            "a synonym": (planted.synonym(sentence, chance) for sentence in group.sentences),
            "reported speech": (planted.reported(sentence) for sentence in group.sentences),
            "passive": (planted.passive(sentence) for sentence in group.sentences),
            "two joined": (planted.joined(*pair) for pair in pairs),
            "name for pronoun": (planted.named(*pair, names) for pair in pairs),
        }
        for kind, made in makers.items():
            found = [sentence for sentence in made if sentence and telling(sentence)]
            for sentence in chance.sample(found, min(PLANTED_A_GROUP, len(found))):
                yield Case(kind, True, sentence, number)


def false_cases(
    groups: list[Group], own: dict[str, list[str]], central: list[list[str]], chance: random.Random
) -> Iterator[Case]:
    """The group's own sentences with a mistake, half of them central ones; and other groups' central ones."""
    for number, group in enumerate(groups):
        names = own[story_of(group)]
        elsewhere = [name for story, found in own.items() if story != story_of(group) for name in found]
        elsewhere = [name for name in elsewhere if name not in names]
        makers = {
            "wrong number": partial(planted.wrong_number, chance=chance),
            "name of the same story": partial(planted.other_name, own=names, others=names, chance=chance),
            "name of another story": partial(planted.other_name, own=names, others=elsewhere, chance=chance),
            "roles swapped": partial(planted.swapped_roles, own=names),
            "negation put in": planted.negated,
            "negation taken out": planted.affirmed,
            "antonym": partial(planted.opposite, chance=chance),
        }
        base = [sentence for sentence in group.sentences if telling(sentence)]
        for kind, make in makers.items():
            made = [(sentence in central[number], make(sentence)) for sentence in base]
            found = [sentence for first, sentence in sorted(made, key=lambda one: not one[0]) if sentence]
            some = found[:1] + chance.sample(found[1:], min(PLANTED_A_GROUP - 1, len(found[1:])))
            yield from (Case(kind, False, sentence, number) for sentence in some)
        other = (number + len(groups) // 2 + 1) % len(groups)
        yield from (Case("another story's sentence", False, text, number) for text in central[other][:PLANTED_A_GROUP])


def human_cases(groups: list[Group], own: dict[str, list[str]], chance: random.Random) -> Iterator[Case]:
    """Sentences of people's answers, each with the group of its story that has most of its words, and false ones.

    Whether the group says all of it is not known: the answers are about whole stories.
    """
    found = list(human_sentences(groups))
    found = chance.sample(found, min(HUMAN, len(found)))
    yield from (Case("a person's", True, sentence, number) for sentence, number in found)
    for sentence, number in found[: HUMAN // 2]:
        yield Case("a person's of another story", False, sentence, (number + len(groups) // 2 + 1) % len(groups))
    for sentence, number in found:
        names = own[story_of(groups[number])]
        elsewhere = [name for story, there in own.items() if there is not names for name in there if name not in names]
        made = {
            "a person's, wrong number": planted.wrong_number(sentence, chance),
            "a person's, name of the story": planted.other_name(sentence, names, names, chance),
            "a person's, other name": planted.other_name(sentence, names, elsewhere, chance),
            "a person's, negated": planted.negated(sentence),
        }
        yield from (Case(kind, False, wrong, number, sentence) for kind, wrong in made.items() if wrong)


def human_sentences(groups: list[Group]) -> Iterator[tuple[str, int]]:
    numbers = {group.name: number for number, group in enumerate(groups)}
    words = {
        group.name: {stem(word) for text in group.texts for word in content_words(text)}
        for found in all_groups().values()
        for group in found
    }
    for row in rows("queries.jsonl"):
        answers = [flat(span.of(answer)) for answer in row["answers"] for span in sentence_spans(answer, "en")]
        for sentence in answers:
            content = {stem(word) for word in content_words(sentence)}
            shared = {group.name: len(content & words[group.name]) for group in all_groups()[row["doc_id"]]}
            best = max(shared, key=lambda name: shared[name])
            if best in numbers and telling(sentence) and shared[best] >= LEAST_SHARED * len(content):
                yield sentence, numbers[best]


def telling(sentence: str) -> bool:
    return len(sentence.split()) >= 5


@cache
def measured_cases() -> tuple[list[Group], list[Case], list[np.ndarray]]:
    """The groups, the sentences, and each sentence's cosines to those of its group."""
    groups, chance = story_groups(), random.Random(7)
    embedder = make_embedder(EmbedSettings())
    summarizer = ExtractiveSummarizer(SummarizeSettings(), embedder, "en")
    summaries = summarizer.summarize([group.texts for group in groups])
    central = [[sentence.text for sentence in summary.sentences] for summary in summaries]
    everything = {story: [text for group in found for text in group.sentences] for story, found in all_groups().items()}
    own = {story: planted.names_of(sentences) for story, sentences in everything.items()}
    cases = [Case("extractive", True, text, number) for number, texts in enumerate(central) for text in texts]
    cases += [*true_cases(groups, own, chance), *false_cases(groups, own, central, chance)]
    cases += [*human_cases(groups, own, chance), *written_cases(groups)]
    texts = list(
        dict.fromkeys([text for group in groups for text in group.sentences] + [case.sentence for case in cases])
    )
    vectors = dict(zip(texts, embedder.embed(texts), strict=True))
    rows_of = [np.stack([vectors[text] for text in group.sentences]) for group in groups]
    return groups, cases, [rows_of[case.group] @ vectors[case.sentence] for case in cases]


def written_cases(groups: list[Group]) -> Iterator[Case]:
    """The model's sentences that were judged."""
    if not WRITTEN.is_file():
        return
    numbers = {group.name: number for number, group in enumerate(groups)}
    judged = json.loads(JUDGED.read_text(encoding="utf-8"))
    for line in WRITTEN.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        true = judged.get(hashlib.sha256(row["sentence"].encode()).hexdigest()[:10])
        if true is not None:
            yield Case(f"a model's, judged {'true' if true else 'false'}", true, row["sentence"], numbers[row["group"]])


def right(threshold: float) -> dict[tuple[str, bool], list[bool]]:
    """By kind: was the sentence kept that is true, dropped that is false? False forms of what is dropped count not."""
    groups, cases, similarities = measured_cases()
    kept: set[tuple[str, int]] = set()
    found: dict[tuple[str, bool], list[bool]] = defaultdict(list)
    for case, similarity in zip(cases, similarities, strict=True):
        if case.of and (case.of, case.group) not in kept:
            continue
        sources = groups[case.group].sentences
        supported = bool(check_support(case.sentence, sources, similarity, threshold).sources)
        if supported:
            kept.add((case.sentence, case.group))
        found[case.kind, case.true].append(supported == case.true)
    return found


def test_planted_sentences_are_caught_and_true_ones_kept(report):
    if not STORIES.is_dir():
        pytest.skip(f"{STORIES} is not there")
    found = right(SUPPORT)
    report(f"## grounding: {len(measured_cases()[0])} groups, least similarity {SUPPORT}")
    for (kind, true), verdicts in found.items():
        share = statistics.mean(verdicts)
        said = f"kept {share:.3f}, dropped {1 - share:.3f}" if true else f"caught {share:.3f}"
        report(f"{'true' if true else 'false':<6}{kind:<36}{len(verdicts):>5}  {said}")
    promised = ("wrong number", "name of the same story", "name of another story", "another story's sentence")
    caught = [verdict for kind in promised for verdict in found[kind, False]]
    kept = [verdict for (kind, true), verdicts in found.items() if true and kind in PARAPHRASES for verdict in verdicts]
    dropped = 1 - statistics.mean(kept)
    report(f"caught of {', '.join(promised)}: {statistics.mean(caught):.3f}; true dropped: {dropped:.3f}\n")
    assert statistics.mean(caught) >= WANTED_CAUGHT
    assert dropped <= WANTED_DROPPED


def test_the_curve_over_thresholds(report):
    """What the least similarity was chosen by: share of right verdicts by kind."""
    if not STORIES.is_dir():
        pytest.skip(f"{STORIES} is not there")
    columns = {threshold: right(threshold) for threshold in THRESHOLDS}
    kinds = dict.fromkeys(kind for found in columns.values() for kind in found)
    report(f"{'right at a threshold of':<42}" + "".join(f"{threshold:>7.2f}" for threshold in THRESHOLDS))
    for kind, true in kinds:
        shares = [
            statistics.mean(found[kind, true]) if found[kind, true] else float("nan") for found in columns.values()
        ]
        report(f"{'true' if true else 'false':<6}{kind:<36}" + "".join(f"{share:>7.3f}" for share in shares))
