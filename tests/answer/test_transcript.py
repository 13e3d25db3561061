from __future__ import annotations

from collections.abc import Generator

from ragtree.answer.chat import Chat
from ragtree.answer.transcript import transcript
from ragtree.types import Answer, Citation, Location, Span


def test_a_conversation_is_written_with_its_sources() -> None:
    cited = Citation("a.md", "a.md", Span(0, 9), "Ada Venn\nkept it.", Location(line=3), number=1)

    def ask(question: str, _: str, __: object) -> Generator[str, None, Answer]:
        yield "Ada. [1]"
        return Answer(question, "Ada. [1]", (cited,))

    chat = Chat(ask, lambda question, _: question)
    assert transcript(chat) == "# Conversation\n"
    chat.ask("Who kept\nit?")
    chat.ask("And then?")
    turn = "Ada. [1]\n\n- [1] a.md, line 3\n  > Ada Venn kept it.\n"
    assert transcript(chat) == f"# Conversation\n\n## Who kept it?\n\n{turn}\n## And then?\n\n{turn}"
