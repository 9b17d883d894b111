"""Messages that wait here for carriers whose requests are signed for an instant: they are, when they leave."""

from __future__ import annotations

from abc import ABC
from datetime import datetime

from gateway.dialects.own_texts import OwnTexts
from gateway.dialects.signer import unproven
from gateway.words.errors import Unreadable
from gateway.words.kept import Kept
from gateway.words.message import Send
from gateway.words.wire import Credentials, Request


class SignedTexts(OwnTexts, ABC):
    """Only the upstream's credentials can sign; what a client has signed is stale by then.

    Neither carrier can be asked for a message by its id: clients are told the one that the audit has.
    """

    def authorized(self, request: Request, credentials: Credentials) -> Request:
        return request

    def can_hold(self, send: Send, credentials: Credentials | None) -> bool:
        if credentials is None or any(draft.text is None for draft in send.drafts):
            return False
        try:
            self.valid_for(send)
        except Unreadable:
            return False
        return True

    def composed(self, kept: Kept, credentials: Credentials | None, now: datetime) -> Request:
        if credentials is None:
            raise unproven("the upstream has no `credentials` any more to sign it with")
        return super().composed(kept, credentials, now)
