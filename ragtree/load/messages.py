"""Messages between a worker process and its parent: JSON after its length; the bytes of a file follow unchanged.

No pickle: a worker reads untrusted files, so its messages are checked like any other input.
"""

from __future__ import annotations

import struct
from typing import IO, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, TypeAdapter

from ..settings import LoadSettings
from ..types import Document

_LENGTH = struct.Struct(">I")
_MOST_BYTES = 1 << 30
"""A longer message is not one of ours."""

EXHAUSTED = "to read it takes more memory than"
"""How the reason begins if a process refuses a file because memory ran out."""


class ReadRequest(BaseModel):
    """Read the file whose `size` bytes follow."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    size: int
    limits: LoadSettings
    passed: int = 0
    """How many members of an archive to skip: earlier processes have read them, or were ended by them."""


class ReadReply(BaseModel):
    """What has been read, or what is being read now, so that the parent knows which file caused a crash."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")

    kind: Literal["ready", "begin", "picture", "recognized", "figure", "document", "refused", "exhausted", "done"]
    """`exhausted`: the file was refused because memory ran out, and the process ends. `picture`: asks whether the text
    of the picture with this `key` is known, or may be recognized; a PictureAnswer follows. `recognized`: `page` is its
    text. `figure`: asks for a description of the `picture` with this `key`; a PictureAnswer follows."""
    source: str = ""
    reason: str = ""
    document: Document | None = None
    key: str = Field(default="", pattern="^([0-9a-f]{64})?$")
    page: str = ""
    picture: Base64Bytes = b""


class PictureAnswer(BaseModel):
    """The parent's answer to `picture` and `figure`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page: str = ""
    """The known text, empty if it has to be recognized; or the description."""
    later: bool = False
    """True if there is no time for it now."""
    reason: str = ""
    """What failed, if something did."""


def send(stream: IO[bytes], message: BaseModel, data: bytes = b"") -> None:
    """Write a message, and the bytes that belong to it."""
    text = TypeAdapter(type(message)).dump_json(message)  # straight to bytes: a book has some megabytes
    stream.write(_LENGTH.pack(len(text)) + text)
    stream.write(data)
    stream.flush()


def receive_request(stream: IO[bytes]) -> tuple[ReadRequest, bytes] | None:
    """The next request and its bytes; None if the other side has gone."""
    text = _receive(stream)
    if text is None:
        return None
    request = ReadRequest.model_validate_json(text)
    data = stream.read(request.size)
    return (request, data) if len(data) == request.size else None


def receive_answer(stream: IO[bytes]) -> PictureAnswer | None:
    """The answer to `picture` or `figure`; None if the other side has gone."""
    text = _receive(stream)
    return None if text is None else PictureAnswer.model_validate_json(text)


def receive_reply(stream: IO[bytes]) -> ReadReply | None:
    """The next reply; None if the other side has gone. Raises ValueError for a malformed one."""
    text = _receive(stream)
    return None if text is None else ReadReply.model_validate_json(text)


def _receive(stream: IO[bytes]) -> bytes | None:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > _MOST_BYTES:
        raise ValueError(f"a message of {length} bytes")
    text = stream.read(length)
    return text if len(text) == length else None
