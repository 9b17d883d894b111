"""Kannel's XML: `<message><submit><da><number>...</number></da>...<ud>text</ud>...</submit></message>`.

Kannel takes a text of hex digits for hex, and any other for percent-encoded, a plus being a space. Only plain elements
are read: what else XML can do (DOCTYPE, CDATA, comments, attributes) makes one parser see what another does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, unescape

from gateway.dialects.charsets import decode
from gateway.dialects.forms import decoded
from gateway.dialects.heads import with_body
from gateway.dialects.kannel.spellings import UNICODE, Submit
from gateway.words.errors import Unreadable
from gateway.words.wire import Request

MOST_TOKENS = 50_000

_PROLOGUE = re.compile(r'\s*(?:<\?xml\s+version=["\']1\.[01]["\'](?:\s+encoding=["\']([\w.-]+)["\'])?\s*\?>\s*)?')
_TOKEN = re.compile(r"<(/?)([A-Za-z][\w-]*)\s*(/?)>|([^<]+)")
_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_SPECIAL = re.compile(r"[%+\x00-\x1f\x7f]")

_SUBMIT = "message/submit"
_DA, _NUMBER = f"{_SUBMIT}/da", f"{_SUBMIT}/da/number"
_OA, _UD, _UDH = f"{_SUBMIT}/oa/number", f"{_SUBMIT}/ud", f"{_SUBMIT}/udh"
_DEFERRED = f"{_SUBMIT}/timing/delay"
_DCS, _CODING = f"{_SUBMIT}/dcs", f"{_SUBMIT}/dcs/coding"


@dataclass(frozen=True, slots=True)
class Element:
    """Where an element stands, from its tag to the end of its end tag, and what is inside it."""

    path: str
    start: int
    inner: int
    inner_end: int
    end: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """A parsed body: its text and its elements, each with its path."""

    text: str
    elements: dict[str, list[Element]]

    @classmethod
    def read(cls, body: bytes) -> Envelope:
        """Raises Unreadable for anything but UTF-8 and plain elements."""
        text = decode(body, UNICODE)
        prologue = _PROLOGUE.match(text)
        if prologue is None or (prologue[1] or "utf-8").lower() not in {"utf-8", "us-ascii"}:
            raise Unreadable("write the XML in UTF-8, and say so in its first line", field="encoding")
        elements: dict[str, list[Element]] = {}
        for element in _elements(text, prologue.end()):
            elements.setdefault(element.path, []).append(element)
        return cls(text, elements)

    def one(self, path: str) -> Element | None:
        """The element; Raises Unreadable where there are several."""
        found = self.elements.get(path, [])
        if len(found) > 1:
            raise Unreadable(f"<{path.rpartition('/')[2]}> is given twice; give it once", field=path)
        return found[0] if found else None

    def spelled(self, path: str) -> str:
        """The content of the one element of this path as it is spelled, "" where there is none."""
        element = self.one(path)
        return "" if element is None else self.text[element.inner : element.inner_end]

    def value(self, path: str) -> str:
        """The same, without XML's own escapes. Raises Unreadable where there are elements inside."""
        spelled = self.spelled(path)
        if "<" in spelled:
            raise _broken()
        return unescape(spelled, {"&quot;": '"', "&apos;": "'"}).strip()

    def replaced(self, start: int, end: int, text: str) -> Envelope:
        """With another text between two places; read anew, as every place behind has moved."""
        return Envelope.read((self.text[:start] + text + self.text[end:]).encode())


class InXml:
    """The spelling of a `text/xml` body."""

    def read(self, request: Request) -> Submit:
        envelope = Envelope.read(request.body)
        return Submit(
            recipients=tuple(_recipients(envelope)),
            sender=envelope.value(_OA),
            data=_data(envelope.value(_UD)),
            charset=UNICODE,
            coding=envelope.value(_CODING),
            udh=bool(envelope.value(_UDH)),
            deferred=envelope.value(_DEFERRED),
        )

    def with_recipients(self, request: Request, kept: Sequence[int]) -> Request:
        envelope = Envelope.read(request.body)
        text = envelope.text
        for place, da in reversed(list(enumerate(envelope.elements[_DA]))):  # from the end, so that places hold
            if place not in kept:
                text = text[: da.start] + text[da.end :]
        return with_body(request, text.encode())

    def with_text(self, request: Request, data: bytes) -> Request:
        return with_body(request, _with_text(Envelope.read(request.body), data).text.encode())

    def with_unicode(self, request: Request, text: str) -> Request:
        envelope = _with_text(Envelope.read(request.body), text.encode())
        return with_body(request, _with_coding(envelope).text.encode())


def _elements(text: str, at: int) -> Iterator[Element]:
    """Every element, as it ends."""
    opened: list[tuple[str, int, int]] = []
    for _ in range(MOST_TOKENS):
        token = _TOKEN.match(text, at)
        if token is None:
            break
        at = token.end()
        closing, name, empty, characters = token.groups()
        if characters is not None:
            _plain(characters, inside=bool(opened))
        elif not closing:
            path = f"{opened[-1][0]}/{name}" if opened else name
            opened.append((path, token.start(), at))
        if name and (closing or empty):
            path, start, inner = opened.pop() if opened else ("", 0, 0)
            if path.rpartition("/")[2] != name:
                raise _broken()
            yield Element(path, start, inner, inner if empty else token.start(), at)
    if opened or at != len(text):
        raise _broken()


def _plain(characters: str, *, inside: bool) -> None:
    if _REFERENCE.search(characters) or (characters.strip() and not inside):
        raise _broken()


def _broken() -> Unreadable:
    return Unreadable(
        "the XML is broken, or not plain: no DOCTYPE, CDATA, comments, attributes or character references"
    )


def _recipients(envelope: Envelope) -> Iterator[str]:
    """One number in each `<da>`. Raises Unreadable for anything else."""
    numbers = envelope.elements.get(_NUMBER, [])
    if len(numbers) != len(envelope.elements.get(_DA, [])) or len(envelope.elements.get(_SUBMIT, [])) > 1:
        raise Unreadable("give one <number> in each <da>, and one <submit>", field="da")
    for number in numbers:
        spelled = envelope.text[number.inner : number.inner_end].strip()
        if not spelled or "<" in spelled or "&" in spelled:
            raise Unreadable("Empty receiver number not allowed, rejected", field="da")
        yield spelled


def _data(text: str) -> bytes:
    """The bytes that Kannel makes of a `<ud>`."""
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    if _BAD_ESCAPE.search(text):
        raise Unreadable("a percent sign is not followed by two hex digits; escape a literal one as %25", field="ud")
    return decoded(text.encode())


def _with_text(envelope: Envelope, data: bytes) -> Envelope:
    element = envelope.one(_UD)
    if element is None:
        raise Unreadable("Empty text not allowed, rejected", field="ud")
    value = envelope.value(_UD)
    if _HEX.fullmatch(value):
        return envelope.replaced(element.inner, element.inner_end, data.hex())
    old = _data(value)
    kept = envelope.spelled(_UD).strip() if data.startswith(old) else ""
    written = kept + _written(data[len(old) :] if kept else data)
    if _HEX.fullmatch(written):
        written = _escaped(written[0]) + written[1:]
    return envelope.replaced(element.inner, element.inner_end, written)


def _written(data: bytes) -> str:
    """Text that Kannel decodes to these bytes, and that XML can hold."""
    return escape(_SPECIAL.sub(lambda match: _escaped(match[0]), data.decode()))


def _escaped(char: str) -> str:
    return f"%{ord(char):02X}"


def _with_coding(envelope: Envelope) -> Envelope:
    if coding := envelope.one(_CODING):
        return envelope.replaced(coding.inner, coding.inner_end, "2")
    if dcs := envelope.one(_DCS):
        return envelope.replaced(dcs.start, dcs.end, f"<dcs><coding>2</coding>{envelope.spelled(_DCS)}</dcs>")
    submit = envelope.elements[_SUBMIT][0]
    return envelope.replaced(submit.inner_end, submit.inner_end, "<dcs><coding>2</coding></dcs>")
