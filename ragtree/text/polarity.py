"""What a text denies: its clauses, each with its terms and its negations."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .folding import fold
from .terms import LETTER, terms

_NEGATIONS = {
    code: frozenset(words.split())
    for code, words in {
        "en": "not no never nobody nothing none nor neither nowhere without cannot",
        "de": "nicht kein keine keinen keinem keiner keines nie niemals niemand niemanden nichts ohne weder",
        "fr": "ne n pas jamais sans aucun aucune rien",
        "es": "no nunca jamás nadie nada ningún ninguno ninguna sin tampoco",
        "it": "non nessuno nessuna niente nulla senza neppure",
        "pt": "não nunca jamais ninguém nada nenhum nenhuma sem",
        "nl": "niet geen nooit niemand niets zonder",
        "sv": "inte ej aldrig ingen inget inga",
        "da": "ikke ej aldrig ingen intet uden",
        "fi": "ei en et emme ette eivät",
        "pl": "nie nigdy nikt nic bez żaden",
        "cs": "ne není nikdy nikdo nic bez",
        "tr": "değil yok hiç",
        "ru": "не нет ни никогда никто никого ничего ничто нельзя без",
        "uk": "не ні немає ніколи ніхто нічого без",
        "hi": "नहीं न ना मत बिना",
        "ar": "لا لم لن ليس ليست ليسوا غير بدون دون",
        "he": "לא אין בלי אל",
        "el": "δεν μην όχι χωρίς ποτέ",
        "ko": "안 못",
    }.items()
}
_INSIDE = {
    "zh": re.compile("不|没|沒|未|无|無|非|别|勿"),
    "ja": re.compile("ない|なかっ|なく|ません|ずに"),
    "ko": re.compile("않|없|아니"),
    "th": re.compile("ไม่|มิได้"),
}
"""For languages without spaces between words, or with negations that are parts of words."""
_NO_NEGATION = {
    "en": re.compile(
        r"\b(?:not (?:only|just|merely|simply)|no (?:doubt|sooner|matter)|nothing but|or not|can(?:not|'t) help)\b",
        re.IGNORECASE,
    ),
    "de": re.compile(r"\bnicht (?:nur|bloß|zuletzt)\b"),
    "fr": re.compile(r"\bne \w+ (?:pas )?que?\b|\bnon seulement\b"),
    "es": re.compile(r"\bno (?:sólo|solo|obstante)\b"),
    "ru": re.compile(r"\bне только\b"),
    "zh": re.compile(
        "不但|不仅|不僅|不过|不過|不久|不断|不斷|不同|不少|无论|無論|非常|未来|未來|别人|別人|特别|特別|分别|除非"
    ),
    "ja": re.compile("だけでなく|かもしれない|なければならない|未来|少なく"),
}
"""Phrases that look like a negation but are none."""
_DENIALS = {
    "en": re.compile(
        r"\b(?:hardly|scarcely|barely|seldom|rarely|few|little|only|fail\w*|refus\w+|den(?:y|ie[sd])|lack\w*|unable|"
        r"impossible|avoid\w*|stop(?:s|ped|ping)?|prevent\w*|forg[eo]t\w*|forbid\w*|forbade|unless|too|instead|rather|"
        r"except|lose|lost|losing|missing|un(?!der|i|til|cle|less)\w{4,}|dis(?:lik|agre|believ|approv|obey|trust)\w*)\b"
    ),
    "de": re.compile(r"\b(?:kaum|selten|wenige?|nur|weigert\w*|versagt\w*|fehlt\w*|un\w{4,}|außer)\b"),
}
"""Words that may deny without a negation: clauses that differ in them do not oppose each other."""
_BREAK = re.compile(r"[,;:.!?—–()\[\]\"、。।،؛]|\s-\s|--")
_CONJUNCTIONS = {
    "en": "and but or because although though while when whenever if unless until since before after as so that which "
    "who whom whose where than",
    "de": "und aber oder sondern weil denn obwohl während wenn als bis dass daß damit ob",
    "fr": "et mais ou car quand lorsque parce que qui dont où si",
    "es": "y pero o porque cuando aunque mientras que si sino donde",
    "it": "e ma o perché quando anche che se mentre dove",
    "pt": "e mas ou porque quando embora que se enquanto onde",
    "nl": "en maar of omdat toen als terwijl dat die",
    "ru": "и но а или потому когда если хотя что который которая которые чтобы пока",
    "hi": "और लेकिन पर या क्योंकि जब कि जो अगर",
    "ar": "ولكن لكن أو لأن عندما إذا الذي التي",
}
_WORD = re.compile(rf"{LETTER}+(?:'{LETTER}+)*")


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence that says one thing."""

    terms: frozenset[str]
    negations: int
    """How many there are: 0 or 1, as several usually mean one; in English up to 2."""
    denials: frozenset[str]
    """Words in it that deny without a negation: fail, refuse, only."""

    def opposes(self, other: Clause) -> bool:
        """True if their negations differ, and their denials do not: a clause with another denial may mean either."""
        return self.denials == other.denials and self.negations != other.negations


def clauses(text: str, language: str = "en") -> list[Clause]:
    """The clauses of a text, cut at punctuation and conjunctions; a negation without terms joins the one before it."""
    text = fold(text)
    text = _NO_NEGATION[language].sub(" ", text) if language in _NO_NEGATION else text
    found: list[Clause] = []
    for part in _parts(text, language):
        clause = Clause(frozenset(terms(part, language)), _negations(part, language), _denials(part, language))
        if clause.terms or (clause.negations and not found):
            found.append(clause)
        elif clause.negations:
            found[-1] = replace(found[-1], negations=max(1, found[-1].negations))
    return found


def is_negation(word: str, language: str = "en") -> bool:
    """True for a word that does nothing but deny: never, kein, нет."""
    return fold(word, case=True) in _NEGATIONS.get(language, frozenset())


def _parts(text: str, language: str) -> list[str]:
    words = _CONJUNCTIONS.get(language, "")
    pieces = _BREAK.split(text)
    if not words:
        return pieces
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(words.split())})(?!\w)", re.IGNORECASE)
    return [part for piece in pieces for part in pattern.split(piece)]


def _negations(part: str, language: str) -> int:
    inside = _INSIDE.get(language)
    if inside and inside.search(part):
        return 1
    negations = _NEGATIONS.get(language, frozenset())
    said = [word.lower() for word in _WORD.findall(part)]
    if language == "fr":
        return int(any(word in negations or word.startswith("n'") for word in said))
    if language == "en":
        negated = any(word in ("not", "cannot") or word.endswith("n't") for word in said)
        return negated + any(word in negations - {"not", "cannot"} for word in said)
    return int(any(word in negations for word in said))


def _denials(part: str, language: str) -> frozenset[str]:
    half = _DENIALS.get(language)
    return frozenset(word[:5] for word in half.findall(part.lower())) if half else frozenset()
