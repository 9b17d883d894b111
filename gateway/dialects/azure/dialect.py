"""Azure Communication Services: `POST /sms`, JSON both ways, with a result for each of several recipients."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from gateway.dialects import url_secrets
from gateway.dialects.answers import by_status, joined, uncompressed
from gateway.dialects.azure import webhook
from gateway.dialects.azure.answers import error, refused, results_of, with_results, withheld_results
from gateway.dialects.azure.holding import AzureHolding
from gateway.dialects.azure.signature import AzureSigner
from gateway.dialects.base import Dialect
from gateway.dialects.documents import Change
from gateway.dialects.heads import with_body
from gateway.dialects.json_posts import Fields, opened, text_for_all
from gateway.dialects.layouts import needed_text
from gateway.dialects.methods import may_send
from gateway.dialects.paths import meant
from gateway.dialects.signer import Signer
from gateway.dialects.texts import MOST_RECIPIENTS
from gateway.numbering.senders import sender_of
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound, Send
from gateway.words.outcome import Outcome, Verdict
from gateway.words.wire import Credentials, Request, Response

_SEND = re.compile(rb"/sms")
# The same as `settled` leaves it, and other doors by which texts leave: what may come below, WhatsApp and the like.
_DOOR = re.compile(rb"/sms(?:/.*)?|/messages(?:/.*)?")
_OPT_OUTS = re.compile(rb"/sms/optouts:(?:add|remove|check)")

_MAKING = frozenset({b"from", b"smsrecipients", b"message", b"smssendoptions"})
_MAKING_ONLY = frozenset({b"smsrecipients", b"message"})
_TAKEN = re.compile(rb'"successful"\s*:\s*(true|false)')


class Azure(Dialect):
    """All recipients of a request get the same text; a refused one has a result that says so, which no SDK raises."""

    name = "azure"
    bare_is_international = False
    signs = True
    answers_keywords = True

    def __init__(self) -> None:
        self.holding = AzureHolding(self.write)

    def signer(self, credentials: Credentials | None) -> Signer:
        return AzureSigner(credentials)

    def claims(self, request: Request) -> bool:
        return True

    def sends(self, path: bytes) -> bool:
        return meant(path, _SEND)

    def read(self, request: Request) -> Send | None:
        if _OPT_OUTS.fullmatch(request.path) or not may_send(request, _SEND, _DOOR, _MAKING_ONLY):
            return None
        if not _SEND.fullmatch(request.path):
            raise Unreadable("this path is not spelled as a send that is known here; POST to /sms")
        return Send(request, tuple(_drafts(opened(request, _MAKING))))

    def write(self, send: Send, texts: Mapping[int, str | None]) -> Request:
        fields = Fields.read(send.request.body)
        changes = list(_changes(fields, send.drafts, texts))
        return with_body(send.request, fields.document.with_changes(changes)) if changes else send.request

    def verdict(self, response: Response) -> Verdict:
        """Accepted where one recipient's message is: of the others Azure says in the same answer what is wrong."""
        verdict = by_status(response.status)
        if verdict is not Verdict.ACCEPTED:
            return verdict
        said = set(_TAKEN.findall(uncompressed(response)))
        return (Verdict.ACCEPTED if b"true" in said else Verdict.REFUSED) if said else Verdict.UNKNOWN

    def joined(self, answers: Sequence[tuple[Sequence[int], Response]]) -> Response:
        return joined(answers, results_of)

    def answer(self, send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
        """The withheld recipients have results among the others, in the order in which the request names them."""
        ours = withheld_results(send, outcomes)
        return with_results(carrier, ours) if ours and self.verdict(carrier) is Verdict.ACCEPTED else carrier

    def refuse(self, request: Request, reason: Reason, why: str, field: str = "") -> Response:
        if reason in {Reason.BAD_REQUEST, Reason.TRY_AGAIN}:
            return error(reason, why, field)
        try:
            recipients = [draft.to for draft in _drafts(Fields.read(request.body))]
        except Unreadable:
            return error(reason, why, field)
        return refused(recipients, reason, why)

    def away(self, request: Request, status: int, why: str) -> Response:
        return error(Reason.TRY_AGAIN, why, status=status)

    def hear(self, request: Request) -> Inbound | None:
        return next(iter(self.hear_all(request)), None)

    def hear_all(self, request: Request) -> tuple[Inbound, ...]:
        return webhook.hear_all(request)

    def handshake(self, request: Request) -> Response | None:
        return webhook.handshake(request)

    def without_secret(self, request: Request, secret: str) -> Request:
        return url_secrets.without_secret(request, secret)

    def signed(self, request: Request, url: str, secret: str, now: datetime) -> bool:
        return url_secrets.knows(request, secret)

    def silence(self) -> Response:
        return Response(200, ())


def _drafts(fields: Fields) -> Iterator[Draft]:
    recipients = fields.elements("smsRecipients")
    if not recipients:
        raise Unreadable("`smsRecipients` is missing or empty", field="smsRecipients")
    if len(recipients) > MOST_RECIPIENTS:
        raise Unreadable(f"more than {MOST_RECIPIENTS} recipients; send several requests", field="smsRecipients")
    text, sender = needed_text(fields.text("message"), "message"), sender_of(fields.scalar("from"))
    for node in recipients:
        yield Draft(Fields.of(fields.document, node, "a recipient").needed("to"), sender, text)


def _changes(fields: Fields, drafts: Sequence[Draft], texts: Mapping[int, str | None]) -> Iterator[Change]:
    recipients = fields.get("smsRecipients")
    if recipients is not None and len(texts) < len(drafts):
        yield from fields.document.without(recipients, {place for place in range(len(drafts)) if place not in texts})
    new = text_for_all(drafts, texts)
    if new is not None:
        yield fields.with_text("message", new)
