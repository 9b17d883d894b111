"""Answers that we make up, and carriers' answers with our withheld messages joined to them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import chain
from operator import itemgetter

import orjson

from gateway.dialects.documents import Change, Document, Node
from gateway.dialects.heads import with_header
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.outcome import Fate, Outcome, Verdict
from gateway.words.wire import Response

JSON = b"application/json"
PLAIN = b"text/plain; charset=utf-8"

LONGEST_WAIT = timedelta(days=1)  # a carrier that asks for more may be mistaken
_TOLD = frozenset({Fate.SENT, Fate.HELD})
_OVERLOADED = frozenset({429, 503})

_GZIP = 31  # zlib's word for "with gzip's header, and the largest window"
_LONGEST = 16 * 1024  # bytes of an error

_BY_CLASS = {2: Verdict.ACCEPTED, 4: Verdict.REFUSED}


def by_status(status: int) -> Verdict:
    """What an HTTP status alone says: after a redirect or a server's error the message may have been sent."""
    return _BY_CLASS.get(status // 100, Verdict.UNKNOWN)


def by_mark(response: Response, *marks: bytes) -> Verdict:
    """The same, where the carrier's own answer to a send has one of these; a page of somebody's in between has not.

    What is compressed can't be looked at.
    """
    verdict = by_status(response.status)
    if verdict is not Verdict.ACCEPTED or response.header(b"content-encoding"):
        return verdict
    return Verdict.ACCEPTED if any(mark in response.body for mark in marks) else Verdict.UNKNOWN


def answer(status: int, kind: bytes, body: bytes) -> Response:
    """A whole answer of ours."""
    return Response(status, ((b"Content-Type", kind), (b"Content-Length", b"%d" % len(body))), body)


def json_answer(status: int, value: object) -> Response:
    """The same, with JSON as its body."""
    return answer(status, JSON, orjson.dumps(value))


def one_line(text: str) -> str:
    """A reason that can stand in a plain-text answer."""
    return " ".join(text.split())


def uncompressed(response: Response, longest: int = _LONGEST) -> bytes:
    """As much of the body as an error has, or of another length. Empty where it is no good gzip."""
    encoding = (response.header(b"content-encoding") or b"identity").strip().lower()
    if encoding == b"identity":
        return response.body[:longest]
    try:
        return zlib.decompressobj(_GZIP).decompress(response.body, longest) if encoding == b"gzip" else b""
    except zlib.error:
        return b""


def withheld(outcomes: Sequence[Outcome]) -> list[int]:
    """Of which of a request's messages a carrier's answer that accepts the others says nothing."""
    return [place for place, outcome in enumerate(outcomes) if outcome.fate not in _TOLD]


def with_body(carrier: Response, body: bytes) -> Response:
    """A carrier's answer with more in it, and the length that it has now."""
    headers = with_header(carrier.headers, b"Content-Length", b"%d" % len(body))
    return replace(carrier, headers=headers, body=body)


def inserted(document: Document, results: Node, entries: dict[int, str]) -> bytes:
    """A JSON answer whose array `results` (one entry a message) gets our entries (JSON) at their places."""
    return document.with_changes([insertion(document, results, entries)])


def insertion(document: Document, results: Node, entries: dict[int, str]) -> Change:
    """The same, beside other changes."""
    assert isinstance(results.value, list)  # noqa: S101
    carriers = [document.spelling(node) for node in results.value]
    for place in sorted(entries):
        carriers.insert(place, entries[place])
    return Change(results.start, results.end, f"[{', '.join(carriers)}]")


def reason_of(outcome: Outcome) -> tuple[Reason, str]:
    """Why one of several messages did not leave, for its own place in an answer: the kind of a "no", and words."""
    finding = outcome.decision.deciding
    if outcome.fate is not Fate.WITHHELD or finding is None:
        return Reason.BAD_REQUEST, "the carrier did not take it"
    return finding.reason or Reason.BAD_REQUEST, f"{finding.why} ({finding.rule})"


def joined(answers: Sequence[tuple[Sequence[int], Response]], at: Callable[[Document], Node | None]) -> Response:
    """The first of several JSON answers, whose array (`at`, one entry a message) holds the entries of all of them, each
    at its message's place. The first as it is where one of them can't be read."""
    try:
        documents = [Document.read(response.body) for _, response in answers]
        arrays = [node for document in documents if (node := at(document)) and isinstance(node.value, list)]
    except Unreadable:
        return answers[0][1]
    if len(arrays) < len(answers):
        return answers[0][1]
    places = [those for those, _ in answers]
    entries = sorted(chain.from_iterable(map(_entries, places, documents, arrays)), key=itemgetter(0))
    listed = ", ".join(entry for _, entry in entries)
    change = Change(arrays[0].start, arrays[0].end, f"[{listed}]")
    return with_body(answers[0][1], documents[0].with_changes([change]))


def _entries(places: Sequence[int], document: Document, array: Node) -> Iterator[tuple[int, str]]:
    """Each entry with its message's place: the last one's where there are more of them than messages."""
    assert isinstance(array.value, list)  # noqa: S101
    for index, node in enumerate(array.value):
        yield places[min(index, len(places) - 1)], document.spelling(node)


def retry_after(response: Response, now: datetime) -> timedelta | None:
    """How long a carrier that is overloaded (429, 503) wants to be left in peace; zero where it names no time.

    Retry-After is in seconds or an HTTP date (RFC 9110, 10.2.3).
    """
    if response.status not in _OVERLOADED:
        return None
    given = (response.header(b"retry-after") or b"").decode("latin-1").strip()
    if given.isascii() and given.isdecimal():
        return timedelta(seconds=min(int(given[:9]), LONGEST_WAIT.total_seconds()))
    return min(max(_until(given, now), timedelta(0)), LONGEST_WAIT)


def _until(date: str, now: datetime) -> timedelta:
    try:
        instant = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return timedelta(0)
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)) - now
