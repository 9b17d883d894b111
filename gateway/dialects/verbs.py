"""Answers to a reply's webhook that are themselves sends: XML whose elements tell the carrier to text somebody.

Twilio's TwiML and Plivo's XML differ in the names only. What is plainly a message, or nothing, is understood; whatever
else stands in an answer may lead to a text (TwiML's <Redirect> does), and is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from gateway.dialects.answers import answer
from gateway.dialects.heads import content_type
from gateway.numbering.senders import sender_of
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound
from gateway.words.wire import Response

_XML = frozenset({"text/xml", "application/xml", "text/html"})
_GOOD = range(200, 300)
_ROOT, _BODY, _MEDIA = "Response", "Body", "Media"
_DECLARED = b'<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class Verbs:
    """A carrier's words: the elements that send, and their attributes for recipient and sender."""

    sending: frozenset[str]
    to: str
    sender: str
    plain: bool = False  # whether text/plain is sent as it is

    def drafts(self, inbound: Inbound, said: Response) -> tuple[Draft, ...]:
        """The texts that the carrier would send on this answer. Raises Unreadable where that can't be told."""
        if said.status not in _GOOD or not said.body.strip():
            return ()
        kind, charset = content_type(said.header(b"content-type") or b"")
        if kind == "text/plain" and self.plain:
            return (Draft(inbound.recipient, sender_of(inbound.to), _plain(said.body, charset)),)
        if kind not in _XML:
            raise Unreadable("an answer to a reply must be XML that says so in its Content-Type", field="Content-Type")
        return tuple(self._draft(each, inbound) for each in self._messages(_tree(said.body)))

    def written(self, said: Response, texts: Mapping[int, str | None]) -> Response:
        """The answer with these texts: `texts[i]` is that of the i-th draft, and one without is taken out."""
        if content_type(said.header(b"content-type") or b"")[0] == "text/plain":
            return answer(200, b"text/plain; charset=utf-8", (texts.get(0) or "").encode())
        root = _tree(said.body)
        for place, message in enumerate(list(self._messages(root))):
            if place not in texts:
                root.remove(message)
            elif (text := texts[place]) is not None and text != _text(message):
                _put(message, text)
        return answer(said.status, b"text/xml", _DECLARED + etree.tostring(root, encoding="utf-8"))

    def _messages(self, root: etree._Element) -> Iterator[etree._Element]:
        if root.tag != _ROOT:
            raise Unreadable(f"the answer's outermost element must be <{_ROOT}>")
        for element in root:
            if element.tag not in self.sending:
                raise Unreadable(
                    f"<{element.tag}> is not followed here; answer with <{'> or <'.join(self.sending)}> only"
                )
            yield element

    def _draft(self, element: etree._Element, inbound: Inbound) -> Draft:
        to, sender = element.get(self.to, inbound.recipient), element.get(self.sender, inbound.to)
        return Draft(to, sender_of(sender), _text(element), media=sum(1 for _ in element.iter(_MEDIA)))


def _plain(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset or "utf-8")
    except (LookupError, ValueError):
        raise Unreadable("the answer is not in the charset that it says", field="Content-Type") from None


def _tree(body: bytes) -> etree._Element:
    # Entities of the answer's own stay unread, so that a small answer can't grow without end.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Unreadable("the answer is no good XML") from None
    if root.getroottree().docinfo.doctype:
        raise Unreadable("the answer has a DOCTYPE; leave it out")
    return root


def _text(element: etree._Element) -> str:
    bodies = element.findall(_BODY)
    if len(bodies) > 1:
        raise Unreadable(f"a message has more than one <{_BODY}>; write one")
    return ((bodies[0] if bodies else element).text or "").strip()


def _put(element: etree._Element, text: str) -> None:
    body = element.find(_BODY)
    (element if body is None else body).text = text
