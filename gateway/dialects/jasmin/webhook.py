"""Jasmin's calls to us with replies of recipients, by GET or as a form. It calls again until the answer is exactly
`ACK/Jasmin`."""

from __future__ import annotations

from urllib.parse import urlencode

from gateway.dialects.answers import PLAIN, answer
from gateway.dialects.forms import Form
from gateway.dialects.heads import FORM
from gateway.dialects.jasmin.content import UCS2
from gateway.dialects.parameters import InForm, told_in
from gateway.dialects.told import told
from gateway.numbering.senders import international
from gateway.words.errors import Unreadable
from gateway.words.message import Inbound
from gateway.words.wire import Request

SILENCE = answer(200, PLAIN, b"ACK/Jasmin")

_CODECS = {"3": "latin-1", "6": "iso8859-5", "7": "iso8859-8", UCS2: "utf-16-be"}


def hear(request: Request) -> Inbound | None:
    """A recipient's reply; None for a receipt, or anything else without a text."""
    given = told_in(request)
    if not isinstance(given, InForm):
        raise Unreadable("Jasmin calls by GET or with a form", field="Content-Type")
    form = Form.read(given.raw)
    content = form.bytes_of(b"content")
    if content is None or form.count(b"message_status"):
        return None
    return Inbound(
        id=told(form.text_of(b"id"), "id"),
        recipient=international(told(form.text_of(b"from"), "from")),
        to=international(told(form.text_of(b"to"), "to")),
        # What is said matters more than a byte in it that makes no sense.
        text=content.decode(_CODECS.get(form.text_of(b"coding") or "", "utf-8"), "replace"),
    )


def reply(inbound: Inbound) -> Request:
    """As much of Jasmin's call as `hear` needs."""
    sender, to = inbound.recipient.removeprefix("+"), inbound.to.removeprefix("+")
    fields = {"id": inbound.id, "from": sender, "to": to, "coding": UCS2, "content": inbound.text.encode("utf-16-be")}
    return Request(b"POST", b"", ((b"Content-Type", FORM.encode()),), urlencode(fields).encode("ascii"))
