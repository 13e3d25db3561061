"""Sentences of a document that speak to the model instead of a reader: they are no evidence, and are never quoted.

What a passage demands is not carried out because every sentence of an answer has to rest on a source; so a demand
must not be the source of what it demands. A false statement that demands nothing cannot be told from a true one.
"""

from __future__ import annotations

import re

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
            r"</?\s*passages?\b|<\|[^>]*\|>|\[/?INST\]|<<SYS>>",
            r"!\[[^\]]*\]\(\s*https?:|<img\b|\b(?:click|open|visit|follow)\b[^.]{0,30}https?://",
            r"\bignorier\w*\b[^.]{0,40}\b(?:anweisung\w*|obige\w*|vorherig\w*)|\bantworte nur\b",
            r"\bignore[zr]?\b[^.]{0,40}\b(?:instructions|consignes|précédent\w*)",
            r"\bignor[ae]\w*\b[^.]{0,40}\b(?:instrucciones|istruzioni|instruções|anterior\w*|precedent\w*)",
            r"\bnegeer\b[^.]{0,40}\binstructies\b",
            r"\b(?:игнорируй|забудь)\w*\b[^.]{0,40}\b(?:инструкци\w*|предыдущ\w*|выше)",
            r"(?:忽略|无视|忽視)[^。]{0,15}(?:指令|指示|说明|内容)|(?:以上|前|上記)[^。]{0,8}(?:指示|命令)[^。]{0,8}(?:無視|忘れ)",
        )
    ),
    re.IGNORECASE,
)


def gives_orders(sentence: str) -> bool:
    """True for a sentence that tells a model what to do, or that looks like a part of a prompt."""
    return bool(_ORDERS.search(sentence))
