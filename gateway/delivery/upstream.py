"""A configured carrier endpoint: its dialect, and the connections on which it is reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from gateway.delivery.relay import Relay
from gateway.delivery.signing import Signing
from gateway.dialects.base import Dialect
from gateway.dialects.passing import Passing
from gateway.http1.client import Pool
from gateway.numbering.read import read_number
from gateway.words.number import Number
from gateway.words.wire import Credentials, Request, Response


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where messages of one route leave."""

    name: str
    dialect: Dialect
    pool: Pool | None  # None: it is mailed, by its relay
    country: str | None = None  # of numbers that are spelled without a plus
    holds: bool = True  # what may leave later only; else it is refused
    credentials: Credentials | None = None  # for what leaves later; None: the client's own, where they last
    callback_secret: str | None = None  # signs what its clients are called with, by us
    legacy_url: str = ""  # the legacy system's own webhook, where replies are told on
    receipts: str = ""  # where the carrier can call with receipts of what left later; empty: it calls the client
    rate: float = 10.0  # messages a second that a sender's outbox releases
    carrier_answers: bool = False  # keywords: it has confirmed STOP and answered HELP before we hear of them
    duplicates_within: timedelta = timedelta()  # for so long an equal message that is put off is a duplicate
    signing: Signing | None = None  # of what its pool sends; None: nothing is bound to the host that is called
    relay: Relay | None = None
    passing: tuple[Passing, ...] = ()  # what the operator lets through unread

    async def exchange(self, request: Request, start_within: float | None = None) -> Response:
        """Its answer. `start_within`: seconds until the first byte must be out. Raises UpstreamAway."""
        way = self.relay or self.pool
        assert way is not None, "it has one of them"  # noqa: S101
        return await way.exchange(request, start_within=start_within)

    def lets_through(self, request: Request) -> bool:
        """Whether it goes to the carrier unread: never what the dialect knows as a send."""
        named = any(each.fits(request) for each in self.passing)
        return named and not self.dialect.sends(request.path)

    def number(self, spelled: str) -> Number | None:
        """The number that the carrier will understand; None where that can't be known, or is none."""
        if self.country is None and not self.dialect.bare_is_international and not spelled.lstrip(" ").startswith("+"):
            return None
        return read_number(spelled, self.country)
