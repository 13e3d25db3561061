"""What the language model writes for a search: the way from a template to its lines."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from ...errors import ModelError
from ...llm.base import ChatModel, Message, check_fits, write
from ...prompting import render

_KEPT = 64
_MARK = re.compile(r"^\s*(?:[-*•]\s+|\(?\d{1,2}[.):]\s+)")
"""What stands before a line of a list."""


class Writer:
    """A language model with its templates. The last texts are kept, as a search is often repeated."""

    def __init__(self, model: Callable[[], ChatModel | None], prompts: Path | None) -> None:
        self._model = model
        self._prompts = prompts
        self._kept: OrderedDict[tuple[str, ...], str] = OrderedDict()

    def write(self, name: str, setting: str, max_tokens: int, **fields: str) -> str:
        """What the model answers to the template `name`. `setting` is what wants it, for the message.

        Raises ModelError where there is no language model, ContextOverflowError where the prompt does not fit it.
        """
        model = self._model()
        if model is None:
            raise ModelError(f"{setting} is written by a language model, but llm.model is none; name one, or change it")
        prompt = render(name, self._prompts, **fields)
        key = (model.name, prompt.system, prompt.user, str(max_tokens))
        found = self._kept.get(key)
        if found is None:
            messages = [Message("system", prompt.system), Message("user", prompt.user)]
            check_fits(model, messages, max_tokens)
            written = write(model, messages, max_tokens)
            found = written.text
            if not written.is_whole:
                return found
            self._kept[key] = found
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found


def lines_of(text: str) -> list[str]:
    """The lines of a list without their marks; none that is empty or comes again."""
    lines = (_MARK.sub("", line).strip().strip('"“”').strip() for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if any(map(str.isalnum, line))))
