"""The commands of the chat: /sources, /why, /mode, ..."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .common import notice
from .contents import show_contents
from .sources import show_in_surroundings, show_sources
from .terminal import Screen
from .why import show_why

if TYPE_CHECKING:
    from ..answer.chat import Chat
    from ..llm.base import ChatModel
    from ..tree import RagTree
    from ..types import Citation

_DEPTH = 3


@dataclass
class ChatState:
    """What the commands act on."""

    tree: RagTree
    chat: Chat
    folder: Path
    screen: Screen
    is_over: bool = False
    saved: set[Path] = field(default_factory=set)
    """Files that this conversation wrote, and may overwrite."""


@dataclass(frozen=True, slots=True)
class ChatCommand:
    """A command of the chat."""

    argument: str
    """Its argument as /help shows it, such as `[n]`; empty if it takes none."""
    what: str
    """What it does, for /help."""
    run: Callable[[ChatState, str], None]


def run_command(state: ChatState, line: str) -> None:
    """Run the command of a line that begins with /. Raises RagtreeError if it fails."""
    name, _, argument = line.partition(" ")
    command = CHAT_COMMANDS.get(name)
    if command is None:
        notice(f"there is no command {name}{did_you_mean(name, CHAT_COMMANDS)}; /help lists them")
    elif argument.strip() and not command.argument:
        notice(f"{name} takes no argument")
    else:
        command.run(state, argument.strip())


def did_you_mean(name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """`; did you mean X?` if a known name is similar; else nothing."""
    beginning = [one for one in known if one.startswith(name)]
    nearest = beginning or difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    return f"; did you mean {nearest[0]}?" if nearest else ""


def _sources(state: ChatState, argument: str) -> None:
    answer = state.chat.last
    if answer is None or not answer.citations:
        notice("there are no sources yet")
    elif not argument:
        show_sources(answer.citations, state.screen, state.folder, whole=True)
    else:
        citation = _chosen(state, argument)
        if citation is not None:
            document = state.tree.document(citation.document_id)
            show_in_surroundings(citation, document, state.screen, state.folder)


def _why(state: ChatState, argument: str) -> None:
    answer = state.chat.last
    if answer is None or not answer.citations:
        notice("there are no sources yet")
        return
    chosen = [_chosen(state, argument)] if argument else list(answer.citations)
    for citation in chosen:
        if citation is not None:
            with state.tree.snapshot():
                show_why(citation, answer, state.tree, state.screen)


def _chosen(state: ChatState, argument: str) -> Citation | None:
    """The source with that number. If there is none, a message says so."""
    citations = state.chat.last.citations if state.chat.last is not None else ()
    wanted = argument.strip("[]")
    for citation in citations:
        if wanted == str(citation.number):
            return citation
    notice(f"there is no source {argument}; the last answer has sources 1 to {len(citations)}")
    return None


def _outline(state: ChatState, argument: str) -> None:
    """Show the whole outline to a depth, or the sections of the document that the argument names best."""
    nodes = state.tree.nodes()
    if argument.isdecimal() and int(argument) > 0:
        show_contents(nodes, depth=int(argument))
    elif not argument:
        show_contents(nodes, depth=_DEPTH)
    else:
        named = state.tree.named(argument)
        if not named:
            notice(f"no document is called {argument}; /docs lists them")
            return
        show_contents([node for node in nodes if node.document_id == named[0]])


def _docs(state: ChatState, _: str) -> None:
    show_contents([node for node in state.tree.nodes() if node.document_id], depth=1)


def _mode(state: ChatState, argument: str) -> None:
    from ..retrieve.modes import plain_modes

    known = plain_modes()
    now = state.chat.mode or state.tree.settings.retrieve.mode
    if not argument:
        notice(f"the mode is {now}; there are {', '.join(known)}")
    elif argument not in known:
        notice(f"there is no mode {argument}{did_you_mean(argument, known)}; there are {', '.join(known)}")
    else:
        state.chat.mode = argument
        notice(f"the mode is {argument}")


def _model(state: ChatState, argument: str) -> None:
    model = switch_model(state.tree, argument) if argument else state.tree.llm
    notice(f"the language model is {model.name if model is not None else 'none'}")


def switch_model(tree: RagTree, name: str) -> ChatModel | None:
    """Set and return the model of the next answers. Raises like `make_chat_model`, and then the old one stays."""
    from ..models import make_chat_model

    llm = tree.settings.llm.model_copy(update={"model": name})
    made = make_chat_model(llm)
    if tree.llm is not None:
        tree.llm.close()
    tree.settings = tree.settings.model_copy(update={"llm": llm})
    tree.llm = made
    return made


def _save(state: ChatState, argument: str) -> None:
    from ..answer.transcript import transcript

    if not argument:
        notice("name a file, as in /save conversation.md")
    elif state.chat.last is None:
        notice("nothing has been said yet")
    else:
        _write(state, Path(argument).expanduser().resolve(), transcript(state.chat))


def _write(state: ChatState, path: Path, text: str) -> None:
    """Write the file; overwrite an existing one only if this conversation wrote it."""
    if path.exists() and path not in state.saved:
        notice(f"{path} already exists; name another file")
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        notice(f"{path} cannot be written ({error.strerror}); name another file")
        return
    state.saved.add(path)
    notice(f"written to {path}")
    if path.is_relative_to(state.folder.resolve()):
        notice("it is among the documents, so the next sync reads it as one of them")


def _reset(state: ChatState, _: str) -> None:
    state.chat.reset()
    notice("the conversation is forgotten")


def _help(state: ChatState, _: str) -> None:
    state.screen.line("Ask a question. A follow-up question may refer to what was said before.")
    column = max(len(_usage(name)) for name in CHAT_COMMANDS) + 2
    for name, command in CHAT_COMMANDS.items():
        state.screen.write(f"{_usage(name):<{column}}", style="mark")
        state.screen.line(command.what, indent=column)
    state.screen.line("Ctrl-C stops an answer, Ctrl-D leaves.")


def _usage(name: str) -> str:
    return f"{name} {CHAT_COMMANDS[name].argument}".rstrip()


def _quit(state: ChatState, _: str) -> None:
    state.is_over = True


CHAT_COMMANDS: dict[str, ChatCommand] = {
    "/sources": ChatCommand(
        "[n]", "the last answer's sources in full; with a number, that one and the text around it", _sources
    ),
    "/why": ChatCommand("[n]", "how a source was found: its ranks, and the path down the tree to it", _why),
    "/outline": ChatCommand("[depth]", "the table of contents; with a document's name instead, its sections", _outline),
    "/docs": ChatCommand("", "the documents, with their paths, kinds and dates", _docs),
    "/mode": ChatCommand("[name]", "set how to search; without a name, list the modes", _mode),
    "/model": ChatCommand("[name]", "set the language model; without a name, show it", _model),
    "/save": ChatCommand("FILE.md", "write the conversation with its sources to a file", _save),
    "/reset": ChatCommand("", "forget the conversation", _reset),
    "/help": ChatCommand("", "this list", _help),
    "/quit": ChatCommand("", "leave", _quit),
}
"""By name, in the order of /help."""
