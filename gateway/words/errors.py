"""What can go wrong, split by what the catcher does next. A "no" is no error: it is a Decision."""

from __future__ import annotations

from gateway.words.decision import Reason


class GatewayError(Exception):
    """Says what was wrong, where, and what to do; never a number or a text."""


class TryLater(GatewayError):
    """Nothing was sent, and sending again may help: the dialect's "try again"."""


class StoreAway(TryLater):
    """The facts can't be read or the reservation can't be written."""


class UpstreamAway(TryLater):
    """The carrier gave no answer.

    `status` is the HTTP status for the client by cause: 502 broken, 503 refused or overloaded, 504 timed out.
    `maybe_sent` is True when bytes of the request may have reached the carrier: then the attempt is in doubt.
    """

    def __init__(self, message: str, status: int, *, maybe_sent: bool) -> None:
        super().__init__(message)
        self.status = status
        self.maybe_sent = maybe_sent


class Unreadable(GatewayError):
    """No sense in this request: the dialect's own 4xx, no upstream call.

    `reason` picks the carrier's code, `field` names the parameter that is wrong, where one is.
    """

    def __init__(self, message: str, *, field: str = "", reason: Reason = Reason.BAD_REQUEST) -> None:
        super().__init__(message)
        self.field = field
        self.reason = reason


class TextsDiffer(Unreadable):
    """The recipients of one request need texts that it can't hold together: it must become several."""
