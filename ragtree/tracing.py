"""Spans for OpenTelemetry: one tree for every sync and for every answer.

Nothing is recorded until the application sets up a tracer provider. Names and attributes follow OpenTelemetry's
conventions for generative AI where there are any; the others begin with `ragtree.`. A span never contains questions,
texts or answers, and of an error only its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias, TypeVar

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

Attributes: TypeAlias = Mapping[str, str | int | float | bool]
Piece = TypeVar("Piece")
Result = TypeVar("Result")

OPERATION = "gen_ai.operation.name"
MODEL = "gen_ai.request.model"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"


class Traced:
    """A span that is under way, or nothing if OpenTelemetry is not installed."""

    def __init__(self, span: Span | None) -> None:
        self._span = span

    def set(self, attributes: Attributes) -> None:
        """Add attributes to the span."""
        if self._span is not None:
            self._span.set_attributes(attributes)

    def fail(self, error: BaseException) -> None:
        """Mark the span as failed, with the kind of the error."""
        if self._span is not None:
            from opentelemetry.trace import StatusCode

            self._span.set_attribute("error.type", type(error).__name__)
            self._span.set_status(StatusCode.ERROR)


@contextmanager
def span(name: str, attributes: Attributes | None = None) -> Iterator[Traced]:
    """A span around a block, below the one that this thread is in. Do not yield from the block: see `traced`."""
    tracer = _tracer()
    if tracer is None:
        yield Traced(None)
        return
    with tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as made:
        found = Traced(made)
        try:
            yield found
        except Exception as error:
            found.fail(error)
            raise


def traced(
    name: str,
    pieces: Generator[Piece, None, Result],
    attributes: Attributes | None = None,
    told: Callable[[Result], Attributes] | None = None,
) -> Generator[Piece, None, Result]:
    """A generator in a span, from its first piece to its end. `told` returns the span's attributes for its result.

    The span is the current one only while a piece is made: code that reads the pieces is not in it.
    """
    tracer = _tracer()
    if tracer is None:
        return (yield from pieces)
    from opentelemetry.trace import use_span

    made = tracer.start_span(name, attributes=attributes)
    try:
        with closing(pieces):
            while True:
                try:
                    with use_span(made, record_exception=False, set_status_on_exception=False):
                        piece = next(pieces)
                except StopIteration as end:
                    result: Result = end.value
                    if told is not None:
                        made.set_attributes(told(result))
                    return result
                yield piece
    except Exception as error:
        Traced(made).fail(error)
        raise
    finally:
        made.end()


@lru_cache(maxsize=1)
def _tracer() -> Tracer | None:
    try:
        from opentelemetry.trace import get_tracer
    except ImportError:
        return None
    return get_tracer("ragtree")
