"""Vonage's newer APIs, in JSON: `/v1/messages` sends a text and those that follow where it fails, `/v2/verify` a code
of Vonage's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from gateway.dialects.credentials import account_of
from gateway.dialects.documents import Change
from gateway.dialects.heads import with_body
from gateway.dialects.json_posts import Fields, opened
from gateway.dialects.layouts import leaves_gsm, needed_text
from gateway.numbering.senders import sender_of
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Send
from gateway.words.wire import Request

MAKING = frozenset({b"to", b"from", b"text", b"channel", b"failover", b"workflow"})

_READ = frozenset({"sms", "mms"})
_TO_NUMBERS = frozenset({"sms", "mms", "rcs", "whatsapp", "viber_service"})
_CODES_BY_TEXT = frozenset({"sms", "rcs", "whatsapp", "whatsapp_interactive"})  # the others call, mail or ask silently
_CAPTIONED = frozenset({"image", "video", "audio", "file", "vcard"})


def read(request: Request) -> Send | None:
    fields = opened(request, MAKING)
    if request.path == b"/v2/verify":
        drafts = tuple(_code(step) for step in _steps(fields))
    else:
        drafts = tuple(_message(entry) for entry in _entries(fields))
    return Send(request, drafts, account_of(request.headers)) if drafts else None


def write(send: Send, texts: Mapping[int, str | None]) -> Request:
    """Raises Unreadable where only one may leave that follows on another."""
    fields = Fields.read(send.request.body)
    gone = {place for place in range(len(send.drafts)) if place not in texts}
    if send.request.path == b"/v2/verify":
        changes = list(_without_steps(fields, gone))
    else:
        changes = [*_without_failover(fields, gone), *_changed(fields, send, texts)]
    return with_body(send.request, fields.document.with_changes(changes)) if changes else send.request


def _entries(fields: Fields) -> list[Fields]:
    """The message, and those that are tried where it fails, each a whole one."""
    return [fields, *(Fields.of(fields.document, node, "failover") for node in fields.elements("failover"))]


def _message(entry: Fields) -> Draft:
    channel = entry.text("channel") or ""
    if channel not in _TO_NUMBERS:
        raise Unreadable("this channel leads to no number; this gateway sends to numbers only", field="channel")
    draft = Draft(entry.needed("to"), sender_of(entry.scalar("from")))
    return _with_text(entry, draft, channel) if channel in _READ else draft


def _with_text(entry: Fields, draft: Draft, channel: str) -> Draft:
    if (entry.text("message_type") or "text") == "text":
        return replace(draft, text=needed_text(entry.text("text"), "text"))
    if channel == "sms":
        raise Unreadable("an SMS is of the message_type text", field="message_type")
    spoken = _spoken(entry)
    return replace(draft, text=(spoken[0].text(spoken[1]) or "") if spoken else None, media=1)


def _spoken(entry: Fields) -> tuple[Fields, str] | None:
    """Where the text stands: in the message, or beside its attachment; None: in neither."""
    kind = entry.text("message_type") or "text"
    if kind == "text":
        return entry, "text"
    attached = entry.inside(kind) if kind in _CAPTIONED else None
    return (attached, "caption") if attached else None


def _changed(fields: Fields, send: Send, texts: Mapping[int, str | None]) -> Iterator[Change]:
    for place, entry in enumerate(_entries(fields)):
        old, new, spoken = send.drafts[place].text, texts.get(place), _spoken(entry)
        if old is None or new is None or new == old or spoken is None:
            continue
        yield spoken[0].with_text(spoken[1], new)
        options = entry.inside("sms")
        if options and options.text("encoding_type") == "text" and leaves_gsm(old, new):
            yield options.put("encoding_type", '"unicode"')


def _without_failover(fields: Fields, gone: set[int]) -> Iterator[Change]:
    if 0 in gone:
        raise Unreadable("the first message may not leave; send the one that follows on it by itself")
    failover = fields.get("failover")
    if failover is None or not gone:
        return
    if len(gone) == len(fields.elements("failover")):
        yield fields.without("failover")
    else:
        yield from fields.document.without(failover, {place - 1 for place in gone})


def _steps(fields: Fields) -> list[Fields]:
    """Those of a verification by which a text leaves."""
    steps = [Fields.of(fields.document, node, "workflow") for node in fields.elements("workflow")]
    return [step for step in steps if step.text("channel") in _CODES_BY_TEXT]


def _code(step: Fields) -> Draft:
    return Draft(step.needed("to"), sender_of(step.scalar("from")))


def _without_steps(fields: Fields, gone: set[int]) -> Iterator[Change]:
    workflow = fields.get("workflow")
    if workflow is None or not gone:
        return
    forbidden = [step.node for place, step in enumerate(_steps(fields)) if place in gone]
    places = {place for place, node in enumerate(fields.elements("workflow")) if node in forbidden}
    yield from fields.document.without(workflow, places)
