"""Infobip's calls to us: replies of recipients, several in one."""

from __future__ import annotations

import orjson

from gateway.dialects.json_posts import JSON, Fields
from gateway.dialects.told import all_told, told
from gateway.numbering.senders import international
from gateway.replies.keywords import keyword_of
from gateway.words.message import Inbound
from gateway.words.wire import Request


def hear_all(request: Request) -> tuple[Inbound, ...]:
    """The replies, of which receipts are none. Raises Unreadable as `all_told` does."""
    fields = Fields.read(request.body)
    return all_told(fields.elements("results"), lambda node: _heard(Fields.of(fields.document, node, "results")))


def reply(inbound: Inbound) -> Request:
    """As much of Infobip's call as `hear_all` needs."""
    sender, to = inbound.recipient.removeprefix("+"), inbound.to.removeprefix("+")
    entry = {"messageId": inbound.id, "from": sender, "to": to, "text": inbound.text, "cleanText": inbound.text}
    called = {"results": [entry], "messageCount": 1, "pendingMessageCount": 0}
    return Request(b"POST", b"", ((b"Content-Type", JSON.encode()),), orjson.dumps(called))


def _heard(entry: Fields) -> Inbound | None:
    if entry.get("status") or (entry.get("text") is None and entry.get("cleanText") is None):
        return None
    id_, sender, to = (told(entry.scalar(name), name) for name in ("messageId", "from", "to"))
    return Inbound(id_, international(sender), international(to), _said(entry))


def _said(entry: Fields) -> str:
    """The text. Where a keyword tells whose it is on a number that several share, without that: `ACME START`.

    A keyword that says something by itself is no such: STOP, where a site has made one of it.
    """
    text, clean, keyword = (entry.text(name) or "" for name in ("text", "cleanText", "keyword"))
    return text if text and (not clean or keyword_of(keyword)) else clean
