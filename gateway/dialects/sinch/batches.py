"""A batch of Sinch's: one text, several recipients, and perhaps a value for each of them in the text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gateway.dialects.documents import Change
from gateway.dialects.instants import instant_in
from gateway.dialects.json_posts import Fields, text_for_all
from gateway.dialects.layouts import needed_text
from gateway.dialects.lists import numbers_in, without_others
from gateway.dialects.sinch.parameters import Parameters, Rewritten, rewritten
from gateway.numbering.senders import sender_of
from gateway.text.segments import segments
from gateway.words.errors import Unreadable
from gateway.words.message import Draft

_TYPES = frozenset({"", "mt_text", "mt_binary", "mt_media"})
_PARTS = "max_number_of_message_parts"
# What can be changed in a batch that has been judged, without judging it anew.
_HARMLESS = frozenset(
    {"type", "to_remove", "delivery_report", "callback_url", "client_reference", "feedback_enabled", "expire_at"}
)


def drafts(fields: Fields) -> Iterator[Draft]:
    """Raises Unreadable."""
    spoken, parameters, sender = _spoken(fields), Parameters.of(fields), sender_of(fields.scalar("from"))
    text, at = spoken and _text(*spoken), fields.text("send_at")
    send_at, media = instant_in(at, "send_at") if at else None, int(fields.text("type") == "mt_media")
    for to in _recipients(fields):
        yield Draft(to, sender, None if text is None else parameters.filled(text, to), send_at, media=media)


def changes(fields: Fields, old: Sequence[Draft], texts: Mapping[int, str | None]) -> Iterator[Change]:
    """From the batch that was read to the one that leaves. Raises Unreadable."""
    yield from without_others(fields, "to", texts)
    spoken, new = _spoken(fields), _rewritten(fields, old, texts)
    if spoken is None or new is None:
        return
    yield spoken[0].with_text(spoken[1], new.text)
    if new.literal:
        yield fields.without("parameters")
    parameters = Parameters({}) if new.literal else Parameters.of(fields)
    yield from _with_room(fields, [(old[at].text or "", parameters.filled(new.text, old[at].to)) for at in texts])


def needs_no_judging(edit: Fields) -> None:
    """Raises Unreadable for a change of a batch whose rest is not known here: its text, recipients or hour."""
    unknown = sorted(edit.members.keys() - _HARMLESS)
    if unknown:
        why = "of a batch that Sinch has, only reports are changed and recipients removed; cancel it and send it anew"
        raise Unreadable(why, field=unknown[0])


def _spoken(fields: Fields) -> tuple[Fields, str] | None:
    """Where the text stands; None: it is binary."""
    kind = fields.text("type") or ""
    if kind not in _TYPES:
        raise Unreadable("this type is unknown here; send mt_text, mt_binary or mt_media", field="type")
    if kind != "mt_media":
        return None if kind == "mt_binary" else (fields, "body")
    body = fields.inside("body")
    if body is None:
        raise Unreadable("the body of mt_media is missing", field="body")
    return body, "message"


def _text(holder: Fields, name: str) -> str:
    """Beside media it may be missing."""
    text = holder.text(name)
    return needed_text(text, name) if name == "body" else text or ""


def _recipients(fields: Fields) -> list[str]:
    found = numbers_in(fields, "to")
    if any(character.isalpha() for to in found for character in to):
        raise Unreadable("who is in a group that Sinch keeps is not known here; name the numbers", field="to")
    return found


def _rewritten(fields: Fields, old: Sequence[Draft], texts: Mapping[int, str | None]) -> Rewritten | None:
    """The batch's new text; None where the old one stays."""
    spoken = _spoken(fields)
    if spoken is None or not Parameters.of(fields).values:
        new = text_for_all(old, texts)
        return None if new is None else Rewritten(new)
    pairs = [(old[at].text or "", old[at].text or "" if text is None else text) for at, text in texts.items()]
    return None if all(before == after for before, after in pairs) else rewritten(_text(*spoken), pairs)


def _with_room(fields: Fields, pairs: Sequence[tuple[str, str]]) -> Iterator[Change]:
    """As many parts as the new text takes, where the old one was within the limit: Sinch would drop the message."""
    before, after = (max(segments(pair[side]).count for pair in pairs) for side in (0, 1))
    limit = fields.scalar(_PARTS)
    if limit.isdecimal() and before <= int(limit) < after:
        yield fields.put(_PARTS, str(after))
