"""The mail that brings a recipient's reply to whoever mailed the text, in the thread of that mail."""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address

from gateway.mail.composed import SMTP, Stamp, new_mail, one_line


@dataclass(frozen=True, slots=True)
class Replied:
    """A reply, and the mail that it answers."""

    number: str  # E.164, who replied
    text: str
    to: str  # the address that the mail came from
    domain: str  # answering `number@domain` texts them again
    subject: str = ""  # of the mail that it answers
    message_id: str = ""  # likewise
    references: tuple[str, ...] = ()  # likewise
    notice: str = ""  # what the gateway has to add: that they opted out, and get no more texts


def compose_reply(reply: Replied, stamp: Stamp) -> bytes:
    """The mail, ready for SMTP. Machines are asked not to answer it, since answers would be texted."""
    mail = new_mail(stamp)
    mail["From"] = Address(reply.number, reply.number.removeprefix("+"), one_line(reply.domain))
    mail["To"] = one_line(reply.to)
    mail["Subject"] = f"Re: {one_line(reply.subject)}" if reply.subject else f"Text from {reply.number}"
    if reply.message_id:
        mail["In-Reply-To"] = one_line(reply.message_id)
        mail["References"] = one_line(" ".join((*reply.references, reply.message_id)))
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    mail.set_content(_body(reply))
    return mail.as_bytes(policy=SMTP)


def _body(reply: Replied) -> str:
    said = reply.text.encode("utf-8", "replace").decode().rstrip()
    return f"{said}\n\n[{reply.notice}]\n" if reply.notice else f"{said}\n"
