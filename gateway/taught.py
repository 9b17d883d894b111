"""What a carrier's refusal teaches: somebody whom it holds as opted out gets nothing more from that sender."""

from __future__ import annotations

from datetime import datetime

from gateway.audit import record
from gateway.delivery.upstream import Upstream
from gateway.means import Means
from gateway.words.errors import StoreAway
from gateway.words.facts import SCOPE_ALL, Suppression, SuppressionKind
from gateway.words.message import Message
from gateway.words.wire import Response

SOURCE = "carrier"


class Taught:
    """Asked with each answer of a carrier that refused one message."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def learn(self, upstream: Upstream, message: Message, response: Response) -> None:
        """Suppress its recipient for its sender, where that is why it was refused.

        A store that is away raises nothing here: the suppression is in the journal by then, or in this process's
        memory, and the carrier would refuse the next one too.
        """
        if message.recipient is None or not upstream.dialect.opted_out(response):
            return
        suppression = refused_as_opted_out(message, self._means.clock())
        try:
            await self._means.store.suppress(message.recipient, suppression)
        except StoreAway:
            self._means.meter.store_away()
        self._means.meter.suppressed(SOURCE)
        self._means.audit.append(record.suppressed(message.recipient, suppression))


def refused_as_opted_out(message: Message, now: datetime) -> Suppression:
    """Carriers keep opt-outs by their own senders and pools: another of the site's may still be welcome."""
    scope = f"sender:{message.sender.value}" if message.sender.value else SCOPE_ALL
    return Suppression(SuppressionKind.OPT_OUT, scope, SOURCE, now)
