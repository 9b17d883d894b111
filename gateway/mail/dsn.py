"""A delivery status notification (RFC 3464): which recipients a text did not reach, and why, for people and machines.

It goes to the mail's sender, from the null sender, so that nothing answers it. Of the original it has the fields, not
the text: the text may be personal, and its sender has it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage, Message
from email.policy import compat32
from email.utils import format_datetime
from enum import StrEnum
from typing import Any

from gateway.mail.composed import SMTP, Stamp, new_mail, one_line
from gateway.mail.model import Envelope

SENDER = ""  # the envelope's: RFC 3464, 2


class Fate(StrEnum):
    """What became of a recipient's text (RFC 3464, 2.3.3)."""

    FAILED = "failed"
    DELAYED = "delayed"


@dataclass(frozen=True, slots=True)
class Told:
    """One recipient, and what is told of it."""

    address: str  # as the envelope had it
    fate: Fate
    status: str  # RFC 3463: 5.7.1; 4.x.x where it is delayed
    why: str  # for people: the reason, and what can be done
    rule: str = ""  # the id of the rule that decided
    until: datetime | None = None  # with DELAYED: when it is given up, or is sent
    doubtful: bool = False  # with DELAYED: it may have been sent, and nobody knows


def compose_dsn(told: Sequence[Told], original: bytes, envelope: Envelope, stamp: Stamp) -> bytes:
    """The notification, ready for SMTP. `original` is the mail as it came; `told` has an entry or more."""
    report = new_mail(stamp)
    report["From"] = f"Mail Delivery System <postmaster@{one_line(stamp.host)}>"
    report["To"] = one_line(envelope.sender)
    report["Subject"] = _subject(told)
    report["Auto-Submitted"] = "auto-replied"
    report["MIME-Version"] = "1.0"
    report["Content-Type"] = f'multipart/report; report-type=delivery-status; boundary="{_boundary(stamp)}"'
    for part in (_for_people(told), _for_machines(told, stamp), _fields_of(original)):
        report.attach(part)
    return report.as_bytes(policy=SMTP)


def _subject(told: Sequence[Told]) -> str:
    if any(each.fate is Fate.FAILED for each in told):
        return "Your text was not sent"
    return "Your text may have been sent" if all(each.doubtful for each in told) else "Your text is delayed"


def _boundary(stamp: Stamp) -> str:
    """Long enough to stand nowhere else, and the same for the same mail."""
    return f"=_{hashlib.sha256(stamp.message_id.encode('utf-8', 'replace')).hexdigest()[:40]}"


def _for_people(told: Sequence[Told]) -> EmailMessage:
    part = EmailMessage(policy=SMTP)
    part.set_content("\n".join(("This is the SMS gateway.", "", *map(_paragraph, told))))
    return part


def _paragraph(each: Told) -> str:
    head = "was not sent" if each.fate is Fate.FAILED else "has not been sent yet"
    head = "may have been sent, or not" if each.doubtful else head
    rule = f"\n  Rule: {each.rule}" if each.rule else ""
    until = f"\n  It will be tried until {each.until:%Y-%m-%d %H:%M %Z}." if each.until else ""
    return f"Your text to {one_line(each.address)} {head}.\n  Why: {one_line(each.why)}{rule}{until}\n"


def _for_machines(told: Sequence[Told], stamp: Stamp) -> EmailMessage:
    part = EmailMessage(policy=SMTP)
    part["Content-Type"] = "message/delivery-status"
    part.set_payload([_group({"Reporting-MTA": f"dns; {stamp.host}"}), *(_group(_status(each)) for each in told)])
    return part


def _status(each: Told) -> dict[str, str]:
    code = "550" if each.fate is Fate.FAILED else "451"
    rule = f" ({each.rule})" if each.rule else ""
    fields = {
        "Final-Recipient": _typed(each.address),
        "Action": each.fate,
        "Status": each.status,
        "Diagnostic-Code": f"smtp; {code} {each.status} {each.why}{rule}",
    }
    if each.until:
        fields["Will-Retry-Until"] = format_datetime(each.until)
    return fields


def _typed(address: str) -> str:
    """With its address type; what isn't ASCII in it is written in ASCII (RFC 6533, 3)."""
    if address.isascii():
        return f"rfc822; {address}"
    written = "".join(each if each.isascii() else f"\\x{{{ord(each):X}}}" for each in address)
    return f"utf-8; {written}"


def _group(fields: dict[str, str]) -> Message[Any, Any]:
    group: Message[Any, Any] = Message(policy=compat32)
    for name, value in fields.items():
        group[name] = one_line(value).encode("ascii", "replace").decode()
    return group


def _fields_of(original: bytes) -> EmailMessage:
    unix = original.replace(b"\r\n", b"\n")
    head = unix.partition(b"\n\n")[0].decode("utf-8", "replace").replace("\0", "")
    part = EmailMessage(policy=SMTP)
    part.set_content(f"{head}\n", subtype="rfc822-headers")
    return part
