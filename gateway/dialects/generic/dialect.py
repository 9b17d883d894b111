"""An in-house gateway, described by its operator in YAML instead of in Python."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

import orjson

from gateway.dialects.answers import answer, by_status, inserted, joined, one_line, withheld
from gateway.dialects.answers import with_body as with_answer
from gateway.dialects.base import Dialect
from gateway.dialects.credentials import account_of
from gateway.dialects.documents import Document, Node
from gateway.dialects.form_layout import FormLayout
from gateway.dialects.forms import Form
from gateway.dialects.generic.description import GenericDescription, Results, Scalar, Template
from gateway.dialects.heads import FORM, as_it_is, content_type, watched, with_body, with_query
from gateway.dialects.json_layout import JsonLayout, found
from gateway.dialects.layouts import Flag, Layout
from gateway.dialects.methods import READING, writes
from gateway.dialects.paths import settled
from gateway.dialects.texts import MOST_RECIPIENTS
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Send
from gateway.words.outcome import Outcome, Verdict
from gateway.words.wire import Request, Response

_KINDS = {"form": FORM, "json": "application/json"}


class Generic(Dialect):
    """Everything that differs from one such gateway to another stands in its GenericDescription."""

    def __init__(self, description: GenericDescription) -> None:
        self.name = description.name
        self.bare_is_international = description.numbers == "international"
        self._described = description
        self._method = description.send.method.encode()
        self._path = _pattern(description.send.path.encode())
        self._settled = _pattern(settled(description.send.path.encode()))
        self._layout = _layout(description)
        fields = description.fields
        self._names = frozenset(_name(place) for place in (fields.to, fields.text))
        self._in_query = description.send.body == "query"
        self.one_recipient = "[]" not in fields.to and fields.separator is None

    def claims(self, request: Request) -> bool:
        if not self._path.fullmatch(request.path) and not self._settled.fullmatch(settled(request.path)):
            return False
        return request.method == self._method or request.method not in READING or writes(request, self._names)

    def sends(self, path: bytes) -> bool:
        return self._settled.fullmatch(settled(path)) is not None

    def read(self, request: Request) -> Send | None:
        self._sent_openly(request)
        drafts = self._layout.drafts(self._raw(request))
        if len(drafts) > MOST_RECIPIENTS:
            raise Unreadable(f"more than {MOST_RECIPIENTS} recipients; send several requests")
        return Send(request, drafts, account_of(request.headers))

    def write(self, send: Send, texts: Mapping[int, str | None]) -> Request:
        drafts = send.drafts
        wanted = {place: text if text is not None else drafts[place].text or "" for place, text in texts.items()}
        if wanted == {place: draft.text for place, draft in enumerate(drafts)}:
            return send.request
        raw = self._layout.written(self._raw(send.request), drafts, wanted)
        return with_query(send.request, raw) if self._in_query else with_body(send.request, raw)

    def verdict(self, response: Response) -> Verdict:
        success = self._described.success
        if response.status not in success.status:
            verdict = by_status(response.status)
            return Verdict.UNKNOWN if verdict is Verdict.ACCEPTED else verdict
        if success.field is None:
            return Verdict.ACCEPTED
        values = _values(response, success.field)
        if values is None:
            return Verdict.UNKNOWN
        # One message of several that was taken is a message that may have been sent.
        return Verdict.ACCEPTED if any(value in success.value for value in values) else Verdict.REFUSED

    def joined(self, answers: Sequence[tuple[Sequence[int], Response]]) -> Response:
        results = self._described.results
        return joined(answers, lambda document: _results(document, results.at)) if results else answers[0][1]

    def answer(self, send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
        """Ours are joined to the carrier's where its answer has an entry for each message."""
        results, places = self._described.results, withheld(outcomes)
        if results is None or not places or self.verdict(carrier) is not Verdict.ACCEPTED:
            return carrier
        entries = {place: _entry(results, send.drafts[place].to, outcomes[place]) for place in places}
        try:
            document = Document.read(carrier.body)
            array = _results(document, results.at)
        except Unreadable:
            return carrier
        if array is None or not isinstance(array.value, list):
            return carrier
        return with_answer(carrier, inserted(document, array, entries))

    def refuse(self, request: Request, reason: Reason, why: str, field: str = "") -> Response:
        refusal = self._described.refusal(reason)
        return _filled(refusal, refusal.status, refusal.code or reason, why)

    def away(self, request: Request, status: int, why: str) -> Response:
        refusal = self._described.refusal(Reason.TRY_AGAIN)
        return _filled(refusal, status, refusal.code or Reason.TRY_AGAIN, why)

    def _raw(self, request: Request) -> bytes:
        return request.query if self._in_query else request.body

    def _sent_openly(self, request: Request) -> None:
        """Raises Unreadable for what might be taken for a send, though it is not sent as described."""
        if not self._path.fullmatch(request.path) or request.method != self._method:
            shape = self._described.send
            raise Unreadable(f"texts are sent by {shape.method} {shape.path}; spell it so")
        found = watched(request.headers)
        as_it_is(found)
        if request.body if self._in_query else Form.read(request.query).holding(self._names):
            raise Unreadable("a message in the query and a body beside it; send one or the other")
        kind, charset = content_type(found.get(b"content-type", b""))
        expected = _KINDS.get(self._described.send.body, kind)
        if kind != expected or charset not in {"", "utf-8", "utf8"}:
            raise Unreadable(f"the body must be {expected} in UTF-8, and say so", field="Content-Type")


def _name(place: str) -> bytes:
    """The field's own name, without the path to it."""
    return place.removesuffix("[]").rpartition(".")[2].lower().encode()


def _pattern(path: bytes) -> re.Pattern[bytes]:
    return re.compile(re.escape(path).replace(rb"\*", rb"[^/]+"))


def _layout(description: GenericDescription) -> Layout:
    fields, encoding = description.fields, description.encoding
    flag = Flag(encoding.field, json.dumps(encoding.unicode), _plain(encoding.unicode)) if encoding else None
    kind = JsonLayout if description.send.body == "json" else FormLayout
    return kind(fields.to, fields.text, fields.sender, fields.separator, flag)


def _plain(value: Scalar) -> str:
    """A value in a form: YAML's booleans in lower case, as they are written in YAML."""
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _results(document: Document, at: str) -> Node | None:
    """The array with an entry for each message. Raises Unreadable where something else is on the way to it."""
    (place,) = found(document.root, at.removesuffix("[]"))
    return place.node


def _values(response: Response, path: str) -> list[object] | None:
    """What stands at a path of a JSON answer; None where that can't be told."""
    try:
        document = Document.read(response.body)
        nodes = [place.node for place in found(document.root, path)]
    except Unreadable:
        return None
    return [orjson.loads(document.spelling(node)) for node in nodes if node] or None


def _entry(results: Results, to: str, outcome: Outcome) -> str:
    finding = outcome.decision.deciding
    reason, why = (finding.reason, finding.why) if finding else (None, "")
    marks = {"{to}": to, "{code}": reason or Reason.BAD_REQUEST, "{message}": why}
    return _with_marks(results.refused, {mark: json.dumps(value)[1:-1] for mark, value in marks.items()})


def _filled(template: Template, status: int, code: str, message: str) -> Response:
    marks = {"{code}": _escaped(template, code), "{message}": _escaped(template, message)}
    return answer(status, template.type.encode(), _with_marks(template.body, marks).encode())


def _escaped(template: Template, value: str) -> str:
    if template.is_json:
        return json.dumps(value)[1:-1]
    return escape(value, {'"': "&quot;"}) if template.is_markup else one_line(value)


def _with_marks(template: str, marks: Mapping[str, str]) -> str:
    """All marks at once: what is filled in is never looked at again."""
    return re.sub("|".join(map(re.escape, marks)), lambda match: marks[match[0]], template)
