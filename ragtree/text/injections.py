"""Finds sentences of a document that speak to the model instead of a reader (prompt injections). They are no evidence,
are never quoted, and are left out of summaries.

A demand in a passage has no effect, because every sentence of an answer or a summary needs a source; so a demand must
not count as the source of what it demands. A false statement that demands nothing cannot be told from a true one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..types import Span
from .folding import fold
from .sentences import sentence_spans, strip_span

_ABOVE = r"(?:above|previous|prior|preceding|earlier|all|any|your|the|these|those|other)"
_SAID = r"(?:instructions?|prompts?|rules|context|passages?|text|directions|messages?)"
_ORDERS = re.compile(
    "|".join(
        (
            rf"\b(?:ignore|disregard|forget|override|bypass)\b[^.]{{0,30}}\b{_ABOVE}\b[^.]{{0,30}}\b(?:{_SAID}|above)\b",
            r"\bignore the above\b|\byou are now\b|\bnew instructions?\s*:|\bjailbr\w+|\bdeveloper mode\b",
            r"\b(?:system|hidden|initial) prompt\b|(?:^|[:;]\s)\W*(?-i:SYSTEM|ASSISTANT)\s*:",
            r"###\s*(?:system|instruction)",
            r"\b(?:answer|reply|respond|say|output|print|write)\b[^.]{0,40}"
            r"\b(?:only with|exactly|verbatim|every question)\b",
            r"\b(?:AI assistant|language model|chatbot|AI model|LLM)s?\b[^.]{0,60}\b(?:must|should|shall|have to)\b",
            r"<\s*/?\s*passages?\b|<[|][^>]*[|]>|\[/?(?:INST|SYSTEM_PROMPT)\]|<<SYS>>|<(?:start|end)_of_turn>",
            r"!\[[^\]]*\]\(\s*https?:|<img\b|\b(?:click|open|visit|follow)\b[^.]{0,30}https?://",
            r"\bignorier\w*\b[^.]{0,40}\b(?:anweisung\w*|obige\w*|vorherig\w*)|\bantworte nur\b",
            r"\bignore[zr]?\b[^.]{0,40}\b(?:instructions|consignes|précédent\w*)",
            r"\bignor[ae]\w*\b[^.]{0,40}\b(?:instrucciones|istruzioni|instruções|anterior\w*|precedent\w*)",
            r"\bnegeer\b[^.]{0,40}\binstructies\b",
            r"\b(?:игнорируй|забудь)\w*\b[^.]{0,40}\b(?:инструкци\w*|предыдущ\w*|выше)",
            r"\bignorera\b[^.]{0,40}\b(?:instruktion\w*|anvisning\w*|ovanstående)",
            r"\b(?:zignoruj|ignoruj|pomiń)\b[^.]{0,40}\b(?:instrukcj\w*|polece\w*|powyższ\w*|poprzedni\w*)",
            r"(?:talimat\w*|yönerge\w*|yukarıdaki\w*)[^.]{0,40}\b(?:görmezden|yok say\w*|unut\w*|dikkate alma\w*)",
            r"(?:निर्देश|आदेश|ऊपर)[^।.]{0,40}(?:अनदेखा|नज़रअंदाज़|नजरअंदाज|भूल जा|उपेक्षा)",
            r"(?:تجاهل|تجاهلي|تجاهلوا|انس|انسَ|أهمل)[^.]{0,40}(?:تعليمات|التعليمات|الأوامر|أعلاه|السابقة|سبق)",
            r"(?:지시|명령|위의|앞의|이전)[^.]{0,20}(?:무시|잊어|잊고)",
            r"(?:忽略|无视|忽視|忽视)[^。]{0,15}(?:指令|指示|说明|内容)|(?:以上|前|上記)[^。]{0,8}(?:指示|命令)[^。]{0,8}(?:無視|忘れ)",
        )
    ),
    re.IGNORECASE,
)
_SIGNS = (
    *(
        "ignor|disregard|forget|override|bypass|jailbr|prompt|system|assistant|instruction|verbatim|chatbot|llm|###|"
        "passage|exactly|you are now|developer mode|only with|every question|language model|ai model|antworte nur|"
        "_of_turn|inst]|<<sys|![|<img|http|pomiń|negeer|забудь|игнориру|talimat|yönerge|yukarıdaki|निर्देश|आदेश|ऊपर|تجاهل|"
        "انس|أهمل|지시|명령|위의|앞의|이전|忽略|无视|忽視|忽视|指示|命令"
    ).split("|"),
    "<|",
)
"""Every order that is known contains one of these. Looking for them first takes a tenth of the time."""
_PARAGRAPH = "\n\n"


def gives_orders(sentence: str) -> bool:
    """True for a sentence that tells a model what to do, or that looks like a part of a prompt."""
    plain = fold(sentence)
    low = plain.lower()
    return any(sign in low for sign in _SIGNS) and bool(_ORDERS.search(plain))


def ordered(text: str, sentences: Sequence[Span], before: str = "") -> list[bool]:
    """For each sentence, whether it gives an order, or follows one in the same paragraph and may be what that demands.

    `sentences` are spans of the text in order, without the white space around them; `before` is the document's text
    before it.
    """
    found: list[bool] = []
    order = 0 if gives_orders(before.rpartition(_PARAGRAPH)[2]) else None
    for span in sentences:
        goes_on = order is not None and _PARAGRAPH not in text[order : span.start]
        under = goes_on or gives_orders(" ".join(span.of(text).split()))
        if not under:
            order = None
        elif not goes_on:
            order = span.end
        found.append(under)
    return found


def without_orders(text: str, language: str) -> str:
    """The text without the sentences that give orders, and those that follow one in the same paragraph."""
    spans = [strip_span(text, span) for span in sentence_spans(text, language)]
    under = ordered(text, spans)
    return (
        " ".join(span.of(text) for span, order in zip(spans, under, strict=True) if not order) if any(under) else text
    )
