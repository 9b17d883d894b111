"""How a Kannel request spells its fields: in the query, in a form body, or in X-Kannel headers with the text as body.

Each spelling reads a Submit, and writes back fewer recipients or another text with every other byte as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from gateway.dialects.forms import Form, decoded, with_escaped_value, with_value
from gateway.dialects.heads import watched, with_body, with_header, with_query
from gateway.words.errors import Unreadable
from gateway.words.wire import Request, header

UNICODE = "UTF-8"  # the charset that goes with `coding=2` where a new text leaves the GSM alphabet

_CODINGS = frozenset({"", "0", "1", "2"})
_GUARDED = frozenset({b"to", b"from", b"text", b"charset", b"coding", b"udh", b"deferred"})
_MINUTES = re.compile(r"[0-9]{1,7}", re.ASCII)
_METHOD = frozenset({b"_method"})

# Escaped white space splits recipients, as an unescaped plus does.
_SEPARATOR = re.compile(rb"((?:\+|%20|%0[9-D])+)", re.IGNORECASE)

_HEADERS = {
    b"x-kannel-to": "to",
    b"x-kannel-from": "from",
    b"x-kannel-coding": "coding",
    b"x-kannel-udh": "udh",
    b"x-kannel-deferred": "deferred",
    b"content-type": "type",
}


@dataclass(frozen=True, slots=True)
class Submit:
    """What a request asks Kannel for. `charset` is "" where it names none."""

    recipients: tuple[str, ...]
    sender: str
    data: bytes  # the text, in its charset
    charset: str
    coding: str  # "" or 0: 7-bit, 1: 8-bit, 2: UCS-2
    udh: bool = False
    deferred: str = ""  # minutes from now on
    account: str = ""

    def __post_init__(self) -> None:
        if self.coding not in _CODINGS:
            raise Unreadable("Coding field misformed, rejected: write 0, 1 or 2", field="coding")
        if self.deferred and not _MINUTES.fullmatch(self.deferred):
            raise Unreadable("Deferred field misformed, rejected: write minutes in digits", field="deferred")

    @property
    def binary(self) -> bool:
        return self.coding == "1" or self.udh

    @property
    def delay(self) -> timedelta | None:
        return timedelta(minutes=int(self.deferred)) if self.deferred else None


class Spelling(Protocol):
    """Every method raises Unreadable where the request can be read in two ways."""

    def read(self, request: Request) -> Submit: ...

    def with_recipients(self, request: Request, kept: Sequence[int]) -> Request:
        """Only these recipients, by their places."""

    def with_text(self, request: Request, data: bytes) -> Request:
        """Another text, in the charset that it had."""

    def with_unicode(self, request: Request, text: str) -> Request:
        """Another text that needs UCS-2: the coding and the charset say so."""


class InQuery:
    """`/cgi-bin/sendsms?username=...&to=...&text=...`"""

    def raw(self, request: Request) -> bytes:
        return request.query

    def put(self, request: Request, raw: bytes) -> Request:
        return with_query(request, raw)

    def names(self, request: Request) -> str:
        """A field of a message that is there, or ""."""
        return Form.read(self.raw(request)).holding(_GUARDED)

    def read(self, request: Request) -> Submit:
        form = self._form(request)
        return Submit(
            recipients=tuple(_recipients(_words(form))),
            sender=form.text_of(b"from") or "",
            data=form.bytes_of(b"text") or b"",
            charset=form.text_of(b"charset") or "",
            coding=form.text_of(b"coding") or "",
            udh=bool(form.bytes_of(b"udh")),
            deferred=form.text_of(b"deferred") or "",
            account=_account(form),
        )

    def with_recipients(self, request: Request, kept: Sequence[int]) -> Request:
        words = _words(self._form(request))
        raw = b"".join(words[place][0] + words[place][1] for place in kept)
        if kept[0] > 0:  # the first one has nothing before it to be parted from
            raw = raw.removeprefix(words[kept[0]][0])
        return self.put(request, with_escaped_value(self.raw(request), b"to", raw))

    def with_text(self, request: Request, data: bytes) -> Request:
        return self.put(request, with_value(self.raw(request), b"text", data))

    def with_unicode(self, request: Request, text: str) -> Request:
        raw = with_value(self.raw(request), b"text", text.encode())
        raw = with_value(with_value(raw, b"coding", b"2"), b"charset", UNICODE.encode())
        return self.put(request, raw)

    def _form(self, request: Request) -> Form:
        form = Form.read(self.raw(request))
        if hidden := form.hiding(_GUARDED) or form.holding(_METHOD):
            raise Unreadable(f"`{hidden}` is hidden; escape a literal semicolon as %3B", field=hidden)
        return form


class InBody(InQuery):
    """The same fields as a posted form: Kannel itself reads none, but many of its copies do."""

    def raw(self, request: Request) -> bytes:
        return request.body

    def put(self, request: Request, raw: bytes) -> Request:
        return with_body(request, raw)


@dataclass(frozen=True, slots=True)
class InHeaders:
    """`X-Kannel-To: ...` and its like; the body is the text, in the charset of its Content-Type."""

    charset: str
    binary: bool  # application/octet-stream is 8-bit unless the coding says otherwise

    def read(self, request: Request) -> Submit:
        found = {_HEADERS[name]: value for name, value in watched(request.headers, _HEADERS).items()}
        coding = found.get("coding", b"").strip().decode("latin-1")
        return Submit(
            recipients=tuple(found.get("to", b"").decode("latin-1").split()),
            sender=found.get("from", b"").strip().decode("latin-1"),
            data=request.body,
            charset=self.charset,
            coding=coding or ("1" if self.binary else ""),
            udh=bool(found.get("udh", b"").strip()),
            deferred=found.get("deferred", b"").strip().decode("latin-1"),
            account=(header(request.headers, b"x-kannel-username") or b"").strip().decode("latin-1"),
        )

    def with_recipients(self, request: Request, kept: Sequence[int]) -> Request:
        recipients = self.read(request).recipients
        value = " ".join(recipients[place] for place in kept).encode("latin-1")
        return _with_header(request, b"X-Kannel-To", value)

    def with_text(self, request: Request, data: bytes) -> Request:
        return with_body(request, data)

    def with_unicode(self, request: Request, text: str) -> Request:
        kind = b"text/plain; charset=" + UNICODE.encode()
        coded = _with_header(_with_header(request, b"X-Kannel-Coding", b"2"), b"Content-Type", kind)
        return with_body(coded, text.encode())


def _account(form: Form) -> str:
    """Nobody's where it is named twice: that is for Kannel to judge."""
    try:
        return form.text_of(b"username") or form.text_of(b"user") or ""
    except Unreadable:
        return ""


def _words(form: Form) -> list[tuple[bytes, bytes]]:
    """Each recipient as it is spelled, after the separator that stands before it."""
    first, *rest = _SEPARATOR.split(form.raw_value(b"to") or b"")
    pairs = [(b"", first), *zip(rest[::2], rest[1::2], strict=True)]
    return [(separator, word) for separator, word in pairs if word]


def _recipients(words: Iterable[tuple[bytes, bytes]]) -> Iterator[str]:
    """The numbers. A plus that nothing needs as a separator is a number's own, left unescaped: `to=+1202...`."""
    needed = b""  # by the first one; each of the others needs one
    for separator, word in words:
        plus = "+" if separator.endswith(b"+") and separator != needed else ""
        yield plus + _number(word)
        needed = b"+"


def _number(word: bytes) -> str:
    try:
        return decoded(word).decode()
    except UnicodeDecodeError:
        raise Unreadable("the field to is not valid UTF-8; write numbers in digits", field="to") from None


def _with_header(request: Request, name: bytes, value: bytes) -> Request:
    return Request(request.method, request.target, with_header(request.headers, name, value), request.body)
