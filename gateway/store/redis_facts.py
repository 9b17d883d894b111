"""Facts out of Redis: what to ask under each hash of a recipient, and what the answers say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gateway.store.claims import by_counter, from_bytes, over_by
from gateway.store.layout import Spot
from gateway.store.recipients import NO_CLAIMS, facts
from gateway.store.record import Record
from gateway.store.redis_orders import stop_of
from gateway.store.resp import packed
from gateway.store.vault import Hash
from gateway.words.facts import Facts, Needs, Reservation, Stop

Claims = Sequence[Sequence[bytes | None]]  # of each hash of a recipient: what is under each of several counters


def question(need: Needs, place: Hash) -> bytes:
    """Under one hash the record, when the program instructed last, counters and lists."""
    spot = Spot.of(place)
    asked = [*map(spot.counter, need.counters), *map(spot.on_list, need.lists)]
    return packed("HMGET", spot.records, spot.field, spot.told(need.program), *asked)


def facts_in(need: Needs, base: int, stops: Mapping[str, Stop], read: Sequence[Sequence[bytes | None]]) -> Facts:
    """What is remembered under all hashes of a recipient; the revision is that of the current one."""
    records = [Record.from_bytes(found[0]) for found in read]
    instructed = [int(found[1]) for found in read if found[1]]
    counted, lists = NO_CLAIMS, tuple[str, ...]()
    if need.counters or need.lists:
        asked = list(zip(*read, strict=True))[2:]
        counted = by_counter({name: _seconds(found) for name, found in zip(need.counters, asked, strict=False)})
        lists = tuple(name for name, found in zip(need.lists, asked[len(need.counters) :], strict=True) if any(found))
    return facts(
        records,
        max(instructed, default=None),
        base,
        counted=counted,
        lists=lists,
        stopped=stop_of(need.program, stops) if stops else None,
    )


def _seconds(found: Iterable[bytes | None]) -> tuple[int, ...]:
    return from_bytes(b"".join(claims for claims in found if claims))


def claims_of(reservation: Reservation, places: Sequence[Hash]) -> Iterator[bytes]:
    """One command for each hash: the claims under each limit."""
    for place in places:
        spot = Spot.of(place)
        yield packed("HMGET", spot.records, *(spot.counter(limit.counter) for limit in reservation.limits))


def limits_of(reservation: Reservation, spot: Spot, older: Claims) -> list[bytes | int]:
    """As scripts/reserve.lua takes them."""
    asked: list[bytes | int] = []
    for place, limit in enumerate(reservation.limits):
        since = over_by(limit.since)
        taken = sum(second > since for second in _seconds(found[place] for found in older))
        asked += [spot.counter(limit.counter), since, limit.most - taken]
    return asked
