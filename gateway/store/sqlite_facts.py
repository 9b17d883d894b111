"""Facts out of the SQLite store: one statement asks for everything, for each further one costs as much as the first.

So all that is told of a recipient was so at one moment, too. Every row says which table it is from, whose place it is
about, a name, and a value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from gateway.store.claims import by_counter, tag_of
from gateway.store.recipients import NO_CLAIMS, facts
from gateway.store.record import Record, instant
from gateway.store.tables import STOPPED, Keys, marks
from gateway.words.facts import SCOPE_ALL, Facts, Needs, Stop

Found = Mapping[tuple[str, bytes | None, Any], list[Any]]  # the values by table, place and name

_NO_RECORD = [None]
_STOPS = "SELECT 'stops', NULL, program, change || '|' || at || '|' || reason FROM stops"
_RECORDS = "SELECT 'recipients', place, NULL, record FROM recipients WHERE place IN ({places})"
_TOLD = "SELECT 'instructed', place, program, at FROM instructed WHERE place IN ({places})"
_CLAIMS = "SELECT 'claims', place, counter, at FROM claims WHERE place IN ({places})"
_LISTS = "SELECT 'lists', place, list, 1 FROM lists WHERE place IN ({places}) AND list IN ({lists})"


def asking(needs: Sequence[Needs], places: Keys) -> tuple[str, list[str | bytes]]:
    """The statement and its values. `places`: those of all recipients."""
    claims = any(need.counters for need in needs)
    lists = {name for need in needs for name in need.lists}
    values: list[str | bytes] = [*places, *places, *(places if claims else ()), *(places if lists else ()), *lists]
    return _statement(len(places), len(lists), claims=claims), values


@lru_cache(256)
def _statement(places: int, lists: int, *, claims: bool) -> str:
    selects = [_STOPS, _RECORDS, _TOLD, *([_CLAIMS] if claims else []), *([_LISTS] if lists else [])]
    return " UNION ALL ".join(selects).format(places=marks(range(places)), lists=marks(range(lists)))


def found_in(rows: Iterable[tuple[str, bytes | None, Any, Any]]) -> Found:
    found: dict[tuple[str, bytes | None, Any], list[Any]] = defaultdict(list)
    for table, place, name, value in rows:
        found[table, place, name].append(value)
    return found


def stops_in(found: Found) -> dict[str, tuple[int, Stop]]:
    """The stops in force, by program, each with its change."""
    return {program: _stop(program, told[0]) for (table, _, program), told in found.items() if table == "stops"}


def facts_in(found: Found, need: Needs, keys: Keys, stops: Mapping[str, tuple[int, Stop]]) -> Facts:
    """What is remembered under all hashes of a recipient; the revision is that of the current one, and of the stops."""
    records = [Record.from_bytes(found.get(("recipients", key, None), _NO_RECORD)[0]) for key in keys]
    told = _under(found, "instructed", need.program, keys)
    claims = {name: _under(found, "claims", tag_of(name), keys) for name in need.counters}
    lists = [name for name in need.lists if _under(found, "lists", name, keys)]
    stopping = [stops[scope] for scope in (SCOPE_ALL, need.program) if scope in stops] if stops else []
    return facts(
        records,
        max(told, default=None),
        STOPPED * max((change for change, _ in stopping), default=0),
        counted=by_counter(claims) if claims else NO_CLAIMS,
        lists=tuple(lists),
        stopped=stopping[0][1] if stopping else None,
    )


def _under(found: Found, table: str, name: str | bytes, keys: Keys) -> list[Any]:
    return [value for key in keys for value in found.get((table, key, name), ())]


def _stop(program: str, written: str) -> tuple[int, Stop]:
    change, at, reason = written.split("|", 2)
    return int(change), Stop(program, reason, instant(int(at)))
