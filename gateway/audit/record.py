"""What is recorded of each thing that happens: Entries from values. Pure, and nothing personal in clear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256

from gateway.audit.chain import Entry, Kind
from gateway.words import ledger
from gateway.words.decision import Reason
from gateway.words.doubtful import Doubtful
from gateway.words.facts import Consent, Stop, Suppression, SuppressionKind
from gateway.words.ledger import Happened
from gateway.words.message import Inbound
from gateway.words.number import Number
from gateway.words.outcome import Outcome
from gateway.words.wire import Request

BODY_KEPT = 64 * 1024  # bytes of a request's body; of what is beyond, length and SHA-256 are kept

_CREDENTIALS = frozenset({b"authorization", b"proxy-authorization", b"cookie", b"x-kannel-password"})
_HIDDEN = b"..."


def record_of(
    outcome: Outcome, upstream: str, scenario: Mapping[str, object], request: Request | None, now: datetime
) -> Entry:
    """A message's decision and fate. `scenario`: the message with the facts as they were known, to be judged again.

    A request that names many recipients is recorded once, with its first message; the others have None.
    """
    message, decision = outcome.message, outcome.decision
    deciding = decision.deciding
    clear = {
        "message": message.id,
        "upstream": upstream,
        "program": message.program.name,
        "category": message.category,
        "decision": decision.word,
        "rule": deciding.rule if deciding else None,
        "not_before": decision.not_before,
        "fate": outcome.fate,
        "revision": decision.revision,
        "findings": [finding.told() for finding in decision.findings],
        "sender": message.sender.kind,
        **_place(message.recipient),
    }
    private = {"scenario": scenario, "left": outcome.text, **_asked(request)}
    return Entry(Kind.MESSAGE, now, clear, private)


def dropped(message: str, why: str, now: datetime) -> Entry:
    """A message that waited is out of the outbox, by somebody's wish. `why` holds no number and no text."""
    return Entry(Kind.DROPPED, now, {"message": message, "why": why})


def call_given_up(call: str, lane: str, why: str, status: int | None, now: datetime) -> Entry:
    """A call that we owed is not made any more. `lane` says to whom, `status` what the last answer was, if any."""
    return Entry(Kind.CALL_GIVEN_UP, now, {"call": call, "lane": lane, "why": why, "status": status})


def cancel_asked(message: str, now: datetime) -> Entry:
    """Its sender asked to cancel a message that waited. If it was in time a line says that it was dropped."""
    return Entry(Kind.CANCEL_ASKED, now, {"message": message})


def doubt_ended(message: str, how: str, now: datetime) -> Entry:
    """A person said what became of an attempt in doubt."""
    return Entry(Kind.DOUBT_ENDED, now, {"message": message, "how": how})


def reconciled(message: str, upstream: str, carrier_id: str, now: datetime) -> Entry:
    """The carrier, asked what became of an attempt in doubt, lists the message under this id."""
    clear = {
        "message": message,
        "how": "sent",
        "rule": "gateway/reconciled",
        "upstream": upstream,
        "carrier_id": carrier_id,
    }
    return Entry(Kind.DOUBT_ENDED, now, clear)


def unreadable(upstream: str, reason: Reason, why: str, request: Request, now: datetime) -> Entry:
    """A request that was refused before there was a message. `why` holds no number and no text."""
    clear = {"upstream": upstream, "decision": "block", "reason": reason, "why": why}
    return Entry(Kind.UNREADABLE, now, clear, _asked(request))


def heard(upstream: str, inbound: Inbound, number: Number, intent: str, now: datetime) -> Entry:
    """A recipient's reply and what it was taken for."""
    clear = {"upstream": upstream, "inbound": inbound.id, "intent": intent, **_place(number)}
    private = {"number": number.e164, "to": inbound.to, "text": inbound.text}
    return Entry(Kind.HEARD, now, clear, private)


def judged(reply: Doubtful, verdict: str, by: str, now: datetime) -> Entry:
    """A person has read a doubtful reply."""
    clear = {"reply": reply.id, "verdict": verdict, "guess": reply.guess, "by": by, **_place(reply.recipient)}
    return Entry(Kind.JUDGED, now, clear, {"number": reply.recipient.e164, "text": reply.text})


def suppressed(number: Number, suppression: Suppression) -> Entry:
    clear = {
        "suppression": suppression.kind,
        "scope": _scope(suppression.scope),
        "source": suppression.source,
        **_place(number),
    }
    private: dict[str, object] = {
        "number": number.e164,
        "scope": suppression.scope,
        "detail": suppression.detail,
    }
    if suppression.answers:
        private["answers"] = asdict(suppression.answers)
    return Entry(Kind.SUPPRESSED, suppression.at, clear, private)


def lifted(number: Number, kind: SuppressionKind, scope: str, now: datetime) -> Entry:
    clear = {"suppression": kind, "scope": _scope(scope), **_place(number)}
    return Entry(Kind.LIFTED, now, clear, {"number": number.e164, "scope": scope})


_ENTERED = {
    Happened.REQUESTED: Kind.ASKED,
    Happened.GIVEN: Kind.AGREED,
    Happened.CONFIRMED: Kind.AGREED,
    Happened.WITHDRAWN: Kind.WITHDREW,
}


def entered(number: Number, entry: ledger.Entry, now: datetime) -> Entry:
    """Something was added to the ledger of consent."""
    what = entry.what
    clear = {
        "happened": entry.happened,
        "actor": entry.actor,
        "given": what.at,
        "method": what.method,
        "program": what.program,
        "categories": what.categories,
        **(_terms(what) if isinstance(what, Consent) else {}),
        **_place(number),
    }
    wording = what.wording if isinstance(what, Consent) else ""
    private = {"number": number.e164, "wording": wording, "evidence": asdict(entry.evidence)}
    return Entry(_ENTERED[entry.happened], now, clear, private)


def _terms(consent: Consent) -> dict[str, object]:
    return {
        "consent": consent.kind,
        "confirmed": consent.confirmed,
        "night": consent.night,
        "expires": consent.expires,
    }


def bulk(what: str, state: str, counts: Mapping[str, int], user: str, file: str, now: datetime) -> Entry:
    """An import or export begins or is done. A file's name may hold anything: it is sealed."""
    clear = {"what": what, "state": state, "user": user, **counts}
    return Entry(Kind.BULK, now, clear, {"file": file} if file else {})


def api_used(operation: str, token: str | None, status: int, now: datetime) -> Entry:
    """A call of the management API. `token`: its name; None: one that is not known."""
    return Entry(Kind.API, now, {"operation": operation, "token": token, "status": status})


def stopped(stop: Stop) -> Entry:
    """From here on this program, or all, sends nothing."""
    return Entry(Kind.PROGRAM_STOPPED, stop.at, {"program": stop.program}, {"reason": stop.reason})


def resumed(program: str, now: datetime) -> Entry:
    return Entry(Kind.PROGRAM_RESUMED, now, {"program": program})


def policy_loaded(revision: str, now: datetime) -> Entry:
    """From here on decisions rest on this set of policies."""
    return Entry(Kind.POLICY, now, {"revision": revision})


def _place(number: Number | None) -> dict[str, object]:
    if number is None:
        return {"country": None, "regions": ()}
    return {"country": number.place.country, "regions": number.place.regions}


def _scope(scope: str) -> str:
    """`sender:+1212...` names a number: only its kind is told in clear."""
    return "sender" if scope.startswith("sender:") else scope


def _asked(request: Request | None) -> dict[str, object]:
    """The request as it came, each byte a character (latin-1), but without the client's credentials."""
    if request is None:
        return {}
    fields = [(pair[0], _HIDDEN) if pair[0].lower() in _CREDENTIALS else pair for pair in request.headers]
    lines = [b"%s %s HTTP/1.1" % (request.method, request.target), *map(b": ".join, fields)]
    told = b"%s\r\n\r\n%s" % (b"\r\n".join(lines), request.body[:BODY_KEPT])
    asked: dict[str, object] = {"request": told.decode("latin-1")}
    if len(request.body) > BODY_KEPT:
        asked["body"] = {"length": len(request.body), "sha256": sha256(request.body).hexdigest()}
    return asked
