"""Where a body ends: by its length, by its last chunk (RFC 9112, 7.1), or with the connection. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable

from gateway.http1.framing import END_TO_END, FRAMING, HEAD_END, BadRequest, Limits, fields
from gateway.words.wire import Headers

CHUNK_LINE = 1024  # bytes of a chunk's size and extensions

_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,12})(?:;[\t\x20-\x7e\x80-\xff]*)?")


class LengthBody:
    """A body of so many bytes."""

    def __init__(self, length: int) -> None:
        self.left = length
        self.trailers: Headers = ()

    @property
    def done(self) -> bool:
        return not self.left

    def take(self, buffer: bytearray) -> bytes:
        """What of the buffer belongs to the body; it is taken off."""
        data = bytes(buffer[: self.left])
        del buffer[: len(data)]
        self.left -= len(data)
        return data


class EndlessBody:
    """A body that ends with the connection."""

    done = False
    trailers: Headers = ()

    def take(self, buffer: bytearray) -> bytes:
        data = bytes(buffer)
        buffer.clear()
        return data


class ChunkedBody:
    """A chunked body (RFC 9112, 7.1). Raises BadRequest where a chunk is malformed."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = 0  # bytes of the chunk
        self._state: Callable[[bytearray, bytearray], bool] = self._size
        self.done = False
        self.trailers: Headers = ()

    def take(self, buffer: bytearray) -> bytes:
        """The data that the buffer holds of it; what was read is taken off."""
        data = bytearray()
        while not self.done and self._state(buffer, data):
            pass
        return bytes(data)

    def _size(self, buffer: bytearray, _: bytearray) -> bool:
        line = _line(buffer, CHUNK_LINE)
        if line is None:
            return False
        found = _CHUNK_LINE.fullmatch(line)
        if not found:
            raise BadRequest(400, "a chunk size is malformed")
        self._left = int(found[1], 16)
        self._state = self._data if self._left else self._trailer
        return True

    def _data(self, buffer: bytearray, data: bytearray) -> bool:
        part = buffer[: self._left]
        data += part
        del buffer[: len(part)]
        self._left -= len(part)
        if self._left:
            return False
        self._state = self._end
        return True

    def _end(self, buffer: bytearray, _: bytearray) -> bool:
        if len(buffer) < 2:  # noqa: PLR2004
            if buffer and buffer != b"\r":
                raise BadRequest(400, "a chunk is longer than it says")
            return False
        if buffer[:2] != b"\r\n":
            raise BadRequest(400, "a chunk is longer than it says")
        del buffer[:2]
        self._state = self._size
        return True

    def _trailer(self, buffer: bytearray, _: bytearray) -> bool:
        if buffer[:2] == b"\r\n":
            del buffer[:2]
            self.done = True
            return True
        end = buffer.find(HEAD_END, 0, self._limits.head + len(HEAD_END))
        if end < 0:
            if len(buffer) > self._limits.head:
                raise BadRequest(431, "the trailers are too long")
            return False
        trailers = fields(bytes(buffer[: end + 2]), self._limits)
        if trailers is None or any(name.lower() in FRAMING | END_TO_END for name, _ in trailers):
            raise BadRequest(400, "a trailer is malformed, or is none")
        self.trailers = trailers
        del buffer[: end + 4]
        self.done = True
        return True


def _line(buffer: bytearray, limit: int) -> bytes | None:
    end = buffer.find(b"\r\n", 0, limit + 2)
    if end < 0:
        if len(buffer) > limit:
            raise BadRequest(400, "a chunk's size line is too long")
        return None
    line = bytes(buffer[:end])
    del buffer[: end + 2]
    return line


Body = LengthBody | ChunkedBody | EndlessBody
