"""Parameters of sends and webhooks: one list of names and values, spelled as a form, a query or a JSON object."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from gateway.dialects.forms import Form, with_value, without
from gateway.dialects.heads import FORM, as_it_is, content_type, watched, with_body, with_query
from gateway.dialects.json_posts import JSON, Fields
from gateway.dialects.methods import METHOD
from gateway.words.errors import Unreadable
from gateway.words.wire import Request


class Parameters(Protocol):
    """All methods raise Unreadable where a parameter could be read in two ways."""

    def value(self, name: str) -> str:
        """Empty where there is none."""

    def pairs(self) -> list[tuple[str, str]]:
        """All of them, in order."""

    def put(self, changes: Mapping[str, str]) -> Parameters:
        """With these values; every other byte as it was."""

    def drop(self, names: Collection[str]) -> Parameters:
        """Without those of these names."""

    def within(self, request: Request) -> Request:
        """The request with these parameters instead of its own."""


@dataclass(frozen=True, slots=True)
class InForm:
    """In a form that is posted, or in the query."""

    raw: bytes
    in_query: bool

    def value(self, name: str) -> str:
        return Form.read(self.raw).text_of(name.encode()) or ""

    def pairs(self) -> list[tuple[str, str]]:
        try:
            return [(name.decode(), value.decode()) for name, value in Form.read(self.raw).pairs()]
        except UnicodeDecodeError:
            raise Unreadable("a field is not valid UTF-8; send it as UTF-8") from None

    def put(self, changes: Mapping[str, str]) -> InForm:
        raw = self.raw
        for name, value in changes.items():
            raw = with_value(raw, name.encode(), value.encode())
        return replace(self, raw=raw)

    def drop(self, names: Collection[str]) -> InForm:
        return replace(self, raw=without(self.raw, frozenset(name.encode() for name in names)))

    def within(self, request: Request) -> Request:
        return with_query(request, self.raw) if self.in_query else with_body(request, self.raw)


@dataclass(frozen=True, slots=True)
class InJson:
    """In a JSON object, of strings and numbers."""

    raw: bytes

    def value(self, name: str) -> str:
        return Fields.read(self.raw).scalar(name)

    def pairs(self) -> list[tuple[str, str]]:
        fields = Fields.read(self.raw)
        return [
            (name, node.value if isinstance(node.value, str) else fields.document.spelling(node))
            for name, node in fields.members.items()
        ]

    def put(self, changes: Mapping[str, str]) -> InJson:
        fields = Fields.read(self.raw)
        return InJson(fields.document.with_changes([fields.with_text(name, value) for name, value in changes.items()]))

    def drop(self, names: Collection[str]) -> InJson:
        raw = self.raw
        for name in names:
            fields = Fields.read(raw)
            if name in fields.members:
                raw = fields.document.with_changes([fields.without(name)])
        return InJson(raw)

    def within(self, request: Request) -> Request:
        return with_body(request, self.raw)


def sent_in(request: Request, making: frozenset[bytes]) -> Parameters:
    """Those of a send. `making`: folded names that make a message, and must stand in one place only.

    Raises Unreadable where the request could be read in another way.
    """
    given = told_in(request)
    if isinstance(given, InForm) and (hidden := Form.read(given.raw).hiding(making)):
        raise Unreadable(f"`{hidden}` is hidden; escape a literal semicolon as %3B", field=hidden)
    beside = METHOD if given == InForm(request.query, in_query=True) else METHOD | making
    if request.query and (name := Form.read(request.query).holding(beside)):
        raise Unreadable(f"`{name}` stands in the query beside a body; put all fields into one of them", field=name)
    return given


def told_in(request: Request) -> Parameters:
    """Those of a webhook: of the body, where there is one. Raises Unreadable."""
    found = watched(request.headers)
    as_it_is(found)
    if request.method not in {b"GET", b"POST"} or (request.method == b"GET" and request.body):
        raise Unreadable("parameters come by GET in the query, or by POST; use no other method")
    if not request.body:
        return InForm(request.query, in_query=True)
    kind, charset = content_type(found.get(b"content-type", b""))
    if kind not in {FORM, JSON} or charset not in {"", "utf-8", "utf8"}:
        raise Unreadable(f"the body must be {FORM} or {JSON} in UTF-8, and say so", field="Content-Type")
    return InJson(request.body) if kind == JSON else InForm(request.body, in_query=False)
