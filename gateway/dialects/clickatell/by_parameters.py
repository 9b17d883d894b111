"""Clickatell's sends by parameters: the platform's `/messages/http/send`, and the older `/http/sendmsg`, whose texts
are in a charset of its own, or as hex of UTF-16 where `unicode=1` says so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from gateway.dialects.charsets import decode, encode
from gateway.dialects.forms import Form, with_value
from gateway.dialects.instants import instant_in
from gateway.dialects.json_posts import text_for_all
from gateway.dialects.layouts import leaves_gsm, needed_text
from gateway.dialects.parameters import InForm, sent_in
from gateway.dialects.texts import MOST_RECIPIENTS
from gateway.numbering.senders import plus_restored, sender_of
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Send
from gateway.words.wire import Request

OLDER = b"/http/sendmsg"

_MAKING = frozenset({b"to", b"from", b"text", b"content", b"data", b"unicode", b"udh", b"binary", b"charset"})
_SEPARATOR = ","
_UNICODE = "UTF-16BE"
_HEX = re.compile(r"(?:[0-9A-Fa-f]{4})+")
_MINUTES = re.compile(r"[0-9]{1,5}")
_OFF = frozenset({"", "0", "false"})


@dataclass(frozen=True, slots=True)
class Spelled:
    """One request's parameters: where they stand, and what they say."""

    given: InForm
    form: Form
    is_older: bool
    charset: str

    @property
    def text_name(self) -> str:
        return "text" if self.is_older else "content"

    @property
    def is_hex(self) -> bool:
        given = self.value("unicode") if self.is_older else ""
        if given not in {"", "0", "1"}:
            raise Unreadable("unicode is 1 where the text is hex of UTF-16, else 0", field="unicode")
        return given == "1"

    def value(self, name: str) -> str:
        return self.form.text_of(name.encode()) or ""

    @property
    def is_binary(self) -> bool:
        if self.is_older:
            return bool(self.value("data") or self.value("udh"))
        return self.value("binary").lower() not in _OFF or bool(self.value("udh"))

    def text(self) -> str | None:
        """None where it is binary. Raises Unreadable."""
        if self.is_binary:
            return None
        if self.is_hex:
            return needed_text(_from_hex(self.value("text")), "text")
        raw = self.form.bytes_of(self.text_name.encode()) or b""
        return needed_text(decode(raw, self.charset), self.text_name)

    def recipients(self) -> list[str]:
        found = [plus_restored(to) for to in self.value("to").split(_SEPARATOR)]
        if not all(to.strip() for to in found) or len(found) > MOST_RECIPIENTS:
            why = f"`to` names 1 to {MOST_RECIPIENTS} numbers, with commas between them, none of them empty"
            raise Unreadable(why, field="to")
        return found

    def with_text(self, old: str, new: str) -> bytes:
        """With a new text, in hex where only that can hold it or it was so before."""
        data = None if self.is_hex or (self.is_older and leaves_gsm(old, new)) else encode(new, self.charset)
        name = self.text_name.encode()
        if data is not None:
            return with_value(self.given.raw, name, data)
        raw = with_value(self.given.raw, name, (encode(new, _UNICODE) or b"").hex().encode())
        return raw if self.is_hex else with_value(raw, b"unicode", b"1")


def read(request: Request, charset: str) -> Send:
    given = _parameters(request, charset)
    text, sender = given.text(), sender_of(given.value("from"))
    at = given.value("scheduledDeliveryTime")
    send_at = instant_in(at, "scheduledDeliveryTime") if at else None
    drafts = tuple(Draft(to, sender, text, send_at, _delay(given)) for to in given.recipients())
    return Send(request, drafts, given.value("user"))


def write(send: Send, texts: Mapping[int, str | None], charset: str) -> Request:
    """Raises TextsDiffer."""
    given, request = _parameters(send.request, charset), send.request
    if len(texts) < len(send.drafts):
        kept = _SEPARATOR.join(send.drafts[place].to for place in sorted(texts))
        request = given.given.put({"to": kept}).within(request)
    old, new = send.drafts[0].text, text_for_all(send.drafts, texts)
    if old is None or new is None:
        return request
    given = _parameters(request, charset)
    return InForm(given.with_text(old, new), given.given.in_query).within(request)


def _parameters(request: Request, charset: str) -> Spelled:
    given = sent_in(request, _MAKING)
    if not isinstance(given, InForm):
        raise Unreadable(
            "parameters stand in the query or in a form; JSON is posted to /messages", field="Content-Type"
        )
    is_older = request.path == OLDER
    found = Spelled(given, Form.read(given.raw), is_older, charset if is_older else "UTF-8")
    if not is_older and found.value("charset").lower() not in {"", "utf-8", "utf8"}:
        raise Unreadable("this charset is not read here; send the content as UTF-8", field="charset")
    return found


def _from_hex(text: str) -> str:
    if not _HEX.fullmatch(text):
        raise Unreadable("with unicode=1 the text must be hex of UTF-16, four digits a unit", field="text")
    return decode(bytes.fromhex(text), _UNICODE)


def _delay(given: Spelled) -> timedelta | None:
    """The older API's `deliv_time`: minutes from now on."""
    minutes = given.value("deliv_time")
    if not minutes:
        return None
    if not _MINUTES.fullmatch(minutes):
        raise Unreadable("deliv_time is in minutes from now on; write digits", field="deliv_time")
    return timedelta(minutes=int(minutes))
