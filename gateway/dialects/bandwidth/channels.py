"""Bandwidth's messages over several channels: one recipient, and a list of whole messages of which the first that gets
through is the only one. Each is decided by itself; of one over RBM the recipient and the sender only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.dialects.documents import Change
from gateway.dialects.json_posts import Fields
from gateway.dialects.layouts import needed_text
from gateway.dialects.lists import without_others
from gateway.numbering.senders import sender_of
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Send

PATH = b"/multiChannel"

_LIST = "channelList"
_TEXTS = frozenset({"SMS", "MMS"})
_RICH = "RBM"


def drafts(fields: Fields) -> list[Draft]:
    to, tried = fields.needed("to"), _tried(fields)
    if not tried:
        raise Unreadable(f"`{_LIST}` is missing or empty", field=_LIST)
    return [_draft(to, entry) for entry in tried]


def changes(fields: Fields, send: Send, texts: Mapping[int, str | None]) -> Iterator[Change]:
    yield from without_others(fields, _LIST, texts)
    tried = _tried(fields)
    for place, new in texts.items():
        content = tried[place].inside("content")
        if content and new is not None and new != send.drafts[place].text:
            yield content.with_text("text", new)


def _tried(fields: Fields) -> list[Fields]:
    return [Fields.of(fields.document, node, _LIST) for node in fields.elements(_LIST)]


def _draft(to: str, entry: Fields) -> Draft:
    channel, sender, content = entry.text("channel"), sender_of(entry.scalar("from")), entry.inside("content")
    if channel == _RICH:
        return Draft(to, sender)
    if channel not in _TEXTS or content is None:
        raise Unreadable("a channel is SMS, MMS or RBM, and has a `content`", field="channel")
    media, text = len(content.elements("media")), content.text("text")
    return Draft(to, sender, (text or "") if media else needed_text(text, "text"), media=media)
