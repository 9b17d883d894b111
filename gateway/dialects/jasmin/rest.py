"""Jasmin's REST API: `/secure/send`, one message, and `/secure/sendbatch`, many, each to one recipient or several, with
`globals` that hold for all of them. One id answers for a batch. (jasmin/protocols/rest/api.py)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.dialects.credentials import account_of
from gateway.dialects.documents import Change
from gateway.dialects.heads import with_body
from gateway.dialects.jasmin.messages import JsonMessage
from gateway.dialects.jasmin.schedule import NOW, When, batch_time, smpp_time
from gateway.dialects.json_posts import Fields, opened
from gateway.dialects.lists import numbers_in, without_others
from gateway.dialects.texts import MOST_RECIPIENTS, common_text
from gateway.numbering.senders import sender_of
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Send
from gateway.words.wire import Request

_MAKING = frozenset({b"to", b"from", b"content", b"hex-content", b"hex_content", b"messages", b"globals"})
_BATCH = b"/secure/sendbatch"
_HEX = "hex_content"


@dataclass(frozen=True, slots=True)
class Addressed:
    """A message and its recipients, of which the first is the request's `first`."""

    message: JsonMessage
    recipients: list[str]
    first: int

    @property
    def places(self) -> range:
        """Which of the request's drafts are its."""
        return range(self.first, self.first + len(self.recipients))

    def changes(self, send: Send, texts: Mapping[int, str | None]) -> Iterator[Change]:
        """Raises TextsDiffer where its recipients are given texts that no single one can stand for."""
        fields, kept = self.message.fields, [place for place in self.places if place in texts]
        if isinstance(fields.members["to"].value, list):
            yield from without_others(fields, "to", [place - self.first for place in kept])
        old = send.drafts[self.first].text
        given = [text for place in kept if (text := texts[place]) is not None]
        if old is None or not given:
            return
        new = common_text(given)
        if new != old:
            yield from self.message.saying(self.message.content().saying(new, raw=False), _HEX)


def read(request: Request) -> Send:
    fields = opened(request, _MAKING)
    addressed = _addressed(fields, request)
    when = _whole(fields) if request.path == _BATCH else NOW
    drafts = [draft for each in addressed for draft in _drafts(each, when)]
    if not drafts or len(drafts) > MOST_RECIPIENTS:
        raise Unreadable(f"a batch has 1 to {MOST_RECIPIENTS} messages", field="messages")
    return Send(request, tuple(drafts), account_of(request.headers))


def write(send: Send, texts: Mapping[int, str | None]) -> Request:
    """Raises TextsDiffer."""
    fields = Fields.read(send.request.body)
    addressed = _addressed(fields, send.request)
    staying = [i for i, each in enumerate(addressed) if any(place in texts for place in each.places)]
    changes = list(without_others(fields, "messages", staying)) if send.request.path == _BATCH else []
    for place in staying:
        changes += addressed[place].changes(send, texts)
    return with_body(send.request, fields.document.with_changes(changes)) if changes else send.request


def _addressed(fields: Fields, request: Request) -> list[Addressed]:
    """The messages of a request, in order."""
    if request.path != _BATCH:
        return [Addressed(JsonMessage(fields), [fields.needed("to")], 0)]
    common = fields.inside("globals")
    if common and common.get("to"):
        raise Unreadable("a recipient stands in `globals`; name it in its message", field="globals")
    beneath, found, first = JsonMessage(common) if common else None, list[Addressed](), 0
    for node in fields.elements("messages"):
        entry = Fields.of(fields.document, node, "messages")
        found.append(Addressed(JsonMessage(entry, beneath), _recipients(entry), first))
        first += len(found[-1].recipients)
    return found


def _whole(fields: Fields) -> When:
    """When a whole batch is to be sent."""
    config = fields.inside("batch_config")
    at = config.scalar("schedule_at") if config else ""
    return batch_time(at) if at else NOW


def _recipients(entry: Fields) -> list[str]:
    node = entry.get("to")
    if node is not None and isinstance(node.value, list):
        return numbers_in(entry, "to")
    return [entry.needed("to")]


def _drafts(addressed: Addressed, when: When) -> Iterator[Draft]:
    message = addressed.message
    sdt, text, sender = message.scalar("sdt"), message.content().text, sender_of(message.scalar("from"))
    if sdt and when is not NOW:
        raise Unreadable("both `sdt` and `schedule_at` are given; give one", field="sdt")
    when = smpp_time(sdt) if sdt else when
    return (Draft(to, sender, text, when.at, when.delay) for to in addressed.recipients)
