"""From a mail's bytes to recipients' numbers and a text: start reading here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from gateway.mail.addresses import Addressing, number_of, recipients_of
from gateway.mail.authenticated import Method, refuse_unauthenticated
from gateway.mail.inside import Inside, inside_of
from gateway.mail.kinds import MOST_HOPS, refuse_machines
from gateway.mail.model import Attachments, BadMail, Envelope, Mail, Recipient, Refused, Shaping
from gateway.mail.parse import boundaries_in, field_of, fields_of, parsed
from gateway.mail.parts import body_of
from gateway.mail.text import bare_subject, shaped
from gateway.words.decision import Reason

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
_MOST_REFERENCES = 20


@dataclass(frozen=True, slots=True)
class Settings:
    """How a site has its mails read."""

    addressing: Addressing = field(default_factory=Addressing)
    shaping: Shaping = field(default_factory=Shaping)
    most_hops: int = MOST_HOPS
    authserv: str = ""  # the mail system in front, as it calls itself in Authentication-Results
    demanded: tuple[Method, ...] = ()  # what must have passed there


def read(raw: bytes, envelope: Envelope, settings: Settings) -> Mail:
    """The mail as texts. Addresses of which no number can be made are in `refused`, and don't stop the others.

    Raises NotForTexting for what never becomes a text, and BadMail where no text can be made of it.
    """
    message = parsed(raw)
    refuse_machines(message, envelope, settings.most_hops)
    refuse_unauthenticated(fields_of(message, "authentication-results"), settings.authserv, settings.demanded)
    body = body_of(message, boundaries_in(raw), settings.shaping.cut)
    inside = inside_of(body.text, field_of(message, "subject"), settings.addressing.profile)
    recipients, refused = _recipients(envelope, inside, settings.addressing)
    text, was_cut = shaped(replace(body, text=inside.text), inside.subject, settings.shaping)
    return Mail(
        recipients=recipients,
        text=text,
        media=body.attachments if settings.shaping.attachments is Attachments.COUNT else 0,
        sender=envelope.sender,
        says_from=inside.says_from,
        credentials=inside.credentials,
        subject=bare_subject(inside.subject),
        message_id=next(iter(_ids(field_of(message, "message-id"))), ""),
        references=_ids(field_of(message, "references"))[-_MOST_REFERENCES:],
        refused=refused,
        was_cut=was_cut,
    )


def _recipients(
    envelope: Envelope, inside: Inside, how: Addressing
) -> tuple[tuple[Recipient, ...], tuple[Refused, ...]]:
    recipients, refused = recipients_of(envelope, how)
    if not how.profile.number_is_inside:
        return recipients, refused
    address = envelope.recipients[0] if envelope.recipients else ""
    numbers = [number_of(spelled, how.country) for spelled in inside.numbers]
    named = {number.e164: Recipient(address, number) for number in numbers if number}
    if not named:
        raise BadMail("the mail names no phone number where its profile has it", "5.1.3", reason=Reason.BAD_NUMBER)
    unread = len(numbers) - sum(1 for number in numbers if number)
    return tuple(named.values()), (*refused, *[_unread(address)] * unread)


def _unread(address: str) -> Refused:
    return Refused(address, "one of the numbers that the mail names can't be read", "5.1.3")


def _ids(value: str) -> tuple[str, ...]:
    return tuple(_MESSAGE_ID.findall(value))
