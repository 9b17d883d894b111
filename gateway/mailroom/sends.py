"""From a mail that was read to sends: one for each recipient, as a client of the carrier's would have written it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from secrets import token_hex

from gateway.config import MailSender
from gateway.delivery.upstream import Upstream
from gateway.mail.model import BadMail, Mail, Recipient
from gateway.numbering.senders import international, sender_of
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.mailed import Mailed
from gateway.words.message import Send
from gateway.words.number import Sender

HEAD = 8192  # bytes of a mail's fields that are kept for notifications

Hash = Callable[[str], str]  # keyed: a number and a text are in what is hashed


def sends_of(mail: Mail, raw: bytes, client: MailSender, upstream: Upstream, hashed: Hash) -> list[Send]:
    """Raises BadMail where the mail wants what its client may not have, Unreadable where none can be composed."""
    sender = _sender(mail, client)
    head = raw.partition(b"\r\n\r\n")[0][:HEAD]
    return [_send(mail, each, head, client, sender, upstream, hashed) for each in mail.recipients]


def _send(
    mail: Mail, recipient: Recipient, head: bytes, client: MailSender, sender: Sender, upstream: Upstream, hashed: Hash
) -> Send:
    holding, credentials = upstream.dialect.holding, upstream.credentials
    assert holding, "the configuration is checked when it is loaded"  # noqa: S101
    assert credentials, "likewise"  # noqa: S101
    send = upstream.dialect.read(holding.compose(recipient.number.e164, sender, mail.text, credentials))
    if send is None:
        raise Unreadable(f"`{upstream.name}` would not take this text for one")
    [draft] = send.drafts
    mailed = Mailed(
        _id_of(mail, recipient, client, hashed),
        mail.sender,
        recipient.address,
        client.name,
        sender.value,
        client.program,
        mail.message_id,
        mail.references,
        mail.subject,
        head,
    )
    return replace(send, drafts=(replace(draft, sender=sender, media=mail.media),), mailed=mailed)


def _id_of(mail: Mail, recipient: Recipient, client: MailSender, hashed: Hash) -> str:
    """A mail without a Message-ID is always another one: alarms repeat themselves, and mean it."""
    if not mail.message_id:
        return token_hex(16)
    return hashed(f"mail\n{client.name}\n{mail.message_id}\n{recipient.number.e164}\n{mail.text}")


def _sender(mail: Mail, client: MailSender) -> Sender:
    if not mail.says_from:
        return client.sender
    wanted = sender_of(international(mail.says_from))
    if wanted.value not in {client.sender.value, *client.program.senders}:
        why = "the mail says whom its text is from, and its program has no such sender"
        raise BadMail(why, "5.7.1", field="from", reason=Reason.SENDER)
    return wanted
