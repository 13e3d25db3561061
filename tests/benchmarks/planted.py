"""Sentences whose truth is known: a story's own ones, light paraphrases of them, and false ones made of them by rules.

Every rule takes a sentence and gives another one, or None where it does not apply.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

_NUMBER_WORDS = (
    "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty eighty".split()
)
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_MONTHS = (
    "January February March April May June July August September October November December".split()
    + "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
)
_SYNONYMS = dict(
    pair.split("/")
    for pair in (
        "began/started started/began shouted/yelled large/big big/large replied/answered answered/replied "
        "looked/gazed quickly/rapidly suddenly/abruptly house/home ship/vessel children/kids "
        "noticed/observed small/little little/small nearly/almost almost/nearly perhaps/maybe maybe/perhaps "
        "told/informed choose/select whole/entire "
        "enough/sufficient asked/inquired walked/strode man/fellow mad/insane afraid/scared smiled/grinned talk/speak "
        "speak/talk tried/attempted stopped/halted happened/occurred road/street quiet/silent help/assist begin/start"
    ).split()
)
_ANTONYMS = dict(
    pair.split("/")
    for pair in (
        "old/young young/old large/small small/large big/little little/big long/short short/long high/low low/high "
        "first/last last/first dead/alive alive/dead left/right right/wrong good/bad bad/good open/closed dark/bright "
        "hot/cold cold/hot rich/poor poor/rich early/late late/early before/after after/before inside/outside "
        "up/down down/up love/hate loved/hated hated/loved always/never never/always begin/end best/worst strong/weak "
        "above/below hard/soft soft/hard empty/full full/empty fast/slow slowly/quickly quickly/slowly near/far "
        "easy/difficult happy/sad more/less less/more true/false night/day opened/closed closed/opened"
    ).split()
)
_NOT_DONE = dict(
    pair.split("/")
    for pair in (
        "said/say went/go came/come saw/see looked/look took/take knew/know got/get gave/give told/tell asked/ask "
        "thought/think found/find felt/feel turned/turn made/make stood/stand heard/hear wanted/want seemed/seem "
        "began/begin walked/walk opened/open moved/move nodded/nod smiled/smile laughed/laugh stopped/stop called/call "
        "held/hold kept/keep sat/sit ran/run lived/live worked/work shook/shake needed/need watched/watch waited/wait"
    ).split()
)
_AUXILIARY = re.compile(
    r"\b(was|is|were|are|has|had|could|would|will|can|should|must|did|does)\b(?! (?:not|no|never)\b)(?!n't)"
)
_NEGATED = re.compile(
    r"\b(was|is|were|are|has|had|could|would|will|should|must) not\b"
    r"|\b(was|is|were|are|has|had|could|would|should|did)n['’]t\b"
)
_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
_SPOKEN = re.compile(r"^[“\"]([^”\"]+?)[,.!?]?[”\"],? ([A-Z]\w+) (said|asked|replied|answered|shouted|whispered)\W*$")
_SPOKEN_BEFORE = re.compile(r"^[“\"]([^”\"]+?)[,.!?]?[”\"],? (said|asked|replied|answered|shouted) ([A-Z]\w+)\W*$")
_ASIDE = re.compile(
    r", (?:which|who|where|when|while|as|with|and|but|like|though|because|until|\w+ing)\b[^,;:“”\"]+(?=[,.])"
)
_FRONT = re.compile(
    r"^(?:When|While|As|After|In|At|On|For|If|With|From|By|Then|Now|Finally|Suddenly)\b[^,;“”\"]*, (?=[a-z]|[A-Z])"
)
_DID = re.compile(r"^((?:The|His|Her) [a-z]+|[A-Z][a-z]+) ([a-z]{3,}ed) (the [a-z]+|his [a-z]+|her [a-z]+)[.]$")
_TITLES = frozenset("Mr Mrs Miss Ms Dr Sir Captain Earth".split())
_CAPITAL = re.compile(r"[A-Z][a-z]+")


def names_of(sentences: Sequence[str]) -> list[str]:
    """Words of a story that have a capital inside sentences, three times at least, and are never written without it."""
    inside: Counter[str] = Counter()
    small: set[str] = set()
    for sentence in sentences:
        words = _WORD.findall(sentence)
        small.update(word for word in words if word.islower())
        for before, word in pairwise(words):
            if _CAPITAL.fullmatch(word) and before[0].islower() and len(word) > 2:
                inside[word] += 1
    names = {name for name, count in inside.items() if count >= 3 and name.lower() not in small}
    return sorted(names - {*_MONTHS, *_TITLES})


def wrong_number(sentence: str, chance: random.Random) -> str | None:
    """Another figure, number word, ordinal, month or day in the place of one that is there."""
    found = list(re.finditer(r"\d+", sentence))
    for words in (_NUMBER_WORDS, _ORDINALS[2:], _MONTHS):
        found += [match for word in words for match in re.finditer(rf"\b{word}\b", sentence)]
    if not found:
        return None
    match = chance.choice(found)
    if match[0].isdigit():
        new = str(int(match[0]) + chance.choice([1, 2, 3, 10, 17]))
    else:
        family = next(words for words in (_NUMBER_WORDS, _ORDINALS, _MONTHS) if match[0] in words)
        new = chance.choice([word for word in family if word not in sentence])
    return sentence[: match.start()] + new + sentence[match.end() :]


def other_name(sentence: str, own: Sequence[str], others: Sequence[str], chance: random.Random) -> str | None:
    """One of `others` for a name that is there, wherever it stands."""
    here = [name for name in own if re.search(rf"\b{name}\b", sentence)]
    if not here:
        return None
    gone = chance.choice(here)
    there = [name for name in others if not re.search(rf"\b{name}", sentence) and name[:4] != gone[:4]]
    return re.sub(rf"\b{gone}\b", chance.choice(there), sentence) if there else None


def swapped_roles(sentence: str, own: Sequence[str]) -> str | None:
    """The sentence's two names, each in the place of the other, with a verb between them and no `and`."""
    here = [match for name in own for match in re.finditer(rf"\b{name}\b(?!['’])", sentence)]
    here.sort(key=lambda match: match.start())
    if len(here) != 2 or here[0][0] == here[1][0]:
        return None
    between = sentence[here[0].end() : here[1].start()]
    if (
        len(between.split()) < 1
        or re.search(r"\band\b|\bor\b|^,? $", between)
        or not re.search(r"[a-z]+(?:ed|t|d|s)\b", between)
    ):
        return None
    first, second = here
    return sentence[: first.start()] + second[0] + between + first[0] + sentence[second.end() :]


def negated(sentence: str) -> str | None:
    """A `not` after the first auxiliary, or `did not` before the first verb of a list."""
    if match := _AUXILIARY.search(sentence):
        return f"{sentence[: match.end()]} not{sentence[match.end() :]}"
    for match in _WORD.finditer(sentence):
        if match[0] in _NOT_DONE:
            return f"{sentence[: match.start()]}did not {_NOT_DONE[match[0]]}{sentence[match.end() :]}"
    return None


def affirmed(sentence: str) -> str | None:
    """The sentence without its first `not`."""
    match = _NEGATED.search(sentence)
    return match and sentence[: match.start()] + (match[1] or match[2]) + sentence[match.end() :]


def opposite(sentence: str, chance: random.Random) -> str | None:
    """The antonym of one of its words."""
    return _one_word(sentence, _ANTONYMS, chance)


def synonym(sentence: str, chance: random.Random) -> str | None:
    """Another word for one of its words."""
    return _one_word(sentence, _SYNONYMS, chance)


def _one_word(sentence: str, words: dict[str, str], chance: random.Random) -> str | None:
    found = [match for match in _WORD.finditer(sentence) if match[0] in words]
    if not found:
        return None
    match = chance.choice(found)
    return sentence[: match.start()] + words[match[0]] + sentence[match.end() :]


def shorter(sentence: str) -> str | None:
    """Without a clause at its beginning or behind a comma."""
    for pattern in (_ASIDE, _FRONT):
        made = pattern.sub("", sentence, count=1)
        if made != sentence and len(made.split()) >= 6:
            return made[0].upper() + made[1:]
    return None


def reported(sentence: str) -> str | None:
    """Direct speech with its speaker before it."""
    if match := _SPOKEN.match(sentence):
        return f"{match[2]} {match[3]}: {match[1]}."
    if match := _SPOKEN_BEFORE.match(sentence):
        return f"{match[3]} {match[2]}: {match[1]}."
    return None


def passive(sentence: str) -> str | None:
    """The shortest sentences alone: somebody did something."""
    match = _DID.match(sentence)
    if not match or match[1] in {"He", "She", "They", "It", "We", "You"}:
        return None
    doer = match[1][0].lower() + match[1][1:] if " " in match[1] else match[1]
    return f"{match[3][0].upper()}{match[3][1:]} was {match[2]} by {doer}."


def joined(first: str, second: str) -> str | None:
    """Two sentences that follow each other as one."""
    if not (first.endswith(".") and re.match(r"(?:He|She|They|It|The|His|Her|There|This|A) ", second)):
        return None
    return f"{first[:-1]}, and {second[0].lower()}{second[1:]}"


def named(before: str, sentence: str, own: Sequence[str]) -> str | None:
    """The name of the one person of the sentence before for the `He` or `She` that this one begins with."""
    people = [name for name in own if re.search(rf"\b{name}\b", before)]
    start = re.match(r"(?:He|She) ", sentence)
    if len(people) != 1 or not start or not re.match(rf"{people[0]}\b", before) or people[0] in sentence:
        return None
    return f"{people[0]} {sentence[start.end() :]}"
