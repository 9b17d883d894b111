"""Kannel's calls to us with replies of recipients, and what it texts back: the body of the answer.

By `get-url` it calls by GET, with parameters that the operator has named (gw/urltrans.c has the escapes); by `post-url`
with X-Kannel headers and the text as the body. Its delivery reports go to the URL that each send names, and come here
from no Kannel: so a call that is no reply is one whose parameters have other names, and is not let pass.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.dialects.answers import PLAIN, answer
from gateway.dialects.charsets import codec_of, decode
from gateway.dialects.forms import Form
from gateway.dialects.heads import content_type, watched
from gateway.dialects.parameters import InForm, told_in
from gateway.dialects.told import told
from gateway.numbering.senders import international, sender_of
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound
from gateway.words.wire import Request, Response

SILENCE = answer(200, PLAIN, b"")

_FROM, _TO, _CODING, _CHARSET = b"x-kannel-from", b"x-kannel-to", b"x-kannel-coding", b"x-kannel-charset"
_POSTED = frozenset({_FROM, _TO, _CODING, _CHARSET, b"content-type"})
_DIRECTING = b"x-kannel-"  # headers of an answer by which smsbox may be told another recipient, or another coding
_UCS2 = "2"
_GOOD = range(200, 300)
_TYPES = frozenset({"text/plain", "text/html"})
_MARKUP = ("<", "&")


@dataclass(frozen=True, slots=True)
class ReplyFields:
    """How the operator's `get-url` calls them."""

    sender: str = "sender"  # %p
    receiver: str = "receiver"  # %P
    text: str = "text"  # %a
    charset: str = "charset"  # %C
    coding: str = "coding"  # %c
    id: str | None = None  # %I; None: it tells none. What is called so and is always the same would hide replies


def hear(request: Request, names: ReplyFields, charset: str) -> Inbound:
    """A recipient's reply. `charset`: of a text that names none. Raises Unreadable for any other call."""
    found = watched(request.headers, _POSTED)
    return _posted(request, found, charset) if _FROM in found else _got(request, names, charset)


def reply(inbound: Inbound) -> Request:
    """As much of a `post-url` call as `hear` needs."""
    headers = (
        (b"Content-Type", b"text/plain; charset=UTF-8"),
        (b"X-Kannel-From", inbound.recipient.removeprefix("+").encode()),
        (b"X-Kannel-To", inbound.to.removeprefix("+").encode()),
    )
    return Request(b"POST", b"", headers, inbound.text.encode())


def drafts(inbound: Inbound, said: Response, charset: str) -> tuple[Draft, ...]:
    """The text that Kannel would send on this answer. Raises Unreadable where that can't be told."""
    if said.status in _GOOD and not said.body.strip():
        return ()
    kind, given = content_type(said.header(b"content-type") or b"text/plain")
    if said.status not in _GOOD or kind not in _TYPES:
        raise Unreadable("Kannel texts what is answered to a reply; answer 200 with text/plain, or with an empty body")
    if any(name.lower().startswith(_DIRECTING) for name, _ in said.headers):
        raise Unreadable("an answer with X-Kannel headers may go to somebody else; answer without them")
    text = decode(said.body, given or charset).strip()
    if kind != "text/plain" and any(mark in text for mark in _MARKUP):
        raise Unreadable("what Kannel makes of HTML is not known here; answer with text/plain", field="Content-Type")
    return (Draft(inbound.recipient, sender_of(inbound.to), text),)


def saying(text: str | None) -> Response:
    """The answer with another text."""
    return answer(200, PLAIN, (text or "").encode())


def _got(request: Request, names: ReplyFields, charset: str) -> Inbound:
    given = told_in(request)
    if not isinstance(given, InForm):
        raise Unreadable("Kannel calls by get-url or post-url; post-xml and JSON are not read", field="Content-Type")
    form = Form.read(given.raw)
    text = form.bytes_of(names.text.encode())
    if text is None:
        why = f"a call without `{names.text}`; say in `reply_fields` how your get-url calls its parameters"
        raise Unreadable(why, field=names.text)
    named = form.text_of(names.charset.encode()) or ""
    coding = form.text_of(names.coding.encode()) or ""
    return _inbound(
        (form.text_of(names.id.encode()) if names.id else "") or "",
        told(form.text_of(names.sender.encode()), names.sender),
        told(form.text_of(names.receiver.encode()), names.receiver),
        _said(text, named, coding, charset),
    )


def _posted(request: Request, found: dict[bytes, bytes], charset: str) -> Inbound:
    values = {name: value.strip().decode("latin-1") for name, value in found.items()}
    _, given = content_type(found.get(b"content-type", b""))
    named = values.get(_CHARSET, "") or given
    text = _said(request.body, named, values.get(_CODING, ""), charset)
    return _inbound("", told(values[_FROM], "X-Kannel-From"), told(values.get(_TO), "X-Kannel-To"), text)


def _inbound(id_: str, sender: str, to: str, text: str) -> Inbound:
    return Inbound(id_, international(sender), international(to), text)


def _said(text: bytes, named: str, coding: str, charset: str) -> str:
    """What is said matters more than its charset, or a byte in it that makes no sense."""
    try:
        codec = codec_of(named or ("UTF-16BE" if coding == _UCS2 else charset))
    except Unreadable:
        codec = codec_of(charset)
    return text.decode(codec, "replace")
