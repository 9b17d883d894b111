"""ClickSend's calls to us: replies of recipients, as a form, a query or JSON. The fields are those of its SDK's models;
that a webhook spells them so is not verified (M)."""

from __future__ import annotations

from urllib.parse import urlencode

from gateway.dialects.heads import FORM
from gateway.dialects.parameters import told_in
from gateway.dialects.told import told
from gateway.numbering.senders import international
from gateway.words.message import Inbound
from gateway.words.wire import Request


def hear(request: Request) -> Inbound | None:
    """A recipient's reply; None for a receipt, which has a status, or anything else without a text."""
    given = told_in(request)
    text = given.value("body")
    if not text or given.value("status_code") or given.value("status"):
        return None
    return Inbound(
        id=told(given.value("message_id"), "message_id"),
        recipient=international(told(given.value("from"), "from")),
        to=international(told(given.value("to"), "to")),
        text=text,
    )


def reply(inbound: Inbound) -> Request:
    """As much of ClickSend's call as `hear` needs."""
    fields = {"from": inbound.recipient, "to": inbound.to, "body": inbound.text, "message_id": inbound.id}
    return Request(b"POST", b"", ((b"Content-Type", FORM.encode()),), urlencode(fields).encode("ascii"))
