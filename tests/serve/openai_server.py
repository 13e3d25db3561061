"""The server in a thread, over two small folders, and OpenAI's clients for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from openai import AsyncOpenAI, OpenAI
from running_app import running
from starlette.applications import Starlette

from ragtree import Document, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.base import ChatModel, Message
from ragtree.llm.scripted import ScriptedChat
from ragtree.serve.app import make_app
from ragtree.serve.collections import ServedFolder
from ragtree.serve.guard import ServerAccess

LIGHT = {
    "keeper.md": "# The keeper\n\nThe keeper of the light is Abel Strake. He came to Maw Head in 1911.",
    "oil.txt": "The oil of the lamp comes in barrels from Tolbrack. It is paid by the Board of Lights.",
    "letters/hemp rope & tar.txt": "Hemp rope cost four shillings. Tar cost two shillings. The stove cost two pounds.",
}
FERRY = {"ferry.md": "# Ferry\n\nThe ferry Marigold sails at nine. Captain Dace commands her."}
QUESTION = "Who is the keeper of the light?"
SAID = "The keeper of the light is Abel Strake."
UNTRUE = "The zebra won a golden trophy in Paris."


def settings(**more: object) -> Settings:
    return Settings.model_validate(
        {
            "chunk": {"tokens": 32},
            "summarize": {"tokens": 24},
            "tree": {"group_tokens": 64},
            "llm": {"model": "none"},
            **more,
        }
    )


@dataclass
class Served:
    """A running server. `url` is what goes to clients as `base_url`."""

    app: Starlette
    url: str
    embedder: HashingEmbedder = field(default_factory=HashingEmbedder)

    def client(self) -> OpenAI:
        return OpenAI(base_url=self.url, api_key="none", max_retries=0, timeout=30)

    def async_client(self) -> AsyncOpenAI:
        return AsyncOpenAI(base_url=self.url, api_key="none", max_retries=0, timeout=30)

    @contextmanager
    def model(self, llm: ChatModel | Sequence[str] | Callable[[Sequence[Message]], str]) -> Iterator[ChatModel]:
        """In the block, this model writes the answers from the folder `light`."""
        model = ScriptedChat(llm) if callable(llm) or isinstance(llm, Sequence) else llm
        tree = self.app.state.collections.get("light").tree
        tree.llm = model
        try:
            yield model
        finally:
            tree.llm = None


def until(wanted: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < end
        time.sleep(0.01)


def make_index(folder: Path, texts: dict[str, str], made: Settings) -> None:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with RagTree.open(folder / ".ragtree", made, embedder=HashingEmbedder()) as tree:
        tree.sync(folder)
        if "keeper.md" in texts:
            memo = Document(
                "memo:1",
                "The canary sings at noon.",
                "Canary",
                metadata={"author": "Venn", "year": 1922, "copied": True},
            )
            tree.add([memo])


@contextmanager
def serving(home: Path, access: ServerAccess | None = None, at_once: int = 4, **more: object) -> Iterator[Served]:
    """The server over the folders `light` and `ferry`, for as long as the block lasts."""
    made = settings(**more)
    folders = []
    for name, texts in (("light", LIGHT), ("ferry", FERRY)):
        make_index(home / name, texts, made)
        folders.append(ServedFolder(home / name, home / name / ".ragtree", made, HashingEmbedder()))
    app = make_app(folders, access or ServerAccess(), watch=False, at_once=at_once)
    with running(app) as root:
        yield Served(app, f"{root}/v1")
