"""Amazon SNS: `Action=Publish` to a phone number, and every other action by which its texts leave.

Its query protocol knows no paths: what a request does, only its form says. Of actions that are not known here those
pass whose names say that they look something up or set something up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from gateway.dialects.answers import answer
from gateway.dialects.aws.actions import passes
from gateway.dialects.form_posts import opened
from gateway.dialects.forms import Form, with_value
from gateway.dialects.heads import FORM, with_body
from gateway.dialects.layouts import needed_text
from gateway.numbering.senders import sender_of
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Send
from gateway.words.number import NO_SENDER, Sender, SenderKind
from gateway.words.wire import Request, Response

NUMBER, NAME = "AWS.MM.SMS.OriginationNumber", "AWS.SNS.SMS.SenderID"

VERSION = "2010-03-31"
_ACCEPTED = (
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>{}</MessageId>'
    "</PublishResult><ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></PublishResponse>"
)
_MAKING = frozenset(
    {b"action", b"phonenumber", b"message", b"messagestructure", b"topicarn", b"targetarn", b"protocol"}
)
_TO_OTHERS = (b"TopicArn", b"TargetArn")
_APP = re.compile(r"arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:endpoint/.+")  # of a platform: a push notification
_ATTRIBUTES = b"messageattributes."
_ATTRIBUTE = re.compile(rb"MessageAttributes\.entry\.(\d{1,3})\.(Name|Value\.StringValue)")
_ATTRIBUTE_MEANT = re.compile(_ATTRIBUTE.pattern, re.IGNORECASE)


def read(request: Request) -> Send | None:
    form = opened(request, _MAKING)
    action = form.text_of(b"Action") or ""
    if action == "Publish":
        return _published(request, form)
    if action == "CreateSMSSandboxPhoneNumber":  # Amazon words and sends a code of its own
        return Send(request, (Draft(_recipient(form)),))
    if action == "Subscribe" and (form.text_of(b"Protocol") or "").strip().lower() != "sms":
        return None
    if passes(action):
        return None
    raise Unreadable("this action may send what can't be decided on here; Publish to a PhoneNumber", field="Action")


def write(request: Request, old: str | None, new: str | None) -> Request:
    if old is None or new is None or new == old:
        return request
    return with_body(request, with_value(request.body, b"Message", new.encode()))


def accepted(id_: str) -> Response:
    """The answer to a send that was taken."""
    return answer(200, b"text/xml", _ACCEPTED.format(UUID(id_), id_).encode())


def composed(to: str, sender: Sender, text: str) -> Request:
    """A send of our own."""
    attribute = {NUMBER if sender.kind is not SenderKind.ALPHANUMERIC else NAME: sender.value}
    fields = {"Action": "Publish", "Version": VERSION, "PhoneNumber": to, "Message": text, **_attributes(attribute)}
    return posted(fields)


def posted(fields: Mapping[str, str]) -> Request:
    """An action as a client would write it, unsigned."""
    body = urlencode(fields).encode("ascii")
    kind = f"{FORM}; charset=utf-8".encode()
    return Request(b"POST", b"/", ((b"Content-Type", kind), (b"Content-Length", b"%d" % len(body))), body)


def _published(request: Request, form: Form) -> Send | None:
    others = {name: form.text_of(name) or "" for name in _TO_OTHERS}
    if not form.text_of(b"PhoneNumber") and _APP.fullmatch(others[b"TargetArn"]) and not others[b"TopicArn"]:
        return None
    if name := next((name for name, value in others.items() if value), b""):
        why = "who has subscribed to it by SMS can't be known here; Publish to each PhoneNumber"
        raise Unreadable(why, field=name.decode("ascii"))
    if form.text_of(b"MessageStructure"):
        raise Unreadable("a text for each protocol can't be decided on here; leave it out", field="MessageStructure")
    text = needed_text(form.text_of(b"Message"), "Message")
    return Send(request, (Draft(_recipient(form), _sender(form), text),))


def _recipient(form: Form) -> str:
    to = form.text_of(b"PhoneNumber") or ""
    if not to.strip():
        raise Unreadable("`PhoneNumber` is missing or empty", field="PhoneNumber")
    return to


def _sender(form: Form) -> Sender:
    """The number that it is to leave from, else the name. Raises Unreadable where one is given twice."""
    named: dict[str, str] = {}
    for name, value in _pairs_of_attributes(form):
        if name in named:
            raise Unreadable(f"the attribute {name} is given twice; give it once", field="MessageAttributes")
        named[name] = value
    return sender_of(named.get(NUMBER) or named.get(NAME, "")) if named else NO_SENDER


def _pairs_of_attributes(form: Form) -> list[tuple[str, str]]:
    if not any(name.startswith(_ATTRIBUTES) for name in form.names):
        return []
    parts: dict[bytes, dict[bytes, str]] = {}
    for key, value in form.pairs():
        found = _ATTRIBUTE.fullmatch(key)
        part = parts.setdefault(found[1], {}) if found else {}
        if found and found[2] not in part:
            part[found[2]] = value.decode("utf-8", "replace")
        elif _ATTRIBUTE_MEANT.fullmatch(key):
            raise Unreadable("an attribute is given twice, or spelled in another case", field="MessageAttributes")
    return [(part.get(b"Name", ""), part.get(b"Value.StringValue", "")) for part in parts.values()]


def _attributes(values: Mapping[str, str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for place, (name, value) in enumerate(values.items(), 1):
        entry = f"MessageAttributes.entry.{place}"
        fields |= {f"{entry}.Name": name, f"{entry}.Value.DataType": "String", f"{entry}.Value.StringValue": value}
    return fields
