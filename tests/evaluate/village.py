"""A small folder, and the questions made of it, for the tests of `ragtree.evaluate.making`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ragtree.chunk.sentences import SentenceChunker
from ragtree.evaluate.making.base import MadeQuestions
from ragtree.evaluate.making.questions import make_questions
from ragtree.llm.base import ChatModel
from ragtree.settings import ChunkSettings
from ragtree.types import Document, Node

VILLAGE = {
    "mill.md": "# The mill\n\nThe mill at Orrin was sold in 1904 to the cooper Jan Tebb for thirty barrels. She had "
    "refused two better offers from the railway company that spring. The wheel turned again on 3 May 1905, and the "
    "first flour went to the priory for nothing.\n\n| Year | Sacks |\n|---|---|\n| 1905 | 210 |\n| 1906 | 344 |\n\n"
    "Jan Tebb paid the last barrel with a speech about oak. A flood carried off the lower sluice in October, and the "
    "miller Asa Lunt lost a boot in it.\n",
    "priory.txt": "The priory keeps eleven hives under the north wall, where the lime trees flower late. Frost took "
    "the pears in the year of the flood, so no perry was made and the monks bought cider from Asa Lunt. Brother "
    "Cuddy counts the bees by weight and is seldom believed.\n\nThe bell of the priory cracked on a Tuesday while "
    "Brother Cuddy rang it for a wedding. It was recast at Harrow Forge for £41 with a smaller tongue.\n",
    "railway.txt": "The railway reached Orrin by way of the quarry in 1911, two years after it was promised. Harrow "
    "Forge made the gates of the level crossing and charged the company twice. Jan Tebb sold the station master a "
    "water butt that leaked on the timetable.\n\nNo train has stopped at the priory halt since a goat boarded the "
    "evening mail. The company printed a notice about livestock in red ink.\n",
    "school.txt": "The school at Orrin has two rooms and one stove, which smokes when the wind is in the quarry. "
    "Miss Abbot teaches fractions with the baker's loaves and sends the crumbs to the hens. The inspector from the "
    "county wrote four pages about the spelling and half a page about the stove.\n",
}


def documents_of(texts: Mapping[str, str]) -> list[Document]:
    return [Document(key, text) for key, text in texts.items()]


def leaves_of(documents: Sequence[Document], language: str = "en", tokens: int = 40) -> list[Node]:
    """Chunks so small that a paragraph of the village has several."""
    chunker = SentenceChunker(ChunkSettings(tokens=tokens, language=language))
    return [
        Node(f"{document.id}/{number}", 0, span.of(document.text), 1, document_id=document.id, span=span)
        for document in documents
        for number, span in enumerate(chunker.chunk(document))
    ]


def make(
    texts: Mapping[str, str],
    count: int = 12,
    seed: int = 0,
    language: str = "en",
    model: ChatModel | None = None,
) -> MadeQuestions:
    documents = documents_of(texts)
    return make_questions(documents, leaves_of(documents, language), count, seed, language, model)
