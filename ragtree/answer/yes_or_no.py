"""How sure a model is of a Yes."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from ..errors import ModelError
from ..llm.base import ChatModel, Message, OptionScorer
from ..tracing import MODEL, OPERATION, span

logger = logging.getLogger(__name__)


def log_odds(model: ChatModel, messages: Sequence[Message]) -> float | None:
    """How much likelier the model answers Yes than No to messages that ask for one of them: the difference of the two
    log-probabilities. None if the model does not return these; many servers do not."""
    if not isinstance(model, OptionScorer):
        return None
    try:
        with span(f"chat {model.name}", {OPERATION: "chat", MODEL: model.name}):
            yes, no = model.score_options(messages, ("Yes", "No"))
    except ModelError as error:
        logger.info("the model does not tell how sure it is: %s", error)
        return None
    return yes.logprob - no.logprob
