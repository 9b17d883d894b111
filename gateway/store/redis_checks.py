"""Whether a Redis keeps what is written to it. An opt-out that it forgets is a text to somebody who said STOP."""

from __future__ import annotations

from collections.abc import Sequence

import hiredis

from gateway.store.base import Check
from gateway.store.resp import Reply, packed, refused

_SETTINGS = ("appendonly", "appendfsync", "maxmemory-policy", "min-replicas-to-write")

QUESTIONS = [packed("INFO", "replication"), packed("INFO", "persistence")]
QUESTIONS += [packed("CONFIG", "GET", setting) for setting in _SETTINGS]
QUESTIONS += [packed("TIME"), packed("SET", "sg:probe", "", "EX", 60)]

AWRY = 30.0  # seconds by which the server's clock may differ from this machine's


def judged(answers: Sequence[Reply], now: float, replicas: int = 0) -> list[Check]:
    """What the answers to QUESTIONS say; `now`: seconds since 1970 by this machine's clock.

    `replicas`: how many must have a write before it counts, by the store's URL.
    """
    *replies, time, probe = answers
    return [_writes(probe), *_keeps(replies, replicas), _clock(time, now)]


def _writes(probe: Reply) -> Check:
    if isinstance(probe, hiredis.ReplyError):
        return Check("redis", good=False, why=str(refused(probe)))
    return Check("redis", good=True, why="answers, and takes writes")


def _clock(time: Reply, now: float) -> Check:
    if isinstance(time, hiredis.ReplyError):
        return Check("redis-clock", good=False, why="it does not tell its time; allow its user the command TIME")
    ahead = int(time[0]) - now
    if abs(ahead) > AWRY:
        way = "ahead of" if ahead > 0 else "behind"
        why = f"its clock is {abs(ahead):.0f} s {way} this machine's; see to NTP on both"
        return Check("redis-clock", good=False, why=why)
    return Check("redis-clock", good=True, why="as this machine's")


def _keeps(replies: Sequence[Reply], replicas: int) -> list[Check]:
    if any(isinstance(reply, hiredis.ReplyError) for reply in replies):
        why = "it does not tell its settings; allow its user the commands INFO and CONFIG GET"
        return [Check("redis-keeps", good=False, why=why)]
    info = _info(replies[0]) | _info(replies[1])
    settings = {setting: _value(reply) for setting, reply in zip(_SETTINGS, replies[2:], strict=True)}
    return [
        _log(settings, info),
        _eviction(settings),
        _replicas(settings, int(info.get("connected_slaves", "0")), replicas),
    ]


def _log(settings: dict[str, str], info: dict[str, str]) -> Check:
    if settings["appendonly"] != "yes":
        return Check("redis-log", good=False, why="appendonly is off: a restart forgets opt-outs; set `appendonly yes`")
    if settings["appendfsync"] != "always":
        why = f"appendfsync is {settings['appendfsync']}: a power cut forgets opt-outs; set `appendfsync always`"
        return Check("redis-log", good=False, why=why)
    if info.get("aof_last_write_status", "ok") != "ok":
        return Check("redis-log", good=False, why="its last write to the append-only file failed; see its log and disk")
    return Check("redis-log", good=True, why="appendonly, fsync always")


def _eviction(settings: dict[str, str]) -> Check:
    policy = settings["maxmemory-policy"]
    if policy != "noeviction":
        why = f"maxmemory-policy is {policy}: a full memory drops opt-outs; set `maxmemory-policy noeviction`"
        return Check("redis-eviction", good=False, why=why)
    return Check("redis-eviction", good=True, why="noeviction")


def _replicas(settings: dict[str, str], connected: int, asked: int) -> Check:
    if connected < asked:
        why = (
            f"it has {connected} replicas and `replicas={asked}` in the store's URL: nothing is sent until each write"
            " reaches so many; bring them back, or ask for fewer"
        )
        return Check("redis-replicas", good=False, why=why)
    needed = int(settings["min-replicas-to-write"] or 0)
    if connected and not needed:
        why = f"it has {connected} replicas and may write without them; set `min-replicas-to-write 1`"
        return Check("redis-replicas", good=False, why=why)
    return Check("redis-replicas", good=True, why=f"{connected} connected, {needed} needed to write")


def _info(reply: bytes) -> dict[str, str]:
    pairs = (line.partition(":") for line in reply.decode().splitlines() if ":" in line)
    return {key: value for key, _, value in pairs}


def _value(reply: Sequence[bytes]) -> str:
    """The value of one setting; empty where this server has none of that name."""
    return reply[1].decode() if reply else ""
