"""Kannel's sendsms: a query, or a body with headers, or XML; and plain text back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

from aiohttp import web

from gateway.sandbox.smsc import Smsc

PATH = "/cgi-bin/sendsms"

_RECIPIENTS = re.compile(rb"[0-9+\- \t\r\n]*")
_UCS2, _BINARY = b"2", b"1"


class Rejected(Exception):
    """What Kannel says to a request that it does not take."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Asked:
    """A request's parameters by their names in the query, still encoded."""

    fields: Mapping[bytes, bytes]

    def get(self, *names: bytes) -> bytes:
        return next((self.fields[name] for name in names if name in self.fields), b"")

    @property
    def text(self) -> str:
        """Decoded as `charset` and `coding` say; binary ones as hexadecimal digits."""
        text, coding = self.get(b"text"), self.get(b"coding")
        if coding == _BINARY or (b"udh" in self.fields and not coding):
            return text.hex()
        charset = self.get(b"charset") or (b"UTF-16BE" if coding == _UCS2 else b"UTF-8")
        try:
            return text.decode(charset.decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            raise Rejected(400, "Charset or body misformed, rejected") from None


def routes(smsc: Smsc) -> list[web.RouteDef]:
    async def sendsms(called: web.Request) -> web.Response:
        try:
            _taken(smsc, await _read(called))
        except Rejected as error:
            return _told(error.status, str(error))
        return _told(202, "0: Accepted for delivery")

    return [web.get(PATH, sendsms), web.post(PATH, sendsms)]


def _taken(smsc: Smsc, asked: Asked) -> None:
    if not (asked.get(b"username", b"user") and asked.get(b"password", b"pass")):
        raise Rejected(403, "Authorization failed for sendsms")
    if b"to" not in asked.fields:
        raise Rejected(400, "Missing receiver number, rejected")
    if not (recipients := asked.get(b"to").split()):
        raise Rejected(400, "Empty receiver number not allowed, rejected")
    if not _RECIPIENTS.fullmatch(asked.get(b"to")):
        raise Rejected(400, "Receiver number field misformed, rejected")
    if not asked.get(b"from"):
        raise Rejected(400, "Sender missing and no global set, rejected")
    text, sender = asked.text, asked.get(b"from").decode("utf-8", "replace")
    for to in recipients:
        smsc.deliver(f"+{to.decode().lstrip('+')}", sender, text)


async def _read(called: web.Request) -> Asked:
    if called.method == "GET":
        query = parse_qsl(called.raw_path.partition("?")[2], keep_blank_values=True, encoding="latin-1")
        # A byte is a character by now. The first of a name counts.
        return Asked({name.encode("latin-1"): value.encode("latin-1") for name, value in reversed(query)})
    body = await called.read()
    return _xml(body) if called.content_type == "text/xml" else _headed(called, body)


def _headed(called: web.Request, body: bytes) -> Asked:
    """The text is the body; all else stands in headers: X-Kannel-To, X-Kannel-DLR-Mask ..."""
    named = {
        name.lower().removeprefix(b"x-kannel-"): value
        for name, value in called.raw_headers
        if name.lower().startswith(b"x-kannel-")
    }
    charset = {b"charset": called.charset.encode()} if called.charset else {}
    return Asked({**charset, **named, b"text": body})


_IN_XML = {
    b"username": "submit/from/username",
    b"password": "submit/from/password",
    b"from": "submit/oa/number",
    b"text": "submit/ud",
    b"coding": "submit/dcs/coding",
}


def _xml(body: bytes) -> Asked:
    try:
        message = ET.fromstring(body)  # noqa: S314 - only the demo's and the tests' own clients come here
    except ET.ParseError:
        raise Rejected(400, "XML parsing failed, rejected") from None
    fields = {name: found.encode() for name, path in _IN_XML.items() if (found := message.findtext(path)) is not None}
    recipients = [number.text or "" for number in message.iterfind("submit/da/number")]
    return Asked({**fields, b"charset": b"UTF-8", b"to": " ".join(recipients).encode()})


def _told(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=text, content_type="text/html")
