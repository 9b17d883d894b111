"""From bytes to a parsed message, whatever the bytes are.

The standard library's parsers of single fields fail on some malformed ones; here such a field is plain text instead.
Repairs are those of mails that people can read in their mail programs: parts without a boundary in the header, and
MIME fields that a blank line pushed into the body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.headerregistry import HeaderRegistry
from email.message import Message
from email.policy import default
from functools import lru_cache
from itertools import islice
from typing import Any, TypeAlias

from gateway.mail.model import BadMail

# What the field parsers of the standard library were seen to raise.
_FIELD_ERRORS = (
    MessageError, ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError,
)  # fmt: skip
_MAX_FIELD = 8192  # characters; their parsers copy the rest of a field for each token
_FIELDS_KEPT = 256  # parsed: a mail's are asked for again and again, and to parse one takes longer than all else
_MAX_PARTS = 200
_MAX_DEPTH = 16
_MAX_REPAIRS = 3

_FIELDS = HeaderRegistry()
_BOUNDARY = re.compile(rb"^--(-{0,60}[^\s-][^\r\n]{0,68}?)[ \t]*\r?\n(?=Content-)", re.MULTILINE | re.IGNORECASE)
_HEAD_ENDS = re.compile(rb"\n\r?\n")
_FIELD_LINE = re.compile(rb"[ \t]|[!-9;-~]+[ \t]*:")
_SURE_FIELD = re.compile(rb"(?:Content-|MIME-|From:|To:|Subject:|Date:|Message-ID:|Received:)", re.IGNORECASE)
_MIME_FIELD = re.compile(rb"^(?:MIME-Version|Content-(?:Type|Transfer-Encoding))[ \t]*:", re.IGNORECASE | re.MULTILINE)

Part: TypeAlias = "Message[Any, Any]"


def parsed(raw: bytes) -> Part:
    """The message. Raises BadMail where its parts can't be told apart."""
    return _repaired(_message(raw.replace(b"\0", b"")), _MAX_REPAIRS)


def field_of(message: Part, name: str) -> str:
    """A field's decoded value on one line; empty where there is none, or where it can't be read."""
    value = message.get(name)
    return " ".join(_clean(str(value)).split()) if value is not None else ""


def fields_of(message: Part, name: str) -> Iterator[str]:
    """All values of a field, each as `field_of` has it, the last that was added first."""
    return (" ".join(_clean(str(value)).split()) for value in message.get_all(name, ()))


def parts_of(message: Part) -> Iterator[Part]:
    """The parts inside a multipart, one level deep; none where it is no multipart."""
    payload: Any = message.get_payload()
    if message.is_multipart():
        yield from payload


def boundaries_in(raw: bytes) -> frozenset[str]:
    """What parts parts from each other in these bytes, whatever the fields say: nothing that holds it is text."""
    found = islice(_BOUNDARY.finditer(raw), _MAX_PARTS)
    return frozenset(seam[1].decode("latin-1") for seam in found)


def content_type(part: Part) -> str:
    return part.get_content_type()


def file_name(part: Part) -> str:
    """Of an attachment; empty where it has none."""
    try:
        return part.get_filename() or ""
    except _FIELD_ERRORS:
        return "unreadable"


def parameter(part: Part, name: str) -> str:
    """A parameter of Content-Type; empty where there is none, or where it can't be read."""
    try:
        value = part.get_param(name)
        return _clean(value[2] if isinstance(value, tuple) else str(value or ""))
    except _FIELD_ERRORS:
        return ""


def content(part: Part) -> bytes:
    """A part's bytes, with its transfer encoding undone as far as it goes."""
    try:
        payload = part.get_payload(decode=True)
    except _FIELD_ERRORS:
        payload = None
    return payload if isinstance(payload, bytes) else b""


def _mended(raw: bytes) -> bytes:
    """Without lines of the head that are no fields: the library would take all that follows them for the body."""
    ends = _HEAD_ENDS.search(raw)
    head, rest = (raw[: ends.start()], raw[ends.start() :]) if ends else (raw, b"")
    lines = head.split(b"\n")
    last = max((place for place, line in enumerate(lines) if _SURE_FIELD.match(line)), default=-1)
    kept = [line for place, line in enumerate(lines) if place > last or _FIELD_LINE.match(line)]
    return b"\n".join(kept) + rest


def _message(raw: bytes) -> Part:
    try:
        message = message_from_bytes(_mended(raw), policy=_POLICY)
        _measure(message, 0, [0])
    except _FIELD_ERRORS as error:
        raise _jumbled() from error
    return message


@lru_cache(_FIELDS_KEPT)
def _field(name: str, value: str) -> Any:
    """As the standard library reads it, or as plain text where it can't."""
    if len(value) <= _MAX_FIELD:
        try:
            return _FIELDS(name, value)
        except _FIELD_ERRORS:
            pass
    return _Plain(_clean(value[:_MAX_FIELD]), name)


class _Plain(str):  # noqa: SLOT000 - the library's own have no slots either
    """A field's text that says, as the library's own do, that it needs no more parsing."""

    name: str

    def __new__(cls, value: str, name: str) -> _Plain:
        made = super().__new__(cls, value)
        made.name = name
        return made


_POLICY = default.clone(header_factory=_field)


def _clean(value: str) -> str:
    """Without what stands for bytes that are no text, and without line ends."""
    return value.encode("utf-8", "replace").decode("utf-8").replace("\r", " ").replace("\n", " ")


def _measure(message: Part, depth: int, seen: list[int]) -> None:
    seen[0] += 1
    if depth > _MAX_DEPTH or seen[0] > _MAX_PARTS:
        raise BadMail("the mail is nested too deep or has too many parts; send it as plain text", "5.6.0")
    for part in parts_of(message):
        _measure(part, depth + 1, seen)


def _repaired(message: Part, rounds: int) -> Part:
    """The message, parsed anew where its fields say something else than its body shows."""
    if message.is_multipart():
        return message
    body = _raw_body(message)
    if message.get_content_maintype() == "multipart":
        head = _guessed_head(body)
    elif message.get_content_type() == "text/plain" and _is_pushed_down(body):
        head, body = (_guessed_head(body), body) if _BOUNDARY.search(body) else (b"", body.lstrip())
    else:
        return message
    if rounds == 0:
        raise _jumbled()
    return _repaired(_with_fields_of(message, _message(head + body)), rounds - 1)


def _is_pushed_down(body: bytes) -> bool:
    """Whether it begins with MIME fields or a boundary; of the first line a piece may be missing."""
    head = body.lstrip()[:_MAX_FIELD]
    if seam := _BOUNDARY.search(head):
        head = head[: seam.start()]
    elif ends := _HEAD_ENDS.search(head):
        head = head[: ends.start()]
    fields = all(_FIELD_LINE.match(line) or not line.strip() for line in head.split(b"\n")[1:])
    return fields and bool(seam or _MIME_FIELD.search(head))


def _with_fields_of(message: Part, repaired: Part) -> Part:
    """The repaired one, with the fields of the first: its MIME fields are the only ones that it has of its own."""
    for name, value in message.raw_items():
        if not name.lower().startswith(("content-", "mime-version")) and name not in repaired:
            repaired.set_raw(name, value)
    return repaired


def _guessed_head(body: bytes) -> bytes:
    found = _BOUNDARY.search(body)
    if found is None:
        raise _jumbled()
    quoted = found[1].replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'Content-Type: multipart/mixed; boundary="' + quoted + b'"\n\n'


def _raw_body(message: Part) -> bytes:
    payload = message.get_payload()
    return payload.encode("ascii", "surrogateescape") if isinstance(payload, str) and _is_bytes(payload) else b""


def _is_bytes(payload: str) -> bool:
    return all(character < "\x80" or "\udc80" <= character <= "\udcff" for character in payload)


def _jumbled() -> BadMail:
    return BadMail("the mail's parts can't be told apart; send it as plain text", "5.6.0")
