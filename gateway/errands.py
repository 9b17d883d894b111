"""Calls that we owe: status callbacks, carriers' receipts, replies for a legacy system that is down, events; and mails.

They are durable before anybody is told that they will be made, and are made until they are answered: at least once. Who
gets one twice, after a crash, finds the same token in it that carriers put there for this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from random import random
from secrets import token_hex

from gateway.audit import record
from gateway.audit.log import AuditAway
from gateway.delivery.errand import WITHIN, Errand, Owed, unpacked, waiting
from gateway.delivery.ids import id_from
from gateway.delivery.legacy import BROKEN, TAKEN, Legacy, joined
from gateway.delivery.letter import Letter
from gateway.delivery.smarthost import Smarthost, Taken
from gateway.delivery.upstream import Upstream
from gateway.dialects.answers import retry_after
from gateway.dialects.standard_webhooks import GONE, signed
from gateway.means import Means
from gateway.telemetry import log
from gateway.words.errors import Unreadable
from gateway.words.event import Subscriber
from gateway.words.held import Held
from gateway.words.number import Number
from gateway.words.wire import Call, Request, Response

FIRST = timedelta(seconds=5)  # from the first try to the second; each later pause is as long as all until then
LONGEST = timedelta(hours=1)  # between two tries
REST = timedelta(seconds=2)  # in which nobody else calls where a call has failed: it may be hanging
SPREAD = 0.2  # by how much a pause may be shorter or longer, so that those that failed together don't come together

_AGAIN = frozenset({408, 429})  # of those that say "no", these mean "not now"


class Errands:
    """Put into the outbox by those who owe; made by the releaser, as messages are."""

    def __init__(
        self,
        means: Means,
        upstreams: Mapping[str, Upstream],
        own: Legacy,
        named: Legacy,
        chance: Callable[[], float] = random,
        subscribers: Sequence[Subscriber] = (),
        smarthost: Smarthost | None = None,
    ) -> None:
        """`own` calls what operators have named, `named` the URLs that clients name. `chance`: from 0 to 1."""
        self._means = means
        self._upstreams = upstreams
        self._own = own
        self._named = named
        self._subscribers = {each.url: each for each in subscribers}
        self._smarthost = smarthost
        self._chance = chance

    async def owe(self, call: Call, upstream: Upstream, about: Number | None, key: str = "") -> None:
        """Durable when it returns; it is made within the releaser's next looks. Raises StoreAway.

        `about`: the person whom it tells of, if any. The same `key` (no number, no text) again is the same call.
        """
        await self._owe(Errand(upstream.name, call.request, self._means.clock(), call.url), about, key)

    async def owe_legacy(self, request: Request, upstream: Upstream, about: Number | None) -> None:
        """The same for the legacy system's own webhook, which gave no answer just now: a carrier's call, as it came."""
        await self._owe(Errand(upstream.name, request, self._means.clock()), about, after=FIRST)

    async def _owe(self, errand: Errand, about: Number | None, key: str = "", after: timedelta = timedelta()) -> None:
        id_ = id_from(key) if key else token_hex(16)
        await self._means.store.hold([waiting(errand, id_, about, after)])

    async def make(self, held: Held) -> timedelta | None:
        """Call, and see to it that it waits again, or is over. How long its lane is to be left in peace, if it is.

        Whoever calls it has leased it to this worker. Raises StoreAway: it is made once more when that lease is over.
        """
        try:
            return await self._made(held)
        except AuditAway as error:
            log.warning("a call that is given up has to wait for the audit", why=str(error))
            return REST

    async def _made(self, held: Held) -> timedelta | None:
        now, errand = self._means.clock(), unpacked(held.body)
        if held.expires and held.expires <= now:
            await self._given_up(held, errand, f"nobody took it for {WITHIN.days} days")
            return None
        try:
            taken, wanted = await self._tried(errand, now)
        except Unreadable as error:
            await self._given_up(held, errand, str(error))
            return None
        if taken.again:
            return await self._put_off(held, errand, wanted, now)
        if not taken.good:
            await self._given_up(held, errand, "it was not wanted", taken.status)
            return None
        await self._over(held, errand, "made")
        return None

    async def _tried(self, errand: Owed, now: datetime) -> tuple[Taken, timedelta]:
        """What became of it, and how long whom it goes to wants to be left in peace. Raises Unreadable."""
        if isinstance(errand, Letter):
            if self._smarthost is None:
                raise Unreadable("`mail.smarthost` is not configured any more")
            return await self._smarthost.take(errand), timedelta()
        answer = await self._called(errand)
        if answer is None:
            return Taken(good=False, again=True), timedelta()
        again = _may_be_taken_later(errand, answer)
        return Taken(answer.status in TAKEN, again, answer.status), retry_after(answer, now) or timedelta()

    async def _called(self, errand: Errand) -> Response | None:
        """Signed with what is configured now. Raises Unreadable where that has nobody to call any more."""
        if errand.event:
            return await self._subscriber_told(errand)
        upstream = self._upstreams.get(errand.upstream)
        if upstream is None:
            raise Unreadable(f"the upstream `{errand.upstream}` is not configured any more")
        if not (errand.url or upstream.legacy_url):
            raise Unreadable(f"the webhook of `{errand.upstream}` has no legacy_url any more")
        url = errand.url or joined(upstream.legacy_url, errand.request.query)
        request, secret = errand.request, upstream.callback_secret
        call = upstream.dialect.sign(request, url, secret, self._means.clock()) if secret else request
        return await (self._named if errand.url else self._own).tell(call, url)

    async def _subscriber_told(self, errand: Errand) -> Response | None:
        subscriber = self._subscribers.get(errand.url)
        if subscriber is None:
            raise Unreadable("no such URL stands under `events` any more")
        call = signed(errand.request, errand.event, subscriber.secrets, self._means.clock())
        return await self._own.tell(call, errand.url)

    async def _put_off(self, held: Held, errand: Owed, wanted: timedelta, now: datetime) -> timedelta:
        if isinstance(errand, Errand):
            self._means.meter.legacy_away(errand.counted_as)
        self._means.meter.called(errand.counted_as, "put off")
        wanted = min(LONGEST, wanted)
        spread = 1 + SPREAD * (2 * self._chance() - 1)
        pause = min(LONGEST, max(FIRST, now - errand.owed)) * spread
        await self._means.store.put_back(held, self._means.worker, now + max(pause, wanted))
        return max(REST, wanted)

    async def _given_up(self, held: Held, errand: Owed, why: str, status: int | None = None) -> None:
        entry = record.call_given_up(held.id, held.lane, why, status, self._means.clock())
        await self._means.audit.append_durably(entry)
        await self._over(held, errand, "given up")

    async def _over(self, held: Held, errand: Owed, how: str) -> None:
        await self._means.store.drop(held.id, held.minted, self._means.worker)
        self._means.meter.called(errand.counted_as, how)


def _may_be_taken_later(errand: Errand, answer: Response) -> bool:
    """Somebody may mend a subscriber that says "no": it is told until it takes it, or says that it is gone."""
    if errand.event:
        return answer.status not in {*TAKEN, GONE}
    return answer.status in BROKEN or answer.status in _AGAIN
