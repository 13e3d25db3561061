"""What is answered is supported, and can be read back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from samples import Paragraphs

from ragtree.answer.options import AnswerOptions, Thresholds
from ragtree.answer.passages import Passages, QuoteFinder
from ragtree.answer.reader import Reader, whole_answer
from ragtree.answer.wording import wording
from ragtree.embed.hashing import HashingEmbedder
from ragtree.errors import ContextOverflowError
from ragtree.indexing.chunks import chunks_of
from ragtree.llm.base import ChatModel, Message, OptionScore
from ragtree.llm.scripted import ScriptedChat
from ragtree.settings import LlmSettings
from ragtree.types import Answer, Claim, Document, Evidence, Hit, Node, Span, Step
from ragtree.understand.base import Request, RequestKind

ENGLISH = wording()
TEXT = (
    "# The light\n\n  Ada Venn kept the lighthouse\nfor 31 years. She wrote down every ship.\n\n"
    "In 1907 the lamp was changed from oil to gas. The oil tanks were sold."
)
DOCUMENT = Document("light.md", TEXT)
LEAVES = chunks_of(DOCUMENT, Paragraphs())
LAMP = "In 1907 the lamp was changed from oil to gas."
INVENTED = "King Oscar gave the lamp to a fairy."
QUESTION = "When was the lamp changed from oil to gas?"
NEAR = AnswerOptions(least=Thresholds(relevance=0.2))
"""Hashed vectors are less alike than those of a model."""


def summary() -> Node:
    span = Span(LEAVES[2].text.index(LAMP), LEAVES[2].text.index(LAMP) + len(LAMP))
    claim = Claim("The lamp was changed to gas in 1907.", (Evidence(LEAVES[2].id, span),), 1.0)
    return Node("s", 1, claim.text, 9, "lamp, gas", (LEAVES[2].id,), (claim,), "abstractive")


def passages_of(nodes: Sequence[Node]) -> Passages:
    finder = QuoteFinder(lambda ids: [leaf for leaf in LEAVES if leaf.id in ids], {"light.md": DOCUMENT}.get, "en")
    return finder.passages([Hit(node, 1.0) for node in nodes])


class Judging(ScriptedChat):
    """Says what it was told to say, and tells how sure it is where it is asked for Yes or No."""

    def __init__(
        self,
        said: str | Sequence[str],
        sure: Callable[[str], float] = lambda asked: -3.0 if "fairy" in asked or "dragon" in asked else 2.0,
        context: int = 4096,
    ) -> None:
        super().__init__([said] if isinstance(said, str) else said, context)
        self.judged: list[str] = []
        self._sure = sure

    def score_options(self, messages: Sequence[Message], options: Sequence[str]) -> tuple[OptionScore, ...]:
        assert options == ("Yes", "No")
        self.judged.append(messages[-1].content)
        return OptionScore(self._sure(messages[-1].content.rpartition("</passage>")[2]), 1), OptionScore(0.0, 1)


class Silent:
    """A model that does not tell how sure it is, as many servers do not."""

    def __init__(self, said: str) -> None:
        scripted = ScriptedChat([said])
        self.name, self.context, self.count, self.stream = "silent", 4096, scripted.count, scripted.stream

    def close(self) -> None:
        """Nothing is held."""


def read(
    said: str | Sequence[str] | None,
    question: str = QUESTION,
    nodes: Sequence[Node] = LEAVES,
    context: int = 4096,
    kind: RequestKind = "fact",
    **settings: object,
) -> tuple[str, Answer]:
    """The pieces as one text, and the Answer."""
    model: ChatModel | None = None if said is None else Judging(said, context=context)
    answer_settings = AnswerOptions(**{"least": NEAR.least, **settings})  # type: ignore[arg-type]
    stream = Reader(model, HashingEmbedder(256), answer_settings, LlmSettings()).read(
        Request(question, kind), passages_of(nodes)
    )
    text = ""
    while True:
        try:
            text += next(stream)
        except StopIteration as end:
            return text, end.value


def test_a_supported_sentence_is_cited_with_a_quote_that_reads_back() -> None:
    text, answer = read(f"{LAMP} [7]")
    assert text == answer.text == f"{LAMP} [1]"
    assert answer.supported
    (citation,) = answer.citations
    assert citation.quote == LAMP == citation.span.of(TEXT)
    assert (citation.number, citation.source, citation.location.line) == (1, "light.md", 6)
    assert answer.usage.prompt_tokens > 0
    assert answer.usage.answer_tokens > 0


def test_a_quote_over_two_lines_reads_back_from_the_document() -> None:
    _, answer = read("Ada Venn kept the lighthouse for 31 years.", "Who kept the lighthouse for 31 years?")
    (citation,) = answer.citations
    assert citation.span.of(TEXT) == citation.quote == "Ada Venn kept the lighthouse\nfor 31 years."
    assert citation.location.line == 3


def test_an_unsupported_sentence_is_left_out_where_the_settings_say_so() -> None:
    text, answer = read(f"{INVENTED} {LAMP}", unsupported="drop")
    assert text.strip() == f"{LAMP} [1]"
    assert answer.supported


def test_an_unsupported_sentence_is_marked() -> None:
    text, answer = read(f"{LAMP} {INVENTED}")
    assert text == f"{LAMP} [1] {INVENTED} {ENGLISH.unsupported}"
    assert len(answer.citations) == 1


def test_where_nothing_is_supported_there_is_no_answer() -> None:
    text, answer = read(INVENTED)
    assert text.startswith(ENGLISH.not_in_documents)
    assert text.endswith(f"\n\n{ENGLISH.written_without} {INVENTED}")
    assert not answer.supported
    assert INVENTED not in read(INVENTED, unsupported="drop")[0]


def test_what_only_the_rules_have_checked_is_marked_and_no_refusal() -> None:
    settings = AnswerOptions(style="written")
    reader = Reader(Silent(INVENTED), HashingEmbedder(256), settings, LlmSettings())
    answer = whole_answer(reader.read(Request(QUESTION), passages_of(LEAVES)))
    assert answer.text == f"{INVENTED} {ENGLISH.unsupported}"
    assert (answer.supported, answer.citations) == (False, ())


def judged(said: str, sure: float, **request: Any) -> tuple[Answer, Judging]:
    """What is answered where the model is that sure of every sentence."""
    model = Judging(said, lambda asked: sure if "Statement:" in asked else 2.0)
    reader = Reader(model, HashingEmbedder(256), AnswerOptions(style="written"), LlmSettings())
    return whole_answer(reader.read(Request(QUESTION, **request), passages_of(LEAVES))), model


def test_a_sentence_that_the_model_does_not_hold_for_true_is_not_cited() -> None:
    answer, model = judged(LAMP, -3.0)
    assert answer.text.startswith(ENGLISH.not_in_documents)
    assert LAMP in model.judged[-1].partition("Statement:")[0]  # by the passage that says it
    assert judged(LAMP, 2.0)[0].text == f"{LAMP} [1]"


def test_a_sentence_in_other_words_is_cited_where_the_model_holds_it_for_true() -> None:
    other = "Gas has lit the place since 1907."
    answer, _ = judged(other, 2.0)
    assert answer.text.startswith(other)
    assert answer.citations[0].quote == LAMP
    assert judged("Gas has lit the place since 1908.", 2.0)[0].citations != answer.citations  # no passage has that year


def test_what_joins_several_passages_is_left_to_the_rules() -> None:
    answer, model = judged(LAMP, -3.0, kind="compare")
    assert answer.text == f"{LAMP} [1]"
    assert not any("Statement:" in asked for asked in model.judged)
    answer, model = judged("Gas has lit the place since 1907.", 2.0, kind="compare")
    assert LAMP in model.judged[-1]
    assert "Ada Venn" in model.judged[-1]
    assert answer.supported


def test_a_sentence_in_another_language_than_its_passage_is_left_to_the_rules() -> None:
    answer, model = judged(f"{LAMP} Und das ist auch schon alles, was in diesem Text steht.", -3.0, language="de")
    assert answer.text.startswith(f"{LAMP} [1]")
    assert not any("Statement:" in asked for asked in model.judged)


def test_what_the_model_holds_for_likelier_than_not_is_marked_and_not_left_out_against_it() -> None:
    wrong = "In 1911 the lamp was changed from oil to gas."
    assert ENGLISH.left_out not in judged(wrong, 0.5, kind="compare")[0].text
    assert ENGLISH.left_out in judged(wrong, -0.5, kind="compare")[0].text


def test_what_may_be_true_is_marked_and_no_refusal() -> None:
    answer, _ = judged(LAMP, -0.6)
    assert (answer.text, answer.supported) == (f"{LAMP} {ENGLISH.unsupported}", False)


def test_a_sentence_that_the_passages_contradict_is_asked_for_again() -> None:
    text, answer = read(["In 1911 the lamp was changed from oil to gas.", LAMP])
    assert text == f"{LAMP} [1]"
    assert answer.supported


def test_one_that_stays_wrong_is_left_out_and_said_to_be() -> None:
    wrong = "In 1911 the lamp was changed from oil to gas."
    text, _ = read([f"{wrong} The oil tanks were sold.", wrong])
    assert text == f"The oil tanks were sold. [1] {ENGLISH.left_out}"
    text = read([wrong, wrong])[0]
    assert text.startswith(ENGLISH.not_in_documents)
    assert text.endswith(ENGLISH.left_out)
    assert not read([wrong, wrong])[1].supported


def test_a_model_that_finds_no_answer_says_so() -> None:
    text, answer = read("The documents do not say.")
    assert text.startswith(ENGLISH.not_in_documents)
    assert not answer.supported


@pytest.mark.parametrize(("log_odds", "answered"), [(1.0, True), (-1.0, False)])
def test_a_model_that_tells_its_probabilities_is_asked_first(log_odds: float, answered: bool) -> None:
    class Sure(ScriptedChat):
        scores_texts = True

        def score_options(self, messages: Sequence[Message], options: Sequence[str]) -> tuple[OptionScore, ...]:
            assert options == ("Yes", "No")
            if "Statement:" not in messages[-1].content:
                assert messages[-1].content[: messages[-1].shared].endswith("</passage>")
                assert messages[-1].content.index(QUESTION) > messages[-1].shared > 0
            return OptionScore(log_odds, 1), OptionScore(0.0, 1)

    settings = AnswerOptions(style="written", least=Thresholds(answerable=0.0))
    reader = Reader(Sure([LAMP]), HashingEmbedder(256), settings, LlmSettings())
    answer = whole_answer(reader.read(Request(QUESTION), passages_of(LEAVES)))
    assert (answer.text == f"{LAMP} [1]") is answered
    assert answer.supported is answered


def test_a_summary_of_which_little_is_supported_gives_way_to_the_documents() -> None:
    text, _ = read(f"{INVENTED} A dragon ate it. {LAMP}", "Summarize it", kind="overview")
    assert text.startswith("light.md: “") and INVENTED not in text
    text, _ = read(f"{LAMP} The oil tanks were sold.", "Summarize it", kind="overview")
    assert text == f"{LAMP} [1] The oil tanks were sold. [2]"


def test_an_answer_without_words_is_never_shown() -> None:
    assert read("...")[0].startswith(ENGLISH.not_in_documents)


@pytest.mark.parametrize("said", ["", "\n", "<think>In 1908 it was gas.", "In 1908 it was gas.</think>"])
def test_documents_are_quoted_if_the_model_writes_nothing(said: str) -> None:
    text = read(said)[0]
    assert text.startswith("light.md: “")
    assert text.count("“") == 1 and "1908" not in text


def test_that_an_answer_was_cut_off_is_told() -> None:
    _, answer = read(" ".join([LAMP, *(f"Ship {number} carries tar." for number in range(400))]))
    assert "raise llm.answer_tokens" in answer.notice


def test_without_a_model_the_best_sentences_are_quoted() -> None:
    _, answer = read(None, "When was the lamp changed from oil to gas, and what became of the oil tanks?", quotes=2)
    assert [citation.number for citation in answer.citations] == [1, 2]
    assert answer.citations[0].quote == LAMP
    assert all(citation.span.of(TEXT) == citation.quote for citation in answer.citations)


def test_an_irrelevant_question_is_not_answered() -> None:
    text, answer = read("Paris is it.", "Which galaxy hosts quasars?", style="quoted")
    assert text.startswith(ENGLISH.not_in_documents)
    assert "Paris" not in text
    assert not answer.supported


def test_without_hits_there_is_no_answer() -> None:
    text, answer = read("Paris.", nodes=[])
    assert text == ENGLISH.not_in_documents
    assert (answer.supported, answer.citations) == (False, ())


def test_a_hit_on_a_summary_is_cited_by_its_originals() -> None:
    text, answer = read(LAMP, nodes=[summary()])
    assert text == f"{LAMP} [1]"
    (citation,) = answer.citations
    assert citation.source == "light.md"
    assert citation.span.of(TEXT) == citation.quote == LAMP


def test_a_sentence_that_is_said_twice_is_shown_once() -> None:
    assert read(f"{LAMP} {LAMP}")[0] == f"{LAMP} [1]"


def test_a_question_longer_than_the_context_is_refused() -> None:
    with pytest.raises(ContextOverflowError, match="512"):
        read(LAMP, QUESTION * 100, context=512)


def test_passages_that_do_not_fit_are_left_out_from_the_end() -> None:
    model = ScriptedChat([LAMP], 440)
    nodes = [LEAVES[2], *LEAVES[:2] * 20]
    stream = Reader(model, HashingEmbedder(256), NEAR, LlmSettings(answer_tokens=60))
    list(stream.read(Request(QUESTION), passages_of(nodes)))
    prompt = model.calls[0][-1].content
    assert LAMP in prompt
    assert 1 <= prompt.count("<passage ") < len(nodes)


def test_an_interruption_closes_the_model() -> None:
    closed: list[bool] = []

    class Watched(ScriptedChat):
        def stream(self, messages: object, max_tokens: int) -> object:  # type: ignore[override]
            try:
                yield from super().stream(messages, max_tokens)  # type: ignore[arg-type]
            finally:
                closed.append(True)

    def interrupt(step: Step) -> None:
        assert closed == []
        if step.text:
            raise KeyboardInterrupt

    model: Any = Watched([f"{LAMP} {LAMP[:-1]} again. The oil tanks were sold. And so on."])
    reader = Reader(model, HashingEmbedder(256), NEAR, LlmSettings(), on_step=interrupt)
    with pytest.raises(KeyboardInterrupt):
        list(reader.read(Request(QUESTION), passages_of(LEAVES)))
    assert closed == [True]


ELSEWHERE = Document("ship.md", "The brig Otter sank off the point in 1911.")


def read_two(said: str) -> Answer:
    """What is answered to QUESTION where the second best chunk is another document's."""
    leaves = [LEAVES[2], *chunks_of(ELSEWHERE, Paragraphs())]
    documents = {"light.md": DOCUMENT, "ship.md": ELSEWHERE}
    finder = QuoteFinder(lambda ids: [leaf for leaf in leaves if leaf.id in ids], documents.get, "en")
    passages = finder.passages([Hit(leaf, score) for leaf, score in zip(leaves, (1.0, 0.9), strict=True)])
    settings = NEAR
    return whole_answer(
        Reader(ScriptedChat([said]), HashingEmbedder(256), settings, LlmSettings()).read(Request(QUESTION), passages)
    )


def test_what_is_written_may_stand_in_several_documents() -> None:
    answer = read_two(f"{LAMP} {ELSEWHERE.text}")
    assert {citation.source for citation in answer.citations} == {"light.md", "ship.md"}


class Deciding(ScriptedChat):
    """Yes or No to whether there is an answer comes from the list, too; every statement is held for true."""

    def score_options(self, messages: Sequence[Message], options: Sequence[str]) -> tuple[OptionScore, ...]:
        if "Statement:" in messages[-1].content:
            return OptionScore(2.0, 1), OptionScore(0.0, 1)
        return super().score_options(messages, options)


def looked_again(answers: Sequence[str], searches: int = 2) -> tuple[Answer, list[str], ScriptedChat]:
    """What is answered when the first passages are of the keeper, and a second search finds those of the lamp."""
    model = Deciding(answers)
    asked: list[str] = []

    def search_again(question: str, known: Sequence[Hit]) -> Passages:
        asked.append(question)
        return passages_of([*(hit.node for hit in known), *LEAVES[2:]])

    settings = AnswerOptions(style="written", searches=searches)
    reader = Reader(model, HashingEmbedder(256), settings, LlmSettings())
    return whole_answer(reader.read(Request(QUESTION), passages_of(LEAVES[:2]), search_again)), asked, model


def test_what_is_missing_is_looked_for_before_there_is_no_answer() -> None:
    answer, asked, _ = looked_again(["No", "Which lamp did the keeper have?", "Yes", LAMP])
    assert asked == ["Which lamp did the keeper have?"]
    assert answer.text == f"{LAMP} [1]"
    assert len(answer.hits) == len(LEAVES)


def test_nothing_is_looked_for_again_where_there_is_an_answer_or_nothing_new_to_ask() -> None:
    kept = "Ada Venn kept the lighthouse for 31 years."
    assert looked_again(["Yes", kept])[1] == []
    answer, asked, model = looked_again(["No", "When was the lamp changed?"])
    assert (asked, len(model.calls)) == ([], 2)
    assert answer.text.startswith(ENGLISH.not_in_documents)
    assert looked_again(["No"], searches=1)[1] == []


def test_there_are_no_more_searches_than_the_settings_allow() -> None:
    said = ["No", "Which lamp did the keeper have?", "No", "Who sold the tanks?", "No"]
    assert looked_again(said, searches=2)[1] == ["Which lamp did the keeper have?"]
    answer, asked, _ = looked_again(said, searches=9)
    assert asked == ["Which lamp did the keeper have?", "Who sold the tanks?"]  # where nothing new is found, it ends
    assert answer.text.startswith(ENGLISH.not_in_documents)


def test_an_answer_in_another_language_is_asked_for_again() -> None:
    german = "Die Lampe wurde im Jahr 1907 von Öl auf Gas umgestellt."
    assert read([german, LAMP])[0] == f"{LAMP} [1]"
    model = Judging([LAMP, "never"])
    reader = Reader(model, HashingEmbedder(256), AnswerOptions(style="written"), LlmSettings())
    whole_answer(reader.read(Request(QUESTION), passages_of(LEAVES)))
    assert len(model.calls) == 1


def test_an_answer_that_never_ends_is_ended_and_one_that_repeats_itself_too() -> None:
    text, _ = read(" ".join(f"The oil tanks were sold {number} times." for number in range(9999)))
    assert text.count("The oil tanks were sold") <= LlmSettings().answer_tokens
    assert read(f"{LAMP} " * 999)[0] == f"{LAMP} [1]"


def test_a_heading_is_no_sentence_of_an_answer() -> None:
    assert read(f"## The light\n{LAMP}")[0] == f"{LAMP} [1]"


def test_a_block_quote_is_shown_without_its_signs_and_cited_with_them() -> None:
    document = Document("book.md", "> The lamp was changed\n> from oil to gas.\n")
    leaves = chunks_of(document, Paragraphs())
    finder = QuoteFinder(lambda ids: leaves, {"book.md": document}.get, "en")
    (quote,) = finder.passages([Hit(leaf, 1.0) for leaf in leaves]).quotes
    assert quote.text.removeprefix("> ") == "The lamp was changed from oil to gas."
    assert quote.citation.quote == quote.citation.span.of(document.text)


def quotes_of(text: str, *chunks: tuple[int, int]) -> list[str]:
    document = Document("a.txt", text)
    leaves = [
        Node(f"{at}", 0, text[start:end], 9, document_id="a.txt", source="a.txt", span=Span(start, end))
        for at, (start, end) in enumerate(chunks)
    ]
    finder = QuoteFinder(lambda ids: leaves, {"a.txt": document}.get, "en")
    found = finder.passages([Hit(leaf, 1.0) for leaf in leaves]).quotes
    assert all(quote.citation.quote == quote.citation.span.of(text) for quote in found)
    return [quote.text for quote in found]


def test_a_sentence_that_two_chunks_share_is_quoted_once_and_whole() -> None:
    text = "The keeper left. The lamp was changed from oil to gas in the spring of 1907. It rained."
    cut = text.index("gas")
    assert quotes_of(text, (0, cut), (cut, len(text))) == [
        "The keeper left.",
        "The lamp was changed from oil to gas in the spring of 1907.",
        "It rained.",
    ]


def test_lines_that_stand_alone_are_quoted_alone() -> None:
    text = (
        "WIDCOMBE MOTORS\n----------------\nINVOICE No. 10448      Date: 14 May 2024\nCustomer: D. Pryce\n"
        "Vehicle: Octavia\n"
        "Thank you for coming,\nand drive with care."
    )
    found = quotes_of(text, (0, len(text)))
    assert "INVOICE No. 10448 Date: 14 May 2024" in found
    assert "Customer: D. Pryce" in found
    assert found[-1] == "Thank you for coming, and drive with care."


def test_a_sentence_over_two_lines_that_begins_with_a_label_is_one() -> None:
    text = "Warning: the valve must be closed before\nthe pump is started."
    assert quotes_of(text, (0, len(text))) == ["Warning: the valve must be closed before the pump is started."]


def test_long_items_of_a_numbered_list_are_quoted_by_sentence() -> None:
    item = "The oil for the light was discussed. " + "It is a good oil that burns for a long time in winter. " * 6
    text = f"1. {item.strip()}\n2. The wire was short."
    found = quotes_of(text, (0, len(text)))
    assert found[0] == "1. The oil for the light was discussed."
    assert found[-1] == "2. The wire was short."
