"""Cached texts and vectors in the catalog that no current document needs.

A cache entry stays only if its content is in the tree. So nothing stays that was made from a removed text, but the next
sync finds what it needs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from .catalog import Catalog
from .history import forget
from .removed_words import long_words

_OF_TODAY = (
    "SELECT id, title || ' ' || text || ' ' || metadata FROM documents",
    "SELECT id, node FROM nodes",
    "SELECT id, record FROM files",
    "SELECT key AS id, value FROM meta",
)


def removed_words(catalog: Catalog) -> set[str]:
    """Words of texts that were removed since the last purge, and of the cached texts that `drop_unused` would drop."""
    words = {row[0] for row in catalog.rows("SELECT word FROM removed_words")}
    for table, column, stays in _caches(catalog):
        for (text,) in catalog.rows(f"SELECT {column} FROM {table}"):
            if not stays(text):
                words |= long_words(_said(text))
    for (text,) in catalog.rows("SELECT answer FROM answers"):
        words |= long_words(text)
    return words


def drop_unused(catalog: Catalog) -> dict[str, int]:
    """Delete these entries, in one transaction. Returns their numbers, by kind."""
    caches = [
        (table, [(key,) for key, text in catalog.rows(f"SELECT key, {column} FROM {table}") if not stays(text)])
        for table, column, stays in _caches(catalog)
    ]
    dropped = {}
    with catalog.transaction() as db:
        vectors = db.execute("DELETE FROM vectors WHERE key NOT IN (SELECT vector FROM nodes)").rowcount
        dropped["cached vectors"] = vectors
        for table, keys in caches:
            db.executemany(f"DELETE FROM {table} WHERE key = ?", keys)
            dropped["recognized pages" if table == "pages" else f"cached {table}"] = len(keys)
        dropped["answers to a sync that did not end"] = db.execute("DELETE FROM answers").rowcount
        db.execute("DELETE FROM removed_words")
        dropped["names and sentences of the history"] = forget(db)
    return dropped


def entries(catalog: Catalog) -> dict[str, int]:
    """The numbers of entries in the catalog, by kind."""
    kinds = {
        "documents": "documents",
        "nodes": "nodes",
        "cached vectors": "vectors",
        "cached summaries": "summaries",
        "cached contexts": "contexts",
        "recognized pages": "pages",
        "answers to a sync that did not end": "answers",
    }
    return {kind: int(catalog.rows(f"SELECT count(*) FROM {table}")[0][0]) for kind, table in kinds.items()}


def words_in_tree(catalog: Catalog, words: set[str]) -> set[str]:
    """Those of the words (in lower case) that are in a current document, node, file record or fact."""
    found: set[str] = set()
    left = set(words)
    for query in _OF_TODAY:
        for part in _parts(catalog, query):
            if not left:
                return found
            here = {word for word in left if word in part}
            found |= here
            left -= here
    return found


def _parts(catalog: Catalog, query: str) -> Iterator[str]:
    """The texts of a query's rows in lower case, 500 at a time."""
    last = ""
    while rows := catalog.rows(f"SELECT * FROM ({query}) WHERE id > ? ORDER BY id LIMIT 500", last):
        last = rows[-1][0]
        yield "\n".join(row[1] for row in rows).lower()


def _caches(catalog: Catalog) -> list[tuple[str, str, Callable[[str], bool]]]:
    """The tables of what models wrote, the column of its text, and a test of which entries stay."""
    tree = catalog.rows(
        "SELECT json_extract(node, '$.text'), json_extract(node, '$.label'), json_extract(node, '$.context'), level "
        "FROM nodes WHERE level > 0 OR json_extract(node, '$.context') IS NOT NULL"
    )
    summaries = {text for text, _, _, level in tree if level}
    labels = {label for _, label, _, level in tree if level}
    contexts = {line for _, _, context, _ in tree if context for line in context.split("\n")}
    answers = [row[0] for row in catalog.rows("SELECT summary FROM summaries WHERE summary LIKE '{%\"names\"%'")]
    names = {name for answer in answers if _stay(catalog, answer) for name in json.loads(answer)["names"]}

    def summary_stays(text: str) -> bool:
        if text.startswith("{"):
            fields = json.loads(text)
            if "names" in fields:
                return names.issuperset(fields["names"])
            return " ".join(sentence["text"] for sentence in fields["sentences"]) in summaries
        return not any(map(str.isalpha, text)) or text in labels or text in names

    pages = [row[0] for row in catalog.rows("SELECT page FROM pages")]
    known = words_in_tree(catalog, {word for page in pages for word in long_words(_said(page))})

    return [
        ("pages", "page", lambda page: known.issuperset(long_words(_said(page)))),
        ("summaries", "summary", summary_stays),
        ("contexts", "sentence", lambda sentence: not sentence or sentence in contexts),
    ]


def _said(answer: str) -> str:
    """The text of a cached answer, without the names of its fields."""
    fields = json.loads(answer) if answer.startswith("{") else {}
    said = [*fields.get("names", ()), *(sentence["text"] for sentence in fields.get("sentences", ()))]
    said += [word[0] for words, _ in fields.get("lines", ()) for word in words]
    return " ".join(said) if fields else answer


def _stay(catalog: Catalog, answer: str) -> bool:
    """True if every long word of the names that a model gave to groups is in the catalog's current content."""
    words = {word for name in json.loads(answer)["names"] for word in long_words(name)}
    return words_in_tree(catalog, words) == words
