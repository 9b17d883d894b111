"""Messages for Azure that leave later, and texts of our own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.dialects.azure.answers import NO_RESULTS, accepted, with_results, withheld_results
from gateway.dialects.own_texts import json_post, named
from gateway.dialects.signed_texts import SignedTexts
from gateway.dialects.signer import AUTHORIZATION
from gateway.words.kept import Kept
from gateway.words.number import Sender
from gateway.words.outcome import Fate, Outcome
from gateway.words.wire import Credentials, Request, Response

VERSION = "2021-03-07"


class AzureHolding(SignedTexts):
    """An access key is all that Azure asks for: of the credentials, the secret."""

    ID = re.compile(rb'"messageId"\s*:\s*"([\x21\x23-\x7e]+)"')
    CODE = re.compile(rb'"code"\s*:\s*"(\w+)"')

    def authorized(self, request: Request, credentials: Credentials) -> Request:
        """Without a token of the client's, which ends within the hour."""
        headers = tuple(pair for pair in request.headers if pair[0].lower() != AUTHORIZATION)
        return Request(request.method, request.target, headers, request.body)

    def held(self, kept: Sequence[Kept], outcomes: Sequence[Outcome], carrier: Response | None) -> Response:
        """A result for each recipient, in their order: ours, and the carrier's for those that have left."""
        send = kept[0].send
        ours = {each.place: accepted(each.draft.to, outcomes[each.place].message.id) for each in kept}
        sent = any(outcome.fate is Fate.SENT for outcome in outcomes)
        return with_results(carrier if carrier and sent else NO_RESULTS, ours | withheld_results(send, outcomes))

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        fields = {**named(sender, "from", "from"), "smsRecipients": [{"to": to}], "message": text}
        return json_post(f"/sms?api-version={VERSION}", fields)
