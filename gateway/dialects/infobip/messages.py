"""What a send of Infobip's holds: a list of messages, each with a text and those who get it.

Version 2 has the text in the message, version 3 in its `content`. Recipients who share a message and are given
different texts get messages of their own, in the same request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from gateway.dialects.documents import Change
from gateway.dialects.instants import instant_in
from gateway.dialects.json_posts import Fields, opened
from gateway.dialects.layouts import needed_text
from gateway.dialects.texts import MOST_RECIPIENTS
from gateway.numbering.senders import sender_of
from gateway.words.errors import Unreadable
from gateway.words.message import Draft
from gateway.words.wire import Request

LATEST = b"/sms/3/messages"

_MAKING = frozenset({b"messages", b"to", b"from", b"sender", b"text", b"content", b"binary", b"destinations"})
_OF_DESTINATION = frozenset({"to", "messageId", "networkId"})


def read(request: Request) -> tuple[Draft, ...]:
    """The messages, each with all who get it. Raises Unreadable."""
    fields = opened(request, _MAKING)
    drafts = tuple(draft for message in messages(fields) for draft in _drafts(request.path, fields, message))
    if not drafts:
        raise Unreadable("`messages` is missing or empty", field="messages")
    if len(drafts) > MOST_RECIPIENTS:
        raise Unreadable(f"more than {MOST_RECIPIENTS} recipients; send several requests", field="messages")
    return drafts


def written(path: bytes, fields: Fields, drafts: Sequence[Draft], texts: Mapping[int, str | None]) -> bytes:
    """The body with these texts, and without the messages and recipients that have none."""
    changes, gone, first = list[Change](), set[int](), 0
    for place, message in enumerate(messages(fields)):
        last = first + len(message.elements("destinations"))
        here = {at - first: _new(drafts[at], texts[at]) for at in range(first, last) if at in texts}
        if here:
            copies = ", ".join(_copies(path, message, here))
            changes.append(Change(message.node.start, message.node.end, copies))
        else:
            gone.add(place)
        first = last
    return fields.document.with_changes([*changes, *fields.document.without(fields.members["messages"], gone)])


def messages(fields: Fields) -> list[Fields]:
    return [Fields.of(fields.document, node, "messages") for node in fields.elements("messages")]


def destinations(message: Fields) -> list[Fields]:
    return [Fields.of(message.document, node, "destinations") for node in message.elements("destinations")]


def _drafts(path: bytes, fields: Fields, message: Fields) -> Iterator[Draft]:
    spoken = _spoken(path, message)
    text = needed_text(spoken.text("text"), "text") if spoken else None
    sender = sender_of(message.scalar("sender" if path == LATEST else "from"))
    at = _send_at(path, fields, message)
    found = destinations(message)
    if not found:
        raise Unreadable("a message has no `destinations`", field="destinations")
    for destination in found:
        if not destination.members.keys() <= _OF_DESTINATION:
            raise Unreadable("a destination has more than `to`, `messageId` and `networkId`", field="destinations")
        yield Draft(destination.needed("to"), sender, text, instant_in(at, "sendAt") if at else None)


def _spoken(path: bytes, message: Fields) -> Fields | None:
    """Where a message's text stands; None: it is binary. Raises Unreadable where it is neither, or may be both."""
    holder = message.inside("content") if path == LATEST else message
    binary = "hex" if path == LATEST else "binary"
    if holder is None or (holder.get("text") is None) == (holder.get(binary) is None):
        raise Unreadable("a message needs a text, or else binary content", field="text")
    return holder if holder.get("text") else None


def _send_at(path: bytes, fields: Fields, message: Fields) -> str | None:
    """When it is to be sent. Raises Unreadable where Infobip would choose the hour: what is decided holds for one."""
    options = (fields.inside("options"), message.inside("options"))
    schedule = options[0].inside("schedule") if options[0] else None
    for holder in (fields, message, schedule, *options):
        for name in ("sendingSpeedLimit", "deliveryTimeWindow"):
            if holder and holder.get(name):
                raise Unreadable(f"`{name}` lets the carrier choose the hour; leave it out", field=name)
    if path == LATEST:
        return schedule.text("sendAt") if schedule else None
    return message.text("sendAt")


def _new(draft: Draft, text: str | None) -> str | None:
    """The text that a message leaves with; None: the one that it has."""
    return None if text == draft.text else text


def _copies(path: bytes, message: Fields, texts: Mapping[int, str | None]) -> Iterator[str]:
    """The message, once for each run of recipients who get the same text, in the client's order."""
    everybody, spoken = range(len(message.elements("destinations"))), _spoken(path, message)
    for text, run in groupby(texts.items(), key=itemgetter(1)):
        others = {*everybody} - {place for place, _ in run}
        changes = [*message.document.without(message.members["destinations"], others)]
        if spoken and text is not None:
            changes.append(spoken.with_text("text", text))
        yield message.document.spelled(message.node, changes)
