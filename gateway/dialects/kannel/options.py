"""What stands in a Kannel request beside its message: credentials, receipts, schedule; by name, in every spelling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol
from xml.sax.saxutils import escape

from gateway.dialects.forms import Form, with_value, without
from gateway.dialects.heads import watched, with_body, with_header
from gateway.dialects.kannel.spellings import InHeaders, InQuery, Spelling
from gateway.dialects.kannel.xml import Envelope
from gateway.words.wire import Request

_SUBMIT = "message/submit"


@dataclass(frozen=True, slots=True)
class Option:
    """Its names in a query, its header, and its places in XML. Of several names Kannel takes the first that is there,
    and that is the one to write."""

    names: tuple[str, ...]
    header: str
    places: tuple[str, ...]  # below <submit>


USER = Option(("username", "user"), "X-Kannel-Username", ("from/username", "from/user"))
SECRET = Option(("password", "pass"), "X-Kannel-Password", ("from/password", "from/pass"))
DEFERRED = Option(("deferred",), "X-Kannel-Deferred", ("timing/delay",))  # minutes from now on
VALIDITY = Option(("validity",), "X-Kannel-Validity", ("vp/delay",))  # minutes from now on
DLR_MASK = Option(("dlr-mask", "dlrmask"), "X-Kannel-DLR-Mask", ("statusrequest/dlr-mask",))
DLR_URL = Option(("dlr-url", "dlrurl"), "X-Kannel-DLR-Url", ("statusrequest/dlr-url",))


class Options(Protocol):
    """Every method raises Unreadable where the option can be read in two ways."""

    def value(self, request: Request, option: Option) -> str:
        """Its value; "" where it is not there."""

    def put(self, request: Request, option: Option, value: str) -> Request:
        """With this value under each of its names that is there, or else under the first."""

    def drop(self, request: Request, option: Option) -> Request:
        """Without it."""


def options_in(spelling: Spelling) -> Options:
    """Where a request that is spelled so has its options."""
    if isinstance(spelling, InQuery):
        return _InForm(spelling)
    return _InHeaders() if isinstance(spelling, InHeaders) else _InXml()


@dataclass(frozen=True, slots=True)
class _InForm:
    """In the query, or in a posted form."""

    spelling: InQuery

    def value(self, request: Request, option: Option) -> str:
        form = Form.read(self.spelling.raw(request))
        return next((value for name in option.names if (value := form.text_of(name.encode()))), "")

    def put(self, request: Request, option: Option, value: str) -> Request:
        raw = self.spelling.raw(request)
        form = Form.read(raw)
        there = [name for name in option.names if form.raw_value(name.encode()) is not None]
        for name in there or option.names[:1]:
            raw = with_value(raw, name.encode(), value.encode())
        return self.spelling.put(request, raw)

    def drop(self, request: Request, option: Option) -> Request:
        names = frozenset(name.encode() for name in option.names)
        return self.spelling.put(request, without(self.spelling.raw(request), names))


class _InHeaders:
    def value(self, request: Request, option: Option) -> str:
        found = watched(request.headers, {option.header.lower().encode()})
        return next(iter(found.values()), b"").strip().decode("latin-1")

    def put(self, request: Request, option: Option, value: str) -> Request:
        return replace(request, headers=with_header(request.headers, option.header.encode(), value.encode()))

    def drop(self, request: Request, option: Option) -> Request:
        name = option.header.lower().encode()
        return replace(request, headers=tuple(pair for pair in request.headers if pair[0].lower() != name))


class _InXml:
    def value(self, request: Request, option: Option) -> str:
        envelope = Envelope.read(request.body)
        return next((value for place in _places(option) if (value := envelope.value(place))), "")

    def put(self, request: Request, option: Option, value: str) -> Request:
        envelope = Envelope.read(request.body)
        there = [place for place in _places(option) if envelope.one(place)]
        for place in there or [f"{_SUBMIT}/{option.places[0]}"]:
            envelope = _with_element(envelope, place, escape(value))
        return with_body(request, envelope.text.encode())

    def drop(self, request: Request, option: Option) -> Request:
        envelope = Envelope.read(request.body)
        for place in _places(option):
            if element := envelope.one(place):
                envelope = envelope.replaced(element.start, element.end, "")
        return with_body(request, envelope.text.encode())


def _places(option: Option) -> Iterator[str]:
    return (f"{_SUBMIT}/{place}" for place in option.places)


def _with_element(envelope: Envelope, place: str, content: str) -> Envelope:
    """With this content in an element; it is made where there is none, and those around it as well."""
    parent, _, name = place.rpartition("/")
    element = envelope.one(place)
    if element is None:
        old = envelope.spelled(parent)
        return _with_element(envelope, parent, f"{old}<{name}>{content}</{name}>")
    return envelope.replaced(element.start, element.end, f"<{name}>{content}</{name}>")
